/** When a result that could not be delivered is tried again: exponential back-off with jitter. A pure function. */

export interface DeliverySchedule {
  /** Tries in all; then the result is given up. */
  readonly maxTries: number;
  /** Wait after the first failed try; doubles with each. */
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
}

/**
 * The time of the next try after the `tries`-th has failed, or `abandoned`. The wait is spread over its last fifth, so
 * that results which failed together, since their server was down, do not come back together.
 *
 * @param random 0 to below 1
 */
export function afterFailedTry(
  tries: number,
  nowMs: number,
  schedule: DeliverySchedule,
  random: number,
): { readonly retryAtMs: number } | "abandoned" {
  if (tries >= schedule.maxTries) return "abandoned";
  const waitMs = Math.min(schedule.firstRetryMs * 2 ** (tries - 1), schedule.maxRetryMs);
  return { retryAtMs: Math.round(nowMs + waitMs * (0.8 + 0.2 * random)) };
}
