/** What the store's client and its worker say to each other. */
import type { accountOperations } from "./account-operations.ts";
import type { callOperations } from "./call-operations.ts";
import type { deliveryOperations } from "./delivery-operations.ts";
import type { enqueueOperations } from "./enqueue-operations.ts";
import type { queueOperations } from "./queue-operations.ts";
import type { Recovery } from "./store.ts";
import type { traceOperations } from "./trace-operations.ts";

export type QueueFileOperations = ReturnType<typeof accountOperations> &
  ReturnType<typeof enqueueOperations> &
  ReturnType<typeof queueOperations> &
  ReturnType<typeof deliveryOperations> &
  ReturnType<typeof callOperations>;

export type TraceFileOperations = ReturnType<typeof traceOperations>;

export type StoreOperations = QueueFileOperations & TraceFileOperations;

export interface StoreWorkerData {
  readonly dataFolder: string;
  readonly nowMs: number;
  /** False when a lost worker is replaced: attempts under way in this process are not interrupted. */
  readonly recovers: boolean;
}

export type StoreRequest =
  | {
      readonly id: number;
      readonly operation: keyof StoreOperations;
      readonly parameters: readonly unknown[];
    }
  | { readonly id: number; readonly operation: "close" };

/** An error that has crossed the thread border. */
export interface ErrorMessage {
  /** Of `API_ERRORS`, or absent for the database's own errors. */
  readonly code?: string;
  readonly message: string;
  readonly details?: Record<string, unknown>;
}

export type StoreAnswer =
  | { readonly type: "ready"; readonly recovery: Recovery }
  | { readonly type: "refused"; readonly error: ErrorMessage }
  | { readonly type: "done"; readonly id: number; readonly value: unknown }
  | { readonly type: "failed"; readonly id: number; readonly error: ErrorMessage };
