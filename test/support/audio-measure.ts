/** Measuring audio in tests: how strong one frequency is. */

/** Level of the sine at `hz` in dBFS (root mean square), over all of `pcm`. */
export function toneLevelDbfs(pcm: Int16Array, hz: number, sampleRateHz = 8000): number {
  let real = 0;
  let imaginary = 0;
  const step = (2 * Math.PI * hz) / sampleRateHz;
  for (let i = 0; i < pcm.length; i++) {
    real += (pcm[i] as number) * Math.cos(step * i);
    imaginary += (pcm[i] as number) * Math.sin(step * i);
  }
  const peak = (2 * Math.hypot(real, imaginary)) / pcm.length;
  return 20 * Math.log10(peak / Math.SQRT2 / 32_768 + 1e-9);
}
