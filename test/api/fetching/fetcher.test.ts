/** The fetcher against a real HTTP server on the loopback; the server counts what reaches it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addressRule } from "../../../api/fetching/address-guard.ts";
import { createFetcher } from "../../../api/fetching/fetcher.ts";
import { HttpTransport, reasonOf } from "../../../api/fetching/http-transport.ts";
import { ResponseCache } from "../../../api/fetching/response-cache.ts";
import type { Fetcher } from "../../../engine/index.ts";
import type { FetchRequest } from "../../../vxml/index.ts";

interface Seen {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const routes: Record<string, (request: IncomingMessage, response: ServerResponse, body: string) => void> = {
  "/document": (_, response) => {
    response.setHeader("content-type", "application/voicexml+xml; charset=utf-8");
    response.end("<vxml>naïve</vxml>");
  },
  "/echo": (_, response, body) => response.end(body),
  "/500": (_, response) => {
    response.statusCode = 500;
    response.end("oops");
  },
  "/hang": () => {},
  "/stall": (_, response) => {
    response.write("<vxml>");
  },
  "/cut": (_, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("<vxml>");
    setImmediate(() => response.destroy());
  },
  "/endless": (_, response) => {
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
    };
    response.on("drain", more);
    more();
  },
  "/moved": (_, response) => response.writeHead(302, { location: "/document" }).end(),
  "/moved-kept": (_, response) => response.writeHead(307, { location: "/echo" }).end(),
  "/loop": (_, response) => response.writeHead(302, { location: "/loop" }).end(),
  "/to-file": (_, response) => response.writeHead(302, { location: "file:///etc/hostname" }).end(),
  "/to-metadata": (_, response) =>
    response.writeHead(302, { location: "http://169.254.169.254/latest/" }).end(),
  "/login": (_, response) => response.writeHead(302, { location: "/whoami", "set-cookie": "who=ann" }).end(),
  "/whoami": (request, response) => response.end(request.headers.cookie ?? "nobody"),
  "/latin1": (_, response) => {
    response.setHeader("content-type", "text/xml");
    response.end(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><v>\xe9</v>', "latin1"));
  },
  "/wrong-utf8": (_, response) => response.end(Buffer.from([0x3c, 0x76, 0xe9, 0x3e])),
  "/fresh": (_, response) => {
    response.setHeader("cache-control", "max-age=3600");
    response.end("fresh");
  },
  "/stale": (request, response) => {
    // Expired when it arrives: 100 s old, good for 60.
    response.setHeader("cache-control", "max-age=60");
    response.setHeader("age", "100");
    response.setHeader("etag", '"v1"');
    if (request.headers["if-none-match"] === '"v1"') response.writeHead(304).end();
    else response.end("stale");
  },
  "/personal": (_, response) => {
    response.setHeader("cache-control", "max-age=3600");
    response.setHeader("set-cookie", "who=bob");
    response.end("for bob");
  },
};

let server: Server;
let base: string;
let seen: Seen[];
let transport: HttpTransport;
let cache: ResponseCache;
let fetcher: Fetcher;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      const route = routes[(request.url ?? "").replace(/\?.*/, "")];
      if (route) route(request, response, body);
      else response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  transport = new HttpTransport({ maxResponseBytes: 1_000_000 });
});

afterAll(async () => {
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  seen = [];
  cache = new ResponseCache();
  fetcher = createFetcher({ transport, cache });
});

const get = (path: string, more: Partial<FetchRequest> = {}): FetchRequest => ({
  purpose: "document",
  uri: path.startsWith("/") ? base + path : path,
  method: "GET",
  timeoutMs: 20_000,
  ...more,
});

