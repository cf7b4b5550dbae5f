/** Which address a name is connected to, with name resolution in the test's hands. */
import type { lookup } from "node:dns";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addressRule } from "../../../api/fetching/address-guard.ts";
import { createGuardedAgent } from "../../../api/fetching/guarded-agent.ts";

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((_, response) => void response.end("reached"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Answers each look-up with the next list of addresses. */
function resolving(...answers: readonly (readonly string[])[]) {
  const asked: string[] = [];
  const resolve = ((hostname: string, _options: unknown, callback: (...results: unknown[]) => void) => {
    const addresses = answers[asked.length] ?? [];
    asked.push(hostname);
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  }) as unknown as typeof lookup;
  return { asked, resolve };
}

it("connects to the address that was judged: a name is looked up once", async () => {
  // A second look-up, as a name that rebinds hopes for, would lead to the metadata service.
  const { asked, resolve } = resolving(["127.0.0.1"], ["169.254.169.254"]);
  const dispatcher = createGuardedAgent({ rule: addressRule({ allowsLocal: true }), resolve });
  const answer = await request(`http://app.example:${port}/`, { dispatcher });
  expect(await answer.body.text()).toBe("reached");
  expect(asked).toEqual(["app.example"]);
  await dispatcher.destroy();
});

it("passes over the addresses of a name that are refused", async () => {
  const { resolve } = resolving(["169.254.169.254", "127.0.0.1"]);
  const dispatcher = createGuardedAgent({ rule: addressRule({ allowsLocal: true }), resolve });
  const answer = await request(`http://app.example:${port}/`, { dispatcher });
  expect(await answer.body.text()).toBe("reached");
  await dispatcher.destroy();
});

it("refuses a name all of whose addresses are refused", async () => {
  const { resolve } = resolving(["10.0.0.7", "127.0.0.1"]);
  const dispatcher = createGuardedAgent({ rule: addressRule({ allowsLocal: false }), resolve });
  await expect(request(`http://app.example:${port}/`, { dispatcher })).rejects.toThrow(
    "connections to app.example (10.0.0.7) are not allowed: it is in a private network",
  );
  await dispatcher.destroy();
});
