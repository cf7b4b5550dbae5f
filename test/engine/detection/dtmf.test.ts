import { describe, expect, it } from "vitest";
import { DtmfDetector } from "../../../engine/detection/dtmf.ts";
import {
  concatenate,
  DTMF_KEYS,
  dtmf,
  mix,
  silence,
  tone,
  toneOf,
  whiteNoise,
} from "../../../engine/media/tones.ts";
import type { Finding } from "../../../engine/model/finding.ts";
import type { Pcm } from "../../../engine/model/frame.ts";
import { framesOf } from "../../support/flite-speech.ts";

function detect(pcm: Pcm): Finding[] {
  const detector = new DtmfDetector();
  return [...framesOf(pcm)].flatMap((frame) => detector.frame(frame));
}

const keysIn = (pcm: Pcm): string =>
  detect(pcm)
    .map((finding) => finding.evidence.digit)
    .join("");

const withNoise = (pcm: Pcm, level: number, seed = 1): Pcm =>
  mix(pcm, whiteNoise(pcm.length / 8, level, seed));

/** The key 5, however it falls on the frames: 40 offsets of 0.625 ms. */
const everyOffset = (make: (leadMs: number, seed: number) => Pcm): string[] =>
  Array.from({ length: 40 }, (_, i) => keysIn(make(100 + i * 0.625, i)));

describe("keys", () => {
  it("are found, each once, at the sender's shortest 50 ms on and 45 ms off", () => {
    expect(keysIn(concatenate(silence(100), dtmf(DTMF_KEYS, { onMs: 50, offMs: 45 })))).toBe(DTMF_KEYS);
  });

  it("carry digit, frequencies, level and twist", () => {
    const [finding] = detect(
      concatenate(silence(200), dtmf("7", { levelDbfs: -20, twistDb: -3 }), silence(60)),
    );
    expect(finding).toMatchObject({ kind: "dtmf", evidence: { digit: "7" } });
    const [low = 0, high = 0] = (finding?.evidence.hz ?? []) as number[];
    expect(Math.abs(low - 852)).toBeLessThan(3);
    expect(Math.abs(high - 1209)).toBeLessThan(3);
    expect(Math.abs(Number(finding?.evidence.twistDb) + 3)).toBeLessThan(0.5);
    expect(Math.abs((finding?.startMs ?? 0) - 200)).toBeLessThanOrEqual(12);
  });

  it("are found while they are still down", () => {
    const detector = new DtmfDetector();
    let atMs = 0;
    for (const frame of framesOf(concatenate(silence(100), dtmf("5", { onMs: 500 })))) {
      atMs += 20;
      if (detector.frame(frame).length > 0) break;
    }
    expect(atMs).toBeLessThanOrEqual(160);
  });

  it.each([
    [20, 0],
    [23, 0],
    [40, 40],
    [45, 40],
    [200, 40],
  ])("of %i ms are found in %i of 40 positions (Q.24)", (onMs, expected) => {
    const found = everyOffset((lead, seed) =>
      withNoise(concatenate(silence(lead), dtmf("5", { onMs, levelDbfs: -20 }), silence(100)), -40, seed),
    );
    expect(found.filter((keys) => keys === "5")).toHaveLength(expected);
    expect(found.filter((keys) => keys !== "5" && keys !== "")).toEqual([]);
  });

  it.each([
    [5, "5"],
    [10, "5"],
    [30, "55"],
    [40, "55"],
    [70, "55"],
  ])("with a gap of %i ms are %s (Q.24: 10 ms bridged, 30 ms separate)", (offMs, expected) => {
    const found = everyOffset((lead, seed) =>
      withNoise(
        concatenate(
          silence(lead),
          dtmf("5", { onMs: 50, offMs, levelDbfs: -20 }),
          dtmf("5", { onMs: 50, offMs: 100, levelDbfs: -20 }),
        ),
        -45,
        seed,
      ),
    );
    expect(new Set(found)).toEqual(new Set([expected]));
  });

  it.each([-4, -10, -20, -28, -35, -40])("at %i dBFS per frequency are found", (levelDbfs) => {
    expect(keysIn(concatenate(silence(90), dtmf("159D0#", { onMs: 50, offMs: 50, levelDbfs })))).toBe(
      "159D0#",
    );
  });

  it.each([-55, -61])("at %i dBFS per frequency are not (Q.24: below -55 dBm0)", (levelDbfs) => {
    expect(keysIn(concatenate(silence(90), dtmf("159D0#", { levelDbfs })))).toBe("");
  });

  it.each([
    [-8, true],
    [-4, true],
    [0, true],
    [4, true],
    [-11, false],
    [7, false],
  ])("twisted by %i dB: found %s (Q.24: +4 to -8 dB)", (twistDb, isFound) => {
    const pcm = concatenate(silence(90), dtmf("159D0#", { onMs: 60, levelDbfs: -15, twistDb }));
    expect(keysIn(withNoise(pcm, -45))).toBe(isFound ? "159D0#" : "");
  });

  it.each([
    [1.5, true],
    [-1.5, true],
    [1.8, true],
    [-1.8, true],
    [3.5, false],
    [-3.5, false],
  ])("off frequency by %d %%: found %s (Q.24: ±1.5 % and ±3.5 %)", (percent, isFound) => {
    for (const [low, high, key] of [
      [697, 1209, "1"],
      [770, 1336, "5"],
      [941, 1633, "D"],
    ] as const) {
      for (const [isLowOff, isHighOff] of [
        [true, true],
        [true, false],
        [false, true],
      ]) {
        const pcm = toneOf(
          [
            { hz: low * (isLowOff ? 1 + percent / 100 : 1), levelDbfs: -20 },
            { hz: high * (isHighOff ? 1 + percent / 100 : 1), levelDbfs: -20 },
          ],
          55,
        );
        const heard = keysIn(withNoise(concatenate(silence(107), pcm, silence(80)), -38));
        expect(heard, `${key} ${isLowOff} ${isHighOff}`).toBe(isFound ? key : "");
      }
    }
  });

  it("are found 15 dB above white noise", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const pcm = concatenate(silence(100 + seed), dtmf("159D0#", { onMs: 50, offMs: 50, levelDbfs: -23 }));
      expect(keysIn(withNoise(pcm, -35, seed)), `seed ${seed}`).toBe("159D0#");
    }
  });
});

describe("what is no key", () => {
  it.each([
    ["one frequency of the low group", tone(770, 500, -15)],
    ["one frequency of the high group", tone(1336, 500, -15)],
    ["two of the same group", tone([697, 941], 500, -15)],
    ["dial tone", tone([350, 440], 1000, -15)],
    ["ringback", tone([440, 480], 1000, -19)],
    ["a beep", tone(1000, 500, -10)],
    ["CED", tone(2100, 1000, -15)],
    ["noise", whiteNoise(20_000, -20, 5)],
    ["a third line beside the two", tone([770, 1336, 1050], 300, -15)],
    [
      "a voice: the two frequencies with strong second harmonics",
      toneOf(
        [
          { hz: 770, levelDbfs: -18 },
          { hz: 1336, levelDbfs: -18 },
          { hz: 2672, levelDbfs: -27 },
        ],
        300,
      ),
    ],
  ])("is left alone: %s", (_name, pcm) => {
    expect(keysIn(concatenate(silence(100), pcm, silence(100)))).toBe("");
  });
});
