/** The queue over a real SQLite file: claim, settle, release, expire, uploads, counters. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../../api/store/open-store.ts";
import type { Account, CallState, Store, StoreCounts, UploadRow } from "../../../api/store/store.ts";
import {
  completed,
  report,
  sampleAccount,
  sampleCall,
  sampleRows,
  sampleUpload,
} from "../../support/store-samples.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

let T0 = 1_800_000_000_000;
const newFolder = temporaryFolders();
let store: Store;
let account: Account;
let countsBefore: StoreCounts["calls"];

// One store for all tests, since opening one takes longer than a test does; each has its own time and account.
beforeAll(async () => {
  store = await openStore({ dataFolder: newFolder(), nowMs: T0 });
});
afterAll(() => store.close());
beforeEach(async () => {
  T0 += 1_000_000_000;
  await store.expire(T0 - 1);
  account = await store.saveAccount(sampleAccount(`acme-${T0}`, T0));
  countsBefore = (await store.counts()).calls;
});

/** What the store counts since this test began. */
async function counts(): Promise<StoreCounts["calls"]> {
  const now = (await store.counts()).calls;
  const since = (state: CallState) => now[state] - countsBefore[state];
  return {
    queued: since("queued"),
    dialing: since("dialing"),
    completed: since("completed"),
    failed: since("failed"),
    canceled: since("canceled"),
  };
}

const claim = (nowMs = T0) => store.claim(account.deploymentId, nowMs);
const enqueue = (fields: Parameters<typeof sampleCall>[1] = {}) =>
  store.enqueue(account.defaultCampaignId, sampleCall(T0, fields));

describe("claim", () => {
  it("takes calls first in, first out, each once", async () => {
    const ids = [await enqueue(), await enqueue(), await enqueue()];
    const claimed = await Promise.all([claim(), claim(), claim(), claim()]);
    expect(claimed.map((one) => one?.call.callId)).toEqual([...ids, undefined]);
    expect(new Set(claimed.map((one) => one?.attemptId)).size).toBe(4);
  });

  it("carries everything the call was queued with, and the deployment", async () => {
    const fields = {
      number: "tel:+16175551234;ani=2125551234;postd=p1",
      resultUrl: "http://127.0.0.1/result",
      messageReference: "m-1",
      callParameters: "a=b",
      campaignParameters: "c=d",
      variables: { first_name: "Zoë" },
      maxAttempts: 3,
      retryIntervalMs: 120_000,
      scheduledAtMs: T0 - 5_000,
      expiresAtMs: T0 + 5_000,
    };
    const callId = await enqueue(fields);
    const { number: _, ...rest } = fields;
    expect(await claim()).toMatchObject({
      call: {
        ...rest,
        callId,
        campaignId: account.defaultCampaignId,
        startUrl: "http://127.0.0.1/start",
        destination: { number: "+16175551234", ani: "2125551234", postDigits: "p1", original: fields.number },
      },
      deployment: {
        deploymentId: account.deploymentId,
        trunk: "main",
        maxChannels: 10,
        redialDeclined: false,
      },
      attemptNumber: 1,
      claimedAtMs: T0,
    });
  });

  it("leaves what is scheduled for later, and says when that is", async () => {
    await enqueue({ scheduledAtMs: T0 + 9_000 });
    expect(await claim()).toBeUndefined();
    expect(await store.deploymentsWithDueCalls(T0)).not.toContain(account.deploymentId);
    expect(await store.nextDueAt(T0)).toBe(T0 + 9_000);
    expect(await store.deploymentsWithDueCalls(T0 + 9_000)).toContain(account.deploymentId);
    expect((await claim(T0 + 9_000))?.attemptNumber).toBe(1);
  });

  it("leaves what is past its expiration", async () => {
    await enqueue({ expiresAtMs: T0 + 1 });
    expect(await claim(T0 + 1)).toBeUndefined();
  });

  it("takes from a deployment's own queue only", async () => {
    const other = await store.saveAccount(sampleAccount(`other-${T0}`, T0));
    await store.enqueue(other.defaultCampaignId, sampleCall(T0));
    expect(await claim()).toBeUndefined();
    expect((await store.claim(other.deploymentId, T0))?.deployment.deploymentId).toBe(other.deploymentId);
  });
});

