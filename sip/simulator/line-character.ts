/** How each callee sounds: voice, level, noise and tempo drawn from the seed and its number. */
import type { LineCharacter } from "./callee-script.ts";
import { seededRandom } from "./seeded-random.ts";

/** Voices that flite brings along; all speak US English. */
const VOICES = ["slt", "rms", "awb", "kal"] as const;

/** Draws one callee's character. Levels stay where a real line's do: −28 to −14 dBFS over noise 20 dB or more below. */
export function drawLineCharacter(seed: number, number: string): LineCharacter {
  const random = seededRandom(seed, number);
  const levelDbfs = -28 + 14 * random();
  return {
    voice: VOICES[Math.floor(random() * VOICES.length)] ?? "slt",
    levelDbfs,
    noiseDbfs: levelDbfs - (22 + 20 * random()),
    tempo: 0.85 + 0.3 * random(),
  };
}
