/** One media leg on ports and a clock that the test moves by hand: what arrives and when is exact. */
import type { DetectionSettings } from "../../../engine/index.ts";
import type { MediaEvent, MediaLegOptions, NegotiatedMedia } from "../../../sip/index.ts";
import type { LegAnalyzer } from "../../../sip/media/leg-analyzer.ts";
import { RtpLeg } from "../../../sip/media/media-leg.ts";
import type { Tick } from "../../../sip/rtp/media-clock.ts";
import { parseRtp, type RtpPacket, type RtpPacketFields, serializeRtp } from "../../../sip/rtp/packet.ts";
import type { PortListener } from "../../../sip/rtp/port-pool.ts";

export interface SentPacket extends RtpPacket {
  readonly atMs: number;
  readonly to: string;
}

export interface TestLegOptions extends Partial<MediaLegOptions> {
  readonly detection?: DetectionSettings;
  readonly analyzer?: LegAnalyzer;
  readonly minFreeBytes?: number;
}

const FAR = { address: "192.0.2.1", port: 4000 };

export function createTestLeg(options: TestLegOptions = {}) {
  const { analyzer, minFreeBytes = 0, ...legOptions } = options;
  const events: MediaEvent[] = [];
  const sentRtp: SentPacket[] = [];
  const sentRtcp: { readonly datagram: Buffer; readonly to: string; readonly atMs: number }[] = [];
  let listener: PortListener | undefined;
  let ticks: Tick | undefined;
  let nowMs = 10_000;
  let isClosed = false;
  const source = (from: { address: string; port: number }, size: number) => ({
    ...from,
    family: "IPv4" as const,
    size,
  });

  const leg = new RtpLeg({
    options: { legId: "test", ...legOptions },
    ports: {
      rtpPort: 40_000,
      rtcpPort: 40_001,
      errors: 0,
      listen(given) {
        listener = given;
      },
      sendRtp(datagram, port, address) {
        const packet = parseRtp(Buffer.from(datagram));
        if (packet) sentRtp.push({ ...packet, atMs: nowMs, to: `${address}:${port}` });
      },
      sendRtcp(datagram, port, address) {
        sentRtcp.push({ datagram: Buffer.from(datagram), to: `${address}:${port}`, atMs: nowMs });
      },
      close() {
        isClosed = true;
      },
    },
    ticks: {
      now: () => nowMs,
      add(tick) {
        ticks = tick;
        return () => {
          ticks = undefined;
        };
      },
    },
    observer: (event) => events.push(event),
    minFreeBytes,
    // Constant, so that numbers in a test can be told beforehand.
    random: () => 0.5,
    epochMs: () => 1_700_000_000_000 + nowMs,
    ...(analyzer ? { analyzer } : {}),
    onClosed: () => {},
  });

  const media: NegotiatedMedia = {
    remote: { address: FAR.address, rtpPort: FAR.port, rtcpPort: FAR.port + 1 },
    codec: "PCMU",
    payloadType: 0,
    telephoneEventPayloadType: 101,
    direction: "sendrecv",
  };

  return {
    leg,
    media,
    events,
    sentRtp,
    sentRtcp,
    get nowMs() {
      return nowMs;
    },
    get isClosed() {
      return isClosed;
    },
    get isTicking() {
      return ticks !== undefined;
    },
    /** Moves time without a slot. */
    advance(ms: number) {
      nowMs += ms;
    },
    /** Slots of 20 ms. */
    tick(count = 1, skipped = 0) {
      for (let i = 0; i < count; i++) {
        nowMs += 20;
        ticks?.(skipped);
      }
    },
    arriveRtp(datagram: Buffer, from = FAR) {
      listener?.rtp(datagram, source(from, datagram.length));
    },
    arriveRtcp(datagram: Buffer, from = { address: FAR.address, port: FAR.port + 1 }) {
      listener?.rtcp(datagram, source(from, datagram.length));
    },
    /** An audio packet numbered `n`: 20 ms of `samples`, or silence. */
    arriveAudio(n: number, changes: Partial<RtpPacketFields> = {}, from = FAR) {
      const fields = { payloadType: 0, ssrc: 77, payload: new Uint8Array(160).fill(0xff), ...changes };
      this.arriveRtp(serializeRtp({ sequence: n & 0xffff, timestamp: (n * 160) >>> 0, ...fields }), from);
    },
    of<T extends MediaEvent["type"]>(type: T): Extract<MediaEvent, { type: T }>[] {
      return events.filter((event) => event.type === type) as Extract<MediaEvent, { type: T }>[];
    },
  };
}
