/** Between rows of `calls` and `attempts` and what the program works with. */
import type { Call, Deployment } from "../../engine/index.ts";
import type { AttemptRecord, CallRecord } from "./store.ts";

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Every column a `CallRecord` needs. */
export const CALL_COLUMNS = `call_id, campaign_id, deployment_id, destination, number, ani, post_digits, start_url,
  result_url, message_reference, call_parameters, campaign_parameters, variables, max_attempts, retry_interval_ms,
  queued_at, scheduled_at, expires_at, state, next_at, attempts_made, callee_type, reason, last_attempt_at,
  duration_ms, ended_at`;

export function callFromRow(row: Row): Call {
  return present({
    callId: row.call_id,
    campaignId: row.campaign_id,
    deploymentId: row.deployment_id,
    destination: present({
      number: row.number,
      ani: row.ani,
      postDigits: row.post_digits,
      original: row.destination,
    }),
    startUrl: row.start_url,
    resultUrl: row.result_url,
    messageReference: row.message_reference,
    callParameters: row.call_parameters,
    campaignParameters: row.campaign_parameters,
    variables: typeof row.variables === "string" ? JSON.parse(row.variables) : {},
    maxAttempts: row.max_attempts,
    retryIntervalMs: row.retry_interval_ms,
    queuedAtMs: row.queued_at,
    scheduledAtMs: row.scheduled_at,
    expiresAtMs: row.expires_at,
  });
}

export function callRecordFromRow(row: Row): CallRecord {
  return present({
    ...callFromRow(row),
    state: row.state,
    nextAtMs: row.next_at,
    attemptsMade: row.attempts_made,
    calleeType: row.callee_type,
    reason: row.reason,
    lastAttemptAtMs: row.last_attempt_at,
    durationMs: row.duration_ms,
    endedAtMs: row.ended_at,
  });
}

export function attemptFromRow(row: Row): AttemptRecord {
  return present({
    attemptId: row.attempt_id,
    callId: row.call_id,
    attemptNumber: row.number,
    state: row.state,
    claimedAtMs: row.claimed_at,
    inviteSentAtMs: row.invite_sent_at,
    ringingAtMs: row.ringing_at,
    answeredAtMs: row.answered_at,
    decidedAtMs: row.decided_at,
    endedAtMs: row.ended_at,
    result: row.result,
    calleeType: row.callee_type,
    reason: row.reason,
    explanation: row.explanation,
    sipStatus: row.sip_status,
    q850Cause: row.q850_cause,
    keys: row.keys,
    beepAtMs: row.beep_at,
    recordingPath: row.recording_path,
  });
}

export function deploymentFromRow(row: Row): Deployment {
  return present({
    deploymentId: row.deployment_id,
    name: row.name,
    trunk: row.trunk,
    callerId: row.caller_id,
    ringTimeoutMs: row.ring_timeout_ms,
    maxChannels: row.max_channels,
    redialDeclined: row.redial_declined === 1,
    recordCalls: row.record_calls === 1,
    startMethod: row.start_method,
    profile: row.profile,
    callingWindow: typeof row.calling_window === "string" ? JSON.parse(row.calling_window) : null,
  });
}

/** A time for an INTEGER column: whole milliseconds, NULL when absent. Media count in fractions of them. */
export function wholeMs(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}

/**
 * Drops what is NULL. The columns' types are the schema's promise, which the type system cannot see; this is the one
 * place that vouches for it.
 */
export function present<Shape>(fields: Record<string, unknown>): Shape {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as Shape;
}
