/**
 * Reads a session description (RFC 8866) into what offer and answer need: media lines in order, with connection
 * address, payload formats, direction and RTCP port resolved against the session level.
 *
 * The line grammar is `sdp-transform`'s. It guesses where a line is malformed, so everything taken from it is checked.
 */
import { type MediaDescription, parse, type SessionDescription } from "sdp-transform";
import { SipError } from "../errors.ts";
import type { NegotiatedMedia } from "./negotiated-media.ts";
import { type AudioCodec, codecOfName, codecOfStaticPayload, SAMPLE_RATE_HZ } from "./payload-formats.ts";

/** LIMIT: longest description read, in characters: many times what a gateway with every codec sends. */
const MAX_SDP_LENGTH = 16_384;
/** LIMIT: most media lines read; each one must be repeated in the answer. */
const MAX_MEDIA_LINES = 32;

export type Direction = NegotiatedMedia["direction"];

/** One `m=` line. */
export interface MediaLine {
  /** `audio`, `video`, `image`, … */
  readonly type: string;
  /** 0: rejected, or ended (RFC 3264 §6, §8.2). */
  readonly port: number;
  readonly protocol: string;
  /** The format list as written, for an answer that rejects the line. */
  readonly formats: string;
  /** Usable audio formats in the order of preference. */
  readonly codecs: readonly OfferedCodec[];
  /** RFC 4733 telephone-event at 8 kHz. */
  readonly telephoneEvent?: number;
  readonly address: string;
  readonly rtcpPort: number;
  /** Seen from the writer; `0.0.0.0` as address, the old way to hold, takes its receiving away. */
  readonly direction: Direction;
}

export interface OfferedCodec {
  readonly codec: AudioCodec;
  readonly payloadType: number;
}

export interface ReadDescription {
  readonly sessionId: string;
  readonly version: number;
  readonly media: readonly MediaLine[];
}

/** Reads `text`; throws a `SipError` `SIP_SDP_UNUSABLE` that names what is wrong. */
export function readDescription(text: string, what: "offer" | "answer"): ReadDescription {
  if (text.trim() === "") throw unusable(`the ${what} has no session description`);
  if (text.length > MAX_SDP_LENGTH) throw unusable(`the ${what} is longer than ${MAX_SDP_LENGTH} characters`);
  if (!/^v=0\s*$/m.test(text)) throw unusable(`the ${what} has no v=0 line`);
  const session = parse(text);
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.startsWith("m="));
  if (lines.length > MAX_MEDIA_LINES)
    throw unusable(`the ${what} has more than ${MAX_MEDIA_LINES} media lines`);
  // The identifier may exceed what a number can hold: take it from the text (RFC 8866 §5.2).
  const origin = /^o=\S+ (\d+) (\d+) /m.exec(text);
  return {
    sessionId: origin?.[1] ?? "0",
    version: Number(origin?.[2] ?? 0),
    media: session.media.map((media, index) => readMediaLine(media, session, lines[index] ?? "", what)),
  };
}

/** The first audio line over RTP/AVP that is not rejected. */
export function usableAudio(description: ReadDescription, what: "offer" | "answer"): MediaLine {
  const audio = description.media.filter((line) => line.type === "audio");
  if (audio.length === 0) throw unusable(`the ${what} has no m=audio line`);
  const open = audio.filter((line) => line.port !== 0);
  if (open.length === 0) throw unusable(`the ${what} rejects audio (port 0)`);
  const plain = open.filter(isPlainRtp);
  if (plain.length === 0) {
    throw unusable(`the ${what} has audio over ${open[0]?.protocol ?? "nothing"}, not RTP/AVP`);
  }
  const usable = plain.find(isUsableAudio);
  if (usable) return usable;
  throw plain.some((line) => line.codecs.length > 0)
    ? unusable(`the ${what} has no IP address for audio`)
    : unusable(`the ${what} has neither PCMU nor PCMA (formats ${plain[0]?.formats ?? ""})`);
}

