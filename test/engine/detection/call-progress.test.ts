import { describe, expect, it } from "vitest";
import { isDialTone, meaningOf } from "../../../engine/detection/cadence.ts";
import { type ProgressToneKind, progressTone, TONE_PLANS } from "../../../engine/media/tone-plans.ts";
import {
  beep,
  concatenate,
  mix,
  pinkNoise,
  repeatFor,
  silence,
  tone,
  whiteNoise,
} from "../../../engine/media/tones.ts";
import type { FindingKind } from "../../../engine/model/finding.ts";
import type { Pcm } from "../../../engine/model/frame.ts";
import { listen } from "../../support/detection-bench.ts";

const PROGRESS_KINDS: readonly FindingKind[] = ["busy-tone", "reorder-tone", "ringback", "dial-tone"];

const line = (pcm: Pcm, leadMs = 310, noise = -55): Pcm => {
  const whole = concatenate(silence(leadMs), pcm);
  return mix(whole, whiteNoise(whole.length / 8, noise, 2));
};

/** The last thing said about a tone; it may be corrected while more of it is heard. */
const kindOf = (pcm: Pcm, country?: string): FindingKind | undefined =>
  listen({ early: pcm, settings: country ? { country } : {} }).findings.findLast(({ kind }) =>
    PROGRESS_KINDS.includes(kind),
  )?.kind;

const EXPECTED: Readonly<Record<ProgressToneKind, FindingKind>> = {
  ringback: "ringback",
  busy: "busy-tone",
  reorder: "reorder-tone",
  dial: "dial-tone",
  unobtainable: "reorder-tone",
};

describe("with the country's plan", () => {
  const rows = Object.entries(TONE_PLANS).flatMap(([country, plan]) =>
    Object.entries(plan).map(([kind, progress]) => ({ country, kind: kind as ProgressToneKind, progress })),
  );

  it.each(rows)("$country $kind is found", ({ country, kind, progress }) => {
    const expected =
      // The same tone says both in these countries; a tone that never stops is a dial tone to the ear.
      kind === "reorder" && ["jp", "au", "mx"].includes(country)
        ? "busy-tone"
        : progress.cadenceMs.length === 0
          ? "dial-tone"
          : EXPECTED[kind];
    expect(kindOf(line(progressTone(progress, 9000, -24)), country)).toBe(expected);
  });
});

describe("without a plan", () => {
  it.each([
    ["us busy", TONE_PLANS.us?.busy, "busy-tone"],
    ["us reorder", TONE_PLANS.us?.reorder, "reorder-tone"],
    ["de busy", TONE_PLANS.de?.busy, "busy-tone"],
    ["br busy, which is reorder elsewhere", TONE_PLANS.br?.busy, "busy-tone"],
    ["gb ringback", TONE_PLANS.gb?.ringback, "ringback"],
    ["cn reorder", TONE_PLANS.cn?.reorder, "reorder-tone"],
  ] as const)("%s is found", (_name, progress, expected) => {
    expect(progress && kindOf(line(progressTone(progress, 8000, -24)))).toBe(expected);
  });

  it("a cadence of E.180's busy family that no country has is busy, with less confidence", () => {
    const early = line(repeatFor(concatenate(tone(460, 600, -20), silence(600)), 4000));
    expect(listen({ early }).of("busy-tone")[0]).toMatchObject({ confidence: 0.8, evidence: { plans: "" } });
  });
});

describe("evidence", () => {
  it("has frequencies, cadence, level and the plans that fit", () => {
    const busy = TONE_PLANS.us?.busy;
    const [finding] = listen({ early: line(progressTone(busy ?? { hz: [], cadenceMs: [] }, 3000, -24)) }).of(
      "busy-tone",
    );
    const [low = 0, high = 0] = (finding?.evidence.hz ?? []) as number[];
    expect(Math.abs(low - 480)).toBeLessThan(2);
    expect(Math.abs(high - 620)).toBeLessThan(2);
    for (const ms of (finding?.evidence.cadenceMs ?? []) as number[])
      expect(Math.abs(ms - 500)).toBeLessThan(30);
    expect(Math.abs(Number(finding?.evidence.levelDbfs) + 24)).toBeLessThan(1);
    expect(finding?.evidence.plans).toBe("us ca");
  });

  it("comes after two bursts of a slow busy tone and once per cadence", () => {
    const busy = TONE_PLANS.us?.busy;
    const result = listen({ early: line(progressTone(busy ?? { hz: [], cadenceMs: [] }, 12_000, -24), 300) });
    const heard = result.heard.filter(({ finding }) => finding.kind === "busy-tone");
    expect(heard).toHaveLength(1);
    expect(heard[0]?.emittedAtMs).toBeLessThanOrEqual(300 + 1500 + 80);
  });

  it("ringback is known within its first burst", () => {
    const ringback = TONE_PLANS.us?.ringback;
    const result = listen({
      early: line(progressTone(ringback ?? { hz: [], cadenceMs: [] }, 9000, -24), 300),
    });
    const heard = result.heard.filter(({ finding }) => finding.kind === "ringback");
    expect(heard).toHaveLength(1);
    expect(heard[0]?.emittedAtMs).toBeLessThanOrEqual(300 + 1000);
  });
});

describe("levels and noise", () => {
  it.each([
    [-12, -28],
    [-24, -40],
    [-35, -50],
  ])("busy at %i dBFS over pink noise of %i dBFS is found", (level, noise) => {
    for (const country of ["us", "de", "gb", "jp", "br"]) {
      const busy = TONE_PLANS[country]?.busy;
      const whole = concatenate(silence(400), progressTone(busy ?? { hz: [], cadenceMs: [] }, 4000, level));
      const early = mix(whole, pinkNoise(whole.length / 8, noise, 3));
      expect(listen({ early }).of("busy-tone"), country).toHaveLength(1);
    }
  });
});

describe("what is no call progress tone", () => {
  it.each([
    ["one beep of 440 Hz", beep(440, 400, -20)],
    ["beeps of 1000 Hz in a cadence", repeatFor(concatenate(beep(1000, 500, -20), silence(500)), 5000)],
    [
      "bursts of rising pitch",
      concatenate(tone(400, 500, -20), silence(500), tone(450, 500, -20), silence(500)),
    ],
    [
      "bursts of unequal length",
      concatenate(tone(425, 200, -20), silence(300), tone(425, 500, -20), silence(800), tone(425, 80, -20)),
    ],
    ["noise in a cadence", repeatFor(concatenate(whiteNoise(500, -20, 1), silence(500)), 5000)],
  ])("is left alone: %s", (_name, pcm) => {
    expect(kindOf(line(concatenate(pcm, silence(500))))).toBeUndefined();
  });
});

describe("the meaning of a cadence", () => {
  it("depends on the country", () => {
    const measured = { hz: [425], durationsMs: [250, 250, 250] };
    expect(meaningOf(measured, "de")?.kind).toBe("reorder");
    expect(meaningOf(measured, "br")?.kind).toBe("busy");
    expect(meaningOf(measured, undefined)?.kind).toBe("busy");
  });

  it("needs the country's own frequency", () => {
    expect(meaningOf({ hz: [400], durationsMs: [375, 375, 375] }, "gb")?.countries).toEqual(["gb"]);
    expect(meaningOf({ hz: [425], durationsMs: [2500, 500, 2500] }, "in")).toBeUndefined();
  });

  it("knows dial tones of two frequencies", () => {
    expect(isDialTone([350, 440])).toBe(true);
    expect(isDialTone([440, 480])).toBe(false);
    expect(isDialTone([425])).toBe(false);
  });
});
