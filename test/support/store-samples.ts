/** Accounts, calls and reports as store and dialer tests need them. */

import type { DeploymentSettings, NewCall, UploadRow, UploadSettings } from "../../api/store/store.ts";
import { type AttemptReport, type Outcome, parseDialString } from "../../engine/index.ts";

export const SETTINGS: DeploymentSettings = {
  trunk: "main",
  ringTimeoutMs: 45_000,
  maxChannels: 10,
  redialDeclined: false,
  recordCalls: false,
  startMethod: "POST",
  profile: "plum",
};

export function sampleAccount(login: string, nowMs: number, settings: Partial<DeploymentSettings> = {}) {
  return { login, pinHash: "hash", deployment: { ...SETTINGS, ...settings }, nowMs };
}

export function sampleCall(nowMs: number, fields: Partial<NewCall> & { number?: string } = {}): NewCall {
  const { number = "16175551234", ...rest } = fields;
  return {
    destination: parseDialString(number),
    startUrl: "http://127.0.0.1/start",
    variables: {},
    maxAttempts: 1,
    retryIntervalMs: 60_000,
    queuedAtMs: nowMs,
    ...rest,
  };
}

export function sampleUpload(nowMs: number, fields: Partial<UploadSettings> = {}): UploadSettings {
  return {
    startUrl: "http://127.0.0.1/start",
    maxAttempts: 1,
    retryIntervalMs: 60_000,
    queuedAtMs: nowMs,
    ...fields,
  };
}

export function sampleRows(count: number, firstNumber = 6_175_550_000): UploadRow[] {
  return Array.from({ length: count }, (_, index) => ({
    destination: parseDialString(String(firstNumber + index)),
    variables: {},
  }));
}

export function report(nowMs: number, outcome: Partial<Outcome> = {}): AttemptReport {
  return {
    outcome: {
      result: "failed",
      calleeType: "busy",
      reason: "busy",
      explanation: "The line was busy.",
      retryable: true,
      ...outcome,
    },
    timestamps: { claimedAtMs: nowMs, inviteAtMs: nowMs, endedAtMs: nowMs },
    keys: "",
  };
}

export function completed(nowMs: number, durationMs = 5_000): AttemptReport {
  return {
    ...report(nowMs, { result: "completed", calleeType: "voice", reason: "answered", retryable: false }),
    timestamps: {
      claimedAtMs: nowMs,
      inviteAtMs: nowMs,
      answeredAtMs: nowMs,
      endedAtMs: nowMs + durationMs,
    },
  };
}
