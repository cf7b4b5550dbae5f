/**
 * The spectrum every tone detector shares, computed once per frame: the last 32 ms under a Hann window, a 256-point
 * transform, power per bin, and the strongest line with its interpolated frequency.
 *
 * 256 points are the shortest power of two that covers a 20 ms frame; they separate lines 130 Hz apart and give a
 * single line's frequency to about 1 Hz.
 */
import { FRAME_SAMPLES, type Frame, SAMPLE_RATE_HZ } from "../model/frame.ts";
import { hannWindow } from "./goertzel.ts";

const POINTS = 256;
const HALF = POINTS / 2;
const OVERLAP = POINTS - FRAME_SAMPLES;
export const BIN_HZ = SAMPLE_RATE_HZ / POINTS;

const FULL_SCALE_SQUARE = 32_768 * 32_768;
/** Level reported for digital silence. */
export const SILENT_DBFS = -120;

// LIMIT: below this a frame holds nothing any detector accepts, and the transform is saved. ITU-T Q.24 wants no key
// below -55 dBm0 (-61 dBFS) and speech that faint is not intelligible.
const GATE_MEAN_SQUARE = FULL_SCALE_SQUARE * 10 ** (-62 / 10);

/** The telephone band: hum below and codec edges above do not count. */
const LOW_BIN = Math.round(190 / BIN_HZ);
const HIGH_BIN = Math.round(3600 / BIN_HZ);
/** Bins on each side of a line's peak that hold a Hann window's main lobe. */
const LOBE_BINS = 2;

const window = hannWindow(POINTS);
// A sine of mean square 1 sums to 1 over its lobe.
const powerScale = 2 / (POINTS * window.reduce((sum, w) => sum + w * w, 0)) / FULL_SCALE_SQUARE;

/** Bit-reversed order and twiddle factors of the 128-point complex transform. */
const order = Uint8Array.from({ length: HALF }, (_, i) => {
  let reversed = 0;
  for (let bit = 0; bit < 7; bit++) reversed |= ((i >> bit) & 1) << (6 - bit);
  return reversed;
});
const cosines = Float64Array.from({ length: HALF }, (_, i) => Math.cos((2 * Math.PI * i) / POINTS));
const sines = Float64Array.from({ length: HALF }, (_, i) => Math.sin((2 * Math.PI * i) / POINTS));

/** Scratch, shared: the transform runs to its end within one call. */
const real = new Float64Array(HALF);
const imaginary = new Float64Array(HALF);

/** The analysis of the newest frame. Its fields are overwritten by the next one. */
export class FrameSpectrum {
  /** Mean square of the frame's own 160 samples, full scale 1. */
  meanSquare = 0;
  /** Level of the frame's own 160 samples, dBFS. */
  levelDbfs = SILENT_DBFS;
  /** Mean square per bin of 31.25 Hz over the last 32 ms, full scale 1. */
  readonly power = new Float64Array(HALF + 1);
  /** Mean square within the telephone band. */
  bandPower = 0;
  /** Frequency of the strongest line, 0 when there is none. */
  lineHz = 0;
  /** Mean square of the strongest line. */
  linePower = 0;
  readonly #samples = new Float64Array(POINTS);

