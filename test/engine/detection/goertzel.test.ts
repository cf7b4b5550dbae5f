import { describe, expect, it } from "vitest";
import { goertzel, hannWindow, type Phasor, wrapAngle } from "../../../engine/detection/goertzel.ts";

const sine = (hz: number, amplitude: number, phase: number, length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => amplitude * Math.cos((2 * Math.PI * hz * i) / 8000 + phase));

describe("goertzel", () => {
  it("gives half the amplitude times the window's sum, and the phase of the first sample", () => {
    const window = hannWindow(400);
    for (const [hz, phase] of [
      [400, 0.3],
      [1209, -1.2],
      [2100, 3],
    ] as const) {
      const block = sine(hz, 0.5, phase, 400).map((sample, i) => sample * (window[i] ?? 0));
      const out: Phasor = { re: 0, im: 0 };
      goertzel(block, 0, 400, hz, out);
      expect(Math.hypot(out.re, out.im)).toBeCloseTo((0.5 * 200) / 2, 1);
      expect(wrapAngle(Math.atan2(out.im, out.re) - phase)).toBeCloseTo(0, 2);
    }
  });

  it("agrees with the transform's definition on any block, from any offset", () => {
    const block = Float64Array.from({ length: 300 }, (_, i) => Math.sin(i * i * 0.01));
    const out: Phasor = { re: 0, im: 0 };
    goertzel(block, 37, 200, 777, out);
    let re = 0;
    let im = 0;
    for (let i = 0; i < 200; i++) {
      const angle = (2 * Math.PI * 777 * i) / 8000;
      re += (block[37 + i] ?? 0) * Math.cos(angle);
      im -= (block[37 + i] ?? 0) * Math.sin(angle);
    }
    expect(out.re).toBeCloseTo(re, 6);
    expect(out.im).toBeCloseTo(im, 6);
  });

  it("copies of the window at half its length add up to one", () => {
    const window = hannWindow(160);
    for (let i = 0; i < 80; i++) expect((window[i] ?? 0) + (window[i + 80] ?? 0)).toBeCloseTo(1, 10);
  });

  it("angles wrap into -π … π", () => {
    expect(wrapAngle(2 * Math.PI + 0.1)).toBeCloseTo(0.1);
    expect(wrapAngle(-3 * Math.PI - 0.1)).toBeCloseTo(Math.PI - 0.1);
  });
});
