/**
 * The Goertzel recurrence: the strength and phase of one frequency in a block of samples, for a multiplication and two
 * additions per sample. Blocks are windowed so that a neighbouring tone does not leak into the result.
 */
import { SAMPLE_RATE_HZ } from "../model/frame.ts";

/** A frequency's share of one block. */
export interface Phasor {
  re: number;
  im: number;
}

/**
 * Correlates `block[offset … offset + length)` with `hz` into `out`: for a sine of that frequency and amplitude A under
 * a window of sum S, the magnitude is A * S / 2. The phase is that of the block's first sample.
 */
export function goertzel(block: Float64Array, offset: number, length: number, hz: number, out: Phasor): void {
  const step = (2 * Math.PI * hz) / SAMPLE_RATE_HZ;
  const cosine = Math.cos(step);
  const twice = 2 * cosine;
  let last = 0;
  let beforeLast = 0;
  for (let i = offset; i < offset + length; i++) {
    const next = (block[i] as number) + twice * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  // y = last - e^{-j step} * beforeLast is the correlation turned by the block's length; turn it back.
  const re = last - beforeLast * cosine;
  const im = beforeLast * Math.sin(step);
  const turn = -step * (length - 1);
  const turnCosine = Math.cos(turn);
  const turnSine = Math.sin(turn);
  out.re = re * turnCosine - im * turnSine;
  out.im = re * turnSine + im * turnCosine;
}

/** The Hann window whose copies at half its length add up to one. */
export function hannWindow(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length));
}

/** An angle brought into -π … π. */
export function wrapAngle(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
