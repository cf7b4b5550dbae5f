/**
 * A process killed in the middle of a campaign and started again on the same data folder. The witnesses are the
 * simulated carrier's log of INVITEs and the callback receiver, never our own database.
 */
import { rmSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { type CarrierProcess, startCarrierProcess } from "../../api/cli/carrier-process.ts";
import { type DemoApplication, startDemoApplication } from "../../api/cli/demo/application.ts";
import { CAMPAIGN_CALLS } from "../../api/cli/demo/callee-list.ts";
import { queueCampaign } from "../../api/cli/demo/campaign-client.ts";
import type { CarrierEvent } from "../../sip/index.ts";
import { ACCOUNT, type ServeProcess, serveFolder, startServe } from "../support/serve-process.ts";
import { Watch } from "../support/watch.ts";

const MAX_ATTEMPTS = 2;

let carrier: CarrierProcess | undefined;
let application: DemoApplication | undefined;
let serve: ServeProcess | undefined;
let folder = "";

afterEach(async () => {
  serve?.kill("SIGKILL");
  await serve?.exited;
  await application?.stop();
  await carrier?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("kill -9 in the middle of a campaign", () => {
  it("loses no call and dials none beyond its attempts", { timeout: 120_000 }, async () => {
    const log: CarrierEvent[] = [];
    const watch = new Watch();
    carrier = await startCarrierProcess({
      seed: 1,
      onEvent: (event) => {
        log.push(event);
        watch.check();
      },
    });
    application = await startDemoApplication(() => watch.check());
    folder = serveFolder(carrier.peer, { dialer: { callsPerSecond: 5 } });
    serve = await startServe(folder);
    const ids = await queueCampaign(
      serve.base,
      {
        ...ACCOUNT,
        start_url: application.startUrl,
        result_url: application.resultUrl,
        campaign_name: "killed",
        max_retries: String(MAX_ATTEMPTS - 1),
        retry_interval: "1",
      },
      CAMPAIGN_CALLS.map((call) => call.number).join("\n"),
    );
    expect(ids.size).toBe(CAMPAIGN_CALLS.length);

    // In the middle: some calls are answered, some have not been dialed yet.
    await watch.until(() => log.filter((event) => event.event === "answered").length >= 2);
    const dialedBefore = new Set(numbersOf(log, "invite"));
    serve.kill("SIGKILL");
    expect(await serve.exited).toBe("SIGKILL");
    expect(dialedBefore.size).toBeLessThan(CAMPAIGN_CALLS.length);

    serve = await startServe(folder);
    const results = application.results;
    await watch.until(() => results.size >= CAMPAIGN_CALLS.length);

    // No call is lost: each number was dialed, and each call id was reported.
    expect([...results.keys()].toSorted()).toEqual([...ids.values()].map(String).toSorted());
    for (const call of CAMPAIGN_CALLS) {
      const invites = numbersOf(log, "invite").filter((number) => number === call.number).length;
      expect(invites, `${call.truth} is dialed`).toBeGreaterThanOrEqual(1);
      expect(invites, `${call.truth} is dialed within its attempts`).toBeLessThanOrEqual(MAX_ATTEMPTS);
      // An INVITE that was on record when the process died counts, whether or not it reached the carrier.
      const reported = Number(results.get(String(ids.get(call.number)))?.attempts);
      expect(reported, `${call.truth}: what the carrier saw is reported`).toBeGreaterThanOrEqual(invites);
      expect(reported, `${call.truth}: attempts reported`).toBeLessThanOrEqual(MAX_ATTEMPTS);
    }
  });
});

function numbersOf(log: readonly CarrierEvent[], event: CarrierEvent["event"]): string[] {
  return log.filter((entry) => entry.event === event).map((entry) => entry.number);
}
