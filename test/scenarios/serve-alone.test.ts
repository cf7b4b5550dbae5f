/** `voxdial serve` without any configuration: what it prints is enough to queue a call, and the call is made. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type DemoApplication, startDemoApplication } from "../../api/cli/demo/application.ts";
import { queueCall } from "../../api/cli/demo/campaign-client.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";
import { Watch } from "../support/watch.ts";

let serve: ServeProcess | undefined;
let application: DemoApplication | undefined;
const folder = mkdtempSync(join(tmpdir(), "voxdial-alone-"));

afterEach(async () => {
  serve?.kill("SIGKILL");
  await serve?.exited;
  await application?.stop();
  rmSync(folder, { recursive: true });
});

describe("voxdial serve without a configuration", () => {
  it("listens on loopback, and dials its own simulated carrier with the account it prints", async () => {
    const watch = new Watch();
    application = await startDemoApplication(() => watch.check());
    serve = await startServe(folder, ["--http-port", "0"], { VOXDIAL_SIP_PORT: "0" });
    expect(serve.base).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(serve.stderr()).toContain("simulated carrier");
    const [, login = "", pin = ""] = /curl \S+ -d login=(\S+) -d pin=(\S+)/.exec(serve.stderr()) ?? [];
    expect(pin).toMatch(/^\d{8}$/);
    const callId = await queueCall(serve.base, {
      login,
      pin,
      phone_number: "+12025550110",
      start_url: application.startUrl,
      result_url: application.resultUrl,
    });
    await watch.until(() => application?.results.has(String(callId)) === true);
    expect(application.results.get(String(callId))).toMatchObject({
      callee_type: "busy",
      reason: "declined",
    });
    // Nobody asked for recordings.
    expect(existsSync(join(folder, "voxdial-data/recordings", `${callId}-1.wav`))).toBe(false);
  });
});
