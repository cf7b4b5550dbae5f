/**
 * The fields of `queuecall.php` and `queuecalls.php`: their lengths, ranges and defaults. Every field is looked at,
 * every problem is noted. An empty field is as if absent, since web forms send all their fields.
 */
import { EngineError, MAX_DIAL_STRING_CHARS, parseDialString } from "../../engine/index.ts";
import type { NewCall, UploadSettings } from "../store/store.ts";
import type { ProblemList } from "./field-problem.ts";
import { readTime, TIME_FORMS } from "./time-expression.ts";

/** Form fields by their names on the wire. */
export type FormFields = Readonly<Record<string, string>>;

/** What an operator may set differently. */
export interface IntakeLimits {
  /** Smallest `retry_interval`. The interface documents 60; a demonstration cannot wait that long. */
  readonly minRetryIntervalSeconds: number;
  readonly maxUploadRows: number;
}

// LIMIT: lengths and ranges as the outbound interface documents them.
export const MAX_URL_CHARS = 255;
export const MAX_REFERENCE_CHARS = 255;
export const MAX_ROW_REFERENCE_CHARS = 128;
export const MAX_PARAMETERS_CHARS = 255;
export const MAX_CAMPAIGN_NAME_CHARS = 255;
const MAX_TIME_CHARS = 80;
const MAX_RETRIES = 10;
const MAX_RETRY_INTERVAL_SECONDS = 172_800;
// The interface documents no default; its smallest interval is what a client that asks for retries expects first.
const DEFAULT_RETRY_INTERVAL_SECONDS = 60;
// LIMIT: the end of the year 9999, the last that RFC 2822 can write.
const MAX_TIMESTAMP_SECONDS = 253_402_300_799;

/** The destination of one call; undefined after a problem. */
export function readDestination(
  text: string | undefined,
  field: string,
  problems: ProblemList,
  row?: number,
): NewCall["destination"] | undefined {
  if (text === undefined || text.trim() === "") {
    problems.add(field, "is missing; write a number such as 16175551234 or tel:+16175551234", row);
    return undefined;
  }
  try {
    return parseDialString(text);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const shown = text.length > MAX_DIAL_STRING_CHARS ? "" : ` ${JSON.stringify(text)}:`;
    problems.add(field, `is no phone number:${shown} ${error.message}`, row);
    return undefined;
  }
}

/** What one call or a whole upload is queued with. Meaningless after a problem. */
export function readSettings(
  fields: FormFields,
  nowMs: number,
  limits: IntakeLimits,
  problems: ProblemList,
): UploadSettings {
  const startUrl = readUrl(fields, "start_url", problems);
  if (startUrl === undefined && !present(fields.start_url)) problems.add("start_url", "is missing");
  const resultUrl = readUrl(fields, "result_url", problems);
  const campaignParameters = readText(fields, "campaign_parameters", MAX_PARAMETERS_CHARS, problems);
  const maxRetries = readMaxRetries(fields, problems);
  const retryIntervalMs = readRetryInterval(fields, limits, problems) * 1000;
  const scheduledAtMs = readMoment(fields, "scheduled", nowMs, problems);
  const expiresAtMs = readMoment(fields, "expiration", nowMs, problems);
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    const field = present(fields.expiration_time) ? "expiration_time" : "expiration_timestamp";
    problems.add(field, `is in the past: ${new Date(expiresAtMs).toISOString()}; 0 means never`);
  }
  return {
    startUrl: startUrl ?? "",
    ...(resultUrl === undefined ? {} : { resultUrl }),
    ...(campaignParameters === undefined ? {} : { campaignParameters }),
    maxAttempts: maxRetries + 1,
    retryIntervalMs,
    queuedAtMs: nowMs,
    ...(scheduledAtMs === undefined ? {} : { scheduledAtMs }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

/** A text field within its length; undefined when absent, or after a problem. */
export function readText(
  fields: FormFields,
  field: string,
  maxChars: number,
  problems: ProblemList,
  row?: number,
): string | undefined {
  const text = fields[field];
  if (text === undefined || text === "") return undefined;
  if (text.length > maxChars) {
    problems.add(field, `has ${text.length} characters; at most ${maxChars} are allowed`, row);
    return undefined;
  }
  return text;
}

function readUrl(fields: FormFields, field: string, problems: ProblemList): string | undefined {
  const text = readText(fields, field, MAX_URL_CHARS, problems)?.trim();
  if (text === undefined || text === "") return undefined;
  const url = URL.parse(text);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    problems.add(field, `is no URL: ${JSON.stringify(text)}; write http://… or https://…`);
    return undefined;
  }
  return text;
}

function readMaxRetries(fields: FormFields, problems: ProblemList): number {
  // One table of the interface's documents spells it max_retry.
  const field = present(fields.max_retries) || !present(fields.max_retry) ? "max_retries" : "max_retry";
  if (present(fields.max_retries) && present(fields.max_retry) && fields.max_retries !== fields.max_retry) {
    problems.add("max_retry", "differs from max_retries; give one of them");
  }
  return readInteger(fields, field, 0, MAX_RETRIES, problems) ?? 0;
}

function readRetryInterval(fields: FormFields, limits: IntakeLimits, problems: ProblemList): number {
  const least = limits.minRetryIntervalSeconds;
  return (
    readInteger(fields, "retry_interval", least, MAX_RETRY_INTERVAL_SECONDS, problems, " seconds") ??
    Math.max(DEFAULT_RETRY_INTERVAL_SECONDS, least)
  );
}

/** `<name>_timestamp` (UNIX seconds, 0 for none) or `<name>_time` (an expression). */
function readMoment(
  fields: FormFields,
  name: "scheduled" | "expiration",
  nowMs: number,
  problems: ProblemList,
): number | undefined {
  const seconds = readInteger(fields, `${name}_timestamp`, 0, MAX_TIMESTAMP_SECONDS, problems);
  const expression = readText(fields, `${name}_time`, MAX_TIME_CHARS, problems);
  const isStamped = seconds !== undefined && seconds !== 0;
  if (expression === undefined || expression.trim() === "") return isStamped ? seconds * 1000 : undefined;
  if (isStamped) {
    problems.add(`${name}_time`, `is given together with ${name}_timestamp; give one of them`);
    return undefined;
  }
  const atMs = readTime(expression, { nowMs });
  if (atMs === undefined) {
    problems.add(`${name}_time`, `is no time: ${JSON.stringify(expression)}; write ${TIME_FORMS}`);
  }
  return atMs;
}

function readInteger(
  fields: FormFields,
  field: string,
  least: number,
  most: number,
  problems: ProblemList,
  unit = "",
): number | undefined {
  const text = fields[field]?.trim();
  if (!present(text)) return undefined;
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < least || value > most) {
    problems.add(field, `is ${JSON.stringify(text)}; write a whole number from ${least} to ${most}${unit}`);
    return undefined;
  }
  return value;
}

function present(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== "";
}
