/** Reports when the far end makes sound and when it has become quiet, for scripted callees that wait for either. */
import { FRAME_MS, type Frame, levelDbfs } from "../../engine/index.ts";

// Prompts lie near -20 dBFS; line noise of the simulated carrier stays below -50.
const SOUND_DBFS = -42;
// Two frames in a row, so that a click is not taken for a voice.
const SOUND_FRAMES = 2;

export class Hearing {
  readonly #quietFrames: number;
  readonly #report: (what: "sound" | "quiet") => void;
  #isSounding = false;
  #inRow = 0;

  /** Quiet is reported after `quietMs`, and only when there was sound before it. */
  constructor(quietMs: number, report: (what: "sound" | "quiet") => void) {
    this.#quietFrames = Math.max(1, Math.round(quietMs / FRAME_MS));
    this.#report = report;
  }

  /** One slot; undefined: nothing arrived, which is quiet too. */
  frame(frame: Frame | undefined): void {
    const isLoud = frame !== undefined && levelDbfs(frame) > SOUND_DBFS;
    if (isLoud === this.#isSounding) {
      this.#inRow = 0;
      return;
    }
    this.#inRow++;
    if (this.#inRow < (isLoud ? SOUND_FRAMES : this.#quietFrames)) return;
    this.#inRow = 0;
    this.#isSounding = isLoud;
    this.#report(isLoud ? "sound" : "quiet");
  }
}
