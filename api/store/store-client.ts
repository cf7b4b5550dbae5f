/**
 * The store as the main thread sees it: each method is a message to the worker that holds the databases, each answer
 * settles its promise. A worker that dies is replaced; what it had not answered fails as `API_STORE_LOST`, which the
 * dialer and the callbacks try again.
 */
import { Worker } from "node:worker_threads";
import type { Logger } from "../../engine/index.ts";
import { API_ERRORS, ApiError, type ApiErrorCode } from "../errors.ts";
import { workerEntry } from "../workers/entry.ts";
import { MAX_EXPIRED_PER_CHUNK } from "./queue-operations.ts";
import type { Recovery, Store } from "./store.ts";
import type {
  ErrorMessage,
  StoreAnswer,
  StoreOperations,
  StoreRequest,
  StoreWorkerData,
} from "./store-messages.ts";
import { MAX_TRACE_ROWS_PER_STEP } from "./trace-operations.ts";

type Operation = keyof StoreOperations;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

// LIMIT: replacements of the worker within one run; a store that dies this often needs a person.
const MAX_REPLACEMENTS = 20;

/** Requests and answers over a worker that is replaced when it dies. */
export class StoreWorker {
  readonly #dataFolder: string;
  readonly #logger: Logger | undefined;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #isClosed = false;
  #nextId = 1;
  #replacements = 0;

  constructor(dataFolder: string, logger: Logger | undefined) {
    this.#dataFolder = dataFolder;
    this.#logger = logger;
  }

  /** Starts the worker; resolves once the databases are open and recovered. */
  open(nowMs: number): Promise<Recovery> {
    return this.#start({ dataFolder: this.#dataFolder, nowMs, recovers: true });
  }

  request<Name extends Operation>(
    operation: Name,
    ...parameters: Parameters<StoreOperations[Name]>
  ): Promise<ReturnType<StoreOperations[Name]>> {
    return this.#send({ id: this.#nextId++, operation, parameters }) as Promise<
      ReturnType<StoreOperations[Name]>
    >;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    const worker = this.#worker;
    const closed = this.#send({ id: this.#nextId++, operation: "close" });
    this.#isClosed = true;
    await closed.catch(() => undefined);
    await worker?.terminate();
  }

  #send(request: StoreRequest): Promise<unknown> {
    if (this.#isClosed || !this.#worker) return Promise.reject(lost("The store is closed"));
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve, reject });
      this.#worker?.postMessage(request);
    });
  }

  #start(data: StoreWorkerData): Promise<Recovery> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(workerEntry("store"), { workerData: data, name: "store" });
      this.#worker = worker;
      let isReady = false;
      worker.on("message", (answer: StoreAnswer) => {
        if (answer.type === "ready") {
          isReady = true;
          resolve(answer.recovery);
        } else if (answer.type === "refused") reject(errorFrom(answer.error));
        else this.#settle(answer);
      });
      worker.on("error", (error) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        this.#logger?.error({ error: String(error) }, "store worker failed");
      });
      worker.on("exit", (exitCode) => {
        reject(lost(`The store's worker ended with status ${exitCode}`));
        this.#noteExit(worker, isReady, data.nowMs);
      });
    });
  }

  #settle(answer: Extract<StoreAnswer, { id: number }>): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.type === "done") pending?.resolve(answer.value);
    else pending?.reject(errorFrom(answer.error));
  }

  #noteExit(worker: Worker, wasReady: boolean, nowMs: number): void {
    if (worker !== this.#worker) return;
    for (const pending of this.#pending.values()) pending.reject(lost("The store's worker ended"));
    this.#pending.clear();
    if (this.#isClosed || !wasReady) return;
    if (++this.#replacements > MAX_REPLACEMENTS) {
      this.#logger?.error({ replacements: MAX_REPLACEMENTS }, "store worker not replaced any more");
      this.#isClosed = true;
      return;
    }
    this.#logger?.warn({ replacement: this.#replacements }, "store worker replaced");
    // Requests made meanwhile wait in the new worker's mailbox. Attempts under way belong to this process and go on.
    this.#start({ dataFolder: this.#dataFolder, nowMs, recovers: false }).catch((error) => {
      this.#logger?.error({ error: String(error) }, "store worker could not be replaced");
      this.#isClosed = true;
    });
  }
}

