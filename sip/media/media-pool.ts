/**
 * The media pool of the main thread: several media workers, each leg in the one with the fewest. A worker that dies
 * takes its own legs with it, is started again, and the others go on.
 */
import type { Logger } from "../../engine/index.ts";
import { SipError } from "../errors.ts";
import { MAX_LEGS_PER_ENGINE } from "./media-engine.ts";
import type { MediaEvent, MediaLeg, MediaLegOptions, MediaPool } from "./media-port.ts";
import type { MediaEngineHealth, MediaWorkerSettings } from "./media-protocol.ts";
import { WorkerLink } from "./worker-link.ts";

export interface MediaPoolOptions {
  /** Entry point of the worker, which calls `serveMediaEngine`. */
  readonly workerUrl: URL;
  /** Default 1; two at most make sense on two cores. */
  readonly workers?: number;
  readonly bindAddress: string;
  /** Inclusive; divided among the workers. Absent: ports the system picks. */
  readonly portRange?: { readonly min: number; readonly max: number };
  readonly recording: { readonly minFreeBytes: number };
  readonly logger?: Logger;
}

// A worker that dies again and again is started after 0, 0.25, 0.5, … at most 5 s.
const RESTART_STEP_MS = 250;
const MAX_RESTART_DELAY_MS = 5000;
// One that has lived this long was well; the count of deaths begins anew.
const WELL_AFTER_MS = 10_000;
// LIMIT: a worker that is always late says so this often.
const LATE_LOG_INTERVAL_MS = 1000;

interface Slot {
  readonly settings: MediaWorkerSettings;
  link: WorkerLink | undefined;
  startedAtMs: number;
  deaths: number;
  restart: NodeJS.Timeout | undefined;
  lateLoggedAtMs: number;
}

export class WorkerMediaPool implements MediaPool {
  readonly #options: MediaPoolOptions;
  readonly #slots: Slot[];
  #isClosed = false;

  constructor(options: MediaPoolOptions) {
    this.#options = options;
    const workers = Math.max(1, options.workers ?? 1);
    this.#slots = Array.from({ length: workers }, (_, index) => ({
      settings: {
        bindAddress: options.bindAddress,
        recording: options.recording,
        ...(options.portRange ? { portRange: shareOf(options.portRange, index, workers) } : {}),
      },
      link: undefined,
      startedAtMs: 0,
      deaths: 0,
      restart: undefined,
      lateLoggedAtMs: Number.NEGATIVE_INFINITY,
    }));
    for (const [index] of this.#slots.entries()) this.#start(index);
  }

  async open(options: MediaLegOptions, observer: (event: MediaEvent) => void): Promise<MediaLeg> {
    const links = this.#slots.flatMap(({ link }) => (link ? [link] : []));
    const free = links.filter((link) => link.load < MAX_LEGS_PER_ENGINE).sort((a, b) => a.load - b.load)[0];
    if (!free || this.#isClosed) {
      const why = this.#isClosed ? "the media pool is closed" : `no media worker of ${links.length} has room`;
      throw new SipError("SIP_MEDIA_FULL", why, { details: { legs: this.load } });
    }
    return free.open(options, observer);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const slot of this.#slots) clearTimeout(slot.restart);
    await Promise.all(this.#slots.map((slot) => slot.link?.shutdown()));
  }

  /** Legs open in all workers. */
  get load(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot.link?.load ?? 0), 0);
  }

  /** One entry per worker, undefined for one that is being started again. */
  health(): Promise<(MediaEngineHealth | undefined)[]> {
    return Promise.all(this.#slots.map((slot) => slot.link?.health()));
  }

  /** Thread ids of the workers now running, by index. */
  get threadIds(): (number | undefined)[] {
    return this.#slots.map((slot) => slot.link?.threadId);
  }

  /** Ends one worker as a crash would, for tests of what follows. Resolves when it is gone. */
  async killWorker(index: number): Promise<void> {
    await this.#slots[index]?.link?.terminate();
  }

  #start(index: number): void {
    const slot = this.#slots[index] as Slot;
    slot.startedAtMs = performance.now();
    slot.link = new WorkerLink(this.#options.workerUrl, slot.settings, {
      gone: (explanation) => this.#onGone(index, explanation),
      trace: (legId, kind, data) => this.#log(slot, legId, kind, data),
    });
  }

  #log(slot: Slot, legId: string, kind: string, data: Readonly<Record<string, unknown>>): void {
    const { logger } = this.#options;
    if (kind === "stray-packets") logger?.warn({ legId, ...data }, "stray packets");
    if (kind === "recording-stopped") logger?.error({ legId, ...data }, "recording stopped");
    if (kind === "slots-skipped") {
      // One stall is told by every leg of the worker.
      const now = performance.now();
      if (now - slot.lateLoggedAtMs < LATE_LOG_INTERVAL_MS) return;
      slot.lateLoggedAtMs = now;
      logger?.warn({ worker: this.#slots.indexOf(slot), ...data }, "media clock late");
    }
  }

  #onGone(index: number, explanation: string): void {
    const slot = this.#slots[index] as Slot;
    slot.link = undefined;
    if (this.#isClosed) return;
    if (performance.now() - slot.startedAtMs > WELL_AFTER_MS) slot.deaths = 0;
    const delayMs = Math.min(MAX_RESTART_DELAY_MS, slot.deaths * RESTART_STEP_MS);
    slot.deaths++;
    this.#options.logger?.error({ worker: index, explanation, restartMs: delayMs }, "media worker died");
    slot.restart = setTimeout(() => this.#start(index), delayMs);
  }
}

/** One worker's part of the range, beginning at an even port. */
function shareOf(
  range: { readonly min: number; readonly max: number },
  index: number,
  workers: number,
): { readonly min: number; readonly max: number } {
  const first = range.min + (range.min % 2);
  const pairs = Math.floor((range.max - first + 1) / 2);
  const from = Math.floor((pairs * index) / workers);
  const to = Math.floor((pairs * (index + 1)) / workers);
  return { min: first + 2 * from, max: first + 2 * to - 1 };
}
