/**
 * The special information tone (ITU-T E.180): three rising tones, and in North America the category in the first two.
 * Frequencies are divided by how far the third tone is off first, since recorded tones run fast or slow.
 */
import { SIT_SEGMENTS, SIT_TONE_3_HZ, type SitCategory } from "../media/sit-tones.ts";
import type { Finding } from "../model/finding.ts";
import { FRAME_MS } from "../model/frame.ts";
import type { LineRun, LineTracker } from "./line-tracker.ts";

/** E.180's limits, 950, 1400 and 1800 ±50 Hz, and 2 % for a tape's speed. */
const RANGES_HZ = [
  [880, 1020],
  [1323, 1477],
  [1715, 1887],
] as const;
/** 330 ±70 ms, North America's 274 to 380, and the measurement. */
const MIN_MS = 215;
const MAX_MS = 440;
/** 0 to 30 ms, and what two edges within frames add. */
const MAX_GAP_MS = 75;
/** The third tone's length after which nothing else is possible. */
const ENOUGH_OF_THIRD_MS = 180;

/** What a dialer should conclude. */
const MEANINGS: Readonly<Record<SitCategory, string>> = {
  IC: "number changed or disconnected",
  VC: "number not assigned",
  "RO-local": "call failed, local office",
  "RO-distant": "call failed, distant office",
  "NC-local": "all circuits busy, local",
  "NC-distant": "all circuits busy, distant",
  IO: "other failure",
  reserved: "reserved category",
  generic: "no category",
};

export class InformationToneDetector {
  #first: LineRun | undefined;
  #second: LineRun | undefined;
  #isReported = false;

  /** A finding once per information tone, during its third tone. */
  frame(lines: LineTracker): Finding | undefined {
    const run = lines.ended;
    if (run) {
      if (this.#first && !this.#second && fits(run, 1) && follows(this.#first, run)) this.#second = run;
      else if (fits(run, 0)) {
        this.#first = run;
        this.#second = undefined;
        this.#isReported = false;
      } else if (!this.#second || run.startFrame > this.#second.endFrame + 8)
        this.#first = this.#second = undefined;
    }
    const third = lines.current;
    const first = this.#first;
    const second = this.#second;
    if (!first || !second || !third || this.#isReported) return undefined;
    if (lines.currentMs < ENOUGH_OF_THIRD_MS || third.frames < 6) return undefined;
    if (!isWithin(third.hz, 2) || !follows(second, third)) return undefined;
    this.#isReported = true;
    return findingOf(first, second, third);
  }
}

function isWithin(hz: number, index: 0 | 1 | 2): boolean {
  const [low, high] = RANGES_HZ[index];
  return hz >= low && hz <= high;
}

function fits(run: LineRun, index: 0 | 1): boolean {
  const durationMs = run.endMs - run.startMs;
  return isWithin(run.hz, index) && durationMs >= MIN_MS && durationMs <= MAX_MS;
}

function follows(before: LineRun, after: LineRun): boolean {
  return (
    (after.startFrame - before.endFrame - 1) * FRAME_MS <= MAX_GAP_MS && after.startFrame > before.endFrame
  );
}

/** The category whose frequencies and lengths are nearest, and how far off they are. */
export function nearestCategory(
  hz: readonly [number, number, number],
  durationsMs: readonly [number, number],
): { readonly category: SitCategory; readonly distance: number } {
  let best: { category: SitCategory; distance: number } = {
    category: "generic",
    distance: Number.POSITIVE_INFINITY,
  };
  for (const category of Object.keys(SIT_SEGMENTS) as SitCategory[]) {
    const [one, two, three] = SIT_SEGMENTS[category];
    const speed = hz[2] / three.hz;
    const distance = Math.hypot(
      (hz[0] / speed - one.hz) / 15,
      (hz[1] / speed - two.hz) / 15,
      (durationsMs[0] - one.durationMs) / 20,
      (durationsMs[1] - two.durationMs) / 20,
      // Beyond ±2 % no tape runs; the generic tone's third is 1.3 % above North America's.
      (speed - 1) / 0.02,
    );
    if (distance < best.distance) best = { category, distance };
  }
  return best;
}

function findingOf(first: LineRun, second: LineRun, third: LineRun): Finding {
  const hz = [first.hz, second.hz, third.hz] as const;
  // Without gaps the border between two tones is more exact than either tone's own edges.
  const border = second.startMs - first.endMs > 20 ? undefined : (second.startMs + first.endMs) / 2;
  const nextBorder = third.startMs - second.endMs > 20 ? undefined : (third.startMs + second.endMs) / 2;
  const durations = [
    (border ?? first.endMs) - first.startMs,
    (nextBorder ?? second.endMs) - (border ?? second.startMs),
  ] as const;
  const { category, distance } = nearestCategory(hz, durations);
  const isKnown = category !== "generic" && distance < 4;
  return {
    kind: "sit",
    startMs: Math.round(first.startMs),
    confidence: 0.97,
    evidence: {
      hz: hz.map((one) => Math.round(10 * one) / 10),
      durationsMs: durations.map(Math.round),
      category: isKnown ? category : "unknown",
      meaning: isKnown ? MEANINGS[category] : MEANINGS.generic,
      speed: Math.round((1000 * hz[2]) / (isKnown ? SIT_TONE_3_HZ : 1800)) / 1000,
      levelDbfs: Math.round(100 * Math.log10(third.power)) / 10,
    },
  };
}
