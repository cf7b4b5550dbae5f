/**
 * Voice sessions as the engine sees them, run in dialog workers. A session goes to the worker with the fewest. A
 * worker that dies, or whose event loop no longer turns, ends its sessions as a failure of the platform; the next
 * session starts another in its place, and the other workers never notice.
 */
import { Worker } from "node:worker_threads";
import {
  type Logger,
  PLATFORM_FAILURE_EVENT,
  type SessionCommand,
  type SpeechSynthesizer,
  type VoiceSession,
  type VoiceSessionRequest,
  type VoiceSessions,
} from "../../engine/index.ts";
import type { DialogWorkerSettings, FromDialogWorker, Spoken, ToDialogWorker } from "./dialog-messages.ts";
import { workerEntry } from "./entry.ts";

// A script may burn its whole budget of some hundred milliseconds, and hundreds of scripts share a worker.
const PING_INTERVAL_MS = 5_000;
// LIMIT: a worker that has not answered for this long is taken for hung; calls on it hear silence meanwhile.
const DEFAULT_HUNG_AFTER_MS = 20_000;

export interface DialogClientOptions {
  readonly speech: SpeechSynthesizer;
  readonly logger: Logger;
  /** Number of workers. Default 1. */
  readonly workers?: number;
  readonly settings?: DialogWorkerSettings;
  readonly hungAfterMs?: number;
}

export class DialogClient implements VoiceSessions {
  readonly #options: DialogClientOptions;
  readonly #slots: Slot[];
  #nextSession = 1;

  constructor(options: DialogClientOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: Math.max(1, options.workers ?? 1) }, () => new Slot(options));
  }

  /** Starts the workers ahead of the first call: preparing the script engine takes 0.1 s. */
  warmUp(): void {
    for (const slot of this.#slots) slot.warmUp();
  }

  /** Sessions running in each worker. */
  get load(): readonly number[] {
    return this.#slots.map((slot) => slot.sessions);
  }

  /** The running worker threads, for supervision. */
  get threads(): readonly Worker[] {
    return this.#slots.flatMap((slot) => slot.thread ?? []);
  }

  start(request: VoiceSessionRequest, observer: (command: SessionCommand) => void): VoiceSession {
    const id = this.#nextSession++;
    const slot = this.#slots.reduce((best, other) => (other.sessions < best.sessions ? other : best));
    slot.start(id, request, observer);
    return {
      notify: (notice) => slot.tellSession(id, { type: "notify", session: id, notice }),
      terminate: () => slot.tellSession(id, { type: "terminate", session: id }),
    };
  }

  /** Ends every session and worker. */
  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()));
    this.#options.logger.debug({ workers: this.#slots.length }, "dialog workers closed");
  }
}

/** One worker's place: the worker itself may be replaced. */
class Slot {
  readonly #options: DialogClientOptions;
  readonly #sessions = new Map<number, (command: SessionCommand) => void>();
  #worker: Worker | undefined;
  #watch: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: DialogClientOptions) {
    this.#options = options;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get thread(): Worker | undefined {
    return this.#worker;
  }

  warmUp(): void {
    if (!this.#isClosed) this.#worker ??= this.#startWorker();
  }

  start(id: number, request: VoiceSessionRequest, observer: (command: SessionCommand) => void): void {
    this.#sessions.set(id, observer);
    if (this.#isClosed) {
      this.#end(id, "the dialog workers are closed");
      return;
    }
    this.warmUp();
    this.#post({ type: "start", session: id, request });
  }

  tellSession(id: number, message: ToDialogWorker): void {
    if (this.#sessions.has(id)) this.#post(message);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#drop("the dialog workers were closed");
    await worker?.terminate();
  }

  #startWorker(): Worker {
    const worker = new Worker(workerEntry("dialog"), {
      workerData: this.#options.settings ?? {},
      name: "dialog",
    });
    const isCurrent = () => this.#worker === worker;
    worker.on("message", (message: FromDialogWorker) => {
      if (isCurrent()) this.#onMessage(message);
    });
    worker.on("error", (error) => {
      if (isCurrent()) this.#lose(error instanceof Error ? error.message : String(error));
    });
    worker.on("exit", (code) => {
      if (isCurrent()) this.#lose(`it ended with ${code}`);
    });
    this.#watchFor(worker);
    return worker;
  }

  #watchFor(worker: Worker): void {
    const hungAfterMs = this.#options.hungAfterMs ?? DEFAULT_HUNG_AFTER_MS;
    let unansweredMs = 0;
    worker.on("message", () => {
      unansweredMs = 0;
    });
    const intervalMs = Math.min(PING_INTERVAL_MS, hungAfterMs);
    this.#watch = setInterval(() => {
      if (unansweredMs >= hungAfterMs) {
        this.#lose(`it has not answered for ${unansweredMs / 1000} s`);
        return;
      }
      unansweredMs += intervalMs;
      worker.postMessage({ type: "ping" } satisfies ToDialogWorker);
    }, intervalMs);
    this.#watch.unref();
  }

  #onMessage(message: FromDialogWorker): void {
    switch (message.type) {
      case "command": {
        const observer = this.#sessions.get(message.session);
        if (message.command.type === "ended") this.#sessions.delete(message.session);
        observer?.(message.command);
        break;
      }
      case "speak": {
        const worker = this.#worker;
        const answer = (result: Spoken) =>
          worker?.postMessage({ type: "spoken", speech: message.speech, result } satisfies ToDialogWorker);
        this.#options.speech.synthesize(message.request).then(
          (audio) => answer({ ok: true, audio }),
          (error: unknown) =>
            answer({ ok: false, message: error instanceof Error ? error.message : String(error) }),
        );
        break;
      }
      case "pong":
        break;
    }
  }

  #lose(reason: string): void {
    this.#options.logger.error({ reason, sessions: this.#sessions.size }, "dialog worker lost");
    const worker = this.#worker;
    this.#drop(`the dialog worker was lost: ${reason}`);
    void worker?.terminate();
  }

  /** Forgets the worker and ends its sessions; the next session starts another. */
  #drop(message: string): void {
    clearInterval(this.#watch);
    this.#worker = undefined;
    for (const id of [...this.#sessions.keys()]) this.#end(id, message);
  }

  #end(id: number, message: string): void {
    const observer = this.#sessions.get(id);
    this.#sessions.delete(id);
    observer?.({ type: "ended", ending: { kind: "error", event: PLATFORM_FAILURE_EVENT, message } });
  }

  #post(message: ToDialogWorker): void {
    this.#worker?.postMessage(message);
  }
}
