import { describe, expect, it } from "vitest";
import { goertzel, hannWindow, type Phasor } from "../../../engine/detection/goertzel.ts";
import { ced, cng, faxAnswer, v21Preamble } from "../../../engine/media/fax-signals.ts";
import { levelDbfs } from "../../../engine/media/levels.ts";
import { informationTone, SIT_CATEGORIES, SIT_SEGMENTS } from "../../../engine/media/sit-tones.ts";
import { countryTone, progressTone, TONE_PLANS } from "../../../engine/media/tone-plans.ts";
import {
  atLevel,
  beep,
  concatenate,
  DTMF_HIGH_HZ,
  DTMF_KEYS,
  DTMF_LOW_HZ,
  dbfsOfDbm0,
  dtmf,
  mix,
  modulatedTone,
  pinkNoise,
  repeatFor,
  samplesOf,
  silence,
  tone,
  toneOf,
  whiteNoise,
  withGain,
} from "../../../engine/media/tones.ts";
import type { Pcm } from "../../../engine/model/frame.ts";

/** Level of one frequency within `pcm`, dBFS, under a Hann window over all of it. */
function levelAt(pcm: Pcm, hz: number): number {
  const window = hannWindow(pcm.length);
  const block = Float64Array.from(pcm, (sample, i) => (sample * (window[i] ?? 0)) / 32_768);
  const phasor: Phasor = { re: 0, im: 0 };
  goertzel(block, 0, block.length, hz, phasor);
  const gain = window.reduce((sum, w) => sum + w, 0);
  return 10 * Math.log10((2 * (phasor.re ** 2 + phasor.im ** 2)) / gain ** 2);
}

const part = (pcm: Pcm, fromMs: number, toMs: number): Pcm =>
  pcm.subarray(samplesOf(fromMs), samplesOf(toMs));

describe("tones", () => {
  it("have the frequency, level and length asked for", () => {
    for (const level of [-3.5, -20, -40]) {
      const pcm = tone(1004, 300, level);
      expect(pcm.length).toBe(2400);
      expect(levelDbfs(pcm)).toBeCloseTo(level, 1);
      expect(levelAt(pcm, 1004)).toBeCloseTo(level, 0);
      expect(levelAt(pcm, 1100)).toBeLessThan(level - 50);
    }
  });

  it("share the level among several lines", () => {
    const pcm = tone([480, 620], 500, -20);
    expect(levelDbfs(pcm)).toBeCloseTo(-20, 1);
    expect(levelAt(pcm, 480)).toBeCloseTo(-23, 0);
    expect(levelAt(pcm, 620)).toBeCloseTo(-23, 0);
  });

  it("take each line's own level", () => {
    const pcm = toneOf(
      [
        { hz: 700, levelDbfs: -10 },
        { hz: 1400, levelDbfs: -18 },
      ],
      200,
    );
    expect(levelAt(pcm, 700)).toBeCloseTo(-10, 0);
    expect(levelAt(pcm, 1400)).toBeCloseTo(-18, 0);
  });

  it("are modulated into two sidebands", () => {
    const pcm = modulatedTone(400, 25, 0.5, 1000, -20);
    expect(levelAt(pcm, 400)).toBeCloseTo(-20, 0);
    // Each sideband of depth m is m/2 of the carrier: 12 dB below for 0.5.
    expect(levelAt(pcm, 375)).toBeCloseTo(-32, 0);
    expect(levelAt(pcm, 425)).toBeCloseTo(-32, 0);
  });

  it("beep with soft edges", () => {
    const pcm = beep(1000, 400, -10);
    expect(levelDbfs(pcm)).toBeCloseTo(-10, 0);
    expect(Math.abs(pcm[1] ?? 0)).toBeLessThan(400);
    expect(Math.abs(pcm[pcm.length - 2] ?? 0)).toBeLessThan(400);
  });

  it("give dBm0 on the G.711 scale, where a full-scale sine is +3.14", () => {
    expect(dbfsOfDbm0(3.14)).toBeCloseTo(-3.01, 1);
    expect(dbfsOfDbm0(-10)).toBeCloseTo(-16.15, 1);
  });
});

