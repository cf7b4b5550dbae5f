/**
 * The store: what everything durable looks like to the rest of the program. `openStore` (open-store.ts) opens the
 * SQLite one. Every method is asynchronous and safe to call concurrently; requests that arrive together share one
 * transaction, and nothing resolves before it is on disk.
 *
 * All times are epoch milliseconds and come from the caller: the store has no clock of its own.
 */
import type {
  Call,
  CalleeType,
  CallQueue,
  Deployment,
  OutcomeReason,
  TraceEntry,
} from "../../engine/index.ts";

/** What deployments made from configuration share. */
export type DeploymentSettings = Omit<Deployment, "deploymentId" | "name">;

/** An account as it authenticates, with the deployment and campaign its single calls go to. */
export interface Account {
  readonly accountId: number;
  readonly login: string;
  /** As `hashPin` wrote it; empty for a locked account. */
  readonly pinHash: string;
  readonly deploymentId: number;
  readonly defaultCampaignId: number;
}

/** A call to be queued: what the client said, checked. */
export type NewCall = Omit<Call, "callId" | "deploymentId" | "campaignId">;

/** What the calls of one upload share. */
export type UploadSettings = Omit<
  NewCall,
  "destination" | "messageReference" | "callParameters" | "variables"
>;

/** One row of an uploaded list. */
export type UploadRow = Pick<NewCall, "destination" | "messageReference" | "callParameters" | "variables">;

/** A call's own state; a retry goes back from `dialing` to `queued`. */
export type CallState = "queued" | "dialing" | "completed" | "failed" | "canceled";

export const CALL_STATES: readonly CallState[] = ["queued", "dialing", "completed", "failed", "canceled"];

/** A call with what has become of it. */
export interface CallRecord extends Call {
  readonly state: CallState;
  /** Attempts that sent an INVITE. */
  readonly attemptsMade: number;
  /** When it is due, while queued. */
  readonly nextAtMs: number;
  /** Of the last attempt; absent before the first. */
  readonly calleeType?: CalleeType;
  readonly reason?: OutcomeReason;
  readonly lastAttemptAtMs?: number;
  /** Answer to end of the last attempt. */
  readonly durationMs?: number;
  /** When it was done. */
  readonly endedAtMs?: number;
}

export interface AttemptRecord {
  readonly attemptId: number;
  readonly callId: number;
  readonly attemptNumber: number;
  /** `released`: no INVITE left, does not count. */
  readonly state: "open" | "ended" | "released";
  readonly claimedAtMs: number;
  readonly inviteSentAtMs?: number;
  readonly ringingAtMs?: number;
  readonly answeredAtMs?: number;
  readonly decidedAtMs?: number;
  readonly endedAtMs?: number;
  readonly result?: "completed" | "failed";
  readonly calleeType?: CalleeType;
  readonly reason?: OutcomeReason;
  readonly explanation?: string;
  readonly sipStatus?: number;
  readonly q850Cause?: number;
  readonly keys?: string;
  readonly beepAtMs?: number;
  /** Absent when none was made, or retention deleted it. */
  readonly recordingPath?: string;
}

/** The result of a call on its way to `result_url`. */
export interface Delivery {
  readonly deliveryId: number;
  readonly url: string;
  /** `host:port` of the URL: concurrency is bounded by it. */
  readonly host: string;
  /** Tries made before this one. */
  readonly tries: number;
  readonly createdAtMs: number;
  readonly call: CallRecord;
}

/** What came of one try to deliver. */
export interface DeliveryTry {
  readonly atMs: number;
  readonly status?: number;
  /** Why it failed, or nothing. */
  readonly error?: string;
  /** Whether the answer's text was `completed`, as the interface asks of clients. */
  readonly isAcknowledged: boolean;
}

export interface DeliveryRecord {
  readonly deliveryId: number;
  readonly callId: number;
  readonly url: string;
  readonly state: "pending" | "sending" | "delivered" | "abandoned";
  readonly tries: number;
  readonly nextAtMs: number;
  readonly lastStatus?: number;
  readonly lastError?: string;
  readonly isAcknowledged: boolean;
}

export interface TraceRow {
  readonly callId: number;
  readonly attemptId: number;
  readonly entry: TraceEntry;
}

/** Counts kept as calls change state, never by counting rows. */
export interface StoreCounts {
  readonly calls: Readonly<Record<CallState, number>>;
  readonly deliveriesPending: number;
}

