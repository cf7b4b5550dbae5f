/**
 * What the detectors decide about every callee of the library, over many seeds: the callees' audio is rendered as the
 * simulated carrier plays it and heard frame by frame, without a network.
 */
import { describe, expect, it } from "vitest";
import { concatenate, mix, type Pcm } from "../../../engine/index.ts";
import type { CalleeStep } from "../../../sip/simulator/callee-script.ts";
import { CALLEES, type CalleeName } from "../../../sip/simulator/callees.ts";
import { drawLineCharacter } from "../../../sip/simulator/line-character.ts";
import { createSoundSource } from "../../../sip/simulator/sound-source.ts";
import { listen } from "../../support/detection-bench.ts";
import { speak } from "../../support/flite-speech.ts";

const SEEDS = 25;
/** How long a callee is listened to after the last thing it does by itself. */
const TAIL_MS = 6000;

const EXPECTED: Partial<Record<CalleeName, string>> = {
  "person-presses-1": "voice",
  "person-silent-presses-2": "unknown",
  "person-hangs-up": "voice",
  "person-barges-in": "voice",
  "answering-machine": "answeringmachine",
  fax: "fax",
  "number-changed": "informationtone",
  "number-unobtainable": "informationtone",
};

/** The callee's audio before and after its answer, up to where it waits for the caller. */
async function audioOf(
  steps: readonly CalleeStep[],
  seed: number,
  number: string,
): Promise<{ early: Pcm; after: Pcm }> {
  const character = drawLineCharacter(seed, number);
  const sounds = createSoundSource(
    { synthesize: async ({ text, voice }) => speak(text, voice as Parameters<typeof speak>[1]) },
    seed,
  );
  const parts: { early: Pcm[]; after: Pcm[] } = { early: [], after: [] };
  const noise = (ms: number) => sounds.noise(Math.round(ms * 8), character);
  let now: Pcm[] | undefined;
  for (const step of steps) {
    if (step.do === "early-media") now = parts.early;
    else if (step.do === "answer") now = parts.after;
    else if (step.do === "wait") now?.push(noise(step.forMs * character.tempo));
    else if (step.do === "play") {
      const sound = await sounds.render(step.sound, character);
      now?.push(mix(sound, sounds.noise(sound.length, character)));
    } else if (step.do !== "ring") break;
  }
  if (now === parts.after) now.push(noise(TAIL_MS));
  return { early: concatenate(...parts.early), after: concatenate(...parts.after) };
}

describe("the detectors", () => {
  it.each(Object.entries(EXPECTED))(
    "decide once that %s is %s, whatever its voice and line",
    async (name, expected) => {
      const wrong: string[] = [];
      for (let seed = 1; seed <= SEEDS; seed++) {
        const [script] = CALLEES[name as CalleeName].attempts;
        const { early, after } = await audioOf(script, seed, `+1202555${name}`);
        const result = listen({ early, ...(after.length > 0 ? { after } : {}) });
        const found = result.decisions.map((decision) => decision.calleeType).join(", then ");
        if (found !== expected) wrong.push(`seed ${seed}: ${found || "nothing"}`);
        if (name === "answering-machine" && result.of("beep").length !== 1)
          wrong.push(`seed ${seed}: ${result.of("beep").length} beeps`);
      }
      expect(wrong).toEqual([]);
    },
  );
});
