/** Opens the store of one data folder: SQLite in a worker of its own. */
import type { Logger } from "../../engine/index.ts";
import type { Store } from "./store.ts";
import { StoreWorker, storeOver } from "./store-client.ts";

export interface StoreOptions {
  /** Created when it does not exist. */
  readonly dataFolder: string;
  /** The time at which interrupted attempts are settled, epoch milliseconds. Default: now. */
  readonly nowMs?: number;
  readonly logger?: Logger;
}

/**
 * Locks the folder, brings its databases up to date, and settles what a killed process left open (`Store.recovery`
 * says how much). `close` gives the folder free; the end of the process does too.
 *
 * @throws ApiError `API_DATA_FOLDER_HELD` naming the holder's pid, or `API_DATA_FOLDER_UNUSABLE`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const worker = new StoreWorker(options.dataFolder, options.logger);
  return storeOver(worker, await worker.open(options.nowMs ?? Date.now()));
}
