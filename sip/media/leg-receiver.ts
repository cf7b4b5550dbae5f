/**
 * The receiving side of a leg: which datagrams are its own, what they carry, and an even stream of frames from them.
 * Keys are told with the first packet of their event, before any audio of the same moment has been played.
 */
import { decodeG711, type Frame, type G711Law, JitterBuffer, type PullResult } from "../../engine/index.ts";
import { parseRtp, type RtpPacket } from "../rtp/packet.ts";
import { ReceptionStatistics } from "../rtp/statistics.ts";
import { TelephoneEventReceiver } from "../rtp/telephone-event.ts";
import type { NegotiatedMedia } from "../sdp/negotiated-media.ts";
import { type MediaSource, SourceLatch } from "./source-latch.ts";
import type { StrayPackets } from "./stray-packets.ts";

/** RFC 3551: what these payload types mean whether negotiated or not. */
const STATIC_LAWS: Readonly<Record<number, G711Law>> = { 0: "PCMU", 8: "PCMA" };
const COMFORT_NOISE_PAYLOAD_TYPE = 13;

// LIMIT: 120 ms of audio per packet; nobody sends more, and a datagram of 64 kB of noise is not decoded.
const MAX_PAYLOAD_BYTES = 960;
// A slot without audio counts as silent media, not as missing media, within this time of the last packet: keys sent
// as events leave no audio, and packets of 60 ms come at every third slot.
const MEDIA_GAP_MS = 100;

type Meaning = G711Law | "event" | "comfort-noise";

export interface LegReceiverObserver {
  /** The first packet was accepted. Once. */
  started(): void;
  /** An RFC 4733 key begins. */
  key(key: string): void;
}

export class LegReceiver {
  readonly latch = new SourceLatch();
  readonly jitter = new JitterBuffer();
  readonly reception = new ReceptionStatistics();
  readonly #strays: StrayPackets;
  readonly #observer: LegReceiverObserver;
  readonly #events = new TelephoneEventReceiver();
  readonly #decoded = new Int16Array(MAX_PAYLOAD_BYTES);
  #hasStarted = false;
  #lastPacketMs = Number.NEGATIVE_INFINITY;
  #isComfortNoise = false;

  /** SSRC of the far end's present source; undefined: nothing came yet. */
  farSsrc: number | undefined;

  constructor(strays: StrayPackets, observer: LegReceiverObserver) {
    this.#strays = strays;
    this.#observer = observer;
  }

  /** Takes what came to the RTP port at `nowMs` (monotonic). */
  datagram(datagram: Buffer, source: MediaSource, media: NegotiatedMedia, nowMs: number): void {
    const packet = parseRtp(datagram);
    const meaning = packet && meaningOf(packet, media);
    if (!packet || !meaning) {
      this.#strays.note(packet ? "payload-type" : "not-rtp", source, datagram.length);
    } else if (this.latch.accept(source, packet.sequence, nowMs)) {
      this.#accept(packet, meaning, nowMs);
    } else {
      this.#strays.note("other-source", source, datagram.length);
    }
  }

  /** Writes the next frame; returns whether media is flowing, of which silence is a part. */
  pull(into: Frame, nowMs: number): boolean {
    const pulled: PullResult = this.jitter.pull(into);
    return pulled !== "none" || this.#isComfortNoise || nowMs - this.#lastPacketMs < MEDIA_GAP_MS;
  }

  #accept(packet: RtpPacket, meaning: Meaning, nowMs: number): void {
    if (packet.ssrc !== this.farSsrc) {
      // Another source took over, as when a gateway changes from ringing to the callee.
      this.farSsrc = packet.ssrc;
      this.jitter.reset();
      this.#events.reset();
      this.reception.restart();
    }
    this.#lastPacketMs = nowMs;
    const isAudio = meaning !== "event" && meaning !== "comfort-noise";
    this.reception.packet(packet.sequence, packet.timestamp, nowMs, isAudio);
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      this.#observer.started();
    }
    if (meaning === "event") {
      const key = this.#events.packet(packet.timestamp, packet.payload);
      if (key !== undefined) this.#observer.key(key);
      return;
    }
    this.#isComfortNoise = meaning === "comfort-noise";
    if (meaning === "comfort-noise" || packet.payload.length === 0) return;
    decodeG711(meaning, packet.payload, this.#decoded);
    this.jitter.push(packet.timestamp, this.#decoded.subarray(0, packet.payload.length));
  }
}

function meaningOf(packet: RtpPacket, media: NegotiatedMedia): Meaning | undefined {
  const type = packet.payloadType;
  if (type === media.telephoneEventPayloadType) return "event";
  // The far end may change between the codecs of our description at any time (RFC 3264 §6.1).
  const law = type === media.payloadType ? media.codec : STATIC_LAWS[type];
  if (law) return packet.payload.length <= MAX_PAYLOAD_BYTES ? law : undefined;
  return type === COMFORT_NOISE_PAYLOAD_TYPE ? "comfort-noise" : undefined;
}
