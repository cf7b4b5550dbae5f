/**
 * The retry rule: whether and when a call is dialed again after an attempt. Retries stay within the attempts the
 * client allowed and before the call's expiration.
 */
import type { Call, Deployment } from "../model/call.ts";
import type { Outcome } from "../model/outcome.ts";

/** What follows an attempt: done with the call, or due again at a time. */
export type RetryDecision = { readonly retryAtMs: number } | "done";

/**
 * Decides what follows an attempt that ended at `nowMs`.
 *
 * Completed and canceled calls are done. A declined call is done too, unless the deployment restores Plum's
 * behaviour (`redialDeclined`), by which everything that is not Completed is dialed again.
 *
 * @param attemptsMade attempts that sent an INVITE, this one included
 */
export function decideRetry(facts: {
  readonly outcome: Pick<Outcome, "result" | "reason" | "retryable">;
  readonly attemptsMade: number;
  readonly call: Pick<Call, "maxAttempts" | "retryIntervalMs" | "expiresAtMs">;
  readonly deployment: Pick<Deployment, "redialDeclined">;
  readonly nowMs: number;
}): RetryDecision {
  const { outcome, call } = facts;
  if (outcome.result === "completed" || outcome.reason === "canceled") return "done";
  if (facts.attemptsMade >= call.maxAttempts) return "done";
  if (!facts.deployment.redialDeclined && (!outcome.retryable || outcome.reason === "declined"))
    return "done";
  const retryAtMs = facts.nowMs + call.retryIntervalMs;
  if (call.expiresAtMs !== undefined && retryAtMs >= call.expiresAtMs) return "done";
  return { retryAtMs };
}
