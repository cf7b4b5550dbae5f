/** Delivery of results over real sockets, with the store's schedule and a clock that the tests move. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ResultDeliverer } from "../../../api/callbacks/result-deliverer.ts";
import { openStore } from "../../../api/store/open-store.ts";
import type { Account, DeliveryRecord, Store } from "../../../api/store/store.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLogger } from "../../support/silent-logger.ts";
import { completed, report, sampleAccount, sampleCall } from "../../support/store-samples.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

const newFolder = temporaryFolders();
const SCHEDULE = { maxTries: 4, firstRetryMs: 10_000, maxRetryMs: 30_000 };

let dataFolder: string;
let clock: ManualClock;
let store: Store;
let account: Account;
const servers: Server[] = [];
const deliverers: ResultDeliverer[] = [];

beforeEach(async () => {
  clock = new ManualClock();
  dataFolder = newFolder();
  store = await openStore({ dataFolder, nowMs: clock.now() });
  account = await store.saveAccount(sampleAccount("acme", clock.now()));
});
afterEach(async () => {
  for (const deliverer of deliverers.splice(0)) {
    const stopped = deliverer.stop(0);
    clock.advance(0);
    await stopped;
  }
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await store.close();
});

interface Receiver {
  readonly url: string;
  readonly posts: URLSearchParams[];
  /** Resolves once that many posts have come. */
  received(count: number): Promise<void>;
}

