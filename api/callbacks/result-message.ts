/**
 * What a client's `result_url` is told about a call that is done: the fields of Plum DEV's result callback, and
 * `reason`, which says why in one word more.
 */
import { DateTime } from "luxon";
import type { CallRecord } from "../store/store.ts";

/** Form fields in the order they are sent. */
export function resultFields(call: CallRecord): ReadonlyArray<readonly [name: string, value: string]> {
  const { calleeType = "noattempt", lastAttemptAtMs } = call;
  return [
    ["phone_number", call.destination.original],
    ["message_reference", call.messageReference ?? ""],
    ["call_id", String(call.callId)],
    ["result", call.state === "completed" ? "Completed" : "Failed"],
    // Inside it is `fax`; this interface has always said `faxmachine`.
    ["callee_type", calleeType === "fax" ? "faxmachine" : calleeType],
    ["attempts", String(call.attemptsMade)],
    ["last_attempt_timestamp", lastAttemptAtMs === undefined ? "" : rfc2822(lastAttemptAtMs)],
    ["duration", String(Math.round((call.durationMs ?? 0) / 1000))],
    ["reason", call.reason ?? ""],
  ];
}

/** `Mon, 19 Jul 2004 17:46:03 +0000` (RFC 2822 §3.3), in UTC. */
function rfc2822(atMs: number): string {
  return DateTime.fromMillis(atMs, { zone: "UTC" }).toRFC2822() ?? "";
}
