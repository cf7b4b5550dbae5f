/**
 * Gathers trace entries and hands them to the store in batches. Bounded: when the store cannot keep up the newest
 * entries are dropped and counted, since a trace must never hold up a call.
 */
import type { Clock, Logger, TraceSink } from "../../engine/index.ts";
import type { Store, TraceRow } from "./store.ts";

export interface TraceWriterOptions {
  readonly store: Pick<Store, "appendTrace">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told how many entries were dropped. */
  readonly onDropped?: (count: number) => void;
}

const FLUSH_DELAY_MS = 100;
// LIMIT: rows of one message to the store.
const MAX_BATCH = 500;
// LIMIT: some 10 MB; a minute of a busy engine's entries.
const MAX_WAITING = 50_000;

export class TraceWriter implements TraceSink {
  readonly #options: TraceWriterOptions;
  #waiting: TraceRow[] = [];
  #cancelTimer: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #dropped = 0;

  constructor(options: TraceWriterOptions) {
    this.#options = options;
  }

  write(callId: number, attemptId: number, entry: TraceRow["entry"]): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push({ callId, attemptId, entry });
    this.#cancelTimer ??= this.#options.clock.after(FLUSH_DELAY_MS, () => {
      this.#cancelTimer = undefined;
      void this.flush();
    });
  }

  /** Resolves when everything written so far has been handed over. Never rejects. */
  async flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { store, logger, onDropped } = this.#options;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MAX_BATCH);
      this.#waiting = this.#waiting.slice(MAX_BATCH);
      try {
        await store.appendTrace(batch);
      } catch (error) {
        this.#dropped += batch.length;
        logger.warn({ entries: batch.length, error: String(error) }, "trace entries not written");
      }
      if (this.#dropped > 0) {
        onDropped?.(this.#dropped);
        logger.warn({ entries: this.#dropped }, "trace entries dropped");
        this.#dropped = 0;
      }
    }
  }
}