describe("settle", () => {
  it("ends a completed call and makes its delivery due at once", async () => {
    const callId = await enqueue({ resultUrl: "http://127.0.0.1:8080/result" });
    const claimed = await claim();
    await store.recordInviteSent(claimed?.attemptId ?? 0, T0 + 1);
    await store.settle(claimed?.attemptId ?? 0, { ...completed(T0 + 2, 7_000), keys: "12" }, "done");
    expect(await store.call(callId)).toMatchObject({
      state: "completed",
      calleeType: "voice",
      attemptsMade: 1,
      lastAttemptAtMs: T0 + 1,
      durationMs: 7_000,
    });
    expect(await store.attempts(callId)).toMatchObject([{ state: "ended", keys: "12", result: "completed" }]);
    expect(await store.hostsWithDueDeliveries(T0 + 7_002)).toContain("127.0.0.1:8080");
  });

  it("requeues a retry behind what is due earlier, counted", async () => {
    const callId = await enqueue({ maxAttempts: 2 });
    const first = await claim();
    await store.recordInviteSent(first?.attemptId ?? 0, T0);
    await store.settle(first?.attemptId ?? 0, report(T0), { retryAtMs: T0 + 60_000 });
    expect(await store.call(callId)).toMatchObject({ state: "queued", attemptsMade: 1, calleeType: "busy" });
    expect(await claim(T0 + 59_999)).toBeUndefined();
    const later = await enqueue();
    expect((await claim(T0 + 60_000))?.call.callId).toBe(later);
    expect(await claim(T0 + 60_000)).toMatchObject({ call: { callId }, attemptNumber: 2 });
  });

  it("never requeues beyond the attempts allowed, whatever it is told", async () => {
    const callId = await enqueue({ maxAttempts: 1 });
    const claimed = await claim();
    await store.settle(claimed?.attemptId ?? 0, report(T0), { retryAtMs: T0 });
    expect(await store.call(callId)).toMatchObject({ state: "failed", attemptsMade: 1 });
  });

  it("is told twice without effect", async () => {
    const callId = await enqueue({ resultUrl: "http://127.0.0.1/r" });
    const claimed = await claim();
    await store.settle(claimed?.attemptId ?? 0, report(T0), "done");
    await store.settle(claimed?.attemptId ?? 0, completed(T0), "done");
    expect(await store.call(callId)).toMatchObject({ state: "failed", attemptsMade: 1 });
    expect(await store.deliveries(callId)).toHaveLength(1);
  });
});

describe("release", () => {
  it("gives the claim back to its place, uncounted", async () => {
    const first = await enqueue();
    await enqueue();
    const claimed = await claim();
    await store.release(claimed?.attemptId ?? 0, "no channel");
    expect(await claim()).toMatchObject({ call: { callId: first }, attemptNumber: 1 });
    expect(await store.attempts(first)).toMatchObject([{ state: "released" }, { state: "open" }]);
  });

  it("puts a call that cannot leave again and again behind others, longer each time", async () => {
    const stuck = await enqueue();
    const behind = await enqueue();
    for (const _ of [1, 2]) await store.release((await claim())?.attemptId ?? 0, "no port");
    expect((await claim())?.call.callId).toBe(behind);
    expect((await claim(T0 + 1_000))?.call.callId).toBe(stuck);
  });
});

describe("expire", () => {
  it("ends calls never dialed as noattempt, with a delivery", async () => {
    const callId = await enqueue({ expiresAtMs: T0 + 5_000, resultUrl: "http://127.0.0.1/r" });
    expect(await store.nextDueAt(T0)).toBe(T0 + 5_000);
    expect(await store.expire(T0 + 4_999)).toBe(0);
    expect(await store.expire(T0 + 5_000)).toBe(1);
    expect(await store.call(callId)).toMatchObject({
      state: "failed",
      calleeType: "noattempt",
      reason: "expired",
    });
    expect(await store.deliveries(callId)).toHaveLength(1);
  });

  it("keeps the last failure of calls that were dialed", async () => {
    const callId = await enqueue({ maxAttempts: 3, expiresAtMs: T0 + 90_000 });
    await store.settle((await claim())?.attemptId ?? 0, report(T0), { retryAtMs: T0 + 60_000 });
    expect(await store.expire(T0 + 90_000)).toBe(1);
    expect(await store.call(callId)).toMatchObject({ state: "failed", calleeType: "busy", attemptsMade: 1 });
  });

  it("ends any number of calls", async () => {
    const upload = await begin({ expiresAtMs: T0 + 1 });
    await store.addUploadRows(upload, sampleRows(1_000));
    await store.addUploadRows(upload, sampleRows(200));
    await store.finishUpload(upload);
    expect(await store.expire(T0 + 1)).toBe(1_200);
    expect(await counts()).toMatchObject({ queued: 0, failed: 1_200 });
  });
});

const begin = (fields: Parameters<typeof sampleUpload>[1] = {}) =>
  store.beginUpload({
    deploymentId: account.deploymentId,
    name: "spring",
    settings: sampleUpload(T0, fields),
  });

