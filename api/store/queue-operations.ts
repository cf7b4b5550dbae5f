/** The queue: claim, record the INVITE, settle or release, expire. The statements behind `CallQueue`. */
import type { Database } from "better-sqlite3";
import type { AttemptReport, ClaimedCall } from "../../engine/index.ts";
import { callMoves } from "./call-ending.ts";
import { CALL_COLUMNS, callFromRow, deploymentFromRow, type Row, wholeMs } from "./call-rows.ts";

// LIMIT: calls expired by one message, so that a claim does not wait for more.
export const MAX_EXPIRED_PER_CHUNK = 200;

// LIMIT: a call whose INVITE cannot leave comes back after 1, 2, 4 … seconds, at most this.
const MAX_RELEASE_DELAY_MS = 300_000;

export function queueOperations(database: Database) {
  const moves = callMoves(database);
  // The earliest head of the deployment's open campaigns: each is one step into calls_queued.
  const selectNext = database.prepare(`
    SELECT ${CALL_COLUMNS} FROM calls WHERE call_id = (
      SELECT c.call_id FROM campaigns k JOIN calls c ON c.call_id = (
        SELECT q.call_id FROM calls q
        WHERE q.campaign_id = k.campaign_id AND q.state = 'queued' AND q.next_at <= :now
          AND (q.expires_at IS NULL OR q.expires_at > :now)
        ORDER BY q.next_at, q.call_id LIMIT 1)
      WHERE k.deployment_id = :deploymentId AND k.state = 'open' AND k.queued > 0
      ORDER BY c.next_at, c.call_id LIMIT 1)`);
  const selectDeployment = database.prepare("SELECT * FROM deployments WHERE deployment_id = ?");
  const markDialing = database.prepare("UPDATE calls SET state = 'dialing' WHERE call_id = ?");
  const insertAttempt = database.prepare(
    "INSERT INTO attempts (call_id, number, state, claimed_at) VALUES (?, ?, 'open', ?)",
  );
  const selectDue = database.prepare(`
    SELECT DISTINCT k.deployment_id FROM campaigns k
    WHERE k.state = 'open' AND k.queued > 0 AND EXISTS (
      SELECT 1 FROM calls q
      WHERE q.campaign_id = k.campaign_id AND q.state = 'queued' AND q.next_at <= :now
        AND (q.expires_at IS NULL OR q.expires_at > :now))
    ORDER BY k.deployment_id`);
  const selectNextDue = database.prepare(`
    SELECT min(at) AS at FROM (
      SELECT (SELECT q.next_at FROM calls q
              WHERE q.campaign_id = k.campaign_id AND q.state = 'queued' AND q.next_at > :now
              ORDER BY q.next_at LIMIT 1) AS at
      FROM campaigns k WHERE k.state = 'open' AND k.queued > 0
      UNION ALL
      SELECT min(expires_at) FROM calls WHERE state = 'queued' AND expires_at IS NOT NULL AND expires_at > :now)`);
  const markInviteSent = database.prepare(
    "UPDATE attempts SET invite_sent_at = ? WHERE attempt_id = ? AND state = 'open' AND invite_sent_at IS NULL",
  );
  const countAttempt = database.prepare(`
    UPDATE calls SET attempts_made = attempts_made + 1, last_attempt_at = ?
    WHERE call_id = (SELECT call_id FROM attempts WHERE attempt_id = ?)`);
  const selectOpenAttempt = database.prepare(`
    SELECT a.call_id, a.claimed_at, a.invite_sent_at, c.campaign_id, c.result_url, c.next_at, c.attempts_made,
      c.max_attempts, c.releases
    FROM attempts a JOIN calls c USING (call_id) WHERE a.attempt_id = ? AND a.state = 'open'`);
  const endAttempt = database.prepare(`
    UPDATE attempts SET state = 'ended', ringing_at = :ringingAt, answered_at = :answeredAt, decided_at = :decidedAt,
      ended_at = :endedAt, result = :result, callee_type = :calleeType, reason = :reason, explanation = :explanation,
      sip_status = :sipStatus, q850_cause = :q850Cause, keys = :keys, beep_at = :beepAt,
      recording_path = :recordingPath
    WHERE attempt_id = :attemptId`);
  const releaseAttempt = database.prepare(
    "UPDATE attempts SET state = 'released', explanation = ? WHERE attempt_id = ?",
  );
  const countRelease = database.prepare("UPDATE calls SET releases = releases + 1 WHERE call_id = ?");
  const selectExpired = database.prepare(`
    SELECT q.call_id, q.campaign_id, q.result_url, q.attempts_made, q.callee_type, q.reason, q.duration_ms
    FROM calls q JOIN campaigns k USING (campaign_id)
    WHERE q.state = 'queued' AND q.expires_at IS NOT NULL AND q.expires_at <= ? AND k.state <> 'loading'
    ORDER BY q.expires_at LIMIT ${MAX_EXPIRED_PER_CHUNK}`);

  function noteInviteSent(attemptId: number, atMs: number): void {
    const at = wholeMs(atMs);
    if (markInviteSent.run(at, attemptId).changes > 0) countAttempt.run(at, attemptId);
  }

  return {
    claim(deploymentId: number, nowMs: number): ClaimedCall | undefined {
      const row = selectNext.get({ deploymentId, now: nowMs }) as Row | undefined;
      if (!row) return undefined;
      const call = callFromRow(row);
      const attemptNumber = Number(row.attempts_made) + 1;
      markDialing.run(call.callId);
      moves.count(call.campaignId, "queued", "dialing");
      const attemptId = Number(insertAttempt.run(call.callId, attemptNumber, wholeMs(nowMs)).lastInsertRowid);
      const deployment = deploymentFromRow(selectDeployment.get(deploymentId) as Row);
      return { call, deployment, attemptId, attemptNumber, claimedAtMs: nowMs };
    },

    deploymentsWithDueCalls(nowMs: number): readonly number[] {
      return (selectDue.all({ now: nowMs }) as Row[]).map((row) => Number(row.deployment_id));
    },

    nextDueAt(nowMs: number): number | undefined {
      const at = (selectNextDue.get({ now: nowMs }) as Row).at;
      return at === null ? undefined : Number(at);
    },

    recordInviteSent: noteInviteSent,

    settle(attemptId: number, report: AttemptReport, next: { readonly retryAtMs: number } | "done"): void {
      const { outcome, timestamps } = report;
      // An attempt that sent an INVITE counts, whether or not that was told before.
      if (timestamps.inviteAtMs !== undefined) noteInviteSent(attemptId, timestamps.inviteAtMs);
      const open = selectOpenAttempt.get(attemptId) as Row | undefined;
      // Told again after an answer was lost: already settled.
      if (!open) return;
      const durationMs =
        timestamps.answeredAtMs === undefined
          ? null
          : wholeMs(timestamps.endedAtMs - timestamps.answeredAtMs);
      endAttempt.run({
        attemptId,
        ringingAt: wholeMs(timestamps.ringingAtMs),
        answeredAt: wholeMs(timestamps.answeredAtMs),
        decidedAt: wholeMs(timestamps.decidedAtMs),
        endedAt: wholeMs(timestamps.endedAtMs),
        result: outcome.result,
        calleeType: outcome.calleeType,
        reason: outcome.reason,
        explanation: outcome.explanation,
        sipStatus: outcome.sipStatus ?? null,
        q850Cause: outcome.q850Cause ?? null,
        keys: report.keys,
        beepAt: wholeMs(report.beepAtMs),
        recordingPath: report.recordingPath ?? null,
      });
      const call = {
        callId: Number(open.call_id),
        campaignId: Number(open.campaign_id),
        resultUrl: open.result_url as string | null,
      };
      const { calleeType, reason } = outcome;
      // The store's own guard behind the retry rule: never more attempts than the client allowed.
      if (next !== "done" && Number(open.attempts_made) < Number(open.max_attempts)) {
        moves.requeue(call, Math.ceil(next.retryAtMs), { calleeType, reason, durationMs });
        return;
      }
      const state =
        outcome.result === "completed" ? "completed" : reason === "canceled" ? "canceled" : "failed";
      const endedAtMs = Math.round(timestamps.endedAtMs);
      moves.end(call, "dialing", { callId: call.callId, state, calleeType, reason, durationMs, endedAtMs });
    },

    release(attemptId: number, reason: string): void {
      const open = selectOpenAttempt.get(attemptId) as Row | undefined;
      if (!open) return;
      releaseAttempt.run(reason, attemptId);
      const call = { callId: Number(open.call_id), campaignId: Number(open.campaign_id) };
      // The first time it keeps its place; a call that fails to leave again and again must not block those behind it.
      const releases = Number(open.releases);
      const delayMs = releases === 0 ? 0 : Math.min(1_000 * 2 ** (releases - 1), MAX_RELEASE_DELAY_MS);
      const nextAtMs = delayMs === 0 ? Number(open.next_at) : Number(open.claimed_at) + delayMs;
      countRelease.run(call.callId);
      moves.requeue(call, nextAtMs, { calleeType: null, reason: null, durationMs: null });
    },

    /** Expires some calls; fewer than `MAX_EXPIRED_PER_CHUNK` means none are left. */
    expireSome(nowMs: number): number {
      const expired = selectExpired.all(nowMs) as Row[];
      for (const row of expired) {
        const wasDialed = Number(row.attempts_made) > 0;
        moves.end(
          { campaignId: Number(row.campaign_id), resultUrl: row.result_url as string | null },
          "queued",
          {
            callId: Number(row.call_id),
            state: "failed",
            calleeType: wasDialed ? String(row.callee_type) : "noattempt",
            reason: wasDialed ? String(row.reason) : "expired",
            durationMs: row.duration_ms as number | null,
            endedAtMs: Math.round(nowMs),
          },
        );
      }
      return expired.length;
    },
  };
}