/** The `Store` over a worker. */
export function storeOver(worker: StoreWorker, recovery: Recovery): Store {
  return {
    recovery,
    saveAccount: (account) => worker.request("saveAccount", account),
    findAccount: (login) => worker.request("findAccount", login),
    lockOtherAccounts: (logins) => worker.request("lockOtherAccounts", logins),
    deployment: (deploymentId) => worker.request("deployment", deploymentId),

    enqueue: (campaignId, call) => worker.request("enqueue", campaignId, call),
    beginUpload: (upload) => worker.request("beginUpload", upload),
    addUploadRows: (campaignId, rows) => worker.request("addUploadRows", campaignId, rows),
    finishUpload: (campaignId) => worker.request("finishUpload", campaignId),
    async dropUpload(campaignId) {
      // Long work goes in pieces, each a message of its own, so that claims get in between.
      while (await worker.request("dropSomeOfUpload", campaignId));
    },

    claim: (deploymentId, nowMs) => worker.request("claim", deploymentId, nowMs),
    deploymentsWithDueCalls: (nowMs) => worker.request("deploymentsWithDueCalls", nowMs),
    nextDueAt: (nowMs) => worker.request("nextDueAt", nowMs),
    recordInviteSent: (attemptId, atMs) => worker.request("recordInviteSent", attemptId, atMs),
    settle: (attemptId, report, next) => worker.request("settle", attemptId, report, next),
    release: (attemptId, reason) => worker.request("release", attemptId, reason),
    expire: (nowMs) => inPieces(MAX_EXPIRED_PER_CHUNK, () => worker.request("expireSome", nowMs)),

    call: (callId) => worker.request("call", callId),
    attempts: (callId) => worker.request("attempts", callId),
    calls: (page) => worker.request("calls", page),
    counts: () => worker.request("counts"),

    hostsWithDueDeliveries: (nowMs) => worker.request("hostsWithDueDeliveries", nowMs),
    nextDeliveryAt: (nowMs) => worker.request("nextDeliveryAt", nowMs),
    takeDeliveries: (host, nowMs, limit) => worker.request("takeDeliveries", host, nowMs, limit),
    recordDelivery: (deliveryId, attempt, next) =>
      worker.request("recordDelivery", deliveryId, attempt, next),
    deliveries: (callId) => worker.request("deliveries", callId),

    appendTrace: (rows) => worker.request("appendTrace", rows),
    readTrace: (callId) => worker.request("readTrace", callId),
    deleteTracesBefore: (cutoffMs) =>
      inPieces(MAX_TRACE_ROWS_PER_STEP, () => worker.request("deleteSomeTraces", cutoffMs)),
    recordingsBefore: (cutoffMs) => worker.request("recordingsBefore", cutoffMs),
    forgetRecordings: (attemptIds) => worker.request("forgetRecordings", attemptIds),

    close: () => worker.close(),
  };
}

/** Repeats a step until it does less than a full one. Returns the sum. */
async function inPieces(fullStep: number, step: () => Promise<number>): Promise<number> {
  for (let sum = 0; ; ) {
    const done = await step();
    sum += done;
    if (done < fullStep) return sum;
  }
}

function errorFrom(message: ErrorMessage): ApiError {
  const code = message.code !== undefined && message.code in API_ERRORS ? message.code : "API_STORE_FAILED";
  return new ApiError(code as ApiErrorCode, message.message, { details: message.details ?? {} });
}

function lost(message: string): ApiError {
  return new ApiError("API_STORE_LOST", message);
}
