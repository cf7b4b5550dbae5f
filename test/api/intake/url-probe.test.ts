/** The probe over real sockets. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addressRule } from "../../../api/fetching/address-guard.ts";
import { createUrlProbe } from "../../../api/intake/url-probe.ts";

let server: Server;
let base: string;
const seen: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? "/", "http://x");
    const hops = Number(url.searchParams.get("hops"));
    if (url.pathname === "/hop" && hops > 0) {
      response.writeHead(302, { location: `/hop?hops=${hops - 1}` }).end();
    } else if (url.pathname === "/status") response.writeHead(Number(url.searchParams.get("code"))).end("x");
    else if (url.pathname === "/hang") return;
    else if (url.pathname === "/endless") {
      response.writeHead(200);
      response.write("x".repeat(100_000));
    } else if (url.pathname === "/away") response.writeHead(302, { location: "file:///etc/passwd" }).end();
    else response.end("<vxml/>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it.each([
  ["/ok", undefined],
  ["/hop?hops=5", undefined],
  ["/hop?hops=6", "redirects more than 5 times"],
  ["/endless", undefined],
  ["/status?code=404", "answered 404 to a GET; it must answer 200"],
  ["/status?code=204", "answered 204 to a GET; it must answer 200"],
  ["/status?code=500", "answered 500 to a GET; it must answer 200"],
  ["/away", 'redirects to "file:///etc/passwd", which is no URL'],
])("%s: %s", async (path, expected) => {
  const { probe, close } = createUrlProbe({ timeoutMs: 20_000 });
  expect(await probe(base + path)).toBe(expected);
  expect(seen.every((line) => line.startsWith("GET "))).toBe(true);
  await close();
});

it("a server that does not answer is named after the time-out", async () => {
  const { probe, close } = createUrlProbe({ timeoutMs: 100 });
  expect(await probe(`${base}/hang`)).toBe("did not answer within 0.1 seconds");
  await close();
});

it("a port that nobody listens on is named", async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const { probe, close } = createUrlProbe({ timeoutMs: 20_000 });
  expect(await probe(`http://127.0.0.1:${port}/`)).toBe("could not be reached: connection refused");
  await close();
});

it.each([
  ["http://2130706433:1/", false, "is on this machine; the setting fetch.allowNetworks can open it"],
  ["http://169.254.169.254/", true, "is a link-local address, which no setting opens"],
])("%s is refused by the address rule before anything is sent", async (url, allowsLocal, reason) => {
  const { probe, close } = createUrlProbe({ timeoutMs: 20_000, addressRule: addressRule({ allowsLocal }) });
  expect(await probe(url)).toMatch(/^could not be reached: connections to .* are not allowed: it /);
  expect(await probe(url)).toContain(reason);
  await close();
});
