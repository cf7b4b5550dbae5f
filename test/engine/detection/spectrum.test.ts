import { describe, expect, it } from "vitest";
import { FrameSpectrum } from "../../../engine/detection/spectrum.ts";
import { mix, silence, tone, whiteNoise } from "../../../engine/media/tones.ts";
import type { Pcm } from "../../../engine/model/frame.ts";
import { framesOf } from "../../support/flite-speech.ts";

function lastOf(pcm: Pcm): FrameSpectrum {
  const spectrum = new FrameSpectrum();
  for (const frame of framesOf(pcm)) spectrum.analyze(frame);
  return spectrum;
}

const db = (power: number): number => 10 * Math.log10(power);

describe("the spectrum of a frame", () => {
  it.each([400, 425, 700, 1000, 1776.7, 2100])("has the line of %d Hz within 1 Hz and 0.2 dB", (hz) => {
    const spectrum = lastOf(tone(hz, 200, -20));
    expect(Math.abs(spectrum.lineHz - hz)).toBeLessThan(1);
    expect(Math.abs(db(spectrum.linePower) + 20)).toBeLessThan(0.2);
    expect(spectrum.linePower / spectrum.bandPower).toBeGreaterThan(0.99);
    expect(spectrum.levelDbfs).toBeCloseTo(-20, 0);
  });

  it("has the line 15 dB above noise within 3 Hz", () => {
    for (let seed = 1; seed < 20; seed++) {
      const spectrum = lastOf(mix(tone(1004, 200, -20), whiteNoise(200, -35, seed)));
      expect(Math.abs(spectrum.lineHz - 1004), `seed ${seed}`).toBeLessThan(3);
    }
  });

  it("separates two lines 130 Hz apart", () => {
    const spectrum = lastOf(tone([700, 830], 200, -20));
    expect(db(spectrum.powerBetween(630, 765))).toBeCloseTo(-23, 0);
    expect(db(spectrum.strongestBetween(800, 860))).toBeCloseTo(-23, 0);
  });

  it("sums up to the level of noise, of which the telephone band holds most", () => {
    const spectrum = new FrameSpectrum();
    let sum = 0;
    let count = 0;
    for (const frame of framesOf(whiteNoise(4000, -30, 2))) {
      spectrum.analyze(frame);
      sum += spectrum.powerBetween(0, 4000);
      count++;
    }
    expect(db(sum / count)).toBeCloseTo(-30, 0);
    expect(spectrum.linePower / spectrum.bandPower).toBeLessThan(0.3);
  });

  it("is empty in silence", () => {
    const spectrum = lastOf(silence(40));
    expect(spectrum.isAudible).toBe(false);
    expect(spectrum.linePower).toBe(0);
    expect(spectrum.levelDbfs).toBe(-120);
  });
});
