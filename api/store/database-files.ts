/**
 * The two database files of a data folder. `queue.db` holds calls and attempts: every commit is on disk before it is
 * answered (`synchronous=FULL`), since a lost claim would be a second call. `traces.db` may lose its last moments with
 * the power, never with the process (`NORMAL`).
 */
import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { ApiError } from "../errors.ts";
import { migrate, QUEUE_MIGRATIONS, TRACE_MIGRATIONS } from "./migrate.ts";

export interface DatabaseFiles {
  readonly queue: Database;
  readonly traces: Database;
}

/** @throws ApiError `API_DATA_FOLDER_UNUSABLE` when the folder cannot be made or written. */
export function prepareDataFolder(dataFolder: string): void {
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o750 });
    accessSync(dataFolder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(dataFolder, error);
  }
}

/** Opens both files and brings them up to date. The folder must be locked by the caller. */
export function openDatabaseFiles(dataFolder: string): DatabaseFiles {
  let queue: Database | undefined;
  try {
    queue = open(join(dataFolder, "queue.db"), "FULL", QUEUE_MIGRATIONS);
    const traces = open(join(dataFolder, "traces.db"), "NORMAL", TRACE_MIGRATIONS);
    return { queue, traces };
  } catch (error) {
    queue?.close();
    throw error instanceof ApiError ? error : unusable(dataFolder, error);
  }
}

function open(path: string, synchronous: "FULL" | "NORMAL", migrations: readonly string[]): Database {
  const database = new SqliteDatabase(path, { timeout: 5_000 });
  try {
    database.pragma("journal_mode = WAL");
    database.pragma(`synchronous = ${synchronous}`);
    database.pragma("foreign_keys = ON");
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function unusable(dataFolder: string, error: unknown): ApiError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ApiError("API_DATA_FOLDER_UNUSABLE", `The data folder ${dataFolder} is not usable: ${reason}`, {
    details: { dataFolder },
    cause: error,
  });
}