  analyze(frame: Frame): void {
    const samples = this.#samples;
    samples.copyWithin(0, FRAME_SAMPLES);
    let energy = 0;
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const sample = frame[i] as number;
      samples[OVERLAP + i] = sample;
      energy += sample * sample;
    }
    energy /= FRAME_SAMPLES;
    this.meanSquare = energy / FULL_SCALE_SQUARE;
    this.levelDbfs = energy === 0 ? SILENT_DBFS : 10 * Math.log10(this.meanSquare);
    if (energy < GATE_MEAN_SQUARE) {
      this.power.fill(0);
      this.bandPower = 0;
      this.lineHz = 0;
      this.linePower = 0;
      return;
    }
    transform(samples, this.power);
    this.#findLine();
  }

  /** Whether the frame stands above steady noise of this mean square: 5 dB, beyond noise's own swings. */
  isAbove(noisePower: number): boolean {
    return this.bandPower > 3.2 * noisePower;
  }

  /** Whether the frame was loud enough to be transformed. */
  get isAudible(): boolean {
    return this.bandPower > 0;
  }

  /** Mean square between two frequencies, bins taken whole. */
  powerBetween(lowHz: number, highHz: number): number {
    let sum = 0;
    const last = Math.min(HALF, Math.round(highHz / BIN_HZ));
    for (let bin = Math.round(lowHz / BIN_HZ); bin <= last; bin++) sum += this.power[bin] as number;
    return sum;
  }

  /** Mean square of the strongest line between two frequencies: the highest bin and its lobe. */
  strongestBetween(lowHz: number, highHz: number): number {
    const power = this.power;
    const last = Math.round(highHz / BIN_HZ);
    let peak = Math.round(lowHz / BIN_HZ);
    for (let bin = peak + 1; bin <= last; bin++) {
      if ((power[bin] as number) > (power[peak] as number)) peak = bin;
    }
    return this.#lobePower(peak);
  }

  #findLine(): void {
    const power = this.power;
    let peak = LOW_BIN;
    let total = 0;
    for (let bin = LOW_BIN; bin <= HIGH_BIN; bin++) {
      const value = power[bin] as number;
      total += value;
      if (value > (power[peak] as number)) peak = bin;
    }
    this.bandPower = total;
    this.linePower = Math.min(total, this.#lobePower(peak));
    // Under a Hann window the ratio of the two highest bins gives the distance from the higher one exactly.
    const left = power[peak - 1] as number;
    const right = power[peak + 1] as number;
    const ratio = Math.sqrt(Math.max(left, right) / (power[peak] as number));
    const distance = Math.max(0, (2 * ratio - 1) / (ratio + 1));
    this.lineHz = (peak + (right > left ? distance : -distance)) * BIN_HZ;
  }

  #lobePower(peak: number): number {
    const power = this.power;
    let sum = 0;
    for (let bin = Math.max(0, peak - LOBE_BINS); bin <= Math.min(HALF, peak + LOBE_BINS); bin++) {
      sum += power[bin] as number;
    }
    return sum;
  }
}

/** Power per bin of 256 windowed real samples: a 128-point complex transform of pairs, then split. */
function transform(samples: Float64Array, power: Float64Array): void {
  for (let i = 0; i < HALF; i++) {
    const at = 2 * (order[i] as number);
    real[i] = (samples[at] as number) * (window[at] as number);
    imaginary[i] = (samples[at + 1] as number) * (window[at + 1] as number);
  }
  for (let size = 1; size < HALF; size <<= 1) {
    const stride = HALF / size;
    for (let k = 0; k < size; k++) {
      const c = cosines[k * stride] as number;
      const s = sines[k * stride] as number;
      for (let i = k; i < HALF; i += size << 1) {
        const j = i + size;
        const rj = real[j] as number;
        const ij = imaginary[j] as number;
        const tr = rj * c + ij * s;
        const ti = ij * c - rj * s;
        const ri = real[i] as number;
        const ii = imaginary[i] as number;
        real[j] = ri - tr;
        imaginary[j] = ii - ti;
        real[i] = ri + tr;
        imaginary[i] = ii + ti;
      }
    }
  }
  for (let k = 0; k <= HALF; k++) {
    const a = k % HALF;
    const b = (HALF - k) % HALF;
    const evenRe = ((real[a] as number) + (real[b] as number)) / 2;
    const evenIm = ((imaginary[a] as number) - (imaginary[b] as number)) / 2;
    const oddRe = ((imaginary[a] as number) + (imaginary[b] as number)) / 2;
    const oddIm = ((real[b] as number) - (real[a] as number)) / 2;
    const c = k === HALF ? -1 : (cosines[k] as number);
    const s = k === HALF ? 0 : (sines[k] as number);
    const re = evenRe + oddRe * c + oddIm * s;
    const im = evenIm + oddIm * c - oddRe * s;
    power[k] = (re * re + im * im) * powerScale;
  }
}
