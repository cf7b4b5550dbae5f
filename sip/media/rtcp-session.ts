/**
 * One leg's side of RTCP: when a report is due, what it says, and what the far end's reports say about us.
 * RFC 3550 §6.2 to §6.6.
 */
import {
  ntpMiddle,
  ntpTime,
  parseRtcp,
  type ReportBlock,
  roundTripMs,
  rtcpIntervalMs,
  serializeRtcp,
} from "../rtp/rtcp.ts";
import type { ReceptionStatistics } from "../rtp/statistics.ts";

/** What has been sent on the leg so far. */
export interface SentCounts {
  readonly packets: number;
  readonly octets: number;
  readonly rtpTimestamp: number;
}

/** What the far end last told of our packets. */
export interface FarReport {
  readonly packetsLost: number;
  /** 0 to 1, since the report before. */
  readonly fractionLost: number;
  readonly jitterMs: number;
  readonly roundTripMs?: number;
}

export interface RtcpSessionOptions {
  readonly ssrc: number;
  /** In [0, 1): the variation of intervals. */
  readonly random: () => number;
  /** Epoch milliseconds, for NTP timestamps. */
  readonly epochMs: () => number;
}

export class RtcpSession {
  readonly #options: RtcpSessionOptions;
  readonly #cname: string;
  #nextAtMs: number | undefined;
  #isFirst = true;
  #sentAtLastReport = 0;
  #lastSenderReport = 0;
  #lastSenderReportAtMs = 0;

  farReport: FarReport | undefined;
  hasFarEndLeft = false;

  constructor(options: RtcpSessionOptions) {
    this.#options = options;
    // RFC 7022 §4.2: a short-term CNAME is random, so that it tells nothing of the machine.
    this.#cname = Array.from({ length: 4 }, () => Math.floor(options.random() * 0xff_ffff).toString(36)).join(
      "",
    );
  }

  /** Whether a report is due at `nowMs` (monotonic); the first call starts the interval. */
  isDue(nowMs: number): boolean {
    this.#nextAtMs ??= nowMs + rtcpIntervalMs(this.#options.random(), true);
    return nowMs >= this.#nextAtMs;
  }

  /** The next compound packet; with `bye`, the last. */
  compose(
    sent: SentCounts,
    reception: ReceptionStatistics,
    farSsrc: number | undefined,
    nowMs: number,
    bye?: string,
  ): Buffer {
    this.#nextAtMs = nowMs + rtcpIntervalMs(this.#options.random(), this.#isFirst);
    this.#isFirst = false;
    const hasSent = sent.packets > this.#sentAtLastReport;
    this.#sentAtLastReport = sent.packets;
    const { ssrc } = this.#options;
    return serializeRtcp({
      ssrc,
      cname: this.#cname,
      ...(hasSent
        ? {
            sender: {
              ...ntpTime(this.#options.epochMs()),
              rtpTimestamp: sent.rtpTimestamp,
              packetCount: sent.packets,
              octetCount: sent.octets,
            },
          }
        : {}),
      ...(farSsrc !== undefined && reception.hasSource
        ? {
            block: {
              ssrc: farSsrc,
              ...reception.report(),
              lastSenderReport: this.#lastSenderReport,
              delaySinceLastSenderReport:
                this.#lastSenderReport === 0
                  ? 0
                  : Math.round(((nowMs - this.#lastSenderReportAtMs) * 65_536) / 1000),
            },
          }
        : {}),
      ...(bye === undefined ? {} : { bye }),
    });
  }

  /** Takes a datagram; returns whether it was RTCP. */
  received(datagram: Uint8Array, nowMs: number): boolean {
    const packets = parseRtcp(datagram);
    for (const packet of packets) {
      if (packet.type === "sender-report") {
        this.#lastSenderReport = ntpMiddle(packet.sender);
        this.#lastSenderReportAtMs = nowMs;
      }
      if (packet.type === "bye") this.hasFarEndLeft = true;
      if (packet.type === "sender-report" || packet.type === "receiver-report") {
        const block = packet.blocks.find((each) => each.ssrc === this.#options.ssrc);
        if (block) this.#note(block);
      }
    }
    return packets.length > 0;
  }

  #note(block: ReportBlock): void {
    const trip = roundTripMs(block, this.#options.epochMs());
    this.farReport = {
      packetsLost: Math.max(0, block.cumulativeLost),
      fractionLost: block.fractionLost / 256,
      jitterMs: block.jitter / 8,
      ...(trip === undefined ? {} : { roundTripMs: trip }),
    };
  }
}
