/**
 * Speech as the rest of the product sees it: a synthesizer whose work is done by the speech worker. What was
 * rendered before is answered at once; the same text asked for twice at the same time is rendered once; the worker
 * gets one utterance at a time, so that its deadline measures it and not the queue before it. A worker that dies or
 * hangs is replaced with the next utterance, and only the one it was speaking is lost.
 */
import { Worker } from "node:worker_threads";
import {
  EngineError,
  type Logger,
  type Pcm,
  type SpeechRequest,
  type SpeechSynthesizer,
} from "../../engine/index.ts";
import type { SpeechSettings, Utterance } from "../speech/provider.ts";
import { promptKey, RenderedPromptCache } from "../speech/rendered-prompt-cache.ts";
import type { SpeechAnswer, SpeechJob } from "../speech/speech-messages.ts";
import { workerEntry } from "./entry.ts";

// LIMIT: the longest allowed text takes about 10 s on a slow core.
const DEFAULT_DEADLINE_MS = 30_000;
// LIMIT: utterances waiting for the worker; beyond it the callees would wait longer than they stay.
const MAX_QUEUE = 1_000;
// LIMIT: characters of one utterance, as in the engine's prompts.
const MAX_TEXT_CHARS = 5_000;

export interface SpeechClientOptions {
  readonly settings: SpeechSettings;
  readonly logger: Logger;
  readonly cacheBytes?: number;
  readonly deadlineMs?: number;
}

interface Waiting {
  readonly utterance: Utterance;
  readonly resolve: (audio: Pcm) => void;
  readonly reject: (error: EngineError) => void;
}

/** Opens the synthesizer; the worker starts with the first utterance, or with `warmUp`. */
export class SpeechClient implements SpeechSynthesizer {
  readonly #options: SpeechClientOptions;
  readonly #cache: RenderedPromptCache;
  readonly #rendering = new Map<string, Promise<Pcm>>();
  readonly #queue: Waiting[] = [];
  #worker: Worker | undefined;
  #current: { readonly id: number; readonly waiting: Waiting; readonly deadline: NodeJS.Timeout } | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(options: SpeechClientOptions) {
    this.#options = options;
    this.#cache = new RenderedPromptCache({ maxBytes: options.cacheBytes });
  }

  /** Starts the worker ahead of the first prompt: compiling the built-in synthesizer takes 0.2 s. */
  warmUp(): void {
    if (!this.#isClosed) this.#worker ??= this.#startWorker();
  }

  synthesize(request: SpeechRequest): Promise<Pcm> {
    const { text, language, voice } = request;
    const { provider, voice: defaultVoice = "" } = this.#options.settings;
    const key = promptKey(provider, voice ?? defaultVoice, language ?? "", text);
    const ready = this.#cache.find(key);
    if (ready) return Promise.resolve(ready);
    const underWay = this.#rendering.get(key);
    if (underWay) return underWay;
    const rendered = this.#render({ text: text.slice(0, MAX_TEXT_CHARS), language, voice }).then(
      (audio) => {
        this.#rendering.delete(key);
        this.#cache.keep(key, audio);
        return audio;
      },
      (error: unknown) => {
        this.#rendering.delete(key);
        throw error;
      },
    );
    this.#rendering.set(key, rendered);
    return rendered;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#finishCurrent()?.reject(failed("speech was closed"));
    for (const waiting of this.#queue.splice(0)) waiting.reject(failed("speech was closed"));
    await worker?.terminate();
  }

  #render(utterance: Utterance): Promise<Pcm> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) reject(failed("speech is closed"));
      else if (this.#queue.length >= MAX_QUEUE) reject(failed("too many utterances are waiting"));
      else {
        this.#queue.push({ utterance, resolve, reject });
        this.#next();
      }
    });
  }

  #next(): void {
    if (this.#current || this.#isClosed) return;
    const waiting = this.#queue.shift();
    if (!waiting) return;
    this.#worker ??= this.#startWorker();
    const id = this.#nextId++;
    const deadline = setTimeout(
      () => this.#replaceWorker("it did not finish in time"),
      this.#options.deadlineMs ?? DEFAULT_DEADLINE_MS,
    );
    deadline.unref();
    this.#current = { id, waiting, deadline };
    this.#worker.ref();
    this.#worker.postMessage({ id, utterance: waiting.utterance } satisfies SpeechJob);
  }

  #startWorker(): Worker {
    const worker = new Worker(workerEntry("speech"), { workerData: this.#options.settings, name: "speech" });
    // Idle, it must not keep the process alive.
    worker.unref();
    worker.on("message", (answer: SpeechAnswer) => this.#onAnswer(answer));
    worker.on("error", (error) => {
      if (this.#worker === worker)
        this.#replaceWorker(error instanceof Error ? error.message : String(error));
    });
    worker.on("exit", (code) => {
      if (this.#worker === worker) this.#replaceWorker(`it ended with ${code}`);
    });
    return worker;
  }

  #onAnswer(answer: SpeechAnswer): void {
    if (this.#current?.id !== answer.id) return;
    const waiting = this.#finishCurrent();
    if (answer.ok) waiting?.resolve(answer.audio);
    else waiting?.reject(failed(answer.message));
    this.#next();
  }

  /** Drops the worker; the next utterance starts another. */
  #replaceWorker(reason: string): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#options.logger.warn({ reason }, "speech worker replaced");
    void worker?.terminate();
    this.#finishCurrent()?.reject(failed(`the speech worker was lost: ${reason}`));
    this.#next();
  }

  #finishCurrent(): Waiting | undefined {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return undefined;
    clearTimeout(current.deadline);
    this.#worker?.unref();
    return current.waiting;
  }
}

function failed(reason: string): EngineError {
  return new EngineError("ENGINE_SPEECH_FAILED", reason);
}
