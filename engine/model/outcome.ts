/** How an attempt ended, as data; `engine/call/outcome-table.ts` is the one place that makes them. */
import type { CalleeType } from "./callee-type.ts";

/** Why an attempt ended as it did: stable words for traces, metrics and callbacks. */
export type OutcomeReason =
  | "answered"
  | "busy"
  | "declined"
  | "no-answer"
  | "information-tone"
  | "no-circuit"
  | "rejected"
  | "unreachable"
  | "media-failed"
  | "signalling-failed"
  | "script-failed"
  | "interrupted"
  | "internal"
  | "canceled"
  | "expired"
  | "shutdown";

/** How an attempt ended. */
export interface Outcome {
  /** `completed` is answered by a person, machine or fax; everything else is `failed`. */
  readonly result: "completed" | "failed";
  readonly calleeType: CalleeType;
  readonly reason: OutcomeReason;
  /** One readable sentence for the trace and the call page. */
  readonly explanation: string;
  readonly sipStatus?: number;
  readonly q850Cause?: number;
  /** Whether the retry rule may dial again. */
  readonly retryable: boolean;
}

/** When what happened, epoch milliseconds; absent: did not happen. */
export interface AttemptTimestamps {
  readonly claimedAtMs: number;
  readonly inviteAtMs?: number;
  readonly ringingAtMs?: number;
  readonly answeredAtMs?: number;
  readonly decidedAtMs?: number;
  readonly endedAtMs: number;
}

/** All that is settled about one attempt. */
export interface AttemptReport {
  readonly outcome: Outcome;
  readonly timestamps: AttemptTimestamps;
  /** Keys the callee pressed, in order. */
  readonly keys: string;
  /** The last finding of a beep, milliseconds of audio after the answer. */
  readonly beepAtMs?: number;
  /** Path of the two-channel WAV, when one was made. */
  readonly recordingPath?: string;
}
