/**
 * RTCP: sender and receiver reports, the source description with CNAME, and BYE. RFC 3550 §6. Reading never throws;
 * what is malformed ends the list of what was read.
 */
import type { ReceptionReport } from "./statistics.ts";

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
const CNAME = 1;
const REPORT_BLOCK_BYTES = 24;

// Seconds between 1900, where NTP counts from, and 1970.
const NTP_EPOCH_OFFSET_S = 2_208_988_800;

/** One report block (RFC 3550 §6.4.1). */
export interface ReportBlock extends ReceptionReport {
  /** The source that is reported about. */
  readonly ssrc: number;
  /** Middle 32 bits of the NTP time of its last SR, 0: none yet. */
  readonly lastSenderReport: number;
  /** Units of 1/65536 s since that SR arrived. */
  readonly delaySinceLastSenderReport: number;
}

export interface SenderInfo {
  /** NTP timestamp in two halves of 32 bits. */
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  readonly packetCount: number;
  readonly octetCount: number;
}

export type RtcpPacket =
  | {
      readonly type: "sender-report";
      readonly ssrc: number;
      readonly sender: SenderInfo;
      readonly blocks: readonly ReportBlock[];
    }
  | { readonly type: "receiver-report"; readonly ssrc: number; readonly blocks: readonly ReportBlock[] }
  | { readonly type: "source-description"; readonly ssrc: number; readonly cname: string }
  | { readonly type: "bye"; readonly ssrcs: readonly number[]; readonly reason?: string };

/** What our compound packet is made of: a report, always a CNAME, and BYE at the end (RFC 3550 §6.1). */
export interface RtcpReport {
  readonly ssrc: number;
  readonly cname: string;
  /** Present when we have sent RTP since the last report: SR, else RR. */
  readonly sender?: SenderInfo;
  readonly block?: ReportBlock;
  /** Present: a BYE with this reason, which may be empty. */
  readonly bye?: string;
}

/** Epoch milliseconds as an NTP timestamp. */
export function ntpTime(epochMs: number): { readonly ntpSeconds: number; readonly ntpFraction: number } {
  const seconds = Math.floor(epochMs / 1000);
  return {
    ntpSeconds: (seconds + NTP_EPOCH_OFFSET_S) >>> 0,
    ntpFraction: Math.floor(((epochMs - seconds * 1000) / 1000) * 0x1_0000_0000) >>> 0,
  };
}

/** The middle 32 bits of an NTP timestamp, in 1/65536 s: what LSR carries. */
export function ntpMiddle(time: { readonly ntpSeconds: number; readonly ntpFraction: number }): number {
  return ((time.ntpSeconds << 16) | (time.ntpFraction >>> 16)) >>> 0;
}

/** Round-trip time in milliseconds from a block about us (RFC 3550 §6.4.1); undefined without an SR of ours in it. */
export function roundTripMs(block: ReportBlock, nowEpochMs: number): number | undefined {
  if (block.lastSenderReport === 0) return undefined;
  const units =
    (ntpMiddle(ntpTime(nowEpochMs)) - block.lastSenderReport - block.delaySinceLastSenderReport) | 0;
  return (Math.max(0, units) * 1000) / 65_536;
}

/**
 * Milliseconds until the next report of a two-party session (RFC 3550 §6.2, §6.3.1): the minimum of 5 s, half of
 * it for the first, varied by half each way and corrected for reconsideration. `random` is in [0, 1).
 */
export function rtcpIntervalMs(random: number, isFirst: boolean): number {
  const minimumMs = isFirst ? 2500 : 5000;
  return (minimumMs * (random + 0.5)) / (Math.E - 1.5);
}

/** Writes a compound packet. */
export function serializeRtcp(report: RtcpReport): Buffer {
  const parts = [reportPacket(report), descriptionPacket(report)];
  if (report.bye !== undefined) parts.push(byePacket(report.ssrc, report.bye));
  return Buffer.concat(parts);
}

function header(bytes: Buffer, count: number, type: number): void {
  bytes[0] = 0x80 | count;
  bytes[1] = type;
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
}

function reportPacket(report: RtcpReport): Buffer {
  const blockAt = report.sender ? 28 : 8;
  const bytes = Buffer.alloc(blockAt + (report.block ? REPORT_BLOCK_BYTES : 0));
  header(bytes, report.block ? 1 : 0, report.sender ? SENDER_REPORT : RECEIVER_REPORT);
  bytes.writeUInt32BE(report.ssrc >>> 0, 4);
  if (report.sender) {
    bytes.writeUInt32BE(report.sender.ntpSeconds >>> 0, 8);
    bytes.writeUInt32BE(report.sender.ntpFraction >>> 0, 12);
    bytes.writeUInt32BE(report.sender.rtpTimestamp >>> 0, 16);
    bytes.writeUInt32BE(report.sender.packetCount >>> 0, 20);
    bytes.writeUInt32BE(report.sender.octetCount >>> 0, 24);
  }
  if (report.block) {
    const { block } = report;
    bytes.writeUInt32BE(block.ssrc >>> 0, blockAt);
    bytes[blockAt + 4] = block.fractionLost & 0xff;
    // 24 bits, signed, held at their ends.
    const lost = Math.max(-0x80_0000, Math.min(0x7f_ffff, block.cumulativeLost));
    bytes.writeIntBE(lost, blockAt + 5, 3);
    bytes.writeUInt32BE(block.extendedHighest >>> 0, blockAt + 8);
    bytes.writeUInt32BE(block.jitter >>> 0, blockAt + 12);
    bytes.writeUInt32BE(block.lastSenderReport >>> 0, blockAt + 16);
    bytes.writeUInt32BE(block.delaySinceLastSenderReport >>> 0, blockAt + 20);
  }
  return bytes;
}

