/** Traces in batches, what age deletes, and how the store treats others while it is loaded. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../../api/store/open-store.ts";
import { freeBytes, Retention } from "../../../api/store/retention.ts";
import type { Account, Store, TraceRow } from "../../../api/store/store.ts";
import { TraceWriter } from "../../../api/store/trace-writer.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLogger } from "../../support/silent-logger.ts";
import {
  completed,
  sampleAccount,
  sampleCall,
  sampleRows,
  sampleUpload,
} from "../../support/store-samples.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

const DAY_MS = 86_400_000;
const newFolder = temporaryFolders();
let clock: ManualClock;
let dataFolder: string;
let store: Store;
let account: Account;

beforeEach(async () => {
  clock = new ManualClock();
  dataFolder = newFolder();
  store = await openStore({ dataFolder, nowMs: clock.now() });
  account = await store.saveAccount(sampleAccount("acme", clock.now()));
});
afterEach(() => store.close());

const entry = (atMs: number, kind = "message"): TraceRow["entry"] => ({
  atMs,
  source: "sip",
  kind,
  data: { n: 1 },
});

describe("the trace writer", () => {
  it("hands entries over in batches, in order, and they are read back in order of time", async () => {
    const sizes: number[] = [];
    const writer = new TraceWriter({
      store: {
        appendTrace: (rows) => {
          sizes.push(rows.length);
          return store.appendTrace(rows);
        },
      },
      clock,
      logger: recordingLogger(),
    });
    for (let n = 0; n < 1_200; n++) writer.write(7, 1, entry(clock.now() + n, `step-${n}`));
    writer.write(8, 2, entry(clock.now()));
    writer.write(7, 3, entry(clock.now() - 1.5, "earliest"));
    await writer.flush();
    expect(sizes).toEqual([500, 500, 202]);
    const rows = await store.readTrace(7);
    expect(rows).toHaveLength(1_201);
    expect(rows.slice(0, 2).map((row) => [row.attemptId, row.entry.kind])).toEqual([
      [3, "earliest"],
      [1, "step-0"],
    ]);
    expect(rows[1]?.entry).toEqual(entry(clock.now(), "step-0"));
  });

  it("drops and counts what the store cannot take, and goes on", async () => {
    let isBroken = true;
    const dropped: number[] = [];
    const written: number[] = [];
    const writer = new TraceWriter({
      store: {
        appendTrace: async (rows) => {
          if (isBroken) throw new Error("disk full");
          written.push(rows.length);
        },
      },
      clock,
      logger: recordingLogger(),
      onDropped: (count) => dropped.push(count),
    });
    for (let n = 0; n < 50_010; n++) writer.write(1, 1, entry(n));
    await writer.flush();
    expect(dropped.reduce((sum, count) => sum + count, 0)).toBe(50_010);
    isBroken = false;
    writer.write(1, 1, entry(1));
    await writer.flush();
    expect(written).toEqual([1]);
  });
});

describe("the trace writer's floor of free disk", () => {
  function writerAbove(minFreeBytes: number, freeBytes: () => Promise<number>) {
    const written: number[] = [];
    const dropped: number[] = [];
    const logger = recordingLogger();
    const writer = new TraceWriter({
      store: { appendTrace: async (rows) => void written.push(rows.length) },
      clock,
      logger,
      onDropped: (count) => dropped.push(count),
      floor: { minFreeBytes, freeBytes },
    });
    const write = async (entries: number) => {
      for (let n = 0; n < entries; n++) writer.write(1, 1, entry(n));
      await writer.flush();
    };
    return { write, written, dropped, lines: logger.lines };
  }

  it("drops and counts entries below it, says so once, and resumes when there is room", async () => {
    let free = 1_000;
    const { write, written, dropped, lines } = writerAbove(500, async () => free);
    await write(3);
    free = 499;
    clock.advance(10_000);
    await write(700);
    clock.advance(10_000);
    await write(5);
    free = 500;
    clock.advance(10_000);
    await write(2);
    expect(written).toEqual([3, 2]);
    expect(dropped).toEqual([700, 5]);
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ["warn", "too little disk is free: traces are dropped"],
      ["info", "disk is free again: traces are written"],
    ]);
  });

  it("looks at the disk every 10 s, however much is written", async () => {
    let looks = 0;
    const { write } = writerAbove(500, async () => {
      looks++;
      return 1_000;
    });
    for (let second = 0; second < 25; second++) {
      await write(600);
      clock.advance(1_000);
    }
    expect(looks).toBe(3);
  });

  it("keeps to what it knew when the disk cannot be asked", async () => {
    let free: number | undefined = 0;
    const { write, written, dropped } = writerAbove(500, async () => {
      if (free === undefined) throw new Error("no such folder");
      return free;
    });
    await write(1);
    free = undefined;
    clock.advance(10_000);
    await write(2);
    expect({ written, dropped }).toEqual({ written: [], dropped: [1, 2] });
  });
});

describe("retention", () => {
  it("deletes old traces and recordings, and leaves the young and the calls", async () => {
    const files = ["old.wav", "young.wav"].map((name) => join(dataFolder, name));
    const ids: number[] = [];
    for (const recordingPath of files) {
      writeFileSync(recordingPath, "RIFF");
      ids.push(await store.enqueue(account.defaultCampaignId, sampleCall(clock.now())));
      const claimed = await store.claim(account.deploymentId, clock.now());
      await store.settle(claimed?.attemptId ?? 0, { ...completed(clock.now(), 0), recordingPath }, "done");
      const rows = Array.from({ length: 900 }, () => ({
        callId: ids.at(-1) ?? 0,
        attemptId: 1,
        entry: entry(clock.now()),
      }));
      for (let batch = 0; batch < 5; batch++) await store.appendTrace(rows);
      clock.advance(6 * DAY_MS);
    }
    const retention = new Retention({
      store,
      clock,
      logger: recordingLogger(),
      traceDays: 7,
      recordingDays: 10,
    });
    expect(await retention.run()).toEqual({ traces: 4_500, recordings: 1 });
    expect(files.map((file) => existsSync(file))).toEqual([false, true]);
    expect(await store.readTrace(ids[0] ?? 0)).toEqual([]);
    expect(await store.readTrace(ids[1] ?? 0)).toHaveLength(4_500);
    expect((await store.attempts(ids[0] ?? 0))[0]).not.toHaveProperty("recordingPath");
    expect((await store.attempts(ids[1] ?? 0))[0]?.recordingPath).toBe(files[1]);
    expect(await retention.run()).toEqual({ traces: 0, recordings: 0 });
  });

  it("the free disk is measured where the folder lies", async () => {
    expect(await freeBytes(dataFolder)).toBeGreaterThan(0);
  });
});

it("a claim during a big upload is answered between two of its pieces", async () => {
  const single = await store.enqueue(account.defaultCampaignId, sampleCall(clock.now()));
  const settings = sampleUpload(clock.now());
  const upload = await store.beginUpload({ deploymentId: account.deploymentId, name: "big", settings });
  const rows = sampleRows(1_000);
  const order: string[] = [];
  const pieces = (async () => {
    for (let piece = 0; piece < 20; piece++) {
      await store.addUploadRows(upload, rows);
      order.push(`piece ${piece}`);
    }
  })();
  const claimed = store.claim(account.deploymentId, clock.now()).then((one) => {
    order.push("claimed");
    return one;
  });
  expect((await claimed)?.call.callId).toBe(single);
  await pieces;
  expect(order.indexOf("claimed")).toBeLessThanOrEqual(1);
});
