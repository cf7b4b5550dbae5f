/** A queued request to reach one number, and one attempt at it. */
import type { DialString } from "./dial-string.ts";

/** What a call carries from its queueing to every attempt. Times are epoch milliseconds. */
export interface Call {
  readonly callId: number;
  readonly deploymentId: number;
  readonly campaignId: number;
  readonly destination: DialString;
  readonly startUrl: string;
  readonly resultUrl?: string;
  readonly messageReference?: string;
  readonly callParameters?: string;
  readonly campaignParameters?: string;
  /** Further columns of the uploaded list. */
  readonly variables: Readonly<Record<string, string>>;
  /** Total attempts allowed: Plum's `max_retries` + 1. */
  readonly maxAttempts: number;
  readonly retryIntervalMs: number;
  readonly queuedAtMs: number;
  readonly scheduledAtMs?: number;
  readonly expiresAtMs?: number;
}

/**
 * Days and hours within which a deployment may dial, by the clock of `timeZone`. Minutes count from midnight; a window
 * whose end is before its beginning runs past midnight.
 */
export interface CallingWindow {
  /** IANA name, such as `America/New_York`. */
  readonly timeZone: string;
  /** ISO weekdays: 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** First minute of the day that is inside, 0 to 1439. */
  readonly fromMinute: number;
  /** First minute of the day that is outside, 0 to 1440. */
  readonly toMinute: number;
}

/** What the dialer needs to know of a deployment. */
export interface Deployment {
  readonly deploymentId: number;
  readonly name: string;
  readonly trunk: string;
  readonly callerId?: string;
  readonly ringTimeoutMs: number;
  readonly maxChannels: number;
  /** Restores Plum's behaviour of redialing everything that is not Completed. */
  readonly redialDeclined: boolean;
  readonly recordCalls: boolean;
  readonly startMethod: "GET" | "POST";
  readonly profile: "plum" | "w3c";
  /** Absent: dials at any time. */
  readonly callingWindow?: CallingWindow;
}

/** A call taken from the queue with its attempt opened, in one transaction. */
export interface ClaimedCall {
  readonly call: Call;
  readonly deployment: Deployment;
  readonly attemptId: number;
  /** 1 for the first. Attempts that never sent an INVITE do not count. */
  readonly attemptNumber: number;
  readonly claimedAtMs: number;
}
