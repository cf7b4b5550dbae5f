/** Minutes of synthesized speech in several voices and levels, in which no detector may find what is not there. */
import { describe, expect, it } from "vitest";
import { DtmfDetector } from "../../../engine/detection/dtmf.ts";
import { atLevel, pinkNoise } from "../../../engine/media/tones.ts";
import { listen } from "../../support/detection-bench.ts";
import { type FliteVoice, framesOf, speak } from "../../support/flite-speech.ts";

/** Chosen for what tempts detectors: long vowels, hums, digits, one pitch. */
const TEXTS = [
  "The north wind and the sun were disputing which was the stronger, when a traveler came along wrapped in a warm " +
    "cloak. They agreed that the one who first succeeded in making the traveler take his cloak off should be " +
    "considered stronger than the other.",
  "One two three four five six seven eight nine zero. Your account number is four seven one, nine nine two, zero " +
    "zero three eight. Press star or pound to continue.",
  "Who were you with at the zoo on Tuesday? We knew you would lose the blue shoe in the pool. Move it soon, Sue, the " +
    "moon is in June too. Oh no, don't go home alone, Joe. Row the boat slowly.",
  "Please see the three green trees. He feels she needs these keys. Lee reads each week. Mm hmm. Hmm. Um, well, " +
    "I'm humming among my own mom's moving men. Aaaah. Oooh. Eeeee. Mmmmmm.",
];
const VOICES: readonly FliteVoice[] = ["slt", "kal", "awb", "rms"];

describe.each(VOICES)("the voice %s", (voice) => {
  it.each([-12, -26])("at %i dBFS is speech and nothing else", (level) => {
    let seconds = 0;
    for (const text of TEXTS) {
      const pcm = atLevel(speak(text, voice), level);
      seconds += pcm.length / 8000;
      const after = listen({ after: pcm });
      const found = after.findings.filter(({ kind }) => kind !== "speech" && kind !== "greeting-end");
      expect(found).toEqual([]);
      expect(after.decisions.map((decision) => decision.calleeType)).toEqual(["answeringmachine"]);
      expect(listen({ early: pcm }).findings.filter(({ kind }) => kind !== "speech")).toEqual([]);
    }
    expect(seconds).toBeGreaterThan(30);
  });

  it("holds no key, even for the receiver alone, which looks at every frame", () => {
    for (const text of TEXTS) {
      const detector = new DtmfDetector();
      for (const frame of framesOf(speak(text, voice))) expect(detector.frame(frame)).toEqual([]);
    }
  });
});

it("two minutes of pink noise hold nothing", () => {
  for (const level of [-20, -40]) {
    const result = listen({ after: pinkNoise(60_000, level, 99) });
    expect(result.findings).toEqual([]);
    expect(result.decisions.map((decision) => decision.calleeType)).toEqual(["unknown"]);
  }
});
