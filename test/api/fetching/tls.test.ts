/** Servers prove their name by a certificate, unless the document waives it (Plum's property `certverifypeer`). */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFetcher } from "../../../api/fetching/fetcher.ts";
import { HttpTransport } from "../../../api/fetching/http-transport.ts";
import { ResponseCache } from "../../../api/fetching/response-cache.ts";
import type { FetchRequest } from "../../../vxml/index.ts";

const folder = join(import.meta.dirname, "../../../fixtures/tls");
let server: Server;
let base: string;
let transport: HttpTransport;

beforeAll(async () => {
  server = createServer(
    {
      key: readFileSync(join(folder, "self-signed.key.pem")),
      cert: readFileSync(join(folder, "self-signed.cert.pem")),
    },
    (_, response) => response.writeHead(200, { "cache-control": "max-age=3600" }).end("<vxml/>"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  transport = new HttpTransport();
});

afterAll(async () => {
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const get = (verifiesPeer?: boolean): FetchRequest => ({
  purpose: "grammar",
  uri: `${base}/`,
  method: "GET",
  timeoutMs: 20_000,
  verifiesPeer,
});

it.each([undefined, true])("a self-signed certificate is refused with verifiesPeer %s", async (verifies) => {
  expect(await createFetcher({ transport }).fetch(get(verifies))).toEqual({
    ok: false,
    reason: "TLS failed: self-signed certificate",
  });
});

it("is accepted for the request that waives the proof, and for no other", async () => {
  const cache = new ResponseCache();
  const fetcher = createFetcher({ transport, cache });
  expect(await fetcher.fetch(get(false))).toMatchObject({ ok: true, text: "<vxml/>" });
  // Neither the connection nor the response serves those who want the proof.
  expect(await fetcher.fetch(get())).toMatchObject({ ok: false });
  expect(cache.size).toBe(0);
});
