/** The trace file: append, read one call's, delete the oldest. */
import type { Database } from "better-sqlite3";
import type { TraceEntry } from "../../engine/index.ts";
import { type Row, wholeMs } from "./call-rows.ts";
import type { TraceRow } from "./store.ts";

// LIMIT: rows looked at by one retention step, some ten milliseconds.
export const MAX_TRACE_ROWS_PER_STEP = 2_000;

// LIMIT: rows of one call shown; its writers are bounded too, this bounds many attempts together.
const MAX_TRACE_ROWS_READ = 50_000;

export function traceOperations(database: Database) {
  const insert = database.prepare(
    "INSERT INTO traces (call_id, attempt_id, at_ms, source, kind, data) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const select = database.prepare(
    `SELECT * FROM traces WHERE call_id = ? ORDER BY at_ms, trace_id LIMIT ${MAX_TRACE_ROWS_READ}`,
  );
  const selectOldest = database.prepare(
    `SELECT trace_id, at_ms FROM traces ORDER BY trace_id LIMIT ${MAX_TRACE_ROWS_PER_STEP}`,
  );
  const deleteUpTo = database.prepare("DELETE FROM traces WHERE trace_id <= ?");

  return {
    appendTrace(rows: readonly TraceRow[]): void {
      for (const { callId, attemptId, entry } of rows) {
        const data = entry.data === undefined ? null : JSON.stringify(entry.data);
        insert.run(callId, attemptId, wholeMs(entry.atMs), entry.source, entry.kind, data);
      }
    },

    readTrace(callId: number): readonly TraceRow[] {
      return (select.all(callId) as Row[]).map((row) => ({
        callId: Number(row.call_id),
        attemptId: Number(row.attempt_id),
        entry: {
          atMs: Number(row.at_ms),
          source: row.source as TraceEntry["source"],
          kind: String(row.kind),
          ...(row.data === null ? {} : { data: JSON.parse(String(row.data)) }),
        },
      }));
    },

    /** Deletes some rows older than the cutoff; fewer than `MAX_TRACE_ROWS_PER_STEP` means the rest is younger. */
    deleteSomeTraces(cutoffMs: number): number {
      // Rows are appended in about the order of time: stop at the first young one.
      const oldest = selectOldest.all() as Row[];
      const firstYoung = oldest.findIndex((row) => Number(row.at_ms) >= cutoffMs);
      const old = firstYoung < 0 ? oldest : oldest.slice(0, firstYoung);
      const last = old.at(-1);
      if (last) deleteUpTo.run(last.trace_id);
      return old.length;
    },
  };
}
