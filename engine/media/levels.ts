/**
 * Levels of audio in dBFS: decibels below the strongest 16-bit value. A full-scale square wave is 0 dBFS and a
 * full-scale sine -3 dBFS, since what is measured is the root mean square.
 */

const FULL_SCALE = 32_768;

/** What silence is reported as: below anything 16 bits can carry, and finite so that it can be compared and stored. */
export const SILENCE_DBFS = -120;

/** Root-mean-square level in dBFS, `SILENCE_DBFS` when there is no energy or no sample. */
export function levelDbfs(pcm: Int16Array): number {
  let energy = 0;
  for (let i = 0; i < pcm.length; i++) {
    const sample = pcm[i] as number;
    energy += sample * sample;
  }
  return energy === 0 ? SILENCE_DBFS : 10 * Math.log10(energy / pcm.length / (FULL_SCALE * FULL_SCALE));
}

/** The strongest single sample in dBFS. */
export function peakDbfs(pcm: Int16Array): number {
  let peak = 0;
  for (let i = 0; i < pcm.length; i++) peak = Math.max(peak, Math.abs(pcm[i] as number));
  return peak === 0 ? SILENCE_DBFS : 20 * Math.log10(peak / FULL_SCALE);
}

/** The root-mean-square amplitude, in sample units, that measures `dbfs`. */
export function amplitudeOf(dbfs: number): number {
  return FULL_SCALE * 10 ** (dbfs / 20);
}