async function receiver(answer: (response: ServerResponse, post: number) => void): Promise<Receiver> {
  const posts: URLSearchParams[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    posts.push(new URLSearchParams(body));
    answer(response, posts.length);
    for (const { count, resolve } of waiting) if (posts.length >= count) resolve();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/result`,
    posts,
    received: (count) =>
      posts.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push({ count, resolve });
          }),
  };
}

function deliverer(onTry: () => void = () => undefined, timeoutMs = 20_000): ResultDeliverer {
  const made = new ResultDeliverer({
    store,
    clock,
    logger: recordingLogger(),
    schedule: SCHEDULE,
    timeoutMs,
    perHost: 2,
    total: 8,
    random: () => 1,
    onTry,
  });
  deliverers.push(made);
  made.start();
  return made;
}

async function doneCall(resultUrl: string, fields: Parameters<typeof sampleCall>[1] = {}): Promise<number> {
  const callId = await store.enqueue(
    account.defaultCampaignId,
    sampleCall(clock.now(), { resultUrl, ...fields }),
  );
  const claimed = await store.claim(account.deploymentId, clock.now());
  await store.settle(claimed?.attemptId ?? 0, completed(clock.now(), 0), "done");
  return callId;
}

/** Waits for a try's outcome to be written. */
function tries(): { onTry: () => void; made(count: number): Promise<void> } {
  let count = 0;
  let check: () => void = () => undefined;
  return {
    onTry: () => {
      count++;
      check();
    },
    made: (wanted) =>
      new Promise((resolve) => {
        check = () => {
          if (count >= wanted) resolve();
        };
        check();
      }),
  };
}

const delivery = async (callId: number): Promise<DeliveryRecord | undefined> =>
  (await store.deliveries(callId))[0];

describe("the message", () => {
  it("has the documented fields, faxmachine for fax, and RFC 2822 time", async () => {
    const { url, posts, received } = await receiver((response) => response.end("completed"));
    const fields = { resultUrl: url, number: "tel:+16175551234;ani=2125551234", messageReference: "m&1" };
    const callId = await store.enqueue(account.defaultCampaignId, sampleCall(clock.now(), fields));
    const claimed = await store.claim(account.deploymentId, clock.now());
    const end = completed(clock.now(), 6_400);
    const outcome = { ...end.outcome, calleeType: "fax" as const };
    await store.settle(claimed?.attemptId ?? 0, { ...end, outcome }, "done");
    clock.advance(6_400);
    const done = tries();
    deliverer(done.onTry);
    await received(1);
    await done.made(1);
    expect(Object.fromEntries(posts[0] ?? [])).toEqual({
      phone_number: fields.number,
      message_reference: "m&1",
      call_id: String(callId),
      result: "Completed",
      callee_type: "faxmachine",
      attempts: "1",
      last_attempt_timestamp: "Fri, 15 Jan 2027 08:00:00 +0000",
      duration: "6",
      reason: "answered",
    });
    expect(await delivery(callId)).toMatchObject({ state: "delivered", tries: 1, isAcknowledged: true });
  });

  it("of a call that failed twice tells the last failure, once", async () => {
    const { url, posts, received } = await receiver((response) => response.end());
    await store.enqueue(
      account.defaultCampaignId,
      sampleCall(clock.now(), { resultUrl: url, maxAttempts: 2 }),
    );
    const first = await store.claim(account.deploymentId, clock.now());
    await store.settle(first?.attemptId ?? 0, report(clock.now()), { retryAtMs: clock.now() });
    const second = await store.claim(account.deploymentId, clock.now());
    const outcome = { calleeType: "noanswer", reason: "no-answer" } as const;
    await store.settle(second?.attemptId ?? 0, report(clock.now(), outcome), "done");
    const done = tries();
    deliverer(done.onTry);
    await received(1);
    await done.made(1);
    expect(posts).toHaveLength(1);
    expect(Object.fromEntries(posts[0] ?? [])).toMatchObject({
      result: "Failed",
      callee_type: "noanswer",
      attempts: "2",
      duration: "0",
    });
  });

  it("of a call never dialed says noattempt, with no attempt's time", async () => {
    const { url, posts, received } = await receiver((response) => response.end());
    const expiresAtMs = clock.now() + 1_000;
    await store.enqueue(account.defaultCampaignId, sampleCall(clock.now(), { resultUrl: url, expiresAtMs }));
    clock.advance(1_000);
    await store.expire(clock.now());
    deliverer();
    await received(1);
    expect(Object.fromEntries(posts[0] ?? [])).toMatchObject({
      result: "Failed",
      callee_type: "noattempt",
      attempts: "0",
      last_attempt_timestamp: "",
    });
  });
});

describe("a server that fails", () => {
  it("is tried again with growing waits until it answers 2xx", async () => {
    const { url, posts, received } = await receiver((response, post) => {
      response.statusCode = post < 3 ? 500 : 204;
      response.end();
    });
    const callId = await doneCall(url);
    const done = tries();
    deliverer(done.onTry);
    await received(1);
    await done.made(1);
    expect(await delivery(callId)).toMatchObject({
      state: "pending",
      lastStatus: 500,
      nextAtMs: clock.now() + 10_000,
    });
    await untilArmed();
    clock.advance(10_000);
    await done.made(2);
    expect((await delivery(callId))?.nextAtMs).toBe(clock.now() + 20_000);
    await untilArmed();
    clock.advance(20_000);
    await done.made(3);
    expect(await delivery(callId)).toMatchObject({ state: "delivered", tries: 3, isAcknowledged: false });
    expect(posts).toHaveLength(3);
  });

  it("is given up after the allowed tries", async () => {
    const { url, posts } = await receiver((response) => {
      response.statusCode = 302;
      response.setHeader("location", "/elsewhere");
      response.end();
    });
    const callId = await doneCall(url);
    const done = tries();
    deliverer(done.onTry);
    for (let count = 1; count <= SCHEDULE.maxTries; count++) {
      await done.made(count);
      if (count < SCHEDULE.maxTries) await untilArmed();
      clock.advance(30_000);
    }
    expect(await delivery(callId)).toMatchObject({ state: "abandoned", tries: 4, lastStatus: 302 });
    expect(posts).toHaveLength(4);
  });

  it("is tried again after a restart of the engine, with the tries counted on", async () => {
    const { url, posts } = await receiver((response, post) => {
      response.statusCode = post === 1 ? 503 : 200;
      response.end();
    });
    const callId = await doneCall(url);
    const done = tries();
    const first = deliverer(done.onTry);
    await done.made(1);
    await first.stop(0);
    await store.close();
    clock.advance(10_000);
    store = await openStore({ dataFolder, nowMs: clock.now() });
    const again = tries();
    deliverer(again.onTry);
    await again.made(1);
    expect(await delivery(callId)).toMatchObject({ state: "delivered", tries: 2 });
    expect(posts).toHaveLength(2);
  });

  it("by refusing connections is a failed try with its reason", async () => {
    const { url } = await receiver(() => undefined);
    const server = servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    const callId = await doneCall(url);
    const done = tries();
    deliverer(done.onTry);
    await done.made(1);
    expect((await delivery(callId))?.lastError).toMatch(/ECONNREFUSED/);
  });
});

describe("a server that hangs", () => {
  it("takes no more than its own places, and others are delivered meanwhile", async () => {
    const hanging = await receiver(() => undefined);
    const healthy = await receiver((response) => response.end("Completed\n"));
    for (let n = 0; n < 6; n++) await doneCall(hanging.url);
    const last = await doneCall(healthy.url);
    const done = tries();
    deliverer(done.onTry);
    await Promise.all([hanging.received(2), healthy.received(1)]);
    await done.made(1);
    expect(await delivery(last)).toMatchObject({ state: "delivered", isAcknowledged: true });
    expect(hanging.posts).toHaveLength(2);
  });

  it("is a failed try once the time-out is over", async () => {
    const { url } = await receiver(() => undefined);
    const callId = await doneCall(url);
    const done = tries();
    deliverer(done.onTry, 50);
    await done.made(1);
    expect(await delivery(callId)).toMatchObject({
      state: "pending",
      lastError: "no answer within 0.05 seconds",
    });
  });

  it("at the end of the engine is left to be tried again, uncounted", async () => {
    const { url, received } = await receiver(() => undefined);
    const callId = await doneCall(url);
    const one = deliverer();
    await received(1);
    const stopped = one.stop(5_000);
    clock.advance(5_000);
    await stopped;
    expect(await delivery(callId)).toMatchObject({ state: "sending", tries: 0 });
    await store.close();
    store = await openStore({ dataFolder, nowMs: clock.now() });
    expect(await delivery(callId)).toMatchObject({ state: "pending", tries: 0 });
  });
});

/** Lets the deliverer read from the store when the next try is due: its timer is then set. */
async function untilArmed(): Promise<void> {
  while (clock.pending === 0) await store.counts();
}