function descriptionPacket(report: RtcpReport): Buffer {
  const name = Buffer.from(report.cname).subarray(0, 255);
  // The items end with at least one zero byte, and the chunk with a 32-bit boundary.
  const bytes = Buffer.alloc(Math.ceil((8 + 2 + name.length + 1) / 4) * 4);
  header(bytes, 1, SOURCE_DESCRIPTION);
  bytes.writeUInt32BE(report.ssrc >>> 0, 4);
  bytes[8] = CNAME;
  bytes[9] = name.length;
  bytes.set(name, 10);
  return bytes;
}

function byePacket(ssrc: number, reason: string): Buffer {
  const text = Buffer.from(reason).subarray(0, 255);
  const bytes = Buffer.alloc(text.length === 0 ? 8 : Math.ceil((8 + 1 + text.length) / 4) * 4);
  header(bytes, 1, GOODBYE);
  bytes.writeUInt32BE(ssrc >>> 0, 4);
  if (text.length > 0) {
    bytes[8] = text.length;
    bytes.set(text, 9);
  }
  return bytes;
}

/**
 * Reads a compound packet: every part that is understood, in order. Empty when the datagram is no RTCP; reading
 * stops at the first part whose length does not fit.
 */
export function parseRtcp(datagram: Uint8Array): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const first = bytes[at] as number;
    if (first >> 6 !== 2) break;
    const end = at + 4 * (bytes.readUInt16BE(at + 2) + 1);
    if (end > bytes.length) break;
    const part = readPart(bytes.subarray(at, end), first & 0x1f);
    if (part) packets.push(part);
    at = end;
  }
  return packets;
}

function readPart(part: Buffer, count: number): RtcpPacket | undefined {
  if (part.length < 8) return undefined;
  const ssrc = part.readUInt32BE(4);
  switch (part[1]) {
    case SENDER_REPORT: {
      if (part.length < 28) return undefined;
      const sender = {
        ntpSeconds: part.readUInt32BE(8),
        ntpFraction: part.readUInt32BE(12),
        rtpTimestamp: part.readUInt32BE(16),
        packetCount: part.readUInt32BE(20),
        octetCount: part.readUInt32BE(24),
      };
      return { type: "sender-report", ssrc, sender, blocks: readBlocks(part, 28, count) };
    }
    case RECEIVER_REPORT:
      return { type: "receiver-report", ssrc, blocks: readBlocks(part, 8, count) };
    case SOURCE_DESCRIPTION:
      return readDescription(part, ssrc);
    case GOODBYE:
      return readBye(part, count);
    default:
      return undefined;
  }
}

function readBlocks(part: Buffer, from: number, count: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let i = 0; i < count; i++) {
    const at = from + i * REPORT_BLOCK_BYTES;
    if (at + REPORT_BLOCK_BYTES > part.length) break;
    blocks.push({
      ssrc: part.readUInt32BE(at),
      fractionLost: part[at + 4] as number,
      cumulativeLost: part.readIntBE(at + 5, 3),
      extendedHighest: part.readUInt32BE(at + 8),
      jitter: part.readUInt32BE(at + 12),
      lastSenderReport: part.readUInt32BE(at + 16),
      delaySinceLastSenderReport: part.readUInt32BE(at + 20),
    });
  }
  return blocks;
}

/** The CNAME of the first chunk; other items and chunks say nothing we use. */
function readDescription(part: Buffer, ssrc: number): RtcpPacket | undefined {
  for (let at = 8; at + 2 <= part.length; ) {
    const item = part[at] as number;
    if (item === 0) return undefined;
    const end = at + 2 + (part[at + 1] as number);
    if (end > part.length) return undefined;
    if (item === CNAME)
      return { type: "source-description", ssrc, cname: part.toString("utf8", at + 2, end) };
    at = end;
  }
  return undefined;
}

function readBye(part: Buffer, count: number): RtcpPacket | undefined {
  const end = 4 + 4 * count;
  if (count === 0 || end > part.length) return undefined;
  const ssrcs = Array.from({ length: count }, (_, i) => part.readUInt32BE(4 + 4 * i));
  const length = part[end];
  if (length === undefined || end + 1 + length > part.length) return { type: "bye", ssrcs };
  return { type: "bye", ssrcs, reason: part.toString("utf8", end + 1, end + 1 + length) };
}
