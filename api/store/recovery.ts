/**
 * What happens to attempts that a killed process left open, when the store is opened.
 *
 * Without `invite_sent_at` no datagram can have left: the call is queued again in its old place, the attempt does not
 * count. With it somebody may have been called: the attempt counts as made and failed, and the retry rule decides.
 */
import type { Database } from "better-sqlite3";
import { decideRetry } from "../../engine/index.ts";
import { callMoves } from "./call-ending.ts";
import type { Row } from "./call-rows.ts";
import type { Recovery } from "./store.ts";

const EXPLANATION = "The program ended while this attempt was under way.";

// LIMIT: attempts per transaction; a process holds some thousand at most, so this is a few rounds.
const ATTEMPTS_PER_ROUND = 1_000;

/** Settles open attempts, drops unfinished uploads, and makes interrupted deliveries due again. */
export function recover(database: Database, openedAtMs: number): Recovery {
  const nowMs = Math.round(openedAtMs);
  const moves = callMoves(database);
  const selectOpen = database.prepare(`
    SELECT a.attempt_id, a.call_id, a.invite_sent_at, c.campaign_id, c.result_url, c.next_at, c.attempts_made,
      c.max_attempts, c.retry_interval_ms, c.expires_at, d.redial_declined
    FROM attempts a JOIN calls c USING (call_id) JOIN deployments d USING (deployment_id)
    WHERE a.state = 'open' ORDER BY a.attempt_id LIMIT ${ATTEMPTS_PER_ROUND}`);
  const releaseAttempt = database.prepare(
    "UPDATE attempts SET state = 'released', explanation = ? WHERE attempt_id = ?",
  );
  const interruptAttempt = database.prepare(`
    UPDATE attempts SET state = 'ended', ended_at = ?, result = 'failed', callee_type = 'unknown',
      reason = 'interrupted', explanation = ? WHERE attempt_id = ?`);

  let requeued = 0;
  let interrupted = 0;
  const settleRound = database.transaction(() => {
    const open = selectOpen.all() as Row[];
    for (const row of open) {
      const callId = Number(row.call_id);
      const call = {
        callId,
        campaignId: Number(row.campaign_id),
        resultUrl: row.result_url as string | null,
      };
      if (row.invite_sent_at === null) {
        releaseAttempt.run(EXPLANATION, row.attempt_id);
        moves.requeue(call, Number(row.next_at), { calleeType: null, reason: null, durationMs: null });
        requeued++;
        continue;
      }
      interruptAttempt.run(nowMs, EXPLANATION, row.attempt_id);
      interrupted++;
      const last = { calleeType: "unknown", reason: "interrupted", durationMs: null };
      const next = decideRetry({
        outcome: { result: "failed", reason: "interrupted", retryable: true },
        attemptsMade: Number(row.attempts_made),
        call: {
          maxAttempts: Number(row.max_attempts),
          retryIntervalMs: Number(row.retry_interval_ms),
          ...(row.expires_at === null ? {} : { expiresAtMs: Number(row.expires_at) }),
        },
        deployment: { redialDeclined: row.redial_declined === 1 },
        nowMs,
      });
      if (next === "done") moves.end(call, "dialing", { ...last, callId, state: "failed", endedAtMs: nowMs });
      else moves.requeue(call, next.retryAtMs, last);
    }
    return open.length;
  });
  while (settleRound() === ATTEMPTS_PER_ROUND);

  database
    .prepare("UPDATE deliveries SET state = 'pending', next_at = min(next_at, ?) WHERE state = 'sending'")
    .run(nowMs);
  return { requeued, interrupted, droppedUploads: dropUnfinishedUploads(database) };
}

function dropUnfinishedUploads(database: Database): number {
  const uploads = database
    .prepare("SELECT campaign_id FROM campaigns WHERE state = 'loading'")
    .all() as Row[];
  const dropCalls = database.prepare("DELETE FROM calls WHERE campaign_id = ?");
  const dropCampaign = database.prepare("DELETE FROM campaigns WHERE campaign_id = ?");
  let calls = 0;
  for (const { campaign_id: id } of uploads) {
    database.transaction(() => {
      calls += dropCalls.run(id).changes;
      dropCampaign.run(id);
    })();
  }
  return calls;
}
