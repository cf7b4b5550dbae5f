/**
 * Pacing: when the next attempt may start under a calls-per-second cap. Starts are evenly spaced, since a carrier that
 * allows 10 calls per second refuses ten in one burst. A pure function of state and now.
 */

/** How late an idle machine's timers fire at most; what is later than this is idling. */
const TIMER_LATENESS_MS = 5;

/** The next free start, epoch milliseconds; 0 before the first. */
export interface Pace {
  readonly nextStartMs: number;
}

export const UNUSED_PACE: Pace = { nextStartMs: 0 };

/** When a start is allowed at the earliest: now, or later. An absent cap allows every start at once. */
export function earliestStart(pace: Pace, nowMs: number, callsPerSecond: number | undefined): number {
  if (callsPerSecond === undefined) return nowMs;
  return Math.max(nowMs, Math.ceil(pace.nextStartMs));
}

/** The pace after a start at `nowMs`. */
export function afterStart(pace: Pace, nowMs: number, callsPerSecond: number | undefined): Pace {
  if (callsPerSecond === undefined) return pace;
  const intervalMs = 1000 / callsPerSecond;
  // A timer fires a little late: then the next start counts from the slot rather than from now, which keeps the mean
  // rate. After idling it counts from now, so that no burst is saved up.
  const isOnTime = nowMs - pace.nextStartMs <= Math.max(intervalMs / 2, TIMER_LATENESS_MS);
  return { nextStartMs: (isOnTime ? pace.nextStartMs : nowMs) + intervalMs };
}

/** Gives back a start that was reserved and not used: nothing was claimed. */
export function withoutStart(pace: Pace, callsPerSecond: number | undefined): Pace {
  if (callsPerSecond === undefined) return pace;
  return { nextStartMs: pace.nextStartMs - 1000 / callsPerSecond };
}
