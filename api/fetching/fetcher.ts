/**
 * HTTP for one voice session: documents, grammars, scripts, data and audio (VoiceXML 2.0 §6.1). Redirects are
 * followed by hand so that every hop is checked and may set cookies; the session's cookies live and die with it;
 * the cache and the connections are shared. Never rejects: a failure is a result that says why.
 */
import { CookieJar } from "tough-cookie";
import { FormData } from "undici";
import type { AudioFetchResult, Fetcher } from "../../engine/index.ts";
import type { FetchRequest, FetchResult } from "../../vxml/index.ts";
import { HttpRefusal } from "./guarded-agent.ts";
import { type HttpResponse, type HttpTransport, reasonOf } from "./http-transport.ts";
import type { CacheAnswer, CacheableRequest, ResponseCache } from "./response-cache.ts";
import { decodeText, parseMediaType } from "./text-decoding.ts";

// LIMIT: five redirects; a longer chain is a loop in all but name.
const MAX_REDIRECTS = 5;
// LIMIT: five minutes; a longer fetchtimeout would hold a channel with a silent line.
const MAX_TIMEOUT_MS = 5 * 60_000;

const ACCEPT: Readonly<Record<FetchRequest["purpose"], string>> = {
  document: "application/voicexml+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
  grammar: "application/srgs+xml, application/x-jsgf, application/xml;q=0.9, */*;q=0.5",
  script: "application/ecmascript, text/javascript, */*;q=0.5",
  data: "text/xml, application/xml, */*;q=0.5",
  audio: "audio/x-wav, audio/wav, audio/basic, audio/mpeg, audio/*;q=0.9, */*;q=0.5",
};

export interface FetcherOptions {
  readonly transport: HttpTransport;
  /** Shared by sessions; absent: nothing is cached. */
  readonly cache?: ResponseCache;
  readonly userAgent?: string;
  /** The audio of a recording this session made; absent: it made none. */
  readonly recordingOf?: (recordingId: string) => RecordedAudio | undefined;
}

/** A recording as it is sent to a server (VoiceXML 2.0 §5.3.8). */
export interface RecordedAudio {
  readonly contentType: string;
  readonly fileName: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Makes the fetcher of one session, with a cookie jar of its own. */
export function createFetcher(options: FetcherOptions): Fetcher {
  return new SessionFetcher(options);
}

type Fetched =
  | { readonly ok: true; readonly uri: string; readonly response: HttpResponse }
  | { readonly ok: false; readonly status?: number; readonly reason: string };

class SessionFetcher implements Fetcher {
  readonly #transport: HttpTransport;
  readonly #cache: ResponseCache | undefined;
  readonly #userAgent: string;
  readonly #recordingOf: NonNullable<FetcherOptions["recordingOf"]>;
  readonly #cookies = new CookieJar(undefined, { looseMode: true });

  constructor(options: FetcherOptions) {
    this.#transport = options.transport;
    this.#cache = options.cache;
    this.#userAgent = options.userAgent ?? "voxdial";
    this.#recordingOf = options.recordingOf ?? (() => undefined);
  }

  async fetch(request: FetchRequest): Promise<FetchResult> {
    const fetched = await this.#fetch(request);
    if (!fetched.ok) return fetched;
    const { status, headers, body } = fetched.response;
    const media = parseMediaType(headers["content-type"]);
    const decoded = decodeText(body, media.charset);
    if (!decoded.ok) return { ok: false, status, reason: decoded.reason };
    return { ok: true, uri: fetched.uri, status, contentType: media.type, text: decoded.text };
  }

  async fetchAudio(request: FetchRequest): Promise<AudioFetchResult> {
    const fetched = await this.#fetch(request);
    if (!fetched.ok) return fetched;
    const { headers, body } = fetched.response;
    const header = headers["content-type"];
    const rate = /;\s*rate\s*=\s*"?(\d{1,6})\b/i.exec(header ?? "")?.[1];
    return {
      ok: true,
      contentType: parseMediaType(header).type,
      bytes: body,
      ...(rate === undefined ? {} : { sampleRateHz: Number(rate) }),
    };
  }

