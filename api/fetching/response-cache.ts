/**
 * Responses kept for later sessions, by the rules of HTTP caching (RFC 9111) and VoiceXML 2.0 §6.1.2: `maxage` and
 * `maxstale` become the request's own cache directives, and the stored policy answers them.
 *
 * The cache is shared by the calls of all callees, so it is a shared cache in the sense of the RFC: `private`
 * responses and those that set cookies are not kept.
 */
import CachePolicy from "http-cache-semantics";
import type { HttpResponse } from "./http-transport.ts";

// LIMIT: some hundred prompts and documents; recordings of prompts are what fills it.
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

// An entry costs its key, headers and policy beside the body.
const ENTRY_OVERHEAD_BYTES = 1024;

/** A request as the policy reads it. */
export interface CacheableRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Entry {
  readonly policy: CachePolicy;
  /** The server forbids to use it once it has expired, whatever a document's maxstale says. */
  readonly forbidsStale: boolean;
  readonly response: HttpResponse;
  readonly bytes: number;
}

/** What the cache says to a request. */
export type CacheAnswer =
  | { readonly kind: "fresh"; readonly response: HttpResponse }
  /** Ask the server with these headers; a 304 goes to `revalidated`. */
  | { readonly kind: "stale"; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "none" };

export class ResponseCache {
  readonly #maxBytes: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #underWay = new Map<string, Promise<void>>();
  #bytes = 0;

  constructor(options: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Looks a GET up. */
  find(request: CacheableRequest): CacheAnswer {
    const entry = this.#entries.get(request.url);
    if (!entry) return { kind: "none" };
    const asked = policyRequest(request, entry.forbidsStale);
    if (entry.policy.satisfiesWithoutRevalidation(asked)) {
      this.#entries.delete(request.url);
      this.#entries.set(request.url, entry);
      return { kind: "fresh", response: entry.response };
    }
    const headers = entry.policy.revalidationHeaders(asked);
    const isConditional = "if-none-match" in headers || "if-modified-since" in headers;
    return isConditional ? { kind: "stale", headers: flatten(headers) } : { kind: "none" };
  }

  /** Whether a response for this URL is kept, fresh or not. */
  has(url: string): boolean {
    return this.#entries.has(url);
  }

  /** Resolves when the request for this URL that is under way has ended, however; undefined: there is none. */
  underWay(url: string): Promise<void> | undefined {
    return this.#underWay.get(url);
  }

  /** Lets others wait for this request instead of sending the same. Rejects as the request does. */
  async once<T>(url: string, request: () => Promise<T>): Promise<T> {
    const sent = request();
    const ended = sent.then(
      () => {},
      () => {},
    );
    this.#underWay.set(url, ended);
    try {
      return await sent;
    } finally {
      if (this.#underWay.get(url) === ended) this.#underWay.delete(url);
    }
  }

  /** Keeps a response when it may be kept; otherwise forgets what was there. */
  store(request: CacheableRequest, response: HttpResponse): void {
    const policy = new CachePolicy(policyRequest(request), policyResponse(response), { shared: true });
    const isKeepable = policy.storable() && response.setCookies.length === 0;
    this.#put(request.url, isKeepable ? policy : undefined, response, forbidsStale(response));
  }

  /** The server said 304: the stored response, refreshed; undefined when it has gone meanwhile. */
  revalidated(request: CacheableRequest, notModified: HttpResponse): HttpResponse | undefined {
    const entry = this.#entries.get(request.url);
    if (!entry) return undefined;
    const { policy } = entry.policy.revalidatedPolicy(policyRequest(request), policyResponse(notModified));
    this.#put(request.url, policy, entry.response, entry.forbidsStale || forbidsStale(notModified));
    return entry.response;
  }

  #put(url: string, policy: CachePolicy | undefined, response: HttpResponse, forbidsStale: boolean): void {
    const old = this.#entries.get(url);
    if (old) {
      this.#entries.delete(url);
      this.#bytes -= old.bytes;
    }
    if (!policy) return;
    const bytes = response.body.length + url.length + ENTRY_OVERHEAD_BYTES;
    // One response must not push out everything else.
    if (bytes > this.#maxBytes / 4) return;
    this.#entries.set(url, { policy, forbidsStale, response, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}

/** `isStrict`: without the request's willingness to take what has expired. */
function policyRequest(request: CacheableRequest, isStrict = false): CachePolicy.HttpRequest {
  const headers: Record<string, string> = { ...request.headers };
  const asked = headers["cache-control"];
  if (isStrict && asked !== undefined) {
    headers["cache-control"] = asked.replace(/(?:,\s*)?max-stale=\d+/, "");
  }
  return { url: request.url, method: "GET", headers };
}

/** RFC 9111 §5.2.2: directives after which nothing stale may be used; `s-maxage` implies `proxy-revalidate`. */
function forbidsStale({ headers }: HttpResponse): boolean {
  return /(?:^|[\s,])(?:must-revalidate|proxy-revalidate|s-maxage|no-cache)(?![\w-])/i.test(
    headers["cache-control"] ?? "",
  );
}

function policyResponse(response: HttpResponse): CachePolicy.HttpResponse {
  const headers: Record<string, string> = { ...response.headers };
  const said = headers["cache-control"];
  // The policy would ask again while the response is fresh still; `forbidsStale` does what the RFC means.
  if (said !== undefined) {
    headers["cache-control"] = said.replace(/(^|[\s,])(?:must|proxy)-revalidate(?![\w-])/gi, "$1");
  }
  return { status: response.status, headers };
}

function flatten(headers: CachePolicy.Headers): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}