/** What was found open when the store was opened. */
export interface Recovery {
  /** Attempts whose INVITE never left: their calls are queued again, uncounted. */
  readonly requeued: number;
  /** Attempts whose INVITE had left: counted, failed, `unknown`, reason `interrupted`. */
  readonly interrupted: number;
  /** Calls of uploads that were not finished, and are gone. */
  readonly droppedUploads: number;
}

export interface Store extends CallQueue {
  readonly recovery: Recovery;

  // ------------------------------------------------------------------------- accounts and deployments

  /** Creates the account with its deployment and default campaign, or brings the settings up to date. */
  saveAccount(account: {
    readonly login: string;
    readonly pinHash: string;
    readonly deployment: DeploymentSettings;
    readonly nowMs: number;
  }): Promise<Account>;
  findAccount(login: string): Promise<Account | undefined>;
  /** Makes every pin of the accounts not named wrong; their calls stay. Returns how many were locked by this. */
  lockOtherAccounts(logins: readonly string[]): Promise<number>;
  deployment(deploymentId: number): Promise<Deployment | undefined>;

  // ---------------------------------------------------------------------------------------- enqueueing

  /** Queues one call in a campaign. Resolves with its call id once it is on disk. */
  enqueue(campaignId: number, call: NewCall): Promise<number>;
  /**
   * Begins an upload as a campaign of its own, none of whose calls can be claimed before `finishUpload`. An upload
   * left unfinished at the end of the process is dropped at the next start.
   */
  beginUpload(upload: {
    readonly deploymentId: number;
    readonly name: string;
    readonly settings: UploadSettings;
  }): Promise<number>;
  /** Adds rows; resolves with the first call id, the others follow without a gap. LIMIT: 1,000 rows. */
  addUploadRows(campaignId: number, rows: readonly UploadRow[]): Promise<number>;
  /** Makes all calls of the upload claimable at once, durably. */
  finishUpload(campaignId: number): Promise<void>;
  /** Removes an unfinished upload, in small pieces. */
  dropUpload(campaignId: number): Promise<void>;

  // ------------------------------------------------------------------------------------------- reading

  call(callId: number): Promise<CallRecord | undefined>;
  attempts(callId: number): Promise<readonly AttemptRecord[]>;
  /** Calls in order of call id, from `afterCallId` on. LIMIT: 1,000 at once. */
  calls(page: {
    readonly afterCallId?: number;
    readonly campaignId?: number;
    readonly limit: number;
  }): Promise<readonly CallRecord[]>;
  counts(): Promise<StoreCounts>;

  // ----------------------------------------------------------------------------------------- deliveries

  /** Hosts with at least one due delivery. */
  hostsWithDueDeliveries(nowMs: number): Promise<readonly string[]>;
  /** When the next delivery not yet due becomes due. */
  nextDeliveryAt(nowMs: number): Promise<number | undefined>;
  /** Takes the oldest due deliveries of one host; each must be told to `recordDelivery`. */
  takeDeliveries(host: string, nowMs: number, limit: number): Promise<readonly Delivery[]>;
  /** Notes a try: done, given up, or due again. */
  recordDelivery(
    deliveryId: number,
    attempt: DeliveryTry,
    next: { readonly retryAtMs: number } | "delivered" | "abandoned",
  ): Promise<void>;
  deliveries(callId: number): Promise<readonly DeliveryRecord[]>;

  // --------------------------------------------------------------------------------- traces, retention

  /** Appends to the trace file; survives the process, not a power cut. LIMIT: 1,000 rows at once. */
  appendTrace(rows: readonly TraceRow[]): Promise<void>;
  /** One call's trace over all its attempts, in order of time. */
  readTrace(callId: number): Promise<readonly TraceRow[]>;
  /** Deletes trace rows older than the cutoff, in small pieces. Returns how many. */
  deleteTracesBefore(cutoffMs: number): Promise<number>;
  /** Recordings of attempts that ended before the cutoff, oldest first. LIMIT: 500 at once. */
  recordingsBefore(cutoffMs: number): Promise<ReadonlyArray<{ attemptId: number; path: string }>>;
  /** Forgets recordings whose files are deleted. */
  forgetRecordings(attemptIds: readonly number[]): Promise<void>;

  /** Waits for everything under way, then closes the files and gives the data folder free. */
  close(): Promise<void>;
}
