/**
 * The exact frequencies of a call progress tone: one line or two between 330 and 680 Hz, measured over 160 ms so that
 * 413 and 438 Hz, or 400 and 425 Hz, are told apart. Run once per burst.
 */
import { FRAME_SAMPLES, type Frame } from "../model/frame.ts";
import { goertzel, hannWindow, type Phasor } from "./goertzel.ts";

export const LINES_FRAMES = 8;
const POINTS = LINES_FRAMES * FRAME_SAMPLES;
const LOW_HZ = 325;
const HIGH_HZ = 685;
const STEP_HZ = 5;
/** A second line this much weaker than the first is noise, or the sideband of a modulation (7 dB below at most). */
const MIN_SECOND = 10 ** (-5 / 10);
/** Lines nearer than this are one under the window. */
const MIN_DISTANCE_HZ = 20;

const window = hannWindow(POINTS);
const scratch = new Float64Array(POINTS);
const phasor: Phasor = { re: 0, im: 0 };
const grid = new Float64Array((HIGH_HZ - LOW_HZ) / STEP_HZ + 1);

/** The newest 160 ms of audio. */
export class ProgressLines {
  readonly #ring = new Float64Array(POINTS);
  #at = 0;

  push(frame: Frame): void {
    this.#ring.set(frame, this.#at);
    this.#at = (this.#at + FRAME_SAMPLES) % POINTS;
  }

  /** One frequency, or two from low to high. */
  measure(): number[] {
    for (let i = 0; i < POINTS; i++) {
      scratch[i] = (this.#ring[(this.#at + i) % POINTS] as number) * (window[i] as number);
    }
    for (let i = 0; i < grid.length; i++) {
      goertzel(scratch, 0, POINTS, LOW_HZ + i * STEP_HZ, phasor);
      grid[i] = phasor.re * phasor.re + phasor.im * phasor.im;
    }
    const peaks: { readonly hz: number; readonly power: number }[] = [];
    for (let i = 1; i < grid.length - 1; i++) {
      const here = grid[i] as number;
      const left = grid[i - 1] as number;
      const right = grid[i + 1] as number;
      if (here < left || here <= right) continue;
      const bend = left - 2 * here + right;
      const offset = bend === 0 ? 0 : (left - right) / (2 * bend);
      peaks.push({ hz: LOW_HZ + (i + offset) * STEP_HZ, power: here });
    }
    peaks.sort((a, b) => b.power - a.power);
    const first = peaks[0];
    if (!first) return [];
    const second = peaks.find(
      (peak) => Math.abs(peak.hz - first.hz) >= MIN_DISTANCE_HZ && peak.power >= first.power * MIN_SECOND,
    );
    const hz = second ? [first.hz, second.hz] : [first.hz];
    return hz.sort((a, b) => a - b).map((one) => Math.round(10 * one) / 10);
  }
}
