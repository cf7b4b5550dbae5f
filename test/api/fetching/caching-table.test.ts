/**
 * VoiceXML 2.0 §6.1.2 as a table: two sessions ask for the same resource one after the other; what the server said
 * and what the documents ask for decide whether the second one reaches the server. A response's age is told by its
 * `Age` header, so that no time passes here.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createFetcher } from "../../../api/fetching/fetcher.ts";
import { HttpTransport } from "../../../api/fetching/http-transport.ts";
import { ResponseCache } from "../../../api/fetching/response-cache.ts";
import type { FetchRequest } from "../../../vxml/index.ts";

type Headers = Readonly<Record<string, string>>;
type Asked = Pick<FetchRequest, "maxAgeSeconds" | "maxStaleSeconds">;

let server: Server;
let base: string;
let transport: HttpTransport;
let cache: ResponseCache;
/** What the server answers with, and what reached it. */
let answer: Headers;
let seen: IncomingMessage[];
/** Holds answers back until it is called. */
let release: (() => void) | undefined;
let held: Promise<void> | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request);
    const { etag, "last-modified": modified } = answer;
    const isKnown =
      (etag !== undefined && request.headers["if-none-match"] === etag) ||
      (modified !== undefined && request.headers["if-modified-since"] === modified);
    const respond = () => {
      if (isKnown) response.writeHead(304, { ...answer }).end();
      else response.writeHead(200, { ...answer }).end(`text ${seen.length}`);
    };
    if (held) void held.then(respond);
    else respond();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  transport = new HttpTransport();
});

afterAll(async () => {
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  seen = [];
  answer = {};
  held = undefined;
  cache = new ResponseCache();
});

const session = () => createFetcher({ transport, cache });
const want = (asked: Asked = {}, more: Partial<FetchRequest> = {}): FetchRequest => ({
  purpose: "grammar",
  uri: `${base}/`,
  method: "GET",
  timeoutMs: 20_000,
  ...asked,
  ...more,
});

const HOUR = { "cache-control": "max-age=3600" };
/** Expired for 40 s. */
const EXPIRED = { "cache-control": "max-age=60", age: "100" };

describe("the second use of a resource", () => {
  it.each<[what: string, Headers, Asked, from: "the cache" | "the server"]>([
    ["fresh, nothing asked", HOUR, {}, "the cache"],
    ["fresh by Expires", { expires: new Date(Date.now() + 3_600_000).toUTCString() }, {}, "the cache"],
    ["expired, nothing asked", EXPIRED, {}, "the server"],
    ["fresh, age within maxage", { ...HOUR, age: "100" }, { maxAgeSeconds: 200 }, "the cache"],
    ["fresh, age beyond maxage", { ...HOUR, age: "100" }, { maxAgeSeconds: 50 }, "the server"],
    ["fresh, maxage 0", HOUR, { maxAgeSeconds: 0 }, "the server"],
    ["fresh, maxage 0 though maxstale", HOUR, { maxAgeSeconds: 0, maxStaleSeconds: 900 }, "the server"],
    [
      "fresh, age beyond maxage though maxstale",
      { ...HOUR, age: "100" },
      { maxAgeSeconds: 50, maxStaleSeconds: 900 },
      "the server",
    ],
    ["expired, within maxage, no maxstale", EXPIRED, { maxAgeSeconds: 200 }, "the server"],
    ["expired within maxstale", EXPIRED, { maxStaleSeconds: 60 }, "the cache"],
    ["expired beyond maxstale", EXPIRED, { maxStaleSeconds: 30 }, "the server"],
    ["expired, maxstale 0", EXPIRED, { maxStaleSeconds: 0 }, "the server"],
    [
      "expired within maxstale, within maxage",
      EXPIRED,
      { maxAgeSeconds: 200, maxStaleSeconds: 60 },
      "the cache",
    ],
    [
      "expired within maxstale, beyond maxage",
      EXPIRED,
      { maxAgeSeconds: 90, maxStaleSeconds: 60 },
      "the server",
    ],
    // Without freshness from the server a response has expired on arrival.
    ["no freshness at all", {}, {}, "the server"],
    ["no freshness, maxage", {}, { maxAgeSeconds: 60 }, "the server"],
    ["no freshness, maxstale", {}, { maxStaleSeconds: 60 }, "the cache"],
    ["no freshness, aged beyond maxstale", { age: "100" }, { maxStaleSeconds: 60 }, "the server"],
    // What the server forbids holds whatever the document asks (RFC 9111 §5.2.2).
    ["fresh and must-revalidate", { "cache-control": "max-age=3600, must-revalidate" }, {}, "the cache"],
    [
      "expired and must-revalidate, maxstale",
      { "cache-control": "max-age=60, must-revalidate", age: "70" },
      { maxStaleSeconds: 900 },
      "the server",
    ],
    ["no-cache, maxstale", { "cache-control": "no-cache" }, { maxStaleSeconds: 900 }, "the server"],
    ["no-store, maxstale", { "cache-control": "no-store" }, { maxStaleSeconds: 900 }, "the server"],
    ["private", { "cache-control": "private, max-age=3600" }, {}, "the server"],
    [
      "s-maxage expired, maxstale",
      { "cache-control": "s-maxage=60, max-age=3600", age: "70" },
      { maxStaleSeconds: 900 },
      "the server",
    ],
    ["a cookie was set", { ...HOUR, "set-cookie": "who=ann" }, {}, "the server"],
    ["a cookie was set, maxstale", { "set-cookie": "who=ann" }, { maxStaleSeconds: 900 }, "the server"],
    ["Vary: *", { ...HOUR, vary: "*" }, {}, "the server"],
    ["Vary on what is the same", { ...HOUR, vary: "User-Agent" }, {}, "the cache"],
  ])("%s", async (_what, headers, asked, from) => {
    answer = headers;
    await session().fetch(want(asked));
    expect(await session().fetch(want(asked))).toMatchObject({ ok: true });
    expect(seen).toHaveLength(from === "the cache" ? 1 : 2);
  });
});

