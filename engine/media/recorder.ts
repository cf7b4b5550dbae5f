/**
 * The two-channel recording of a call, as pure interleaving: left is what we sent, right what we heard, sample for
 * sample on the same tick, so that both lie on one time axis. It hands out blocks of bytes; writing them to a file
 * is the worker's matter.
 */
import { FRAME_SAMPLES, type Frame } from "../model/frame.ts";

// 50 frames: one block, and one write, per second and call.
const FRAMES_PER_BLOCK = 50;
const FRAME_BYTES = FRAME_SAMPLES * 4;

/** Bytes of one second of recording. */
export const RECORDING_BYTES_PER_SECOND = FRAME_BYTES * 50;

/** Interleaves frames of both directions into blocks of PCM16 little-endian stereo. */
export class CallRecorder {
  readonly #onBlock: (block: Uint8Array) => void;
  #block = new Uint8Array(FRAME_BYTES * FRAMES_PER_BLOCK);
  #used = 0;

  /** `onBlock` gets each full block; it is its owner from then on. */
  constructor(onBlock: (block: Uint8Array) => void) {
    this.#onBlock = onBlock;
  }

  /** One tick. An absent side is silence. */
  frame(sent: Frame | undefined, heard: Frame | undefined): void {
    const block = this.#block;
    let at = this.#used;
    for (let i = 0; i < FRAME_SAMPLES; i++, at += 4) {
      const left = sent ? (sent[i] as number) : 0;
      const right = heard ? (heard[i] as number) : 0;
      block[at] = left & 0xff;
      block[at + 1] = (left >> 8) & 0xff;
      block[at + 2] = right & 0xff;
      block[at + 3] = (right >> 8) & 0xff;
    }
    this.#used = at;
    if (at === block.length) this.flush();
  }

  /** Hands out what has gathered, at the end. */
  flush(): void {
    if (this.#used === 0) return;
    const block = this.#block.subarray(0, this.#used);
    this.#block = new Uint8Array(FRAME_BYTES * FRAMES_PER_BLOCK);
    this.#used = 0;
    this.#onBlock(block);
  }
}
