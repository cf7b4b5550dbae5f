/** Reading calls and attempts, counts, and what retention deletes of recordings. */
import type { Database } from "better-sqlite3";
import { attemptFromRow, CALL_COLUMNS, callRecordFromRow, type Row } from "./call-rows.ts";
import type { AttemptRecord, CallRecord, StoreCounts } from "./store.ts";

// LIMIT: calls per page and recordings per retention step.
export const MAX_CALLS_PER_PAGE = 1_000;
const MAX_RECORDINGS_PER_STEP = 500;

export function callOperations(database: Database) {
  const selectCall = database.prepare(`SELECT ${CALL_COLUMNS} FROM calls WHERE call_id = ?`);
  const selectAttempts = database.prepare("SELECT * FROM attempts WHERE call_id = ? ORDER BY attempt_id");
  const selectPage = database.prepare(
    `SELECT ${CALL_COLUMNS} FROM calls WHERE call_id > ? ORDER BY call_id LIMIT ?`,
  );
  const selectCampaignPage = database.prepare(
    `SELECT ${CALL_COLUMNS} FROM calls WHERE campaign_id = ? AND call_id > ? ORDER BY call_id LIMIT ?`,
  );
  const selectCounts = database.prepare(`
    SELECT total(queued) AS queued, total(dialing) AS dialing, total(completed) AS completed, total(failed) AS failed,
      total(canceled) AS canceled
    FROM campaigns WHERE state <> 'loading'`);
  const countDeliveries = database.prepare(
    "SELECT count(*) AS pending FROM deliveries WHERE state = 'pending'",
  );
  const selectRecordings = database.prepare(`
    SELECT attempt_id, recording_path FROM attempts WHERE recording_path IS NOT NULL AND ended_at < ?
    ORDER BY ended_at LIMIT ${MAX_RECORDINGS_PER_STEP}`);
  const forgetRecording = database.prepare("UPDATE attempts SET recording_path = NULL WHERE attempt_id = ?");

  return {
    call(callId: number): CallRecord | undefined {
      const row = selectCall.get(callId) as Row | undefined;
      return row && callRecordFromRow(row);
    },

    attempts(callId: number): readonly AttemptRecord[] {
      return (selectAttempts.all(callId) as Row[]).map(attemptFromRow);
    },

    calls(page: {
      readonly afterCallId?: number;
      readonly campaignId?: number;
      readonly limit: number;
    }): readonly CallRecord[] {
      const after = page.afterCallId ?? 0;
      const limit = Math.min(page.limit, MAX_CALLS_PER_PAGE);
      const rows =
        page.campaignId === undefined
          ? selectPage.all(after, limit)
          : selectCampaignPage.all(page.campaignId, after, limit);
      return (rows as Row[]).map(callRecordFromRow);
    },

    counts(): StoreCounts {
      const row = selectCounts.get() as Record<keyof StoreCounts["calls"], number>;
      return { calls: { ...row }, deliveriesPending: Number((countDeliveries.get() as Row).pending) };
    },

    recordingsBefore(cutoffMs: number): ReadonlyArray<{ attemptId: number; path: string }> {
      return (selectRecordings.all(cutoffMs) as Row[]).map((row) => ({
        attemptId: Number(row.attempt_id),
        path: String(row.recording_path),
      }));
    },

    forgetRecordings(attemptIds: readonly number[]): void {
      for (const attemptId of attemptIds) forgetRecording.run(attemptId);
    },
  };
}
