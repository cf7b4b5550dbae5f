/**
 * The jitter buffer: packets in as the network delivers them, an even stream of 20 ms frames out.
 *
 * It is a ring of samples addressed by RTP timestamp (RFC 3550 §5.1), so packets of any length, reordered or
 * repeated, land where they belong, and it cannot grow. Its delay follows the network: a frame that is needed
 * before it has arrived is concealed and the delay becomes 20 ms longer; delay that has not been needed for a while
 * is given back 20 ms at a time.
 */
import { FRAME_MS, FRAME_SAMPLES, type Frame } from "../model/frame.ts";

export interface JitterBufferOptions {
  /** `fixed` keeps the first delay; `adaptive` lets it follow the network. Default adaptive. */
  readonly mode?: "fixed" | "adaptive";
  /** Audio gathered before the first frame is handed out. Default 40. */
  readonly delayMs?: number;
  /** More than this is cut down at once. Default 200. */
  readonly maxDelayMs?: number;
}

/** What became of a packet. */
export type PushResult = "stored" | "duplicate" | "late" | "restarted";

/** Where a frame came from; `none`: no audio is flowing, the frame is silence. */
export type PullResult = "audio" | "concealed" | "none";

// LIMIT: one second of audio. A packet further ahead than that starts the buffer anew.
const RING_SAMPLES = 8192;
// LIMIT: three frames are concealed; a longer gap is a pause of the sender, and honest silence is better.
const MAX_CONCEALED_FRAMES = 3;
// Each concealed frame is this much fainter than the one before, so that a gap fades rather than buzzes.
const CONCEALMENT_GAIN = 0.5;
// Spare delay is measured over a second before 20 ms of it are given back.
const TRIM_WINDOW_FRAMES = 50;
// Packets in a row from far behind mean that the sender began a new timestamp line.
const RESTART_AFTER_LATE = 3;

/** Signed distance of two 32-bit timestamps. */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}

export class JitterBuffer {
  readonly #adaptive: boolean;
  readonly #delaySamples: number;
  readonly #maxSamples: number;
  readonly #ring = new Int16Array(RING_SAMPLES);
  readonly #isFilled = new Uint8Array(RING_SAMPLES);
  readonly #lastGood: Frame = new Int16Array(FRAME_SAMPLES);
  #state: "empty" | "gathering" | "playing" = "empty";
  /** Timestamp of the next sample to hand out. */
  #playhead = 0;
  /** Timestamp after the newest sample. */
  #newest = 0;
  #concealedInRow = 0;
  #farLateInRow = 0;
  #windowFrames = 0;
  #windowMinSamples = Number.POSITIVE_INFINITY;
  /** Depth beyond the longest delay that is kept, because the taker is behind and will catch up. */
  #toleratedSamples = 0;

  /** Counters since the beginning, for statistics. */
  readonly counts = { late: 0, duplicate: 0, concealedFrames: 0, trimmedFrames: 0, restarts: 0 };

