/** Sines in, levels out: what lies in the voice band stays, what lies above 4 kHz is gone instead of folded back. */
import { describe, expect, it } from "vitest";
import { levelDbfs, resampleTo8kHz } from "../../../engine/index.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";

function sine(hz: number, rateHz: number, samples = rateHz): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => 10_000 * Math.sin((2 * Math.PI * hz * i) / rateHz));
}

/** The middle, where the filter sees input on both sides. */
function middle(pcm: Int16Array): Int16Array {
  return pcm.subarray(1000, 7000);
}

describe("resampling to 8 kHz", () => {
  it.each([11_025, 16_000, 22_050, 44_100, 48_000])("keeps 1 kHz from %i Hz at its level", (rateHz) => {
    const out = resampleTo8kHz(sine(1000, rateHz), rateHz);
    expect(out).toHaveLength(8000);
    expect(toneLevelDbfs(middle(out), 1000)).toBeCloseTo(levelDbfs(sine(1000, rateHz)), 0);
    expect(Math.abs(levelDbfs(middle(out)) - toneLevelDbfs(middle(out), 1000))).toBeLessThan(0.1);
  });

  it.each([4800, 5500, 7000])("removes %i Hz rather than folding it back", (hz) => {
    expect(levelDbfs(middle(resampleTo8kHz(sine(hz, 16_000), 16_000)))).toBeLessThan(-60);
  });

  it("raises lower rates without images", () => {
    const out = resampleTo8kHz(sine(1000, 6000), 6000);
    expect(toneLevelDbfs(middle(out), 1000)).toBeCloseTo(-13.3, 0);
    expect(toneLevelDbfs(middle(out), 5000 - 2000)).toBeLessThan(-60);
  });

  it("returns what is 8 kHz already, and handles the shortest inputs", () => {
    const pcm = sine(1000, 8000, 80);
    expect(resampleTo8kHz(pcm, 8000)).toBe(pcm);
    expect(resampleTo8kHz(new Int16Array(0), 16_000)).toHaveLength(0);
    expect(resampleTo8kHz(Int16Array.of(5), 48_000)).toHaveLength(1);
  });
});
