/** The store across restarts: what is recovered, who may open, migrations. */
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { migrate, QUEUE_MIGRATIONS, TRACE_MIGRATIONS } from "../../../api/store/migrate.ts";
import { openStore } from "../../../api/store/open-store.ts";
import type { Store } from "../../../api/store/store.ts";
import {
  completed,
  sampleAccount,
  sampleCall,
  sampleRows,
  sampleUpload,
} from "../../support/store-samples.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

const T0 = 1_800_000_000_000;
const newFolder = temporaryFolders();

async function seeded(fields: Parameters<typeof sampleCall>[1] = {}) {
  const dataFolder = newFolder();
  const store = await openStore({ dataFolder, nowMs: T0 });
  const account = await store.saveAccount(sampleAccount("acme", T0));
  const callId = await store.enqueue(account.defaultCampaignId, sampleCall(T0, fields));
  const claimed = await store.claim(account.deploymentId, T0);
  const reopen = async (nowMs: number): Promise<Store> => {
    await store.close();
    return openStore({ dataFolder, nowMs });
  };
  return { dataFolder, store, account, callId, attemptId: claimed?.attemptId ?? 0, reopen };
}

describe("an attempt left open", () => {
  it("before its INVITE is requeued and does not count", async () => {
    const { callId, account, reopen } = await seeded();
    const store = await reopen(T0 + 5_000);
    expect(store.recovery).toEqual({ requeued: 1, interrupted: 0, droppedUploads: 0 });
    expect(await store.call(callId)).toMatchObject({ state: "queued", attemptsMade: 0, nextAtMs: T0 });
    expect(await store.claim(account.deploymentId, T0 + 5_000)).toMatchObject({ attemptNumber: 1 });
    await store.close();
  });

  it("after its INVITE counts, failed, unknown, interrupted; the last one ends the call with a delivery", async () => {
    const { callId, attemptId, store: before, reopen } = await seeded({ resultUrl: "http://127.0.0.1/r" });
    await before.recordInviteSent(attemptId, T0 + 1);
    const store = await reopen(T0 + 5_000);
    expect(store.recovery).toMatchObject({ requeued: 0, interrupted: 1 });
    expect(await store.call(callId)).toMatchObject({
      state: "failed",
      calleeType: "unknown",
      reason: "interrupted",
      attemptsMade: 1,
    });
    expect(await store.attempts(callId)).toMatchObject([{ state: "ended", reason: "interrupted" }]);
    expect(await store.deliveries(callId)).toMatchObject([{ state: "pending", nextAtMs: T0 + 5_000 }]);
    await store.close();
  });

  it("after its INVITE is dialed again by the retry rule while attempts are left", async () => {
    const { callId, attemptId, store: before, account, reopen } = await seeded({ maxAttempts: 2 });
    await before.recordInviteSent(attemptId, T0 + 1);
    const store = await reopen(T0 + 5_000);
    expect(await store.call(callId)).toMatchObject({
      state: "queued",
      nextAtMs: T0 + 65_000,
      attemptsMade: 1,
    });
    expect(await store.claim(account.deploymentId, T0 + 65_000)).toMatchObject({ attemptNumber: 2 });
    await store.close();
  });
});

it("an upload left unfinished is gone after a restart, one that was finished is there", async () => {
  const { account, store: before, reopen } = await seeded();
  const upload = { deploymentId: account.deploymentId, name: "x", settings: sampleUpload(T0) };
  const finished = await before.beginUpload(upload);
  await before.addUploadRows(finished, sampleRows(5));
  await before.finishUpload(finished);
  const unfinished = await before.beginUpload(upload);
  await before.addUploadRows(unfinished, sampleRows(7));
  const store = await reopen(T0);
  expect(store.recovery.droppedUploads).toBe(7);
  expect(await store.calls({ campaignId: unfinished, limit: 10 })).toEqual([]);
  expect(await store.calls({ campaignId: finished, limit: 10 })).toHaveLength(5);
  await store.close();
});

it("a delivery that was being sent is due again", async () => {
  const { attemptId, store: before, reopen } = await seeded({ resultUrl: "http://127.0.0.1/r" });
  await before.settle(attemptId, completed(T0, 0), "done");
  expect(await before.takeDeliveries("127.0.0.1", T0, 10)).toHaveLength(1);
  expect(await before.hostsWithDueDeliveries(T0)).toEqual([]);
  const store = await reopen(T0 + 1);
  expect(await store.hostsWithDueDeliveries(T0 + 1)).toEqual(["127.0.0.1"]);
  await store.close();
});

describe("the data folder's lock", () => {
  it("refuses a second opening and names the holder's pid", async () => {
    const { dataFolder, store } = await seeded();
    await expect(openStore({ dataFolder })).rejects.toMatchObject({
      code: "API_DATA_FOLDER_HELD",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await store.close();
    await (await openStore({ dataFolder })).close();
  });

  it("a folder that cannot be made is refused in words", async () => {
    await expect(openStore({ dataFolder: "/dev/null/nowhere" })).rejects.toMatchObject({
      code: "API_DATA_FOLDER_UNUSABLE",
      message: expect.stringContaining("/dev/null/nowhere"),
    });
  });
});

describe("migrations", () => {
  it.each([
    ["queue", QUEUE_MIGRATIONS],
    ["traces", TRACE_MIGRATIONS],
  ])("of the %s file run once and then no more", (_, migrations) => {
    const database = new SqliteDatabase(":memory:");
    expect(migrate(database, migrations)).toBe(migrations.length);
    expect(migrate(database, migrations)).toBe(0);
    database.close();
  });

  it("leave a newer version's file and another program's file alone", () => {
    const newer = new SqliteDatabase(":memory:");
    migrate(newer, QUEUE_MIGRATIONS);
    newer.pragma("user_version = 999");
    expect(() => migrate(newer, QUEUE_MIGRATIONS)).toThrow(/newer voxdial/);
    const foreign = new SqliteDatabase(join(newFolder(), "foreign.db"));
    foreign.exec("CREATE TABLE recipes (name TEXT)");
    expect(() => migrate(foreign, QUEUE_MIGRATIONS)).toThrow(/another program/);
    foreign.close();
  });
});
