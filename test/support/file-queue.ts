/** The SQLite queue in this thread, over a file that can be dropped and opened again as after a crash. */
import SqliteDatabase from "better-sqlite3";
import { accountOperations } from "../../api/store/account-operations.ts";
import { callOperations } from "../../api/store/call-operations.ts";
import { deliveryOperations } from "../../api/store/delivery-operations.ts";
import { enqueueOperations } from "../../api/store/enqueue-operations.ts";
import { migrate, QUEUE_MIGRATIONS } from "../../api/store/migrate.ts";
import { queueOperations } from "../../api/store/queue-operations.ts";
import { recover } from "../../api/store/recovery.ts";
import type { CallQueue } from "../../engine/index.ts";

export interface FileQueue extends CallQueue {
  readonly operations: ReturnType<typeof operationsOf>;
  /** As a kill would: every later answer is withheld, the file stays as it is. */
  drop(): void;
}

/** Opens and recovers. Without fsync: these tests drop the process's state, not the machine's power. */
export function openFileQueue(path: string, nowMs: number): FileQueue {
  const database = new SqliteDatabase(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = OFF");
  migrate(database, QUEUE_MIGRATIONS);
  recover(database, nowMs);
  const operations = operationsOf(database);
  let isDropped = false;
  /** One transaction each, as the store's worker gives them; a dropped queue never answers. */
  const answer = async <Value>(run: () => Value): Promise<Value> => {
    if (isDropped) return new Promise(() => undefined);
    const value = database.transaction(run)();
    await Promise.resolve();
    return isDropped ? new Promise(() => undefined) : value;
  };
  return {
    operations,
    claim: (id, atMs) => answer(() => operations.claim(id, atMs)),
    deploymentsWithDueCalls: (atMs) => answer(() => operations.deploymentsWithDueCalls(atMs)),
    nextDueAt: (atMs) => answer(() => operations.nextDueAt(atMs)),
    recordInviteSent: (id, atMs) => answer(() => operations.recordInviteSent(id, atMs)),
    settle: (id, report, next) => answer(() => operations.settle(id, report, next)),
    release: (id, reason) => answer(() => operations.release(id, reason)),
    expire: (atMs) => answer(() => operations.expireSome(atMs)),
    drop() {
      isDropped = true;
      database.close();
    },
  };
}

function operationsOf(database: SqliteDatabase.Database) {
  return {
    ...accountOperations(database),
    ...enqueueOperations(database),
    ...queueOperations(database),
    ...callOperations(database),
    ...deliveryOperations(database),
  };
}
