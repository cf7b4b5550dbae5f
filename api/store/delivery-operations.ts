/** Deliveries of results: which are due, which are being sent, and what came of each try. */
import type { Database } from "better-sqlite3";
import { CALL_COLUMNS, callRecordFromRow, present, type Row, wholeMs } from "./call-rows.ts";
import type { Delivery, DeliveryRecord, DeliveryTry } from "./store.ts";

export function deliveryOperations(database: Database) {
  // One index step per host instead of one per delivery: a host with a long backlog costs no more than the others.
  const selectHosts = database.prepare(`
    WITH RECURSIVE hosts (host) AS (
      SELECT min(host) FROM deliveries WHERE state = 'pending'
      UNION ALL
      SELECT (SELECT min(d.host) FROM deliveries d WHERE d.state = 'pending' AND d.host > hosts.host)
      FROM hosts WHERE hosts.host IS NOT NULL)
    SELECT host FROM hosts WHERE host IS NOT NULL AND EXISTS (
      SELECT 1 FROM deliveries d WHERE d.state = 'pending' AND d.host = hosts.host AND d.next_at <= ?)`);
  const selectNext = database.prepare(
    "SELECT min(next_at) AS at FROM deliveries WHERE state = 'pending' AND next_at > ?",
  );
  const selectDue = database.prepare(`
    SELECT delivery_id, url, host, tries, created_at, call_id FROM deliveries
    WHERE state = 'pending' AND host = ? AND next_at <= ? ORDER BY next_at, delivery_id LIMIT ?`);
  const selectCall = database.prepare(`SELECT ${CALL_COLUMNS} FROM calls WHERE call_id = ?`);
  const markSending = database.prepare("UPDATE deliveries SET state = 'sending' WHERE delivery_id = ?");
  const noteTry = database.prepare(`
    UPDATE deliveries SET state = :state, tries = tries + 1, next_at = coalesce(:nextAt, next_at), last_try_at = :at,
      last_status = :status, last_error = :error, is_acknowledged = :isAcknowledged
    WHERE delivery_id = :deliveryId`);
  const selectOfCall = database.prepare("SELECT * FROM deliveries WHERE call_id = ? ORDER BY delivery_id");

  return {
    hostsWithDueDeliveries(nowMs: number): readonly string[] {
      return (selectHosts.all(nowMs) as Row[]).map((row) => String(row.host));
    },

    nextDeliveryAt(nowMs: number): number | undefined {
      const at = (selectNext.get(nowMs) as Row).at;
      return at === null ? undefined : Number(at);
    },

    takeDeliveries(host: string, nowMs: number, limit: number): readonly Delivery[] {
      return (selectDue.all(host, nowMs, limit) as Row[]).map((row) => {
        markSending.run(row.delivery_id);
        return {
          deliveryId: Number(row.delivery_id),
          url: String(row.url),
          host: String(row.host),
          tries: Number(row.tries),
          createdAtMs: Number(row.created_at),
          call: callRecordFromRow(selectCall.get(row.call_id) as Row),
        };
      });
    },

    recordDelivery(
      deliveryId: number,
      attempt: DeliveryTry,
      next: { readonly retryAtMs: number } | "delivered" | "abandoned",
    ): void {
      noteTry.run({
        deliveryId,
        state: typeof next === "string" ? next : "pending",
        nextAt: typeof next === "string" ? null : wholeMs(next.retryAtMs),
        at: wholeMs(attempt.atMs),
        status: attempt.status ?? null,
        error: attempt.error ?? null,
        isAcknowledged: attempt.isAcknowledged ? 1 : 0,
      });
    },

    deliveries(callId: number): readonly DeliveryRecord[] {
      return (selectOfCall.all(callId) as Row[]).map((row) =>
        present<DeliveryRecord>({
          deliveryId: row.delivery_id,
          callId: row.call_id,
          url: row.url,
          state: row.state,
          tries: row.tries,
          nextAtMs: row.next_at,
          lastStatus: row.last_status,
          lastError: row.last_error,
          isAcknowledged: row.is_acknowledged === 1,
        }),
      );
    },
  };
}
