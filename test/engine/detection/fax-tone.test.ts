import { describe, expect, it } from "vitest";
import { ced, cng, faxAnswer, v21, v21Preamble } from "../../../engine/media/fax-signals.ts";
import { concatenate, mix, silence, tone, whiteNoise } from "../../../engine/media/tones.ts";
import type { Pcm } from "../../../engine/model/frame.ts";
import { listen } from "../../support/detection-bench.ts";

const line = (pcm: Pcm, leadMs = 1800): Pcm => {
  const whole = concatenate(silence(leadMs), pcm, silence(400));
  return mix(whole, whiteNoise(whole.length / 8, -55, 4));
};

describe("CED", () => {
  it("with reversals is a fax after the second reversal", () => {
    const result = listen({ after: line(ced(3000, -20)) });
    expect(result.calleeType).toBe("fax");
    expect(result.decisions[0]?.decidedAtMs).toBeLessThanOrEqual(1800 + 1000);
    expect(result.of("ced").at(-1)).toMatchObject({ evidence: { reversals: 6 } });
    const { startMs = 0, endMs = 0 } = result.of("ced").at(-1) ?? {};
    expect(Math.abs(startMs - 1800)).toBeLessThan(15);
    expect(Math.abs(endMs - 4800)).toBeLessThan(25);
  });

  it.each([2085, 2094, 2100, 2115])("is found at %i Hz (T.30: ±15 Hz)", (hz) => {
    expect(listen({ after: line(ced(2000, -20, { hz })) }).calleeType).toBe("fax");
  });

  it("without reversals is a fax once no beep could be that long", () => {
    const result = listen({ after: line(ced(3000, -20, { hasReversals: false })) });
    expect(result.calleeType).toBe("fax");
    expect(result.decisions[0]?.decidedAtMs).toBeGreaterThanOrEqual(1800 + 1700);
    expect(result.of("ced").at(-1)).toMatchObject({ evidence: { reversals: 0 } });
  });

  it("of which only the last second with two reversals is heard is a fax", () => {
    expect(listen({ after: line(ced(3000, -20).subarray(2000 * 8), 100) }).calleeType).toBe("fax");
  });

  it("modulated as ANSam, with reversals, is a fax or modem too (V.8)", () => {
    expect(listen({ after: line(ced(3000, -20, { isModulated: true })) }).calleeType).toBe("fax");
  });

  it.each([-10, -25, -40])("is found at %i dBFS", (level) => {
    const whole = line(ced(3000, level));
    expect(listen({ after: whole }).calleeType).toBe("fax");
  });

  it("holds back the verdict on silence while it goes on", () => {
    const result = listen({ after: line(ced(3000, -20), 3400) });
    expect(result.decisions.map((decision) => decision.calleeType)).toEqual(["fax"]);
  });

  it.each([
    ["0.4 s of 2100 Hz", tone(2100, 400, -20)],
    ["2050 Hz", tone(2050, 3000, -20)],
    ["2150 Hz", tone(2150, 3000, -20)],
    ["Bell 103's 2225 Hz", tone(2225, 3000, -20)],
    ["noise", whiteNoise(5000, -25, 9)],
  ])("is not %s", (_name, pcm) => {
    const result = listen({ after: line(pcm) });
    expect(result.of("ced")).toEqual([]);
    expect(result.calleeType).not.toBe("fax");
  });
});

describe("CNG", () => {
  it.each([1062, 1100, 1138])("is found at %i Hz (T.30: ±38 Hz)", (hz) => {
    const result = listen({ after: line(tone(hz, 500, -20)) });
    expect(result.of("cng")).toHaveLength(1);
    expect(result.of("beep")).toEqual([]);
  });

  it.each([300, 800])("is not 1100 Hz of %i ms (T.30: 0.5 s ±15 %%)", (durationMs) => {
    expect(listen({ after: line(tone(1100, durationMs, -20)) }).of("cng")).toEqual([]);
  });

  it("decides fax when it comes again", () => {
    const result = listen({ after: line(cng(2, -20), 300) });
    expect(result.of("cng")).toHaveLength(2);
    expect(result.calleeType).toBe("fax");
  });
});

describe("the V.21 preamble", () => {
  it("alone is a fax, within 0.3 s", () => {
    const result = listen({ after: line(v21Preamble(1000, -20)) });
    expect(result.decisions.map((decision) => decision.calleeType)).toEqual(["fax"]);
    expect(result.decisions[0]?.decidedAtMs).toBeLessThanOrEqual(1800 + 300);
    expect(result.of("v21")[0]).toMatchObject({ evidence: { flags: 8 } });
  });

  it("follows CED and is found once", () => {
    const result = listen({ after: line(faxAnswer(3000, 1000, -20)) });
    expect(result.of("v21")).toHaveLength(1);
    expect(result.decisions).toHaveLength(1);
  });

  it.each([
    [-12, -30],
    [-25, -40],
    [-35, -50],
  ])("at %i dBFS over noise of %i dBFS is found", (level, noise) => {
    for (let seed = 1; seed <= 5; seed++) {
      const whole = concatenate(silence(500 + 3 * seed), v21Preamble(1000, level), silence(300));
      expect(listen({ after: mix(whole, whiteNoise(whole.length / 8, noise, seed)) }).calleeType).toBe("fax");
    }
  });

  it("is not other data on the same channel", () => {
    const bits = Array.from({ length: 900 }, (_, i) => ((i * 7919) >> 3) & 1);
    expect(listen({ after: line(v21(bits, -20)) }).of("v21")).toEqual([]);
  });

  it("is not a steady mark or space", () => {
    for (const hz of [1650, 1850]) {
      expect(listen({ after: line(tone(hz, 2500, -20)) }).of("v21")).toEqual([]);
    }
  });
});