describe("keys", () => {
  it("are one low and one high frequency each (Q.23)", () => {
    for (const [index, key] of [...DTMF_KEYS].entries()) {
      const pcm = dtmf(key, { onMs: 200, offMs: 0, levelDbfs: -20 });
      const low = DTMF_LOW_HZ[index >> 2] ?? 0;
      const high = DTMF_HIGH_HZ[index & 3] ?? 0;
      expect(levelAt(pcm, low), key).toBeCloseTo(-20, 0);
      expect(levelAt(pcm, high), key).toBeCloseTo(-20, 0);
    }
  });

  it("are followed by their pause, twisted as asked, and skip what is no key", () => {
    const pcm = dtmf("1x2", { onMs: 50, offMs: 30, levelDbfs: -10, twistDb: -6 });
    expect(pcm.length).toBe(samplesOf(160));
    expect(levelDbfs(part(pcm, 50, 80))).toBe(-120);
    const long = dtmf("1", { onMs: 400, offMs: 0, levelDbfs: -10, twistDb: -6 });
    expect(levelAt(long, 697)).toBeCloseTo(-10, 0);
    expect(levelAt(long, 1209)).toBeCloseTo(-16, 0);
  });
});

describe("noise", () => {
  it("has its level and repeats with its seed", () => {
    for (const noise of [whiteNoise, pinkNoise]) {
      expect(levelDbfs(noise(2000, -40, 7))).toBeCloseTo(-40, 1);
      expect(noise(50, -40, 7)).toEqual(noise(50, -40, 7));
      expect(noise(50, -40, 7)).not.toEqual(noise(50, -40, 8));
    }
  });

  it("falls by 3 dB an octave when pink and not at all when white", () => {
    const density = (pcm: Pcm, fromHz: number, toHz: number): number => {
      let sum = 0;
      for (let hz = fromHz; hz < toHz; hz += 10) sum += 10 ** (levelAt(pcm, hz) / 10);
      return 10 * Math.log10(sum / ((toHz - fromHz) / 10));
    };
    const slope = (pcm: Pcm): number => density(pcm, 2000, 3000) - density(pcm, 250, 375);
    expect(Math.abs(slope(whiteNoise(4000, -20, 3)))).toBeLessThan(1);
    expect(Math.abs(slope(pinkNoise(4000, -20, 3)) + 9)).toBeLessThan(2);
  });
});

describe("arithmetic", () => {
  it("joins, mixes, repeats, and clips instead of wrapping", () => {
    const a = Int16Array.of(1, 2);
    const b = Int16Array.of(30_000, 30_000, 30_000);
    expect([...concatenate(a, b)]).toEqual([1, 2, 30_000, 30_000, 30_000]);
    expect([...mix(a, b)]).toEqual([30_001, 30_002, 30_000]);
    expect([...mix(b, b)]).toEqual([32_767, 32_767, 32_767]);
    expect([...repeatFor(a, 0.625)]).toEqual([1, 2, 1, 2, 1]);
    expect(silence(20).length).toBe(160);
  });

  it("changes levels", () => {
    const pcm = tone(1000, 200, -20);
    expect(levelDbfs(withGain(pcm, -6))).toBeCloseTo(-26, 1);
    expect(levelDbfs(atLevel(pcm, -33))).toBeCloseTo(-33, 1);
    expect(levelDbfs(atLevel(silence(20), -10))).toBe(-120);
  });
});

