/**
 * What a leg plays: a queue of playbacks read in frames of 20 ms, with the rules of barge-in (VoiceXML 2.0 §4.1.5).
 * Items follow each other without a gap, in the middle of a frame where need be. Each playback ends exactly once:
 * `finished` when its last sample has been handed out, `barged` when a key stopped it, `stopped` by command.
 */
import { FRAME_SAMPLES, type Frame } from "../model/frame.ts";
import type { Playback, PlaybackItem } from "../ports.ts";

/** What is being played, as a key's `during` reports it. */
export type PlayoutState = "speech" | "hotword" | "none" | "nothing";

export type PlaybackEnding = "finished" | "barged" | "stopped";

export class Playout {
  readonly #onEnded: (playbackId: number, ending: PlaybackEnding) => void;
  #queue: Playback[] = [];
  #itemIndex = 0;
  #sampleIndex = 0;

  /** `onEnded` may queue further playbacks; they follow without a gap. */
  constructor(onEnded: (playbackId: number, ending: PlaybackEnding) => void) {
    this.#onEnded = onEnded;
  }

  /** Appends. A playback without a sample finishes on the next frame. */
  play(playback: Playback): void {
    this.#queue.push(playback);
  }

  /** What the next frame would begin with. */
  get state(): PlayoutState {
    return this.#currentItem()?.bargeIn ?? "nothing";
  }

  /**
   * Writes the next 160 samples. Returns false, and writes silence, when nothing is queued; the last samples of a
   * queue are filled up with silence.
   */
  next(into: Frame): boolean {
    let filled = 0;
    while (filled < FRAME_SAMPLES) {
      const item = this.#currentItem();
      if (!item) {
        // Only playbacks whose samples are all out remain at the head, or nothing.
        if (!this.#finishHead()) break;
        continue;
      }
      const take = Math.min(FRAME_SAMPLES - filled, item.audio.length - this.#sampleIndex);
      for (let i = 0; i < take; i++) into[filled + i] = item.audio[this.#sampleIndex + i] as number;
      filled += take;
      this.#sampleIndex += take;
    }
    into.fill(0, filled);
    // What ended exactly with this frame has been heard with it.
    while (this.#headIsSpent()) this.#finishHead();
    return filled > 0;
  }

  /**
   * A key was pressed. An item of kind `speech` is stopped with everything that follows, each playback ending
   * `barged`; during `hotword` and `none` nothing changes. Returns what was playing when the key came.
   */
  keyPressed(): PlayoutState {
    const during = this.state;
    if (during === "speech") this.#clear("barged");
    return during;
  }

  /** Drops everything, whatever its kind; each playback ends `stopped`. */
  stop(): void {
    this.#clear("stopped");
  }

  /** The item the next sample comes from, within the head playback; skips items that are spent or empty. */
  #currentItem(): PlaybackItem | undefined {
    const head = this.#queue[0];
    if (!head) return undefined;
    while (this.#itemIndex < head.items.length) {
      const item = head.items[this.#itemIndex] as PlaybackItem;
      if (this.#sampleIndex < item.audio.length) return item;
      this.#itemIndex++;
      this.#sampleIndex = 0;
    }
    return undefined;
  }

  #headIsSpent(): boolean {
    return this.#queue.length > 0 && this.#currentItem() === undefined;
  }

  #finishHead(): boolean {
    const head = this.#queue.shift();
    this.#itemIndex = 0;
    this.#sampleIndex = 0;
    if (!head) return false;
    this.#onEnded(head.playbackId, "finished");
    return true;
  }

  #clear(ending: PlaybackEnding): void {
    const dropped = this.#queue;
    this.#queue = [];
    this.#itemIndex = 0;
    this.#sampleIndex = 0;
    for (const playback of dropped) this.#onEnded(playback.playbackId, ending);
  }
}
