/**
 * Numbered migrations. A file's `user_version` says how many have run; each runs in a transaction of its own, so that a
 * process killed in between leaves a file that the next start completes.
 */
import type { Database } from "better-sqlite3";
import { ApiError } from "../errors.ts";
import { sql as queue0001 } from "./migrations/0001-queue.ts";
import { sql as traces0001 } from "./migrations/0001-traces.ts";

/** In order; what has been released never changes, additions go to the end. */
export const QUEUE_MIGRATIONS: readonly string[] = [queue0001];
export const TRACE_MIGRATIONS: readonly string[] = [traces0001];

/** "voxd" in ASCII: marks a SQLite file as one of ours. */
const APPLICATION_ID = 0x766f7864;

/**
 * Brings a database up to date. Returns how many migrations ran.
 *
 * @throws ApiError `API_DATA_FOLDER_UNUSABLE` when the file belongs to another program or to a newer version.
 */
export function migrate(database: Database, migrations: readonly string[]): number {
  const version = Number(database.pragma("user_version", { simple: true }));
  const applicationId = Number(database.pragma("application_id", { simple: true }));
  const hasTables = database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
  if (hasTables && applicationId !== APPLICATION_ID) {
    throw new ApiError("API_DATA_FOLDER_UNUSABLE", `${database.name} is a database of another program`);
  }
  if (version > migrations.length) {
    throw new ApiError(
      "API_DATA_FOLDER_UNUSABLE",
      `${database.name} was written by a newer voxdial (schema ${version}, this one knows ${migrations.length})`,
    );
  }
  const pending = migrations.slice(version);
  for (const [index, sql] of pending.entries()) {
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${version + index + 1}`);
    })();
  }
  return pending.length;
}
