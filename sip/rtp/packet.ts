/**
 * RTP packets: reading whatever arrives and writing what we send. RFC 3550 §5.1, §5.3.1. Reading never throws:
 * bytes that are no RTP packet are `undefined`.
 */

/** An RTP packet taken apart. `payload` is a view into the datagram, without padding. */
export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, unsigned. */
  readonly timestamp: number;
  /** 32 bits, unsigned. */
  readonly ssrc: number;
  readonly csrcs: readonly number[];
  readonly extension?: { readonly profile: number; readonly data: Uint8Array };
  readonly payload: Uint8Array;
}

const VERSION = 2;
const FIXED_HEADER_BYTES = 12;
const NO_CSRCS: readonly number[] = [];

function read16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function read32(bytes: Uint8Array, at: number): number {
  return ((read16(bytes, at) << 16) | read16(bytes, at + 2)) >>> 0;
}

/**
 * Whether a datagram that came to a port shared by both is RTCP: its second byte lies between 192 and 223, which
 * RTP payload types with the marker do not use. RFC 5761 §4.
 */
export function looksLikeRtcp(datagram: Uint8Array): boolean {
  const second = datagram[1];
  return second !== undefined && second >= 192 && second <= 223;
}

/** Reads a datagram as RTP; undefined when it is none. */
export function parseRtp(datagram: Uint8Array): RtpPacket | undefined {
  if (datagram.length < FIXED_HEADER_BYTES) return undefined;
  const first = datagram[0] as number;
  const second = datagram[1] as number;
  if (first >> 6 !== VERSION) return undefined;

  let at = FIXED_HEADER_BYTES;
  const csrcCount = first & 0x0f;
  if (datagram.length < at + 4 * csrcCount) return undefined;
  let csrcs = NO_CSRCS;
  if (csrcCount > 0) {
    csrcs = Array.from({ length: csrcCount }, (_, i) => read32(datagram, FIXED_HEADER_BYTES + 4 * i));
    at += 4 * csrcCount;
  }

  let extension: RtpPacket["extension"];
  if (first & 0x10) {
    if (datagram.length < at + 4) return undefined;
    const words = read16(datagram, at + 2);
    if (datagram.length < at + 4 + 4 * words) return undefined;
    extension = { profile: read16(datagram, at), data: datagram.subarray(at + 4, at + 4 + 4 * words) };
    at += 4 + 4 * words;
  }

  let end = datagram.length;
  if (first & 0x20) {
    // The last byte counts the padding, itself included, so it is at least one and fits behind the header.
    const padding = datagram[end - 1] as number;
    if (padding === 0 || padding > end - at) return undefined;
    end -= padding;
  }

  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: read16(datagram, 2),
    timestamp: read32(datagram, 4),
    ssrc: read32(datagram, 8),
    csrcs,
    ...(extension ? { extension } : {}),
    payload: datagram.subarray(at, end),
  };
}

/** What a packet to be written consists of; `paddingBytes` (0 to 255, itself included) is added when given. */
export interface RtpPacketFields {
  readonly payloadType: number;
  readonly marker?: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly csrcs?: readonly number[];
  /** `data` is filled up with zeros to whole words of 32 bits. */
  readonly extension?: { readonly profile: number; readonly data: Uint8Array };
  readonly payload: Uint8Array;
  readonly paddingBytes?: number;
}

/** Writes a packet. Numbers are cut to their fields' widths; more than 15 CSRCs are left out. */
export function serializeRtp(fields: RtpPacketFields): Buffer {
  const csrcs = (fields.csrcs ?? NO_CSRCS).slice(0, 15);
  const extensionWords = fields.extension ? Math.ceil(fields.extension.data.length / 4) : 0;
  const padding = Math.min(255, fields.paddingBytes ?? 0);
  const payloadAt = FIXED_HEADER_BYTES + 4 * csrcs.length + (fields.extension ? 4 + 4 * extensionWords : 0);

  const bytes = Buffer.allocUnsafe(payloadAt + fields.payload.length + padding);
  bytes[0] = (VERSION << 6) | (padding > 0 ? 0x20 : 0) | (fields.extension ? 0x10 : 0) | csrcs.length;
  bytes[1] = (fields.marker ? 0x80 : 0) | (fields.payloadType & 0x7f);
  bytes.writeUInt16BE(fields.sequence & 0xffff, 2);
  bytes.writeUInt32BE(fields.timestamp >>> 0, 4);
  bytes.writeUInt32BE(fields.ssrc >>> 0, 8);
  csrcs.forEach((csrc, i) => {
    bytes.writeUInt32BE(csrc >>> 0, FIXED_HEADER_BYTES + 4 * i);
  });
  if (fields.extension) {
    const at = FIXED_HEADER_BYTES + 4 * csrcs.length;
    bytes.writeUInt16BE(fields.extension.profile & 0xffff, at);
    bytes.writeUInt16BE(extensionWords, at + 2);
    bytes.fill(0, at + 4, payloadAt);
    bytes.set(fields.extension.data, at + 4);
  }
  bytes.set(fields.payload, payloadAt);
  if (padding > 0) {
    bytes.fill(0, bytes.length - padding);
    bytes[bytes.length - 1] = padding;
  }
  return bytes;
}
