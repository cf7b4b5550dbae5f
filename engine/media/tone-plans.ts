/**
 * Call progress tones of countries: frequencies and cadences (ITU-T E.180 Supplement 2, 3GPP TS 22.001), and their
 * generators. The same cadence means different things in different countries, so detection takes the plan as a setting.
 */
import type { Pcm } from "../model/frame.ts";
import { concatenate, modulatedTone, repeatFor, silence, tone } from "./tones.ts";

/** One call progress tone. */
export interface ProgressTone {
  /** One frequency, or two added. */
  readonly hz: readonly number[];
  /** Amplitude modulation of the first frequency. */
  readonly modulatedByHz?: number;
  /** On, off, on, off, …, repeated; milliseconds. Empty: continuous. */
  readonly cadenceMs: readonly number[];
}

export type ProgressToneKind = "ringback" | "busy" | "reorder" | "dial" | "unobtainable";

/** The tones of one country. Absent: the country has none, or sends the special information tone instead. */
export type TonePlan = { readonly [Kind in ProgressToneKind]?: ProgressTone };

const of = (hz: number | readonly number[], ...cadenceMs: readonly number[]): ProgressTone => ({
  hz: typeof hz === "number" ? [hz] : hz,
  cadenceMs,
});
const modulated = (hz: number, modulatedByHz: number, ...cadenceMs: readonly number[]): ProgressTone => ({
  hz: [hz],
  modulatedByHz,
  cadenceMs,
});

const UNITED_STATES: TonePlan = {
  dial: of([350, 440]),
  ringback: of([440, 480], 2000, 4000),
  busy: of([480, 620], 500, 500),
  reorder: of([480, 620], 250, 250),
};

/** By ISO 3166 code, lower case. */
export const TONE_PLANS: Readonly<Record<string, TonePlan>> = {
  us: UNITED_STATES,
  ca: UNITED_STATES,
  gb: {
    dial: of([350, 450]),
    ringback: of([400, 450], 400, 200, 400, 2000),
    busy: of(400, 375, 375),
    reorder: of(400, 400, 350, 225, 525),
    unobtainable: of(400),
  },
  de: { dial: of(425), ringback: of(425, 1000, 4000), busy: of(425, 480, 480), reorder: of(425, 240, 240) },
  fr: { dial: of(440), ringback: of(440, 1500, 3500), busy: of(440, 500, 500), reorder: of(440, 250, 250) },
  jp: {
    dial: of(400),
    ringback: modulated(400, 16, 1000, 2000),
    busy: of(400, 500, 500),
    reorder: of(400, 500, 500),
  },
  au: {
    dial: of([413, 438]),
    ringback: of([413, 438], 400, 200, 400, 2000),
    busy: of(425, 375, 375),
    reorder: of(425, 375, 375),
    unobtainable: of(425, 2500, 500),
  },
  in: {
    dial: modulated(400, 25),
    ringback: modulated(400, 25, 400, 200, 400, 2000),
    busy: of(400, 750, 750),
    reorder: of(400, 250, 250),
    unobtainable: of(400, 2500, 500),
  },
  br: {
    dial: of(425),
    ringback: of(425, 1000, 4000),
    busy: of(425, 250, 250),
    reorder: of(425, 250, 250, 750, 250),
  },
  it: { dial: of(425), ringback: of(425, 1000, 4000), busy: of(425, 500, 500), reorder: of(425, 200, 200) },
  es: {
    dial: of(425),
    ringback: of(425, 1500, 3000),
    busy: of(425, 200, 200),
    reorder: of(425, 200, 200, 200, 200, 200, 600),
  },
  mx: { dial: of(425), ringback: of(425, 1000, 4000), busy: of(425, 250, 250), reorder: of(425, 250, 250) },
  ru: { dial: of(425), ringback: of(425, 1000, 4000), busy: of(425, 350, 350), reorder: of(425, 175, 175) },
  cn: { dial: of(450), ringback: of(450, 1000, 4000), busy: of(450, 350, 350), reorder: of(450, 700, 700) },
  za: {
    dial: modulated(400, 33),
    ringback: modulated(400, 33, 400, 200, 400, 2000),
    busy: of(400, 500, 500),
    reorder: of(400, 250, 250),
  },
  nl: { dial: of(425), ringback: of(425, 1000, 4000), busy: of(425, 500, 500), reorder: of(425, 250, 250) },
  nz: {
    dial: of(400),
    ringback: of([400, 450], 400, 200, 400, 2000),
    busy: of(400, 500, 500),
    reorder: of(400, 250, 250),
    unobtainable: of(400, 75, 100, 75, 100, 75, 400),
  },
  /** Terminals' own tones (3GPP TS 22.001 annex F), also E.180's preferred values for new systems. */
  "3gpp": { ringback: of(425, 1000, 4000), busy: of(425, 500, 500), reorder: of(425, 200, 200) },
};

/** `tone` for `durationMs`, beginning with its first burst. */
export function progressTone(progress: ProgressTone, durationMs: number, level: number): Pcm {
  const burst = (ms: number): Pcm =>
    progress.modulatedByHz === undefined
      ? tone(progress.hz, ms, level)
      : modulatedTone(progress.hz[0] ?? 400, progress.modulatedByHz, 0.9, ms, level);
  if (progress.cadenceMs.length === 0) return burst(durationMs);
  const period = progress.cadenceMs.map((ms, index) => (index % 2 === 0 ? burst(ms) : silence(ms)));
  return repeatFor(concatenate(...period), durationMs);
}

/** A country's tone for `durationMs`; a country or tone not in the table gives the 3GPP one. */
export function countryTone(
  country: string,
  kind: "ringback" | "busy" | "reorder",
  durationMs: number,
  level: number,
): Pcm {
  const progress = TONE_PLANS[country.toLowerCase()]?.[kind] ?? TONE_PLANS["3gpp"]?.[kind];
  return progress ? progressTone(progress, durationMs, level) : silence(durationMs);
}
