/**
 * The sending side of a leg: one RTP packet per slot, carrying a key, the next of what is played, or silence, on one
 * line of sequence numbers and timestamps. RFC 3550 §5.1.
 */
import { encodeG711, FRAME_SAMPLES, type Frame, type Playout } from "../../engine/index.ts";
import { serializeRtp } from "../rtp/packet.ts";
import type { PortPair } from "../rtp/port-pool.ts";
import type { NegotiatedMedia } from "../sdp/negotiated-media.ts";
import type { KeySender } from "./key-sender.ts";
import type { SentCounts } from "./rtcp-session.ts";
import type { MediaSource } from "./source-latch.ts";

const SILENT_FRAME: Frame = new Int16Array(FRAME_SAMPLES);

export class LegSender {
  /** Chosen at random, as are the first sequence number and timestamp. */
  readonly ssrc: number;
  readonly #ports: PortPair;
  readonly #keys: KeySender;
  readonly #playout: Playout;
  readonly #frame: Frame = new Int16Array(FRAME_SAMPLES);
  readonly #payload = new Uint8Array(FRAME_SAMPLES);
  #sequence: number;
  #timestamp: number;
  #isFirstPacket = true;
  #packets = 0;
  #octets = 0;

  constructor(ports: PortPair, keys: KeySender, playout: Playout, random: () => number) {
    this.#ports = ports;
    this.#keys = keys;
    this.#playout = playout;
    this.ssrc = Math.floor(random() * 0x1_0000_0000);
    this.#sequence = Math.floor(random() * 0x1_0000);
    this.#timestamp = Math.floor(random() * 0x1_0000_0000);
  }

  get sent(): SentCounts {
    return { packets: this.#packets, octets: this.#octets, rtpTimestamp: this.#timestamp };
  }

  /** Sends this slot's packet; returns the audio of it, undefined when it is a key's event. */
  slot(media: NegotiatedMedia, target: MediaSource | undefined): Frame | undefined {
    const timestamp = this.#timestamp;
    this.#timestamp = (timestamp + FRAME_SAMPLES) >>> 0;

    const eventPayloadType = media.telephoneEventPayloadType;
    const slot = this.#keys.slot(timestamp, eventPayloadType !== undefined);
    if (slot.kind === "event") {
      const { packet } = slot;
      this.#send(media, target, eventPayloadType as number, packet.timestamp, packet.payload, packet.marker);
      return undefined;
    }
    let frame: Frame = SILENT_FRAME;
    if (slot.kind === "tone") frame = slot.frame;
    else if (slot.kind === "open" && this.#playout.next(this.#frame)) frame = this.#frame;
    encodeG711(media.codec, frame, this.#payload);
    this.#send(media, target, media.payloadType, timestamp, this.#payload, this.#isFirstPacket);
    return frame;
  }

  /** Slots passed without a packet: time moves on, and nothing was lost. */
  skip(slots: number): void {
    this.#timestamp = (this.#timestamp + slots * FRAME_SAMPLES) >>> 0;
  }

  #send(
    media: NegotiatedMedia,
    target: MediaSource | undefined,
    payloadType: number,
    timestamp: number,
    payload: Uint8Array,
    marker: boolean,
  ): void {
    const maySend = media.direction === "sendrecv" || media.direction === "sendonly";
    if (!maySend || !target || !isSendable(target)) return;
    const { ssrc } = this;
    const sequence = this.#sequence;
    const datagram = serializeRtp({ payloadType, marker, sequence, timestamp, ssrc, payload });
    this.#isFirstPacket = false;
    this.#sequence = (sequence + 1) & 0xffff;
    this.#packets++;
    this.#octets += payload.length;
    this.#ports.sendRtp(datagram, target.port, target.address);
  }
}

/** `0.0.0.0` and port 0 say that nothing is to be sent there (RFC 3264 §8.4, §6). */
export function isSendable(target: MediaSource): boolean {
  return target.port > 0 && target.port < 65_536 && target.address !== "0.0.0.0" && target.address !== "::";
}
