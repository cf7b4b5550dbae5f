/** What is deleted with age: traces from their file, recordings from the disk. And how much disk is free. */
import { rm, statfs } from "node:fs/promises";
import type { Clock, Logger } from "../../engine/index.ts";
import type { Store } from "./store.ts";

export interface RetentionOptions {
  readonly store: Pick<Store, "deleteTracesBefore" | "recordingsBefore" | "forgetRecordings">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly traceDays: number;
  readonly recordingDays: number;
}

const DAY_MS = 86_400_000;
const INTERVAL_MS = 3_600_000;

export class Retention {
  readonly #options: RetentionOptions;
  #cancelTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Deletes now and then every hour. */
  start(): void {
    void this.#runAndArm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  /** Deletes what is too old, in small pieces. */
  async run(): Promise<{ readonly traces: number; readonly recordings: number }> {
    const { store, clock, traceDays, recordingDays } = this.#options;
    const traces = await store.deleteTracesBefore(clock.now() - traceDays * DAY_MS);
    let recordings = 0;
    for (;;) {
      const old = await store.recordingsBefore(clock.now() - recordingDays * DAY_MS);
      if (old.length === 0 || this.#isStopped) break;
      // The file first: a row without a file is looked at again, a file without a row would stay for ever.
      for (const { path } of old) await rm(path, { force: true });
      await store.forgetRecordings(old.map(({ attemptId }) => attemptId));
      recordings += old.length;
    }
    return { traces, recordings };
  }

  async #runAndArm(): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      const deleted = await this.run();
      if (deleted.traces + deleted.recordings > 0) logger.info(deleted, "old data deleted");
    } catch (error) {
      logger.warn({ error: String(error) }, "old data not deleted");
    }
    if (!this.#isStopped) this.#cancelTimer = clock.after(INTERVAL_MS, () => void this.#runAndArm());
  }
}

/** Bytes an ordinary user may still write on the disk of this folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
