/**
 * The exclusive lock on a data folder: one process works on it at a time.
 *
 * The lock itself is SQLite's, held by an open transaction on a small file: the kernel drops it with its process,
 * however that ends, so there is no stale lock to judge and a reused pid cannot be mistaken for the holder. A text file
 * beside it names the holder, for the message only.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { ApiError } from "../errors.ts";

const LOCK_FILE = "voxdial.lock";
const HOLDER_FILE = "voxdial.pid";

/**
 * Takes the lock; the result gives it back.
 *
 * @throws ApiError `API_DATA_FOLDER_HELD` naming the holder's pid.
 */
export function lockDataFolder(dataFolder: string): () => void {
  const database = new SqliteDatabase(join(dataFolder, LOCK_FILE), { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (isBusy(error)) throw heldError(dataFolder);
    throw error;
  }
  writeFileSync(join(dataFolder, HOLDER_FILE), `${process.pid} ${hostname()}\n`);
  return () => release(database);
}

function release(database: Database): void {
  if (!database.open) return;
  if (database.inTransaction) database.exec("ROLLBACK");
  database.close();
}

function heldError(dataFolder: string): ApiError {
  let holder = "";
  try {
    holder = readFileSync(join(dataFolder, HOLDER_FILE), "utf8").trim();
  } catch {
    // The holder has taken the lock and not yet written its name.
  }
  const [pid = "", host = ""] = holder.split(" ");
  const who = pid === "" ? "another process" : `process ${pid}${host === hostname() ? "" : ` on ${host}`}`;
  return new ApiError("API_DATA_FOLDER_HELD", `The data folder ${dataFolder} is in use by ${who}`, {
    details: { dataFolder, ...(pid === "" ? {} : { pid: Number(pid) }) },
  });
}

function isBusy(error: unknown): boolean {
  return error instanceof SqliteDatabase.SqliteError && error.code.startsWith("SQLITE_BUSY");
}
