/**
 * The callees every dialer meets, at levels of -10 to -35 dBFS, 15 and 40 dB above white and pink noise, in several
 * voices. Seeds are fixed: the same sounds on every machine.
 */
import { describe, expect, it } from "vitest";
import { faxAnswer } from "../../../engine/media/fax-signals.ts";
import { informationTone } from "../../../engine/media/sit-tones.ts";
import { countryTone } from "../../../engine/media/tone-plans.ts";
import {
  atLevel,
  beep,
  concatenate,
  mix,
  pinkNoise,
  silence,
  whiteNoise,
} from "../../../engine/media/tones.ts";
import type { Pcm } from "../../../engine/model/frame.ts";
import { type ListeningResult, listen } from "../../support/detection-bench.ts";
import { type FliteVoice, speak } from "../../support/flite-speech.ts";

const VOICES: readonly FliteVoice[] = ["slt", "kal", "awb", "rms", "kal16"];
const HELLOS = ["Hello?", "Yes?", "Yes, hello?", "Hello, who is this?", "Smith.", "This is Mary.", "Hi."];
const GREETINGS = [
  "Hello, you have reached the Miller family. We are not able to come to the telephone at the moment. " +
    "Please leave your name, your number, and a short message after the tone.",
  "Hi, this is John. Sorry I missed your call. Leave me a message and I will get back to you as soon as I can.",
  "You have reached the offices of Baker and Sons. Our office hours are nine to five, Monday to Friday. " +
    "Please leave a message after the beep.",
];
const BEEPS_HZ = [440, 660, 700, 744, 850, 872, 1000, 1004, 1336, 1400];
const BEEPS_MS = [170, 250, 400, 430, 520, 740];

interface Line {
  readonly level: number;
  readonly snrDb: number;
  readonly seed: number;
  readonly noise: typeof whiteNoise;
}

const LINES: readonly Line[] = [-10, -20, -28, -35].flatMap((level) =>
  [15, 40].flatMap((snrDb) =>
    [whiteNoise, pinkNoise].map((noise) => ({ level, snrDb, noise, seed: level * -31 + snrDb })),
  ),
);
const rows = LINES.map((line) => ({
  name: `${line.level} dBFS, ${line.noise.name} ${line.snrDb} dB below`,
  line,
}));

const over = (pcm: Pcm, line: Line): Pcm =>
  mix(pcm, line.noise(pcm.length / 8, Math.max(-75, line.level - line.snrDb), line.seed));
const types = (result: ListeningResult): string[] => result.decisions.map((decision) => decision.calleeType);

describe.each(rows)("at $name", ({ line }) => {
  const { level, seed } = line;

  it("a person who greets and waits is a person", () => {
    for (const [index, voice] of VOICES.entries()) {
      const hello = HELLOS[(seed + index) % HELLOS.length] ?? "";
      const leadMs = [0, 60, 500, 1500][(seed + index) % 4] ?? 0;
      const after = concatenate(silence(leadMs), atLevel(speak(hello, voice), level), silence(2500));
      expect(types(listen({ after: over(after, line) })), `${voice} ${hello} after ${leadMs} ms`).toEqual([
        "voice",
      ]);
    }
  });

  it("a machine is a machine, and its beep is heard in time", () => {
    const voice = VOICES[seed % VOICES.length] ?? "slt";
    const greeting = atLevel(speak(GREETINGS[seed % GREETINGS.length] ?? "", voice), level);
    const hz = BEEPS_HZ[seed % BEEPS_HZ.length] ?? 0;
    const beepMs = BEEPS_MS[seed % BEEPS_MS.length] ?? 0;
    const gapMs = [150, 400, 900][seed % 3] ?? 0;
    const startMs = 500 + greeting.length / 8 + gapMs;
    const after = concatenate(
      silence(500),
      greeting,
      silence(gapMs),
      beep(hz, beepMs, level - (seed % 3) * 4),
      silence(2500),
    );
    const result = listen({ after: over(after, line) });
    expect(types(result)).toEqual(["answeringmachine"]);
    const beeps = result.heard.filter(({ finding }) => finding.kind === "beep");
    expect(beeps).toHaveLength(1);
    const [found] = beeps;
    expect(Math.abs((found?.finding.startMs ?? 0) - startMs)).toBeLessThan(25);
    expect((found?.emittedAtMs ?? Number.POSITIVE_INFINITY) - startMs - beepMs).toBeLessThanOrEqual(62);
    expect(result.of("greeting-end").map((finding) => finding.evidence.by)).toEqual(["beep"]);
  });

  it("silence, fax, information tone, busy and ringback are what they are", () => {
    expect(types(listen({ after: over(silence(4500), line) }))).toEqual(["unknown"]);
    const fax = concatenate(silence(1800), faxAnswer(3000, 1000, level), silence(300));
    const faxResult = listen({ after: over(fax, line) });
    expect(types(faxResult)).toEqual(["fax"]);
    expect(faxResult.of("v21")).toHaveLength(1);
    for (const category of ["IC", "VC", "NC-local", "generic"] as const) {
      const early = concatenate(silence(300 + (seed % 20)), informationTone(category, level), silence(300));
      const result = listen({ early: over(early, line) });
      expect(types(result), category).toEqual(["informationtone"]);
      expect(result.of("sit")[0]?.evidence.category).toBe(category === "generic" ? "unknown" : category);
    }
    for (const country of ["us", "de", "gb"]) {
      const busy = concatenate(silence(300 + (seed % 20)), countryTone(country, "busy", 3000, level));
      expect(types(listen({ after: over(busy, line) })), country).toEqual(["busy"]);
      const ringing = concatenate(silence(300 + (seed % 20)), countryTone(country, "ringback", 4000, level));
      const result = listen({ early: over(ringing, line) });
      expect(result.findings.map((finding) => finding.kind)).toEqual(["ringback"]);
    }
  });
});
