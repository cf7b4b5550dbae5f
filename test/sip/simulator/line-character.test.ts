import { describe, expect, it } from "vitest";
import { drawLineCharacter } from "../../../sip/simulator/line-character.ts";
import { seededRandom } from "../../../sip/simulator/seeded-random.ts";

describe("a callee's line character", () => {
  it("is the same for the same seed and number, and differs between numbers and seeds", () => {
    expect(drawLineCharacter(1, "+1")).toEqual(drawLineCharacter(1, "+1"));
    expect(drawLineCharacter(1, "+1")).not.toEqual(drawLineCharacter(1, "+2"));
    expect(drawLineCharacter(1, "+1")).not.toEqual(drawLineCharacter(2, "+1"));
  });

  it("keeps noise at least 22 dB below the voice", () => {
    for (let seed = 0; seed < 200; seed++) {
      const { levelDbfs, noiseDbfs } = drawLineCharacter(seed, "+12025550101");
      expect(levelDbfs - noiseDbfs).toBeGreaterThanOrEqual(22);
      expect(levelDbfs).toBeGreaterThanOrEqual(-28);
    }
  });
});

describe("seeded random numbers", () => {
  it("spread over [0, 1)", () => {
    const random = seededRandom(7, "spread");
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw++) {
      const bin = Math.floor(random() * 10);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});
