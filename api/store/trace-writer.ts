/**
 * Gathers trace entries and hands them to the store in batches. Bounded: when the store cannot keep up the newest
 * entries are dropped and counted, since a trace must never hold up a call. Traces give way before the disk does:
 * while less than a floor is free all entries are dropped, so that calls and results can still be written.
 */
import type { Clock, Logger, TraceSink } from "../../engine/index.ts";
import type { Store, TraceRow } from "./store.ts";

export interface TraceWriterOptions {
  readonly store: Pick<Store, "appendTrace">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told how many entries were dropped. */
  readonly onDropped?: (count: number) => void;
  /** Absent: entries are written as long as there is any disk. */
  readonly floor?: TraceFloor;
}

/** Below it nothing is written. */
export interface TraceFloor {
  readonly minFreeBytes: number;
  /** Asked at most every 10 s. When it rejects, what it said last holds. */
  readonly freeBytes: () => Promise<number>;
}

const FLUSH_DELAY_MS = 100;
const FLOOR_CHECK_INTERVAL_MS = 10_000;
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
  #isBelowFloor = false;
  #checkedFloorAtMs = Number.NEGATIVE_INFINITY;

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
      if (await this.#isTooLittleFree()) {
        onDropped?.(this.#waiting.length);
        this.#waiting = [];
        continue;
      }
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

  /** Looks at the disk when that was long ago; says so when the answer is another one than before. */
  async #isTooLittleFree(): Promise<boolean> {
    const { floor, clock, logger } = this.#options;
    if (!floor || clock.now() - this.#checkedFloorAtMs < FLOOR_CHECK_INTERVAL_MS) return this.#isBelowFloor;
    this.#checkedFloorAtMs = clock.now();
    const { minFreeBytes } = floor;
    const freeBytes = await floor.freeBytes().catch(() => undefined);
    if (freeBytes === undefined || freeBytes < minFreeBytes === this.#isBelowFloor) return this.#isBelowFloor;
    this.#isBelowFloor = freeBytes < minFreeBytes;
    if (this.#isBelowFloor)
      logger.warn({ freeBytes, minFreeBytes }, "too little disk is free: traces are dropped");
    else logger.info({ freeBytes, minFreeBytes }, "disk is free again: traces are written");
    return this.#isBelowFloor;
  }
}