  constructor(options: JitterBufferOptions = {}) {
    this.#adaptive = options.mode !== "fixed";
    this.#delaySamples = Math.round((options.delayMs ?? 40) / FRAME_MS) * FRAME_SAMPLES;
    this.#maxSamples = Math.max(
      this.#delaySamples + 2 * FRAME_SAMPLES,
      Math.round((options.maxDelayMs ?? 200) / FRAME_MS) * FRAME_SAMPLES,
    );
  }

  /** Audio waiting, in milliseconds. */
  get depthMs(): number {
    return this.#state === "empty" ? 0 : (distance(this.#playhead, this.#newest) * FRAME_MS) / FRAME_SAMPLES;
  }

  /** Takes a packet's decoded samples, which begin at `timestamp`. Packets of over half a second are cut. */
  push(timestamp: number, samples: Int16Array): PushResult {
    const length = Math.min(samples.length, RING_SAMPLES / 2);
    if (this.#state === "empty") {
      this.#restart(timestamp);
      this.#store(timestamp, samples, length);
      return "stored";
    }

    const ahead = distance(this.#playhead, timestamp);
    if (ahead + length <= 0) {
      // While still gathering, an earlier packet is one that was overtaken: begin with it.
      if (this.#state === "gathering" && distance(timestamp, this.#newest) < this.#maxSamples) {
        this.#playhead = timestamp >>> 0;
      } else {
        if (ahead > -RING_SAMPLES || ++this.#farLateInRow < RESTART_AFTER_LATE) {
          this.counts.late++;
          return "late";
        }
        return this.#startAnew(timestamp, samples, length);
      }
    } else if (ahead + length > RING_SAMPLES) {
      return this.#startAnew(timestamp, samples, length);
    }
    this.#farLateInRow = 0;
    const isNew = this.#store(timestamp, samples, length);
    if (!isNew) this.counts.duplicate++;
    return isNew ? "stored" : "duplicate";
  }

  /** Hands out the next frame. */
  pull(into: Frame): PullResult {
    const depth = distance(this.#playhead, this.#newest);
    if (this.#state === "gathering" && depth >= this.#delaySamples) {
      this.#state = "playing";
      this.#resetWindow();
    }
    if (this.#state !== "playing") {
      into.fill(0);
      return "none";
    }
    if (depth > this.#maxSamples + this.#toleratedSamples) this.#discard(depth - this.#delaySamples);
    else if (this.#adaptive) this.#giveBackSpare(depth);

    if (distance(this.#playhead, this.#newest) <= 0) return this.#underrun(into);
    return this.#take(into);
  }

  /** Whether more audio waits than the delay asks for: what a taker that is behind may pull at once. */
  get hasSpare(): boolean {
    return (
      this.#state === "playing" &&
      distance(this.#playhead, this.#newest) >= this.#delaySamples + FRAME_SAMPLES
    );
  }

  /** Keeps this many frames beyond the longest delay, for a taker that is behind by them. 0 ends it. */
  tolerate(frames: number): void {
    this.#toleratedSamples = Math.min(frames * FRAME_SAMPLES, RING_SAMPLES / 2);
  }

  /** Time has passed without frames being wanted (a stall): what should have played meanwhile is dropped. */
  skip(frames: number): void {
    if (this.#state === "playing") this.#discard(frames * FRAME_SAMPLES);
  }

  /** Forgets everything: a new source begins. */
  reset(): void {
    this.#state = "empty";
    this.#isFilled.fill(0);
    this.#lastGood.fill(0);
    this.#concealedInRow = 0;
    this.#farLateInRow = 0;
  }

  #restart(timestamp: number): void {
    this.#isFilled.fill(0);
    this.#playhead = timestamp >>> 0;
    this.#newest = this.#playhead;
    this.#state = "gathering";
    this.#farLateInRow = 0;
  }

  #startAnew(timestamp: number, samples: Int16Array, length: number): PushResult {
    this.counts.restarts++;
    this.#restart(timestamp);
    this.#store(timestamp, samples, length);
    return "restarted";
  }

  /** Writes what lies at or after the playhead; returns whether any of it was missing. */
  #store(timestamp: number, samples: Int16Array, length: number): boolean {
    const first = Math.max(0, distance(timestamp, this.#playhead));
    let isNew = false;
    for (let i = first; i < length; i++) {
      const at = (timestamp + i) & (RING_SAMPLES - 1);
      if (this.#isFilled[at] === 1) continue;
      isNew = true;
      this.#isFilled[at] = 1;
      this.#ring[at] = samples[i] as number;
    }
    const end = (timestamp + length) >>> 0;
    if (distance(this.#newest, end) > 0) this.#newest = end;
    return isNew;
  }

  #take(into: Frame): PullResult {
    let present = 0;
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const at = (this.#playhead + i) & (RING_SAMPLES - 1);
      if (this.#isFilled[at] === 1) {
        into[i] = this.#ring[at] as number;
        this.#isFilled[at] = 0;
        present++;
      } else {
        into[i] = (this.#lastGood[i] as number) * CONCEALMENT_GAIN;
      }
    }
    this.#playhead = (this.#playhead + FRAME_SAMPLES) >>> 0;
    if (present === 0) return this.#conceal(into);
    this.#concealedInRow = 0;
    this.#lastGood.set(into);
    return "audio";
  }

  /** Nothing has arrived: the playhead waits, which makes the delay longer by the frame that is concealed. */
  #underrun(into: Frame): PullResult {
    if (this.#concealedInRow >= MAX_CONCEALED_FRAMES) {
      // The sender pauses. Whatever comes next, wherever it lies, begins anew.
      this.reset();
      into.fill(0);
      return "none";
    }
    if (!this.#adaptive) this.#discard(FRAME_SAMPLES);
    return this.#conceal(into);
  }

  #conceal(into: Frame): PullResult {
    this.#concealedInRow++;
    this.counts.concealedFrames++;
    if (this.#concealedInRow > MAX_CONCEALED_FRAMES) {
      into.fill(0);
      return "concealed";
    }
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      this.#lastGood[i] = (this.#lastGood[i] as number) * CONCEALMENT_GAIN;
      into[i] = this.#lastGood[i] as number;
    }
    return "concealed";
  }

  #discard(samples: number): void {
    // Cleared, because a ring position comes round again.
    for (let i = 0; i < Math.min(samples, RING_SAMPLES); i++) {
      this.#isFilled[(this.#playhead + i) & (RING_SAMPLES - 1)] = 0;
    }
    this.#playhead = (this.#playhead + samples) >>> 0;
    if (distance(this.#playhead, this.#newest) < 0) this.#newest = this.#playhead;
    this.#resetWindow();
  }

  /** When even the emptiest moment of a second left a frame more than the delay asks for, drops one frame. */
  #giveBackSpare(depth: number): void {
    this.#windowMinSamples = Math.min(this.#windowMinSamples, depth);
    if (++this.#windowFrames < TRIM_WINDOW_FRAMES) return;
    const isSpare = this.#windowMinSamples >= this.#delaySamples + FRAME_SAMPLES;
    this.#resetWindow();
    if (!isSpare) return;
    this.counts.trimmedFrames++;
    this.#discard(FRAME_SAMPLES);
  }

  #resetWindow(): void {
    this.#windowFrames = 0;
    this.#windowMinSamples = Number.POSITIVE_INFINITY;
  }
}
