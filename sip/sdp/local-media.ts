/** Our side of an offer or answer, and how one audio line of ours is written (RFC 8866, RFC 3264 §5). */
import { type MediaDescription, write } from "sdp-transform";
import {
  type AudioCodec,
  SAMPLE_RATE_HZ,
  STATIC_PAYLOAD_TYPES,
  TELEPHONE_EVENT_PAYLOAD_TYPE,
  TELEPHONE_EVENTS,
} from "./payload-formats.ts";
import type { Direction } from "./session-description.ts";

/** What we say about ourselves. */
export interface LocalMedia {
  /** IP address the far end sends to. */
  readonly address: string;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** In order of preference; default PCMU, PCMA. */
  readonly codecs?: readonly AudioCodec[];
  /** Payload type of telephone-event in our offers, 96–127; default 101. False: none, keys go in-band. */
  readonly telephoneEvent?: number | false;
  /** `o=` identifier; default: derived from the port, so that it stays the same over a call. */
  readonly sessionId?: number;
  /** `o=` version; one more after each change (RFC 3264 §8). Default 0. */
  readonly version?: number;
  /** Default `sendrecv`. */
  readonly direction?: Direction;
}

/** One audio line of ours. */
export interface LocalAudioLine {
  readonly codecs: ReadonlyArray<{ readonly codec: AudioCodec; readonly payloadType: number }>;
  readonly telephoneEvent?: number;
  readonly direction: Direction;
}

/** A media line in `sdp-transform`'s shape. */
export type WrittenMedia = {
  type: string;
  port: number;
  protocol: string;
  payloads?: string;
} & MediaDescription;

/** The codecs and events that `local` wants, with their payload types. */
export function localAudioLine(local: LocalMedia): LocalAudioLine {
  const codecs = (local.codecs ?? (["PCMU", "PCMA"] as const)).map((codec) => ({
    codec,
    payloadType: STATIC_PAYLOAD_TYPES[codec],
  }));
  const telephoneEvent =
    local.telephoneEvent === false ? undefined : (local.telephoneEvent ?? TELEPHONE_EVENT_PAYLOAD_TYPE);
  return { codecs, telephoneEvent, direction: local.direction ?? "sendrecv" };
}

/** Our audio line with every attribute a peer may need, `a=rtpmap` of static types included. */
export function writeAudio(local: LocalMedia, line: LocalAudioLine): WrittenMedia {
  const rtp: MediaDescription["rtp"] = line.codecs.map(({ codec, payloadType }) => ({
    payload: payloadType,
    codec,
    rate: SAMPLE_RATE_HZ,
  }));
  const fmtp: MediaDescription["fmtp"] = [];
  if (line.telephoneEvent !== undefined) {
    rtp.push({ payload: line.telephoneEvent, codec: "telephone-event", rate: SAMPLE_RATE_HZ });
    fmtp.push({ payload: line.telephoneEvent, config: TELEPHONE_EVENTS });
  }
  return {
    type: "audio",
    port: local.rtpPort,
    protocol: "RTP/AVP",
    payloads: rtp.map(({ payload }) => payload).join(" "),
    rtp,
    fmtp,
    // The next port is the default (RFC 3605 §2.1).
    rtcp: local.rtcpPort === local.rtpPort + 1 ? undefined : { port: local.rtcpPort },
    ptime: 20,
    direction: line.direction,
  };
}

/** The whole description. */
export function writeDescription(local: LocalMedia, media: WrittenMedia[]): string {
  const ipVer = local.address.includes(":") ? 6 : 4;
  return write({
    version: 0,
    origin: {
      username: "-",
      sessionId: local.sessionId ?? local.rtpPort,
      sessionVersion: local.version ?? 0,
      netType: "IN",
      ipVer,
      address: local.address,
    },
    name: "voxdial",
    connection: { version: ipVer, ip: local.address },
    timing: { start: 0, stop: 0 },
    media,
  });
}
