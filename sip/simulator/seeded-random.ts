/** Randomness that repeats: the same seed and name give the same numbers on every machine. */

/** A generator of numbers in [0, 1): mulberry32 over a hash of seed and name. */
export function seededRandom(seed: number, name: string): () => number {
  let state = seed | 0;
  for (const char of name) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
