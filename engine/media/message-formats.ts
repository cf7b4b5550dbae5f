/**
 * The media types a recorded message is made in (VoiceXML 2.0 Appendix E; the list of the plum profile), from the
 * µ-law it was kept as: headerless µ-law, A-law and L16, and µ-law in a WAV file.
 */
import { SAMPLE_RATE_HZ } from "../model/frame.ts";
import { decodeG711, encodeG711 } from "./g711.ts";

/** One way to write a message down. */
export interface MessageFormat {
  /** With its parameters, as it is sent. */
  readonly contentType: string;
  /** Of a file's name, without the dot. */
  readonly extension: string;
  readonly headerBytes: number;
  readonly bytesPerSample: number;
  /** From µ-law. The result is in memory of its own. */
  readonly encode: (mulaw: Uint8Array) => Uint8Array<ArrayBuffer>;
}

const FORMAT_MULAW = 7;
/** RIFF header, a fmt chunk of 18 bytes, a fact chunk and the head of the data chunk: what a format other than PCM has. */
const MULAW_WAV_HEADER_BYTES = 12 + 26 + 12 + 8;

const WAV: Omit<MessageFormat, "contentType"> = {
  extension: "wav",
  headerBytes: MULAW_WAV_HEADER_BYTES,
  bytesPerSample: 1,
  encode: mulawWav,
};

const FORMATS: Readonly<Record<string, MessageFormat>> = {
  "audio/basic": {
    contentType: "audio/basic",
    extension: "ul",
    headerBytes: 0,
    bytesPerSample: 1,
    encode: (mulaw) => Uint8Array.from(mulaw),
  },
  "audio/x-alaw-basic": {
    contentType: "audio/x-alaw-basic",
    extension: "al",
    headerBytes: 0,
    bytesPerSample: 1,
    encode: (mulaw) => Uint8Array.from(encodeG711("PCMA", decodeG711("PCMU", mulaw))),
  },
  // RFC 2586: most significant byte first, and the rate is not optional.
  "audio/l16": {
    contentType: `audio/l16;rate=${SAMPLE_RATE_HZ}`,
    extension: "l16",
    headerBytes: 0,
    bytesPerSample: 2,
    encode: networkOrderPcm,
  },
  "audio/x-wav": { ...WAV, contentType: "audio/x-wav" },
  "audio/wav": { ...WAV, contentType: "audio/wav" },
};

/** The format of a media type, whose parameters are ignored; undefined: messages are not made in it. */
export function messageFormatOf(mediaType: string): MessageFormat | undefined {
  const essence = mediaType.split(";", 1)[0] as string;
  const name = essence.trim().toLowerCase();
  return Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}

function networkOrderPcm(mulaw: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(mulaw.length * 2);
  const view = new DataView(bytes.buffer);
  const pcm = decodeG711("PCMU", mulaw);
  for (let i = 0; i < pcm.length; i++) view.setInt16(2 * i, pcm[i] as number, false);
  return bytes;
}

function mulawWav(mulaw: Uint8Array): Uint8Array<ArrayBuffer> {
  // Chunks are padded to even length.
  const padded = mulaw.length + (mulaw.length & 1);
  const bytes = new Uint8Array(MULAW_WAV_HEADER_BYTES + padded);
  const view = new DataView(bytes.buffer);
  const tag = (at: number, text: string) => {
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  };
  tag(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  tag(8, "WAVEfmt ");
  view.setUint32(16, 18, true);
  view.setUint16(20, FORMAT_MULAW, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE_HZ, true);
  view.setUint32(28, SAMPLE_RATE_HZ, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  tag(38, "fact");
  view.setUint32(42, 4, true);
  view.setUint32(46, mulaw.length, true);
  tag(50, "data");
  view.setUint32(54, mulaw.length, true);
  bytes.set(mulaw, MULAW_WAV_HEADER_BYTES);
  return bytes;
}