describe("a request", () => {
  it("brings text, final URI and media type", async () => {
    expect(await fetcher.fetch(get("/document#form"))).toEqual({
      ok: true,
      uri: `${base}/document`,
      status: 200,
      contentType: "application/voicexml+xml",
      text: "<vxml>naïve</vxml>",
    });
    expect(seen[0]?.headers.accept).toContain("application/voicexml+xml");
  });

  it("adds fields to the query of a GET", async () => {
    const fields = [
      ["a", "1 2"],
      ["b", "é&"],
    ] as const;
    await fetcher.fetch(get("/echo?x=y", { fields }));
    expect(seen[0]?.line).toBe("GET /echo?x=y&a=1+2&b=%C3%A9%26");
  });

  it("posts fields urlencoded", async () => {
    await fetcher.fetch(get("/echo", { method: "POST", fields: [["phone_number", "+1 617"]] }));
    expect(seen[0]).toMatchObject({
      line: "POST /echo",
      body: "phone_number=%2B1+617",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  });

  it("posts multipart fields with their boundary", async () => {
    const enctype = "multipart/form-data";
    await fetcher.fetch(get("/echo", { method: "POST", enctype, fields: [["name", "value"]] }));
    expect(seen[0]?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(seen[0]?.body).toContain('name="name"\r\n\r\nvalue');
  });

  it("posts a body verbatim", async () => {
    const request = get("/echo", { method: "POST", enctype: "application/json", body: '{"a":1}' });
    expect(await fetcher.fetch(request)).toMatchObject({ ok: true, text: '{"a":1}' });
    expect(seen[0]?.headers["content-type"]).toBe("application/json");
  });

  it("brings audio as bytes", async () => {
    const result = await fetcher.fetchAudio(get("/wrong-utf8", { purpose: "audio" }));
    expect(result).toMatchObject({ ok: true });
    expect(result.ok && [...result.bytes]).toEqual([0x3c, 0x76, 0xe9, 0x3e]);
  });
});

describe("a failure", () => {
  it.each([
    ["/500", 500, "the server answered 500"],
    ["/nowhere", 404, "the server answered 404"],
    ["/loop", 302, "more than 5 redirects"],
    ["/to-file", undefined, "file: is not a scheme that can be fetched"],
    ["/wrong-utf8", 200, "its bytes are not valid utf-8"],
    ["/endless", undefined, "the answer is larger than 1000000 bytes"],
    ["relative.vxml", undefined, '"relative.vxml" is not an absolute URI'],
  ])("%s says why", async (path, status, reason) => {
    const result = await fetcher.fetch(get(path));
    expect(result).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
    expect(result.status).toBe(status);
  });

  it("by a server that never answers is a timeout", async () => {
    const result = await fetcher.fetch(get("/hang", { timeoutMs: 100 }));
    expect(result).toEqual({ ok: false, reason: "timed out after 0.1 s" });
  });

  it("by a body that stalls is a timeout", async () => {
    const result = await fetcher.fetch(get("/stall", { timeoutMs: 100 }));
    expect(result).toEqual({ ok: false, reason: "timed out after 0.1 s" });
  });

  it("by a body that ends early says so", async () => {
    const result = await fetcher.fetch(get("/cut"));
    expect(result).toMatchObject({ ok: false, reason: expect.stringMatching(/closed|reset/) });
  });

  it("by a closed port says so", async () => {
    const probe = createTcpServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    expect(await fetcher.fetch(get(`http://127.0.0.1:${port}/`))).toEqual({
      ok: false,
      reason: `connection refused by 127.0.0.1:${port}`,
    });
  });

  it("by something that is not HTTP says so", async () => {
    const peer = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.resume();
      socket.end("SSH-2.0-OpenSSH\r\n\r\n");
    });
    await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
    const { port } = peer.address() as AddressInfo;
    expect(await fetcher.fetch(get(`http://127.0.0.1:${port}/`))).toEqual({
      ok: false,
      reason: `127.0.0.1:${port} did not answer with HTTP`,
    });
    await new Promise((resolve) => peer.close(resolve));
  });
});

describe("redirects and cookies", () => {
  it("follows to the document and reports its URI", async () => {
    expect(await fetcher.fetch(get("/moved"))).toMatchObject({ ok: true, uri: `${base}/document` });
  });

  it("turns a redirected POST into a GET, and repeats it for 307", async () => {
    await fetcher.fetch(get("/moved", { method: "POST", fields: [["a", "1"]] }));
    expect(seen.map((one) => one.line)).toEqual(["POST /moved", "GET /document"]);
    const repeated = await fetcher.fetch(get("/moved-kept", { method: "POST", fields: [["a", "1"]] }));
    expect(repeated).toMatchObject({ ok: true, text: "a=1" });
  });

  it("keeps cookies, set on a redirect too, within the session only", async () => {
    expect(await fetcher.fetch(get("/login"))).toMatchObject({ text: "who=ann" });
    expect(await fetcher.fetch(get("/whoami"))).toMatchObject({ text: "who=ann" });
    expect(await createFetcher({ transport, cache }).fetch(get("/whoami"))).toMatchObject({ text: "nobody" });
  });
});

describe("charsets", () => {
  it("reads the XML declaration when HTTP names none", async () => {
    expect(await fetcher.fetch(get("/latin1"))).toMatchObject({ text: expect.stringContaining("<v>é</v>") });
  });
});

describe("the cache (VoiceXML 2.0 §6.1.2)", () => {
  const times = async (path: string, more: Partial<FetchRequest> = {}) => {
    for (let time = 0; time < 2; time++) await createFetcher({ transport, cache }).fetch(get(path, more));
    return seen.length;
  };

  it("serves a fresh response to another session without asking", async () => {
    expect(await times("/fresh")).toBe(1);
  });

  it("maxage=0 asks again", async () => {
    expect(await times("/fresh", { maxAgeSeconds: 0 })).toBe(2);
  });

  it("an expired response is revalidated, and the 304 brings the stored text", async () => {
    await fetcher.fetch(get("/stale"));
    expect(await fetcher.fetch(get("/stale"))).toMatchObject({ ok: true, text: "stale" });
    expect(seen[1]?.headers["if-none-match"]).toBe('"v1"');
  });

  it("maxstale accepts an expired response", async () => {
    expect(await times("/stale", { maxStaleSeconds: 60 })).toBe(1);
  });

  it("maxstale that is too short does not", async () => {
    expect(await times("/stale", { maxStaleSeconds: 10 })).toBe(2);
  });

  it("neither posts nor responses with cookies are kept", async () => {
    expect(await times("/personal")).toBe(2);
    expect(cache.size).toBe(0);
    await times("/fresh", { method: "POST" });
    expect(cache.size).toBe(0);
  });

  it("the same recording wanted by many at once is asked for once", async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        createFetcher({ transport, cache }).fetchAudio(get("/fresh", { purpose: "audio" })),
      ),
    );
    expect(results.every((result) => result.ok)).toBe(true);
    expect(seen).toHaveLength(1);
  });

  it("who waits for another's request keeps to its own timeout", async () => {
    const audio = (timeoutMs: number) =>
      createFetcher({ transport, cache }).fetchAudio(get("/hang", { purpose: "audio", timeoutMs }));
    const [patient, hasty] = await Promise.all([audio(300), audio(50)]);
    expect(hasty).toEqual({ ok: false, reason: "timed out after 0.05 s" });
    expect(patient).toEqual({ ok: false, reason: "timed out after 0.3 s" });
  });

  it("stays within its bytes, dropping what was used longest ago", async () => {
    cache = new ResponseCache({ maxBytes: 20_000 });
    const response = { status: 200, headers: { "cache-control": "max-age=60" }, setCookies: [] };
    for (let index = 0; index < 10; index++) {
      cache.store({ url: `http://a/${index}`, headers: {} }, { ...response, body: new Uint8Array(3000) });
    }
    expect(cache.bytes).toBeLessThanOrEqual(20_000);
    expect(cache.find({ url: "http://a/9", headers: {} }).kind).toBe("fresh");
    expect(cache.find({ url: "http://a/0", headers: {} }).kind).toBe("none");
    cache.store({ url: "http://a/big", headers: {} }, { ...response, body: new Uint8Array(10_000) });
    expect(cache.find({ url: "http://a/big", headers: {} }).kind).toBe("none");
  });
});

