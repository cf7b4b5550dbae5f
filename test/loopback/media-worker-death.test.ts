/** A media worker ended with `terminate()` under two live calls: its own call gets BYE, the other one goes on. */
import { afterEach, describe, expect, it } from "vitest";
import { type CarrierProcess, startCarrierProcess } from "../../api/cli/carrier-process.ts";
import { systemClock } from "../../api/system-clock.ts";
import { workerEntry } from "../../api/workers/entry.ts";
import { DEFAULT_DETECTION_SETTINGS, type Leg, type LegEvent } from "../../engine/index.ts";
import {
  type CarrierEvent,
  createEmbeddedBackend,
  createUserAgent,
  type EmbeddedBackend,
  WorkerMediaPool,
} from "../../sip/index.ts";
import { recordingLogger } from "../support/silent-logger.ts";
import { Watch } from "../support/watch.ts";

let carrier: CarrierProcess;
let backend: EmbeddedBackend;
let media: WorkerMediaPool;

afterEach(async () => {
  await backend.stop();
  await media.close();
  await carrier.stop();
});

describe("a media worker that dies", () => {
  it("ends its own call with BYE and as a failure, and is started again; the other call goes on", async () => {
    const watch = new Watch();
    const carrierLog: CarrierEvent[] = [];
    carrier = await startCarrierProcess({
      seed: 1,
      onEvent: (event) => {
        carrierLog.push(event);
        watch.check();
      },
    });
    backend = createEmbeddedBackend({ bindAddress: "127.0.0.1", port: 0, clock: systemClock });
    await backend.start();
    media = new WorkerMediaPool({
      workerUrl: workerEntry("media"),
      workers: 2,
      bindAddress: "127.0.0.1",
      recording: { minFreeBytes: 0 },
    });
    const telephony = createUserAgent({
      backend,
      media,
      trunks: new Map([["carrier", { name: "carrier", peer: carrier.peer }]]),
      clock: systemClock,
      logger: recordingLogger(),
    });
    const events: LegEvent[][] = [[], []];
    // Both callees stay on the line, waiting to hear something.
    const place = (index: 0 | 1, number: string): Leg =>
      telephony.placeLeg(
        {
          legId: `leg-${index}`,
          trunk: "carrier",
          destination: { number, original: number },
          ringTimeoutMs: 20_000,
          detection: DEFAULT_DETECTION_SETTINGS,
          beforeInvite: async () => {},
        },
        (event) => {
          events[index]?.push(event);
          watch.check();
        },
      );
    const has = (index: 0 | 1, type: LegEvent["type"]) =>
      events[index]?.some((event) => event.type === type) === true;

    // The first leg is opened in the first worker, the second in the other, which has fewer legs.
    place(0, "+12025550201");
    await watch.until(() => has(0, "answered"));
    const other = place(1, "+12025550202");
    await watch.until(() => has(1, "answered"));

    await media.killWorker(0);
    await watch.until(() => has(0, "closed"));
    expect(events[0]?.find((event) => event.type === "ended")).toMatchObject({ by: "failure" });
    await watch.until(() => carrierLog.some((event) => event.event === "ended"));
    expect(carrierLog.filter((event) => event.event === "ended")).toMatchObject([
      { number: "+12025550201", detail: "caller" },
    ]);

    // The other call still carries audio: what is played now is played to its end.
    other.play({ playbackId: 7, items: [{ audio: new Int16Array(1600), bargeIn: "none" }] });
    await watch.until(() => has(1, "playbackEnded"));
    expect(has(1, "ended")).toBe(false);
    other.hangUp();
    await watch.until(() => has(1, "closed"));
    expect(events[1]?.find((event) => event.type === "ended")).toMatchObject({ by: "us" });

    // The worker that died has been started again.
    place(0, "+12025550201");
    await watch.until(() => events[0]?.filter((event) => event.type === "answered").length === 2);
  });
});
