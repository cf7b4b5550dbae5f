/**
 * The store's worker: the databases live here, so that a checkpoint or a big upload never delays signalling. Opens
 * the data folder, recovers, says `ready`, and then answers requests in order.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { assert } from "../../engine/index.ts";
import { ApiError } from "../errors.ts";
import { accountOperations } from "../store/account-operations.ts";
import { callOperations } from "../store/call-operations.ts";
import { lockDataFolder } from "../store/data-folder-lock.ts";
import { type DatabaseFiles, openDatabaseFiles, prepareDataFolder } from "../store/database-files.ts";
import { deliveryOperations } from "../store/delivery-operations.ts";
import { enqueueOperations } from "../store/enqueue-operations.ts";
import { GroupCommit } from "../store/group-commit.ts";
import { queueOperations } from "../store/queue-operations.ts";
import { recover } from "../store/recovery.ts";
import type { Recovery } from "../store/store.ts";
import type {
  ErrorMessage,
  QueueFileOperations,
  StoreAnswer,
  StoreRequest,
  StoreWorkerData,
  TraceFileOperations,
} from "../store/store-messages.ts";
import { traceOperations } from "../store/trace-operations.ts";

const NOTHING_FOUND: Recovery = { requeued: 0, interrupted: 0, droppedUploads: 0 };

/** Serves one data folder until told to close. */
function serve(port: MessagePort, data: StoreWorkerData): void {
  const tell = (answer: StoreAnswer) => port.postMessage(answer);
  let unlock: (() => void) | undefined;
  let files: DatabaseFiles;
  let recovery = NOTHING_FOUND;
  try {
    prepareDataFolder(data.dataFolder);
    unlock = lockDataFolder(data.dataFolder);
    files = openDatabaseFiles(data.dataFolder);
    if (data.recovers) recovery = recover(files.queue, data.nowMs);
  } catch (error) {
    unlock?.();
    tell({ type: "refused", error: messageOf(error) });
    port.close();
    return;
  }

  const queueOps: QueueFileOperations = {
    ...accountOperations(files.queue),
    ...enqueueOperations(files.queue),
    ...queueOperations(files.queue),
    ...deliveryOperations(files.queue),
    ...callOperations(files.queue),
  };
  const traceOps: TraceFileOperations = traceOperations(files.traces);
  const queueGroup = new GroupCommit(files.queue);
  const traceGroup = new GroupCommit(files.traces);

  port.on("message", (request: StoreRequest) => {
    const { id, operation } = request;
    const answers = {
      done: (value: unknown) => tell({ type: "done", id, value }),
      failed: (error: unknown) => tell({ type: "failed", id, error: messageOf(error) }),
    };
    if (operation === "close") {
      queueGroup.flush();
      traceGroup.flush();
      files.traces.close();
      files.queue.close();
      unlock?.();
      answers.done(undefined);
      port.close();
      return;
    }
    const isTrace = operation in traceOps;
    const table = (isTrace ? traceOps : queueOps) as Record<string, (...parameters: unknown[]) => unknown>;
    const run = table[operation];
    assert(run, `the store knows no operation ${operation}`);
    (isTrace ? traceGroup : queueGroup).submit({ run: () => run(...request.parameters), ...answers });
  });
  tell({ type: "ready", recovery });
}

function messageOf(error: unknown): ErrorMessage {
  if (error instanceof ApiError) return { code: error.code, message: error.message, details: error.details };
  const reason = error instanceof Error ? error.message : String(error);
  const sqlite = (error as { code?: unknown } | null)?.code;
  return { message: reason, ...(typeof sqlite === "string" ? { details: { sqlite } } : {}) };
}

if (parentPort) serve(parentPort, workerData as StoreWorkerData);