describe("special information tones", () => {
  it("are three tones in their order and lengths", () => {
    for (const category of SIT_CATEGORIES) {
      const pcm = informationTone(category, -20);
      let atMs = 0;
      for (const { hz, durationMs } of SIT_SEGMENTS[category]) {
        expect(levelAt(part(pcm, atMs, atMs + durationMs), hz), category).toBeCloseTo(-20, 0);
        atMs += durationMs;
      }
      expect(pcm.length).toBe(samplesOf(atMs));
    }
  });

  it("run fast and have gaps when asked", () => {
    const pcm = informationTone("generic", -20, { speed: 1.01, gapMs: 30 });
    expect(levelAt(part(pcm, 0, 320), 959.5)).toBeCloseTo(-20, 0);
    expect(levelDbfs(part(pcm, 328, 355))).toBe(-120);
  });
});

describe("fax signals", () => {
  it("CNG is 1100 Hz, 0.5 s on and 3 s off (T.30)", () => {
    const pcm = cng(2, -20);
    expect(pcm.length).toBe(samplesOf(4000));
    expect(levelAt(part(pcm, 0, 500), 1100)).toBeCloseTo(-20, 0);
    expect(levelDbfs(part(pcm, 500, 3500))).toBe(-120);
  });

  it("CED turns its phase every 450 ms (V.25)", () => {
    const pcm = ced(1800, -20);
    // Two equal halves of opposite phase cancel; within one interval nothing does.
    expect(levelAt(part(pcm, 0, 450), 2100)).toBeCloseTo(-20, 0);
    expect(levelAt(part(pcm, 225, 675), 2100)).toBeLessThan(-40);
    expect(levelAt(part(ced(1800, -20, { hasReversals: false }), 225, 675), 2100)).toBeCloseTo(-20, 0);
  });

  it("ANSam swings between 0.8 and 1.2 of its mean at 15 Hz (V.8)", () => {
    const pcm = ced(1000, -20, { hasReversals: false, isModulated: true });
    expect(levelAt(pcm, 2085)).toBeCloseTo(-40, 0);
    expect(levelAt(pcm, 2115)).toBeCloseTo(-40, 0);
  });

  it("the preamble is 20 ms of 1650 Hz and 6.7 ms of 1850 Hz in turn (V.21, T.30)", () => {
    const pcm = v21Preamble(1000, -20);
    expect(levelDbfs(pcm)).toBeCloseTo(-20, 1);
    expect(Math.abs(pcm.length - 8000)).toBeLessThan(220);
    // Flag upon flag, the bits are 0 111111 0, so ones fill 3.3 to 23.3 ms and zeros 23.3 to 30 ms.
    const ones = part(pcm, 3.5, 23.2);
    expect(levelAt(ones, 1650)).toBeCloseTo(-20, 0);
    expect(levelAt(ones, 1850)).toBeLessThan(-40);
    const zeros = part(pcm, 23.5, 29.9);
    expect(levelAt(zeros, 1850)).toBeCloseTo(-20, 0);
    expect(levelAt(zeros, 1850)).toBeGreaterThan(levelAt(zeros, 1650) + 3);
    expect(faxAnswer(3000, 1000, -20).length).toBe(samplesOf(3075) + pcm.length);
  });
});

describe("tone plans", () => {
  it("play every country's tones with their frequencies and cadence", () => {
    for (const [country, plan] of Object.entries(TONE_PLANS)) {
      for (const [kind, progress] of Object.entries(plan)) {
        const name = `${country} ${kind}`;
        const [onMs = 1000, offMs = 0] = progress.cadenceMs;
        const pcm = progressTone(progress, onMs + offMs, -20);
        const burst = part(pcm, 0, onMs);
        const strongest = Math.max(...progress.hz.map((hz) => levelAt(burst, hz)));
        expect(strongest, name).toBeGreaterThan(-24);
        if (offMs > 0) expect(levelDbfs(part(pcm, onMs, onMs + offMs)), name).toBe(-120);
      }
    }
  });

  it("fall back on the 3GPP tone for a country without a plan", () => {
    expect(countryTone("zz", "busy", 500, -20)).toEqual(countryTone("3gpp", "busy", 500, -20));
    expect(countryTone("US", "busy", 500, -20)).toEqual(countryTone("us", "busy", 500, -20));
  });
});
