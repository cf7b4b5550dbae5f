/**
 * One press of a key as it grows, block by block, and whether it is a key by the limits of ITU-T Q.24.
 *
 * Blocks are 20 ms long under a Hann window, one every 10 ms. Two properties of that arrangement do the work: copies of
 * the window at half its length add up to one, so the sum of the blocks' amplitudes measures how long a tone lasted to a
 * millisecond or two, however it falls on the blocks; and the phase from block to block gives each frequency to a few
 * hertz.
 */
import { DTMF_HIGH_HZ, DTMF_KEYS, DTMF_LOW_HZ } from "../media/tones.ts";
import type { Finding } from "../model/finding.ts";
import { type Phasor, wrapAngle } from "./goertzel.ts";

export const HOP_MS = 10;
const HOP_SECONDS = HOP_MS / 1000;
const BLOCK_SECONDS = 2 * HOP_SECONDS;

/** Each frequency at least -45 dBFS: Q.24 accepts down to -25 dBm0, RFC 4733 calls -36 dBm0 (-42 dBFS) valid. */
export const MIN_KEY_LINE_POWER = 10 ** (-45 / 10);
/** High group relative to low group. Q.24: +4 to -8 dB accepted; half a decibel for the measurement. */
export const MAX_TWIST = 10 ** (4.5 / 10);
export const MIN_TWIST = 10 ** (-8.5 / 10);
/** Between the ±1.5 % that must and the ±3.5 % that must not be accepted. */
const MAX_DETUNE = 0.025;
/** The two lines' share of all power over the press; speech falls short of it. */
const MIN_SHARE = 0.86;

/** What one block says about the press. Powers are mean squares, full scale 1. */
export interface KeyBlock {
  readonly lowPhasor: Phasor;
  readonly highPhasor: Phasor;
  readonly lowPower: number;
  readonly highPower: number;
  readonly allPower: number;
}

/** One of the two frequencies over the press. */
interface Line {
  readonly nominalHz: number;
  /** Largest amplitude of a block, and the sum of all. */
  peak: number;
  sum: number;
  /** Weighted sum of the blocks' distances from the nominal frequency. */
  detune: number;
  phase: number;
}

export class KeyPress {
  readonly low: number;
  readonly high: number;
  /** Length of the pause so far, in hops. */
  pause = 0;
  /** `open` while it may become a key. */
  state: "open" | "reported" | "rejected" = "open";
  readonly #low: Line;
  readonly #high: Line;
  #weight = 0;
  #blocks = 0;
  #linePower = 0;
  #allPower = 0;

  /** Indexes into the low and the high group. */
  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
    this.#low = { nominalHz: DTMF_LOW_HZ[low] as number, peak: 0, sum: 0, detune: 0, phase: 0 };
    this.#high = { nominalHz: DTMF_HIGH_HZ[high] as number, peak: 0, sum: 0, detune: 0, phase: 0 };
  }

  /** How long the tone has lasted, in hops of 10 ms, by the frequency that lasted less. */
  get hops(): number {
    return Math.min(this.#low.sum / this.#low.peak, this.#high.sum / this.#high.peak);
  }

  /** How much of a block the tone filled, 0 to 1, by its low frequency's power. */
  filledBy(lowPower: number): number {
    return Math.min(1, Math.sqrt(lowPower) / this.#low.peak);
  }

  grow(block: KeyBlock): void {
    const lowAmplitude = Math.sqrt(block.lowPower);
    const highAmplitude = Math.sqrt(block.highPower);
    // After a gap the phases are not those of neighbouring blocks.
    const weight = this.#blocks > 0 && this.pause === 0 ? lowAmplitude * highAmplitude : 0;
    extend(this.#low, block.lowPhasor, lowAmplitude, weight);
    extend(this.#high, block.highPhasor, highAmplitude, weight);
    this.#weight += weight;
    this.#linePower += block.lowPower + block.highPower;
    this.#allPower += block.allPower;
    this.#blocks++;
    this.pause = 0;
  }

  /** Whether levels, twist, frequencies and purity are a key's. */
  get isKey(): boolean {
    if (this.#weight === 0) return false;
    const lowDetune = this.#low.detune / this.#weight;
    const highDetune = this.#high.detune / this.#weight;
    if (Math.abs(lowDetune) > MAX_DETUNE * this.#low.nominalHz) return false;
    if (Math.abs(highDetune) > MAX_DETUNE * this.#high.nominalHz) return false;
    // Beside its centre the window sees less of a line than there is.
    const lowPower = this.#low.peak ** 2 / windowGain(lowDetune);
    const highPower = this.#high.peak ** 2 / windowGain(highDetune);
    if (lowPower < MIN_KEY_LINE_POWER || highPower < MIN_KEY_LINE_POWER) return false;
    if (highPower > lowPower * MAX_TWIST || highPower < lowPower * MIN_TWIST) return false;
    const seen = (this.#low.peak ** 2 + this.#high.peak ** 2) / (lowPower + highPower);
    return this.#linePower / this.#allPower / seen >= MIN_SHARE;
  }

  /** The finding, at the hop that completed it. */
  finding(hop: number): Finding {
    const lowPower = this.#low.peak ** 2;
    const highPower = this.#high.peak ** 2;
    const hzOf = (line: Line): number => Math.round(10 * (line.nominalHz + line.detune / this.#weight)) / 10;
    return {
      kind: "dtmf",
      // The newest block ends 20 ms after its hop begins; the press began as many hops before, less the unfilled edge.
      startMs: Math.max(0, Math.round((hop + 1.5 - this.hops) * HOP_MS)),
      confidence: 0.98,
      evidence: {
        digit: DTMF_KEYS[4 * this.low + this.high] as string,
        hz: [hzOf(this.#low), hzOf(this.#high)],
        levelDbfs: Math.round(100 * Math.log10(lowPower + highPower)) / 10,
        twistDb: Math.round(100 * Math.log10(highPower / lowPower)) / 10,
        share: Math.round((100 * this.#linePower) / this.#allPower) / 100,
      },
    };
  }
}

function extend(line: Line, phasor: Phasor, amplitude: number, weight: number): void {
  const phase = Math.atan2(phasor.im, phasor.re);
  // The phase a block starts with advances by the frequency over a hop; what is left over is the detuning.
  const left = wrapAngle(phase - line.phase - 2 * Math.PI * line.nominalHz * HOP_SECONDS);
  line.detune += (weight * left) / (2 * Math.PI * HOP_SECONDS);
  line.phase = phase;
  line.peak = Math.max(line.peak, amplitude);
  line.sum += amplitude;
}

/** Power that the window's response leaves of a line `hz` beside its centre. */
function windowGain(hz: number): number {
  const bins = Math.abs(hz) * BLOCK_SECONDS;
  if (bins < 0.01) return 1;
  return (Math.sin(Math.PI * bins) / (Math.PI * bins) / (1 - bins * bins)) ** 2;
}