it("reasons name the host and what failed", () => {
  const url = new URL("http://app.example:8080/start.vxml");
  const coded = (code: string) => Object.assign(new Error("raw"), { code });
  const reason = (error: unknown) => reasonOf(error, url, 30_000);
  expect(reason(coded("ENOTFOUND"))).toBe("host name app.example:8080 is not known");
  expect(reason(new AggregateError([coded("ECONNREFUSED")]))).toBe("connection refused by app.example:8080");
  expect(reason(new Error("x", { cause: coded("CERT_HAS_EXPIRED") }))).toBe("TLS failed: raw");
  expect(reason("odd")).toBe("odd");
});

describe("the address guard", () => {
  it.each(["http://127.0.0.1:1/", "http://2130706433:1/", "http://0x7f.1:1/", "http://[::1]:1/"])(
    "refuses %s before connecting",
    async (uri) => {
      const guarded = new HttpTransport({ addressRule: addressRule({ allowsLocal: false }) });
      expect(await createFetcher({ transport: guarded }).fetch(get(uri))).toMatchObject({
        ok: false,
        reason: expect.stringContaining("are not allowed: it is on this machine"),
      });
      await guarded.close();
    },
  );

  it.each([
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9.0xfe.0xa9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fe80::1]/",
  ])("refuses %s although this machine may be reached", async (uri) => {
    const guarded = new HttpTransport({ addressRule: addressRule({ allowsLocal: true }) });
    expect(await createFetcher({ transport: guarded }).fetch(get(uri))).toMatchObject({
      ok: false,
      reason: expect.stringContaining("which no setting opens"),
    });
    await guarded.close();
  });

  it("refuses a name by the addresses it resolves to", async () => {
    const guarded = new HttpTransport({ addressRule: addressRule({ allowsLocal: false }) });
    expect(await createFetcher({ transport: guarded }).fetch(get("http://localhost:1/"))).toMatchObject({
      ok: false,
      reason: expect.stringMatching(
        /^connections to localhost \(.*\) are not allowed: .*fetch.allowNetworks/,
      ),
    });
    await guarded.close();
  });

  it("judges every hop of a redirect", async () => {
    const rule = addressRule({ allowsLocal: true });
    const guarded = new HttpTransport({ addressRule: rule });
    expect(await createFetcher({ transport: guarded }).fetch(get("/to-metadata"))).toMatchObject({
      ok: false,
      reason: expect.stringContaining("connections to 169.254.169.254 are not allowed"),
    });
    await guarded.close();
  });
});
