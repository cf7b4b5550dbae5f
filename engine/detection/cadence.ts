/**
 * What a cadence means: bursts and pauses compared with the tone plans of countries (ITU-T E.180 Supplement 2), and
 * without a plan that fits, with E.180's own limits for the busy family.
 */
import { type ProgressTone, type ProgressToneKind, TONE_PLANS, type TonePlan } from "../media/tone-plans.ts";

/** What was measured: on, off, on, …, beginning and ending with a burst; milliseconds. */
export interface MeasuredCadence {
  readonly hz: readonly number[];
  readonly durationsMs: readonly number[];
}

export interface CadenceMeaning {
  readonly kind: ProgressToneKind;
  /** Countries whose plan fits; empty: E.180's limits alone. */
  readonly countries: readonly string[];
  /** 0 to 1. */
  readonly confidence: number;
}

/** 10 % by the US plan, more for burst edges within frames. */
const tolerance = (nominalMs: number): number => 0.1 * nominalMs + 25;
/** 400 and 425 Hz are 6 % apart. */
const HZ_TOLERANCE = 0.03;
/** The kinds in the order in which a cadence that fits several is read. */
const KINDS: readonly ProgressToneKind[] = ["busy", "reorder", "ringback", "unobtainable"];

/** What the cadence means, under one country's plan when it is given. */
export function meaningOf(
  measured: MeasuredCadence,
  country: string | undefined,
): CadenceMeaning | undefined {
  const own = country === undefined ? undefined : TONE_PLANS[country];
  const plans: readonly (readonly [string, TonePlan])[] = own
    ? [[country as string, own]]
    : Object.entries(TONE_PLANS);
  for (const kind of KINDS) {
    const countries = plans
      .filter(([, plan]) => {
        const progress = plan[kind];
        return progress !== undefined && hasLines(progress, measured.hz) && hasCadence(progress, measured);
      })
      .map(([name]) => name);
    if (countries.length > 0) return { kind, countries, confidence: own ? 0.97 : 0.93 };
  }
  if (isBusyFamily(measured)) return { kind: "busy", countries: [], confidence: 0.8 };
  return undefined;
}

/** Whether these lines are a country's dial tone of two frequencies, which nothing else has. */
export function isDialTone(hz: readonly number[]): boolean {
  return (
    hz.length === 2 &&
    Object.values(TONE_PLANS).some((plan) => plan.dial?.hz.length === 2 && hasLines(plan.dial, hz))
  );
}

function hasLines(progress: ProgressTone, hz: readonly number[]): boolean {
  const isNear = (a: number, b: number): boolean => Math.abs(a / b - 1) <= HZ_TOLERANCE;
  const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
  if (progress.hz.length === hz.length && progress.hz.every((one, i) => isNear(hz[i] ?? 0, one))) return true;
  // Two lines closer than the measurement resolves look like one in their middle.
  const [low = 0, high = low] = progress.hz;
  return hz.length === 1 && high - low > 0 && high - low <= 30 && isNear(hz[0] ?? 0, mean(progress.hz));
}

function hasCadence(progress: ProgressTone, measured: MeasuredCadence): boolean {
  const cadence = progress.cadenceMs;
  const seen = measured.durationsMs;
  if (cadence.length === 0 || seen.length < 3) return false;
  for (let start = 0; start < cadence.length; start += 2) {
    const fits = seen.every((ms, i) => {
      const nominal = cadence[(start + i) % cadence.length] as number;
      return Math.abs(ms - nominal) <= tolerance(nominal);
    });
    if (fits) return true;
  }
  return false;
}

/** E.180: on and off of 0.1 to 0.66 s each, ratio 0.67 to 1.5, period 0.3 to 1.1 s; with room for the measurement. */
function isBusyFamily(measured: MeasuredCadence): boolean {
  const [on = 0, off = 0, onAgain = 0] = measured.durationsMs;
  const period = on + off;
  return (
    measured.hz.every((one) => one >= 380 && one <= 640) &&
    Math.abs(on - onAgain) <= tolerance(on) &&
    on / off >= 0.6 &&
    on / off <= 1.65 &&
    period >= 280 &&
    period <= 1600
  );
}
