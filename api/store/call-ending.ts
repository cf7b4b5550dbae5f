/**
 * Moves of a call between its states, used by settling, expiry and recovery alike: the campaign's counters follow, and
 * a call that is done gets its delivery in the same transaction.
 */
import type { Database, Statement } from "better-sqlite3";
import { CALL_STATES, type CallState } from "./store.ts";

/** What a done call leaves behind. */
export interface CallEnd {
  readonly callId: number;
  readonly state: "completed" | "failed" | "canceled";
  readonly calleeType: string;
  readonly reason: string;
  readonly durationMs: number | null;
  readonly endedAtMs: number;
}

export interface CallMoves {
  /** Counts a call of `campaignId` over from one state to another. */
  count(campaignId: number, from: CallState, to: CallState): void;
  /** Queues a call again. `calleeType` and `reason` are those of the attempt just ended, null when it did not count. */
  requeue(
    call: { readonly callId: number; readonly campaignId: number },
    nextAtMs: number,
    last: {
      readonly calleeType: string | null;
      readonly reason: string | null;
      readonly durationMs: number | null;
    },
  ): void;
  /** Ends a call and, when it has a result URL, makes its delivery due at once. */
  end(
    call: { readonly campaignId: number; readonly resultUrl: string | null },
    from: CallState,
    end: CallEnd,
  ): void;
}

export function callMoves(database: Database): CallMoves {
  // A statement per pair of states, since a column's name cannot be a parameter.
  const counters = new Map<string, Statement>();
  for (const from of CALL_STATES) {
    for (const to of CALL_STATES) {
      if (from === to) continue;
      const sql = `UPDATE campaigns SET ${from} = ${from} - 1, ${to} = ${to} + 1 WHERE campaign_id = ?`;
      counters.set(`${from} ${to}`, database.prepare(sql));
    }
  }
  const requeueCall = database.prepare(`
    UPDATE calls SET state = 'queued', next_at = :nextAt, callee_type = coalesce(:calleeType, callee_type),
      reason = coalesce(:reason, reason), duration_ms = coalesce(:durationMs, duration_ms)
    WHERE call_id = :callId`);
  const endCall = database.prepare(`
    UPDATE calls SET state = :state, callee_type = :calleeType, reason = :reason, duration_ms = :durationMs,
      ended_at = :endedAtMs
    WHERE call_id = :callId`);
  const insertDelivery = database.prepare(`
    INSERT INTO deliveries (call_id, url, host, state, next_at, created_at) VALUES (?, ?, ?, 'pending', ?, ?)`);

  const count: CallMoves["count"] = (campaignId, from, to) => {
    counters.get(`${from} ${to}`)?.run(campaignId);
  };

  return {
    count,
    requeue(call, nextAtMs, last) {
      requeueCall.run({ ...last, callId: call.callId, nextAt: nextAtMs });
      count(call.campaignId, "dialing", "queued");
    },
    end(call, from, end) {
      endCall.run(end);
      count(call.campaignId, from, end.state);
      if (call.resultUrl !== null) {
        const { callId, endedAtMs } = end;
        insertDelivery.run(callId, call.resultUrl, hostOf(call.resultUrl), endedAtMs, endedAtMs);
      }
    },
  };
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "";
}