  async #fetch(request: FetchRequest): Promise<Fetched> {
    const timeoutMs = Math.min(Math.max(1, request.timeoutMs), MAX_TIMEOUT_MS);
    let url: URL;
    try {
      url = urlOf(request);
    } catch {
      return { ok: false, reason: `${JSON.stringify(request.uri)} is not an absolute URI` };
    }
    const lost = request.recordings?.find(([, id]) => !this.#recordingOf(id));
    if (lost) return { ok: false, reason: `the recording of "${lost[0]}" is not there` };
    const signal = AbortSignal.timeout(timeoutMs);
    let hop: Hop = {
      url,
      method: request.method,
      body: bodyOf(request, this.#recordingOf),
      contentType: contentTypeOf(request),
    };
    try {
      for (let redirects = 0; ; redirects++) {
        const response = await this.#hop(hop, request, url.origin, signal);
        const next = redirectOf(hop, response);
        if (!next) return finish(hop.url, response);
        if (redirects === MAX_REDIRECTS) {
          return { ok: false, status: response.status, reason: `more than ${MAX_REDIRECTS} redirects` };
        }
        hop = next;
      }
    } catch (error) {
      return { ok: false, reason: reasonOf(error, hop.url, timeoutMs) };
    }
  }

  async #hop(hop: Hop, request: FetchRequest, origin: string, signal: AbortSignal): Promise<HttpResponse> {
    if (hop.url.protocol !== "http:" && hop.url.protocol !== "https:") {
      throw new HttpRefusal(`${hop.url.protocol} is not a scheme that can be fetched`);
    }
    const url = hop.url.href;
    const cookie = this.#cookies.getCookieStringSync(url);
    const headers: Record<string, string> = {
      accept: ACCEPT[request.purpose],
      "accept-encoding": "identity",
      "user-agent": this.#userAgent,
      ...(hop.contentType ? { "content-type": hop.contentType } : {}),
      ...(cookie ? { cookie } : {}),
      // Headers the author asked for may be credentials: they stay with the server they were meant for.
      ...(hop.url.origin === origin ? lowerCased(request.headers) : {}),
    };
    const cacheControl = cacheControlOf(request);
    if (cacheControl) headers["cache-control"] = cacheControl;

    // What a server says to a session with cookies is meant for that session, except for static resources.
    const isPersonal = cookie !== "" && (request.purpose === "document" || request.purpose === "data");
    // What came from a server that did not prove its name stays with the session that accepted that.
    const isVerified = request.verifiesPeer !== false || hop.url.protocol !== "https:";
    const cache = hop.method === "GET" && !isPersonal && isVerified ? this.#cache : undefined;
    const cacheable = { url, headers };
    let found: CacheAnswer = cache?.find(cacheable) ?? { kind: "none" };
    // A hundred calls answered at once want the same recording: one asks, the others wait for what it brings.
    // A document may be another one for each session, unless it has been kept for all before.
    const isStatic = request.purpose !== "document" && request.purpose !== "data";
    const isShared = isStatic || (cache?.has(url) ?? false);
    const mayWait = found.kind !== "fresh" && isShared && request.maxAgeSeconds !== 0;
    const underWay = mayWait ? cache?.underWay(url) : undefined;
    if (cache && underWay) {
      await Promise.race([underWay, aborted(signal)]);
      found = cache.find(cacheable);
    }
    if (found.kind === "fresh") return found.response;
    const send = () => this.#send(hop, found, cacheable, cache, signal, request.verifiesPeer);
    return cache && isShared ? cache.once(url, send) : send();
  }

