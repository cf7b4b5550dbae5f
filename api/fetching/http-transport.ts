/**
 * One HTTP exchange without redirects: connect, send, read the whole answer within its bounds. All sessions of a
 * thread share one transport and its connections.
 */
import { type Agent, type FormData, request } from "undici";
import type { AddressRule } from "./address-guard.ts";
import { createGuardedAgent, HttpRefusal } from "./guarded-agent.ts";

// LIMIT: a document of 2 MB is far beyond what an author writes; ten minutes of µ-law WAV are 4.8 MB.
export const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

export interface HttpTransportOptions {
  /** Which addresses may be connected to; default: any. Asked after name resolution, for every hop. */
  readonly addressRule?: AddressRule;
  readonly maxResponseBytes?: number;
}

export interface HttpRequest {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  /** False: any certificate will do for this request. Default true. */
  readonly verifiesPeer?: boolean;
  /** Aborts connecting, waiting and reading alike. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined by comma, except Set-Cookie. */
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
  readonly body: Uint8Array;
}

export class HttpTransport {
  readonly #agent: Agent;
  readonly #options: HttpTransportOptions;
  /** For servers that need not prove their name: connections of its own, made when first wanted. */
  #trustingAgent: Agent | undefined;

  constructor(options: HttpTransportOptions = {}) {
    this.#options = options;
    this.#agent = this.#createAgent(true);
  }

  /** Rejects with whatever went wrong; `reasonOf` makes it readable. */
  async exchange(wanted: HttpRequest): Promise<HttpResponse> {
    const maxResponseBytes = this.#options.maxResponseBytes ?? MAX_RESPONSE_BYTES;
    const response = await request(wanted.url, {
      dispatcher: this.#agentFor(wanted),
      method: wanted.method,
      headers: wanted.headers,
      body: wanted.body,
      signal: wanted.signal,
    });
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > maxResponseBytes) {
        response.body.destroy();
        throw new HttpRefusal(`the answer is larger than ${maxResponseBytes} bytes`);
      }
      chunks.push(chunk);
    }
    const setCookie = response.headers["set-cookie"];
    return {
      status: response.statusCode,
      headers: flatten(response.headers),
      setCookies: setCookie === undefined ? [] : Array.isArray(setCookie) ? setCookie : [setCookie],
      body: chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, length),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#trustingAgent?.destroy()]);
  }

  #agentFor(wanted: HttpRequest): Agent {
    if (wanted.verifiesPeer !== false || wanted.url.protocol !== "https:") return this.#agent;
    this.#trustingAgent ??= this.#createAgent(false);
    return this.#trustingAgent;
  }

  #createAgent(verifiesPeer: boolean): Agent {
    return createGuardedAgent({
      rule: this.#options.addressRule,
      verifiesPeer,
      // Deadlines are the caller's signal: undici's own have a granularity of half a second.
      agent: { headersTimeout: 0, bodyTimeout: 0 },
    });
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name === "set-cookie") continue;
    flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}

const REASONS: Readonly<Record<string, (host: string) => string>> = {
  ECONNREFUSED: (host) => `connection refused by ${host}`,
  ECONNRESET: (host) => `connection reset by ${host}`,
  EPIPE: (host) => `connection closed by ${host}`,
  ENOTFOUND: (host) => `host name ${host} is not known`,
  EAI_AGAIN: (host) => `host name ${host} could not be resolved`,
  EHOSTUNREACH: (host) => `${host} cannot be reached`,
  ENETUNREACH: (host) => `${host} cannot be reached`,
  ETIMEDOUT: (host) => `connecting to ${host} timed out`,
  UND_ERR_CONNECT_TIMEOUT: (host) => `connecting to ${host} timed out`,
  UND_ERR_SOCKET: (host) => `${host} closed the connection before its answer was complete`,
};

/** Why an exchange failed, as a phrase to be read by the author of the application. */
export function reasonOf(error: unknown, url: URL, timeoutMs: number): string {
  if (error instanceof HttpRefusal) return error.message;
  for (const cause of causesOf(error)) {
    if (cause instanceof HttpRefusal) return cause.message;
    if (cause.name === "TimeoutError") return `timed out after ${timeoutMs / 1000} s`;
    const code = "code" in cause ? String(cause.code) : "";
    const reason = REASONS[code];
    if (reason) return reason(url.host);
    if (cause.name === "HTTPParserError") return `${url.host} did not answer with HTTP`;
    if (/^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code))
      return `TLS failed: ${cause.message}`;
  }
  return error instanceof Error && error.message ? error.message : String(error);
}

function* causesOf(error: unknown): Generator<Error> {
  // LIMIT: five levels; an error whose cause is itself must not hang us.
  for (let level = 0, at = error; level < 5 && at instanceof Error; level++, at = at.cause) {
    yield at;
    if (at instanceof AggregateError) {
      for (const inner of at.errors) if (inner instanceof Error) yield inner;
    }
  }
}
