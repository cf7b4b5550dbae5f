/** One try to deliver a result: a form POST whose answer is 2xx. */
import { type Agent, type Dispatcher, request } from "undici";
import type { AddressRule } from "../fetching/address-guard.ts";
import { createGuardedAgent } from "../fetching/guarded-agent.ts";
import type { CallRecord } from "../store/store.ts";
import { resultFields } from "./result-message.ts";

/** What came of it. `error` is absent when the answer was 2xx. */
export interface ResultAnswer {
  readonly status?: number;
  readonly error?: string;
  /** Whether the answer's text was `completed`, with which clients acknowledge. */
  readonly isAcknowledged: boolean;
}

// LIMIT: of an answer no more is read; the acknowledgement is one word.
const MAX_ANSWER_BYTES = 1_024;

/** A connection pool for results. `rule`: which addresses may be connected to; default: any. */
export function createResultAgent(timeoutMs: number, rule?: AddressRule): Agent {
  return createGuardedAgent({ connectTimeoutMs: timeoutMs, rule });
}

/** Posts one result. Never rejects. Redirects are not followed: a POST must not become a GET somewhere else. */
export async function postResult(
  url: string,
  call: CallRecord,
  options: { readonly dispatcher: Dispatcher; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<ResultAnswer> {
  const { dispatcher, timeoutMs } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
  try {
    const answer = await request(url, {
      method: "POST",
      dispatcher,
      signal,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": "voxdial",
        ...authorization(url),
      },
      body: new URLSearchParams(
        resultFields(call).map(([name, value]): [string, string] => [name, value]),
      ).toString(),
    });
    const status = answer.statusCode;
    const text = await readStart(answer.body);
    if (status >= 200 && status < 300) {
      return { status, isAcknowledged: text.trim().toLowerCase() === "completed" };
    }
    return { status, error: `answered ${status}`, isAcknowledged: false };
  } catch (error) {
    if (timeout.aborted)
      return { error: `no answer within ${timeoutMs / 1000} seconds`, isAcknowledged: false };
    const { message, code } = error as { message?: unknown; code?: unknown };
    return { error: String(message || code || error), isAcknowledged: false };
  }
}

async function readStart(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the body, and the connection with it.
  for await (const piece of body as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, MAX_ANSWER_BYTES).toString("utf8");
}

/** Credentials in the URL, which the HTTP client leaves to its caller. */
function authorization(url: string): { authorization?: string } {
  const { username = "", password = "" } = URL.parse(url) ?? {};
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}