  async #send(
    hop: Hop,
    found: CacheAnswer,
    cacheable: CacheableRequest,
    cache: ResponseCache | undefined,
    signal: AbortSignal,
    verifiesPeer: boolean | undefined,
  ): Promise<HttpResponse> {
    const { url, headers } = cacheable;
    const response = await this.#transport.exchange({
      url: hop.url,
      method: hop.method,
      headers: found.kind === "stale" ? { ...headers, ...found.headers } : headers,
      body: hop.body,
      verifiesPeer,
      signal,
    });
    for (const setCookie of response.setCookies) {
      this.#cookies.setCookieSync(setCookie, url, { ignoreError: true });
    }
    if (response.status === 304 && found.kind === "stale") {
      const stored = cache?.revalidated(cacheable, response);
      if (stored) return stored;
    }
    cache?.store(cacheable, response);
    return response;
  }
}

/** Rejects with the signal's reason once it aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

interface Hop {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly body?: string | FormData;
  readonly contentType?: string;
}

function finish(url: URL, response: HttpResponse): Fetched {
  if (response.status >= 200 && response.status < 300) return { ok: true, uri: url.href, response };
  return { ok: false, status: response.status, reason: `the server answered ${response.status}` };
}

/** The next hop of a redirect (RFC 9110 §15.4); undefined: this response is the answer. */
function redirectOf(hop: Hop, response: HttpResponse): Hop | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const { location } = response.headers;
  if (!location || !URL.canParse(location, hop.url.href)) return undefined;
  const url = new URL(location, hop.url);
  // As every browser does, a POST redirected by 301 or 302 becomes a GET; 307 and 308 repeat it.
  const repeats = response.status === 307 || response.status === 308;
  return repeats ? { ...hop, url } : { url, method: "GET" };
}

function urlOf(request: FetchRequest): URL {
  const url = new URL(request.uri);
  url.hash = "";
  if (request.method === "GET" && request.fields && request.fields.length > 0) {
    const query = encodeFields(request.fields);
    url.search = url.search ? `${url.search}&${query}` : `?${query}`;
  }
  return url;
}

const URLENCODED = "application/x-www-form-urlencoded";

function isMultipart(request: FetchRequest): boolean {
  return request.enctype?.toLowerCase() === "multipart/form-data";
}

function bodyOf(
  request: FetchRequest,
  recordingOf: NonNullable<FetcherOptions["recordingOf"]>,
): string | FormData | undefined {
  if (request.method !== "POST") return undefined;
  if (request.body !== undefined) return request.body;
  if (!isMultipart(request)) return encodeFields(request.fields ?? []);
  const form = new FormData();
  for (const [name, value] of request.fields ?? []) form.append(name, value);
  for (const [name, recordingId] of request.recordings ?? []) {
    const audio = recordingOf(recordingId);
    if (audio) form.append(name, new Blob([audio.bytes], { type: audio.contentType }), audio.fileName);
  }
  return form;
}

/** Undefined for multipart: the boundary is made with the body. */
function contentTypeOf(request: FetchRequest): string | undefined {
  if (request.method !== "POST") return undefined;
  if (request.body !== undefined) return request.enctype ?? "application/octet-stream";
  return isMultipart(request) ? undefined : URLENCODED;
}

function encodeFields(fields: NonNullable<FetchRequest["fields"]>): string {
  return new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
}

/** VoiceXML 2.0 §6.1.2: maxage and maxstale in HTTP's own words. */
function cacheControlOf(request: FetchRequest): string {
  const directives: string[] = [];
  // An age of 0 s is not above max-age=0; `no-cache` is what "always ask" is called.
  if (request.maxAgeSeconds === 0) directives.push("no-cache");
  else if (request.maxAgeSeconds !== undefined) {
    directives.push(`max-age=${Math.floor(request.maxAgeSeconds)}`);
  }
  if (request.maxStaleSeconds) directives.push(`max-stale=${Math.floor(request.maxStaleSeconds)}`);
  return directives.join(", ");
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