export function isUsableAudio(line: MediaLine): boolean {
  return (
    line.type === "audio" &&
    line.port !== 0 &&
    isPlainRtp(line) &&
    line.codecs.length > 0 &&
    isIpAddress(line.address)
  );
}

/** A `SIP_SDP_UNUSABLE` error. */
export function unusable(message: string): SipError {
  return new SipError("SIP_SDP_UNUSABLE", message);
}

/** Whether the writer of a line accepts media on it. */
export function receives(direction: Direction): boolean {
  return direction === "sendrecv" || direction === "recvonly";
}

/** Whether the writer of a line sends media. */
export function sends(direction: Direction): boolean {
  return direction === "sendrecv" || direction === "sendonly";
}

export function directionOf(sending: boolean, receiving: boolean): Direction {
  if (sending) return receiving ? "sendrecv" : "sendonly";
  return receiving ? "recvonly" : "inactive";
}

/** Feedback profiles are plain RTP for audio (RFC 4585 §4.2 lets an answer without feedback follow). */
function isPlainRtp(line: MediaLine): boolean {
  return line.protocol === "RTP/AVP" || line.protocol === "RTP/AVPF";
}

function isIpAddress(address: string): boolean {
  // A host name is legal (RFC 8866 §5.7) but would need a resolver on the media path; nobody sends one.
  return (
    /^\d{1,3}(?:\.\d{1,3}){3}$/.test(address) || (address.includes(":") && /^[0-9a-f:.]+$/i.test(address))
  );
}

function readMediaLine(
  media: MediaDescription,
  session: SessionDescription,
  rawLine: string,
  what: "offer" | "answer",
): MediaLine {
  // The port may carry a count of ports (`49170/2`), which the grammar of the package does not know.
  const match = /^m=(\S+)\s+(\d+)(?:\/\d+)?\s+(\S+)\s*(.*)$/.exec(rawLine);
  const [, type = "", portText = "", protocol = "", formats = ""] = match ?? [];
  const port = Number(portText);
  if (!match || port > 65_535)
    throw unusable(`the ${what} has a malformed media line: ${rawLine.slice(0, 80)}`);
  const address = String(media.connection?.ip ?? session.connection?.ip ?? "").split("/")[0] ?? "";
  const written = media.direction ?? session.direction ?? "sendrecv";
  const isHeld = address === "0.0.0.0";
  const rtcpPort = Number(media.rtcp?.port);
  return {
    type,
    port,
    protocol,
    formats: formats.trim(),
    ...readFormats(media, formats),
    address,
    // RFC 3605 a=rtcp; otherwise the next port (RFC 3550 §11).
    rtcpPort: rtcpPort > 0 && rtcpPort <= 65_535 ? rtcpPort : Math.min(port + 1, 65_535),
    direction: directionOf(sends(written), receives(written) && !isHeld),
  };
}

function readFormats(
  media: MediaDescription,
  formats: string,
): { codecs: readonly OfferedCodec[]; telephoneEvent?: number } {
  const codecs: OfferedCodec[] = [];
  let telephoneEvent: number | undefined;
  for (const format of formats.trim().split(/\s+/)) {
    if (!/^\d{1,3}$/.test(format)) continue;
    const payloadType = Number(format);
    if (payloadType > 127) continue;
    const map = media.rtp?.find((entry) => Number(entry.payload) === payloadType);
    if (map) {
      const isNarrowBand = map.rate === undefined || Number(map.rate) === SAMPLE_RATE_HZ;
      const isMono = map.encoding === undefined || Number(map.encoding) === 1;
      const name = String(map.codec);
      const codec = codecOfName(name);
      if (codec && isNarrowBand && isMono) codecs.push({ codec, payloadType });
      else if (name.toLowerCase() === "telephone-event" && isNarrowBand) telephoneEvent ??= payloadType;
    } else {
      const codec = codecOfStaticPayload(payloadType);
      if (codec) codecs.push({ codec, payloadType });
    }
  }
  return { codecs, telephoneEvent };
}
