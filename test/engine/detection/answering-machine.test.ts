import { describe, expect, it } from "vitest";
import {
  ACCURATE_TIMING,
  FAST_TIMING,
  guessFromSpeech,
  judgeSpeech,
  measureSpeech,
  type SpeechMeasures,
} from "../../../engine/detection/answering-machine.ts";

const measures = (speechMs: number, pauseMs: number, more: Partial<SpeechMeasures> = {}): SpeechMeasures => ({
  onsetMs: 500,
  utteranceMs: speechMs,
  speechMs,
  pauseMs,
  stretches: 1,
  ...more,
});

describe("speech timing", () => {
  it.each([
    ["nothing yet", 0, 0, undefined],
    ["a cough", 80, 2000, undefined],
    ["hello, and a short pause", 500, 600, undefined],
    ["hello, and silence", 500, 700, "person"],
    ["a longer greeting, and the same pause", 1700, 700, undefined],
    ["a longer greeting, and a longer pause", 1700, 1000, "person"],
    ["talking on", 2000, 0, undefined],
    ["talking on and on", 2200, 0, "machine"],
  ] as const)("%s: %i ms of speech and %i ms of pause", (_name, speechMs, pauseMs, who) => {
    expect(judgeSpeech(measures(speechMs, pauseMs), ACCURATE_TIMING)?.who).toBe(who);
  });

  it("is less patient when fast", () => {
    expect(judgeSpeech(measures(500, 500), FAST_TIMING)?.who).toBe("person");
    expect(judgeSpeech(measures(1700, 0), FAST_TIMING)?.who).toBe("machine");
  });

  it("counts pauses within the utterance for its length, not for its speech", () => {
    const twoWords = measures(1100, 800, { utteranceMs: 1700, stretches: 2 });
    expect(judgeSpeech(twoWords, ACCURATE_TIMING)).toBeUndefined();
    expect(judgeSpeech({ ...twoWords, pauseMs: 1000 }, ACCURATE_TIMING)?.who).toBe("person");
  });

  it("says why", () => {
    const [first] = judgeSpeech(measures(600, 700), ACCURATE_TIMING)?.why ?? [];
    expect(first).toContain("0.6 s");
    expect(first).toContain("0.7 s of silence");
  });

  it("guesses by the amount of speech when time is up", () => {
    expect(guessFromSpeech(measures(900, 300), ACCURATE_TIMING)).toMatchObject({
      who: "person",
      confidence: 0.5,
    });
    expect(guessFromSpeech(measures(1900, 300), ACCURATE_TIMING)).toMatchObject({ who: "machine" });
    expect(guessFromSpeech(measures(0, 0), ACCURATE_TIMING)).toBeUndefined();
  });

  it("measures from the frame of the answer", () => {
    const view = {
      stretches: 2,
      firstFrame: 130,
      lastFrame: 180,
      speechFrames: 40,
      stretchStartFrame: 160,
      isSpeaking: false,
    };
    expect(measureSpeech(view, 100, 200)).toEqual({
      onsetMs: 600,
      utteranceMs: 1000,
      speechMs: 800,
      pauseMs: 400,
      stretches: 2,
    });
  });
});
