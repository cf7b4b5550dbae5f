/** Web applications that answer badly: each call ends with a clear reason, and the good call beside them goes on. */
import { rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type App, startApp } from "../../api/app.ts";
import { type CarrierProcess, startCarrierProcess } from "../../api/cli/carrier-process.ts";
import { queueCall } from "../../api/cli/demo/campaign-client.ts";
import { loadConfig } from "../../api/config/load-config.ts";
import { ACCOUNT, serveFolder } from "../support/serve-process.ts";
import { recordingLogger } from "../support/silent-logger.ts";
import { Watch } from "../support/watch.ts";

const GOOD = `<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form><block><prompt>Hello.</prompt></block></form></vxml>`;

/** Answers to the POST at connect; the GET of the probe is always fine. */
const PAGES: Record<string, (response: ServerResponse) => void> = {
  "/good": (response) => void response.end(GOOD),
  "/answers-500": (response) => void response.writeHead(500).end("no"),
  "/hangs": () => {},
  "/broken-xml": (response) => void response.end("<vxml version='2.1'>\n<form><block></form></vxml>"),
  "/unknown-element": (response) => void response.end(GOOD.replaceAll("prompt", "promt")),
  "/endless-script": (response) =>
    void response.end(GOOD.replace("<prompt>Hello.</prompt>", "<script>while (true) ;</script>")),
};

const watch = new Watch();
const callbacks = new Map<string, URLSearchParams>();
const ids = new Map<string, number>();
let carrier: CarrierProcess;
let pages: Server;
let folder = "";
let app: App;

beforeAll(async () => {
  carrier = await startCarrierProcess({ seed: 1 });
  pages = createServer((request, response) => {
    if (request.method === "GET") return void response.end();
    if (request.url !== "/result") return PAGES[request.url ?? ""]?.(response);
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const form = new URLSearchParams(body);
      callbacks.set(form.get("call_id") ?? "", form);
      response.end("completed");
      watch.check();
    });
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  folder = serveFolder(carrier.peer, { fetch: { timeoutSeconds: 2 } });
  app = await startApp(loadConfig({ file: join(folder, "voxdial.yaml") }), { logger: recordingLogger() });
  for (const path of Object.keys(PAGES)) {
    const callId = await queueCall(`http://${app.http.host}:${app.http.port}`, {
      ...ACCOUNT,
      phone_number: "+12025550101",
      start_url: base + path,
      result_url: `${base}/result`,
    });
    ids.set(path, callId);
  }
  await watch.until(() => callbacks.size === ids.size);
}, 60_000);

afterAll(async () => {
  await app.stop(0);
  pages.closeAllConnections();
  pages.close();
  await carrier.stop();
  rmSync(folder, { recursive: true });
});

describe("a start URL that", () => {
  it.each([
    ["/answers-500", /error\.badfetch\.http\.500/],
    ["/hangs", /error\.badfetch.*timed out/i],
    ["/broken-xml", /error\.badfetch.*2:\d+/],
    ["/unknown-element", /error\.badfetch.*promt/],
    ["/endless-script", /error\./],
  ])("%s ends the call with its reason in trace and callback", async (path, reason) => {
    const callId = ids.get(path) ?? 0;
    const trace = (await app.readTrace(callId)).map(({ entry }) => entry);
    const outcome = trace.find((entry) => entry.kind === "outcome")?.data;
    expect(outcome).toMatchObject({ reason: "script-failed" });
    expect(outcome?.explanation).toMatch(reason);
    const callback = callbacks.get(String(callId));
    expect(callback?.get("reason")).toBe("script-failed");
    expect(callback?.get("attempts")).toBe("1");
  });

  it("answers well is not disturbed by its neighbours", () => {
    const callback = callbacks.get(String(ids.get("/good")));
    expect(callback?.get("result")).toBe("Completed");
    expect(callback?.get("reason")).toBe("answered");
  });
});
