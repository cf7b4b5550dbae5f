/** What `voxdial serve` does on SIGTERM, on a second one, on SIGHUP, and when its data folder is taken. */
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CarrierProcess, startCarrierProcess } from "../../api/cli/carrier-process.ts";
import { queueCall } from "../../api/cli/demo/campaign-client.ts";
import type { CarrierEvent } from "../../sip/index.ts";
import { ACCOUNT, type ServeProcess, serveFolder, startServe } from "../support/serve-process.ts";
import { Watch } from "../support/watch.ts";

/** Speaks for a few seconds, so that a call is under way. */
const DOCUMENT = `<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form><block>
<prompt>One two three four five six seven eight nine ten.</prompt></block></form></vxml>`;

const watch = new Watch();
const log: CarrierEvent[] = [];
let carrier: CarrierProcess;
let application: Server;
let startUrl = "";
let serve: ServeProcess | undefined;
let folder = "";

beforeEach(async () => {
  log.length = 0;
  carrier = await startCarrierProcess({
    seed: 1,
    onEvent: (event) => {
      log.push(event);
      watch.check();
    },
  });
  application = createServer((_request, response) => void response.end(DOCUMENT));
  await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
  startUrl = `http://127.0.0.1:${(application.address() as AddressInfo).port}/`;
  folder = serveFolder(carrier.peer);
  serve = await startServe(folder);
});

afterEach(async () => {
  serve?.kill("SIGKILL");
  await serve?.exited;
  application.closeAllConnections();
  application.close();
  await carrier.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function answeredCall(running: ServeProcess): Promise<void> {
  await queueCall(running.base, { ...ACCOUNT, phone_number: "+12025550101", start_url: startUrl });
  await watch.until(() => log.some((event) => event.event === "answered"));
}

describe("voxdial serve", () => {
  it("on SIGTERM lets a call finish, then ends with status 0", async () => {
    const running = serve as ServeProcess;
    await answeredCall(running);
    running.kill("SIGTERM");
    expect(await running.exited).toBe(0);
    expect(log.map((event) => event.event)).toContain("ended");
    const ended = readFileSync(join(folder, "voxdial.log"), "utf8")
      .split("\n")
      .find((line) => line.includes('"call ended"'));
    expect(JSON.parse(ended ?? "{}")).toMatchObject({ result: "completed", reason: "answered" });
  });

  it("on a second SIGTERM ends at once", async () => {
    const running = serve as ServeProcess;
    await answeredCall(running);
    running.kill("SIGTERM");
    const { stderr } = running.child;
    await new Promise<void>((resolve) => stderr?.once("data", () => resolve()));
    running.kill("SIGTERM");
    expect(await running.exited).toBe(1);
  });

  it("on SIGHUP writes on into a new log file", async () => {
    const running = serve as ServeProcess;
    const logFile = join(folder, "voxdial.log");
    await answeredCall(running);
    renameSync(logFile, `${logFile}.1`);
    running.kill("SIGHUP");
    running.kill("SIGTERM");
    await running.exited;
    expect(existsSync(logFile)).toBe(true);
    expect(readFileSync(logFile, "utf8")).toContain('"call ended"');
  });

  it("refuses a data folder that another process holds, and names its pid", async () => {
    const running = serve as ServeProcess;
    await expect(startServe(folder)).rejects.toThrow(new RegExp(`\\b${running.pid}\\b`));
  });

  it("says that it is ready, and shows its metrics", async () => {
    const { base } = serve as ServeProcess;
    expect(await (await fetch(`${base}/healthz`)).text()).toBe("ok\n");
    expect(await (await fetch(`${base}/readyz`)).json()).toMatchObject({ ready: true });
    expect(await (await fetch(`${base}/metrics`)).text()).toContain("voxdial_channels");
  });
});
