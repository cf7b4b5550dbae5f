import { describe, expect, it } from "vitest";
import { amplitudeOf, levelDbfs, peakDbfs, SILENCE_DBFS, tone } from "../../../engine/index.ts";

describe("levels", () => {
  it("are 0 dBFS for a full-scale square wave and -3 for a full-scale sine", () => {
    const square = Int16Array.from({ length: 160 }, (_, i) => (i % 2 ? 32_767 : -32_768));
    expect(levelDbfs(square)).toBeCloseTo(0, 2);
    const sine = Int16Array.from(
      { length: 8000 },
      (_, i) => 32_767 * Math.sin((2 * Math.PI * 1000 * i) / 8000),
    );
    expect(levelDbfs(sine)).toBeCloseTo(-3.01, 1);
    expect(peakDbfs(sine)).toBeCloseTo(0, 1);
  });

  it("are finite for silence and for nothing", () => {
    expect(levelDbfs(new Int16Array(160))).toBe(SILENCE_DBFS);
    expect(levelDbfs(new Int16Array(0))).toBe(SILENCE_DBFS);
    expect(peakDbfs(new Int16Array(0))).toBe(SILENCE_DBFS);
  });

  it("agree with the tone generator and with amplitudes", () => {
    expect(levelDbfs(tone(1000, 100, -20))).toBeCloseTo(-20, 1);
    expect(amplitudeOf(-20)).toBeCloseTo(3276.8, 1);
  });
});
