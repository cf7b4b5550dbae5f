/**
 * Presses keys: as RFC 4733 events where negotiated, else as tones in the audio. It is asked once per 20 ms slot
 * what the slot carries, so that keys, their gaps and the prompts share one time line.
 */
import { dtmf, FRAME_SAMPLES, type Frame, type Pcm } from "../../engine/index.ts";
import { type EventPacket, isTelephoneKey, TelephoneEventSender } from "../rtp/telephone-event.ts";

/** What a slot carries. `silence` lies between the keys of one batch; `open`: no keys are being sent. */
export type KeySlot =
  | { readonly kind: "event"; readonly packet: EventPacket }
  | { readonly kind: "tone"; readonly frame: Frame }
  | { readonly kind: "silence" }
  | { readonly kind: "open" };

/** How long a key is held. ITU-T Q.24 asks receivers for 40 ms; carriers like 80 and more. */
const PRESS_MS = 100;
const GAP_SLOTS = 5;
const PAUSE_SLOTS = 50;
// LIMIT: keys waiting to be sent on one leg; what exceeds them is dropped.
const MAX_QUEUED_KEYS = 256;

const OPEN: KeySlot = { kind: "open" };
const SILENCE: KeySlot = { kind: "silence" };

type Press = { readonly events: TelephoneEventSender } | { readonly tone: Pcm; played: number };

export class KeySender {
  readonly #onBatchSent: () => void;
  #batches: string[] = [];
  #press: Press | undefined;
  #silentSlots = 0;

  /** `onBatchSent` is called when all keys of the oldest `send` are out. */
  constructor(onBatchSent: () => void) {
    this.#onBatchSent = onBatchSent;
  }

  /** Queues `0-9 * # A-D` and `p`, a pause of one second. Other characters are left out. */
  send(keys: string): void {
    const queued = this.#batches.reduce((sum, batch) => sum + batch.length, 0);
    const known = [...keys.toUpperCase()].filter((key) => isTelephoneKey(key) || key === "P");
    this.#batches.push(known.slice(0, Math.max(0, MAX_QUEUED_KEYS - queued)).join(""));
  }

  /** What the slot at `timestamp` carries. `canSendEvents`: telephone-event was negotiated. */
  slot(timestamp: number, canSendEvents: boolean): KeySlot {
    for (;;) {
      if (this.#press) {
        const slot = this.#pressSlot(this.#press);
        if (slot) return slot;
        this.#press = undefined;
        this.#silentSlots = GAP_SLOTS;
      }
      if (this.#silentSlots > 0) {
        this.#silentSlots--;
        return SILENCE;
      }
      const batch = this.#batches[0];
      if (batch === undefined) return OPEN;
      if (batch === "") {
        this.#batches.shift();
        this.#onBatchSent();
        continue;
      }
      this.#batches[0] = batch.slice(1);
      this.#begin(batch[0] as string, timestamp, canSendEvents);
    }
  }

  #begin(key: string, timestamp: number, canSendEvents: boolean): void {
    if (key === "P") {
      this.#silentSlots = PAUSE_SLOTS;
      return;
    }
    this.#press = canSendEvents
      ? { events: new TelephoneEventSender(key, timestamp, PRESS_MS) }
      : { tone: dtmf(key, { onMs: PRESS_MS, offMs: 0 }), played: 0 };
  }

  #pressSlot(press: Press): KeySlot | undefined {
    if ("events" in press) {
      const packet = press.events.next();
      return packet && { kind: "event", packet };
    }
    if (press.played >= press.tone.length) return undefined;
    const frame = press.tone.subarray(press.played, press.played + FRAME_SAMPLES);
    press.played += FRAME_SAMPLES;
    return { kind: "tone", frame };
  }
}
