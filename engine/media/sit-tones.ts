/**
 * The special information tone (ITU-T E.180 §11): three rising tones before an announcement that the call failed. In
 * North America the first two carry a category, one bit of frequency and one of length each; the generic one of E.180
 * carries none.
 */
import type { Pcm } from "../model/frame.ts";
import { concatenate, silence, tone } from "./tones.ts";

/** What the three tones say. `IC` intercept, `VC` vacant code, `RO` reorder, `NC` no circuit, `IO` other. */
export type SitCategory =
  | "IC"
  | "VC"
  | "RO-local"
  | "RO-distant"
  | "NC-local"
  | "NC-distant"
  | "IO"
  | "reserved"
  | "generic";

export const SIT_CATEGORIES: readonly SitCategory[] = [
  "IC",
  "VC",
  "RO-local",
  "RO-distant",
  "NC-local",
  "NC-distant",
  "IO",
  "reserved",
  "generic",
];

export interface SitSegment {
  readonly hz: number;
  readonly durationMs: number;
}

export const SIT_SHORT_MS = 274;
export const SIT_LONG_MS = 380;
export const SIT_TONE_3_HZ = 1776.7;

const LOW_1 = 913.8;
const HIGH_1 = 985.2;
const LOW_2 = 1370.6;
const HIGH_2 = 1428.5;

const third: SitSegment = { hz: SIT_TONE_3_HZ, durationMs: SIT_LONG_MS };
const short = (hz: number): SitSegment => ({ hz, durationMs: SIT_SHORT_MS });
const long = (hz: number): SitSegment => ({ hz, durationMs: SIT_LONG_MS });

/** The three tones of each category. */
export const SIT_SEGMENTS: Readonly<Record<SitCategory, readonly [SitSegment, SitSegment, SitSegment]>> = {
  IC: [short(LOW_1), short(LOW_2), third],
  VC: [long(HIGH_1), short(LOW_2), third],
  "RO-local": [short(LOW_1), long(HIGH_2), third],
  "RO-distant": [short(HIGH_1), long(LOW_2), third],
  "NC-local": [long(HIGH_1), long(HIGH_2), third],
  "NC-distant": [long(LOW_1), long(LOW_2), third],
  IO: [long(LOW_1), short(HIGH_2), third],
  reserved: [short(HIGH_1), short(HIGH_2), third],
  generic: [
    { hz: 950, durationMs: 330 },
    { hz: 1400, durationMs: 330 },
    { hz: 1800, durationMs: 330 },
  ],
};

export interface InformationToneOptions {
  /** Silence between the tones; E.180 allows 0 to 30. Default 0. */
  readonly gapMs?: number;
  /** Multiplies the frequencies, as a tape at the wrong speed does. Default 1. */
  readonly speed?: number;
}

/** One special information tone, without the announcement. */
export function informationTone(
  category: SitCategory,
  level: number,
  options: InformationToneOptions = {},
): Pcm {
  const { gapMs = 0, speed = 1 } = options;
  const parts: Pcm[] = [];
  for (const segment of SIT_SEGMENTS[category]) {
    if (parts.length > 0) parts.push(silence(gapMs));
    parts.push(tone(segment.hz * speed, segment.durationMs / speed, level));
  }
  return concatenate(...parts);
}
