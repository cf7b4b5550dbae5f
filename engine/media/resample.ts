/**
 * Any sample rate to 8 kHz, by a band-limited interpolation: each output sample is the input weighted by a sinc
 * under a Blackman window. Going down, the sinc is widened so that everything above 4 kHz is removed before it
 * could fold back into the voice band.
 */
import { SAMPLE_RATE_HZ } from "../model/frame.ts";

// Zero crossings each side of the centre. 24 under a Blackman window put the stop band below -70 dB.
const ZERO_CROSSINGS = 24;
// The pass band ends a little below the Nyquist frequency, leaving room for the filter's slope.
const ROLL_OFF = 0.94;
// Steps of the kernel table per zero crossing; between steps it is interpolated linearly.
const TABLE_STEPS = 256;

let kernel: Float64Array | undefined;

/** One wing of the windowed sinc, from its centre outwards. */
function kernelTable(): Float64Array {
  if (kernel) return kernel;
  kernel = new Float64Array(ZERO_CROSSINGS * TABLE_STEPS + 2);
  for (let i = 0; i < kernel.length; i++) {
    const x = i / TABLE_STEPS;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    const phase = Math.PI * Math.min(1, x / ZERO_CROSSINGS);
    const window = 0.42 + 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase);
    kernel[i] = sinc * window;
  }
  return kernel;
}

/** Samples that `pcm` at `fromHz` becomes at 8 kHz. */
export function resampledLength(pcm: Int16Array, fromHz: number): number {
  if (fromHz === SAMPLE_RATE_HZ || pcm.length === 0) return pcm.length;
  return Math.max(1, Math.round((pcm.length * SAMPLE_RATE_HZ) / fromHz));
}

/** `pcm` at `fromHz` as 8 kHz PCM of the same duration. At 8 kHz already it is returned as it is. */
export function resampleTo8kHz(pcm: Int16Array, fromHz: number): Int16Array {
  if (fromHz === SAMPLE_RATE_HZ || pcm.length === 0) return pcm;
  return resampleInto(new Int16Array(resampledLength(pcm, fromHz)), pcm, fromHz);
}

/**
 * Writes the samples `start` to before `end` of what `pcm` becomes at 8 kHz, so that a long piece can be done bit by
 * bit. `out` has `resampledLength` samples.
 */
export function resampleInto(
  out: Int16Array,
  pcm: Int16Array,
  fromHz: number,
  start = 0,
  end = out.length,
): Int16Array {
  const table = kernelTable();
  const step = fromHz / SAMPLE_RATE_HZ;
  const bandwidth = Math.min(1, 1 / step) * ROLL_OFF;
  const reach = ZERO_CROSSINGS / bandwidth;
  for (let i = start; i < Math.min(end, out.length); i++) {
    const centre = i * step;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(pcm.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let j = first; j <= last; j++) {
      const position = Math.abs(j - centre) * bandwidth * TABLE_STEPS;
      const index = Math.floor(position);
      const low = table[index] as number;
      const high = table[index + 1] as number;
      sum += (pcm[j] as number) * (low + (high - low) * (position - index));
    }
    out[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum * bandwidth)));
  }
  return out;
}