describe("revalidation", () => {
  it.each([
    ["ETag", { etag: '"v1"' }, "if-none-match"],
    ["Last-Modified", { "last-modified": "Mon, 19 Jul 2004 17:46:03 GMT" }, "if-modified-since"],
  ])("asks with the %s, and a 304 brings what is kept", async (_name, validator, header) => {
    answer = { ...EXPIRED, ...validator };
    await session().fetch(want());
    expect(await session().fetch(want())).toMatchObject({ ok: true, status: 200, text: "text 1" });
    expect(seen[1]?.headers[header]).toBe(Object.values(validator)[0]);
  });

  it("makes the response fresh again", async () => {
    answer = { ...EXPIRED, etag: '"v1"' };
    await session().fetch(want());
    answer = { ...HOUR, etag: '"v1"' };
    await session().fetch(want());
    expect(await session().fetch(want())).toMatchObject({ text: "text 1" });
    expect(seen).toHaveLength(2);
  });

  it("with another answer replaces what was kept", async () => {
    answer = { ...EXPIRED, etag: '"v1"' };
    await session().fetch(want());
    answer = { ...HOUR, etag: '"v2"' };
    await session().fetch(want());
    expect(await session().fetch(want())).toMatchObject({ text: "text 2" });
    expect(seen).toHaveLength(2);
  });
});

describe("Vary", () => {
  it("keeps apart what differs by a header of the request", async () => {
    answer = { ...HOUR, vary: "Accept" };
    await session().fetch(want());
    await session().fetch(want({}, { purpose: "script" }));
    expect(seen).toHaveLength(2);
  });
});

describe("sessions with cookies", () => {
  it("get documents of their own, and share static resources", async () => {
    const mine = session();
    answer = { "set-cookie": "who=ann" };
    await mine.fetch(want());
    answer = HOUR;
    await mine.fetch(want({}, { purpose: "document" }));
    expect(cache.size).toBe(0);
    await mine.fetch(want({}, { purpose: "audio" }));
    await session().fetch(want({}, { purpose: "audio" }));
    expect(seen).toHaveLength(3);
  });
});

describe("simultaneous misses", () => {
  const hold = () => {
    held = new Promise((resolve) => {
      release = resolve;
    });
  };
  /** Resolves when so many requests have reached the server. */
  const reached = async (count: number) => {
    while (seen.length < count) await new Promise((resolve) => setImmediate(resolve));
  };

  it("of a grammar are one request", async () => {
    answer = HOUR;
    hold();
    const all = Promise.all(Array.from({ length: 20 }, () => session().fetch(want())));
    await reached(1);
    release?.();
    expect((await all).map((result) => result.ok && result.text)).toEqual(Array(20).fill("text 1"));
    expect(seen).toHaveLength(1);
  });

  it("of a document that was kept and has expired are one request", async () => {
    answer = { ...EXPIRED, etag: '"v1"' };
    const document = want({}, { purpose: "document" });
    await session().fetch(document);
    answer = { ...HOUR, etag: '"v1"' };
    hold();
    const all = Promise.all(Array.from({ length: 20 }, () => session().fetch(document)));
    await reached(2);
    release?.();
    await all;
    expect(seen).toHaveLength(2);
  });

  it("of a document that nobody has kept do not wait for each other: each may be another one", async () => {
    answer = HOUR;
    hold();
    const all = Promise.all([1, 2].map(() => session().fetch(want({}, { purpose: "document" }))));
    await reached(2);
    release?.();
    await all;
    expect(seen).toHaveLength(2);
  });
});