describe("uploads", () => {
  it("become claimable all at once", async () => {
    const upload = await begin({ resultUrl: "http://127.0.0.1/r", maxAttempts: 4 });
    const first = await store.addUploadRows(upload, sampleRows(10));
    expect(await claim()).toBeUndefined();
    expect((await counts()).queued).toBe(0);
    expect(await store.nextDueAt(T0)).toBeUndefined();
    await store.finishUpload(upload);
    expect((await counts()).queued).toBe(10);
    const taken = await claim();
    expect(taken?.call).toMatchObject({ callId: first, campaignId: upload, maxAttempts: 4 });
    expect(taken?.call.resultUrl).toBe("http://127.0.0.1/r");
  });

  it("number the rows of a piece without a gap, while single calls arrive", async () => {
    const upload = await begin();
    const [first] = await Promise.all([store.addUploadRows(upload, sampleRows(50)), enqueue(), enqueue()]);
    const calls = await store.calls({ campaignId: upload, limit: 100 });
    expect(calls.map((call) => call.callId)).toEqual(Array.from({ length: 50 }, (_, n) => (first ?? 0) + n));
  });

  it("dropped ones leave nothing", async () => {
    const upload = await begin();
    await store.addUploadRows(upload, sampleRows(1_000));
    await store.addUploadRows(upload, sampleRows(500));
    await store.dropUpload(upload);
    expect(await store.calls({ campaignId: upload, limit: 10 })).toEqual([]);
    await expect(store.addUploadRows(upload, sampleRows(1))).rejects.toMatchObject({
      code: "API_UPLOAD_UNKNOWN",
    });
  });

  it("shared by campaigns, the deployment's queue stays first in, first out", async () => {
    const early = await enqueue();
    const upload = await begin({ queuedAtMs: T0 + 1 });
    const first = await store.addUploadRows(upload, sampleRows(2));
    await store.finishUpload(upload);
    const late = await store.enqueue(account.defaultCampaignId, sampleCall(T0 + 2));
    const order = [];
    for (let n = 0; n < 4; n++) order.push((await claim(T0 + 5))?.call.callId);
    expect(order).toEqual([early, first, first + 1, late]);
  });
});

it("counters agree with the rows after every kind of move", async () => {
  const upload = await begin({ maxAttempts: 2 });
  await store.addUploadRows(upload, sampleRows(6));
  await store.finishUpload(upload);
  const claims = await Promise.all([claim(), claim(), claim(), claim()]);
  const ids = claims.map((one) => one?.attemptId ?? 0);
  await store.settle(ids[0] ?? 0, completed(T0), "done");
  await store.settle(ids[1] ?? 0, report(T0), { retryAtMs: T0 });
  await store.settle(ids[2] ?? 0, report(T0, { reason: "canceled" }), "done");
  const rows = await store.calls({ campaignId: upload, limit: 100 });
  const counted = { queued: 0, dialing: 0, completed: 0, failed: 0, canceled: 0 };
  for (const row of rows) counted[row.state]++;
  expect(await counts()).toEqual(counted);
  expect(counted).toEqual({ queued: 3, dialing: 1, completed: 1, failed: 0, canceled: 1 });
});

it("one request's failure takes nothing of the requests that share its commit", async () => {
  const [good, bad, alsoGood] = await Promise.allSettled([
    enqueue(),
    store.enqueue(99_999, sampleCall(T0)),
    enqueue(),
  ]);
  expect([good?.status, bad?.status, alsoGood?.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await store.calls({ campaignId: account.defaultCampaignId, limit: 10 })).toHaveLength(2);
});

it("a request that fails half-way leaves nothing of itself", async () => {
  const upload = await begin();
  const [good] = sampleRows(1);
  const bad = { destination: { original: "x" }, variables: {} } as unknown as UploadRow;
  const [half, single] = await Promise.allSettled([
    store.addUploadRows(upload, [good as UploadRow, bad]),
    enqueue(),
  ]);
  expect([half?.status, single?.status]).toEqual(["rejected", "fulfilled"]);
  expect(await store.calls({ campaignId: upload, limit: 10 })).toEqual([]);
});

it("a delivery is taken once, oldest first, until it is due again", async () => {
  const host = `h${T0}.example`;
  const ids: number[] = [];
  for (let n = 0; n < 3; n++) {
    ids.push(await enqueue({ resultUrl: `http://${host}/r` }));
    await store.settle((await claim())?.attemptId ?? 0, completed(T0 + n, 0), "done");
  }
  const take = async (nowMs: number) =>
    (await store.takeDeliveries(host, nowMs, 2)).map((one) => one.call.callId);
  expect([await take(T0 + 5), await take(T0 + 5), await take(T0 + 5)]).toEqual([
    ids.slice(0, 2),
    ids.slice(2),
    [],
  ]);
  const [first] = await store.deliveries(ids[0] ?? 0);
  const failed = { atMs: T0 + 6, status: 500, error: "answered 500", isAcknowledged: false };
  await store.recordDelivery(first?.deliveryId ?? 0, failed, { retryAtMs: T0 + 100 });
  expect(await store.nextDeliveryAt(T0 + 6)).toBe(T0 + 100);
  expect([await take(T0 + 99), await take(T0 + 100)]).toEqual([[], [ids[0]]]);
});
