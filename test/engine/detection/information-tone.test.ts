import { describe, expect, it } from "vitest";
import { nearestCategory } from "../../../engine/detection/information-tone.ts";
import { informationTone, SIT_CATEGORIES } from "../../../engine/media/sit-tones.ts";
import { concatenate, mix, pinkNoise, silence, tone, whiteNoise } from "../../../engine/media/tones.ts";
import type { Pcm } from "../../../engine/model/frame.ts";
import { listen } from "../../support/detection-bench.ts";

const line = (pcm: Pcm, leadMs = 300, seed = 1): Pcm => {
  const whole = concatenate(silence(leadMs), pcm, silence(300));
  return mix(whole, whiteNoise(whole.length / 8, -55, seed));
};

const categoryOf = (pcm: Pcm): unknown => listen({ early: pcm }).of("sit")[0]?.evidence.category;

describe("the special information tone", () => {
  it.each(SIT_CATEGORIES)("%s is told from the others, wherever it falls on the frames", (category) => {
    for (let i = 0; i < 16; i++) {
      const heard = categoryOf(line(informationTone(category, -20), 300 + i * 1.25, i));
      expect(heard, `offset ${i}`).toBe(category === "generic" ? "unknown" : category);
    }
  });

  it.each([
    ["IC", 4],
    ["VC", 30],
    ["RO-local", 15],
    ["NC-distant", 30],
    ["generic", 30],
  ] as const)("%s is read across gaps of %i ms (E.180: up to 30)", (category, gapMs) => {
    for (let i = 0; i < 8; i++) {
      const heard = categoryOf(line(informationTone(category, -20, { gapMs }), 300 + i * 2.5, i));
      expect(heard).toBe(category === "generic" ? "unknown" : category);
    }
  });

  it.each([0.985, 0.99, 1.01, 1.015])("is read at %d of its speed, by its third tone", (speed) => {
    for (const category of ["IC", "VC", "NC-local", "RO-distant"] as const) {
      expect(categoryOf(line(informationTone(category, -20, { speed }))), category).toBe(category);
    }
  });

  it("as once heard on a real line, at 961, 1414 and 1816 Hz, is the generic one", () => {
    const pcm = concatenate(tone(961, 330, -20), tone(1414, 330, -20), tone(1816, 330, -20));
    expect(categoryOf(line(pcm))).toBe("unknown");
  });

  it.each([
    [-10, -28],
    [-20, -36],
    [-35, -50],
  ])("at %i dBFS is read over pink noise of %i dBFS", (level, noise) => {
    const whole = concatenate(silence(310), informationTone("VC", level), silence(300));
    for (let seed = 1; seed <= 6; seed++) {
      expect(categoryOf(mix(whole, pinkNoise(whole.length / 8, noise, seed)))).toBe("VC");
    }
  });

  it("comes out while its third tone still sounds", () => {
    const early = line(informationTone("IC", -20));
    const [heard] = listen({ early }).heard.filter(({ finding }) => finding.kind === "sit");
    expect(heard?.emittedAtMs).toBeLessThan(300 + 274 + 274 + 380);
    expect(heard?.finding.evidence.meaning).toBe("number changed or disconnected");
  });

  it.each([
    ["falls", concatenate(tone(1776, 380, -20), tone(1400, 274, -20), tone(950, 274, -20))],
    ["lacks its third tone", concatenate(tone(950, 330, -20), tone(1400, 330, -20))],
    ["lacks its first tone", concatenate(tone(1400, 330, -20), tone(1800, 330, -20))],
    ["is torn apart", informationTone("generic", -20, { gapMs: 200 })],
    ["is too quick", concatenate(tone(950, 120, -20), tone(1400, 120, -20), tone(1800, 380, -20))],
    [
      "is a melody beside its frequencies",
      concatenate(tone(850, 330, -20), tone(1250, 330, -20), tone(1800, 330, -20)),
    ],
  ])("is not one that %s", (_name, pcm) => {
    expect(listen({ early: line(pcm) }).of("sit")).toEqual([]);
  });

  it("is read again after a pause", () => {
    const once = informationTone("VC", -20);
    expect(listen({ early: line(concatenate(once, silence(1000), once)) }).of("sit")).toHaveLength(2);
  });

  it("has a nearest category even for measured lengths that are 20 ms off", () => {
    expect(nearestCategory([914, 1371, 1777], [294, 254]).category).toBe("IC");
    expect(nearestCategory([985, 1428, 1777], [362, 398]).category).toBe("NC-local");
    expect(nearestCategory([950, 1400, 1800], [340, 320]).category).toBe("generic");
  });
});
