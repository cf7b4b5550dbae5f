/** A process that is killed while it works on its store: what it had acknowledged is there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openStore } from "../../../api/store/open-store.ts";
import { type NodeChild, startNodeChild } from "../../support/node-child.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

const newFolder = temporaryFolders();
let child: NodeChild | undefined;
afterEach(() => child?.kill());

/** Starts the working process and waits until the store has acknowledged that many calls as done. */
async function working(dataFolder: string, dones: number): Promise<NodeChild> {
  child = startNodeChild("store-child.ts", [dataFolder, logIn(dataFolder)]);
  await child.line((line) => Number(line) >= dones);
  return child;
}

const logIn = (dataFolder: string) => join(dataFolder, "acknowledged.log");

const idsOf = (lines: readonly string[], word: string) =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(" ")[1]));

describe("kill -9 in the middle of the work", () => {
  it.each([20, 90, 250])(
    "after %i settled calls loses nothing acknowledged and repeats no finished call",
    async (dones) => {
      const dataFolder = newFolder();
      const killed = await working(dataFolder, dones);
      await killed.kill();
      const lines = readFileSync(logIn(dataFolder), "utf8").split("\n");
      const store = await openStore({ dataFolder });

      const queued = idsOf(lines, "queued");
      expect(queued.length).toBeGreaterThan(0);
      for (const callId of queued) expect(await store.call(callId), `call ${callId}`).toBeDefined();
      const done = new Set(idsOf(lines, "done"));
      for (const callId of done) {
        expect(await store.call(callId)).toMatchObject({ state: "completed", attemptsMade: 1 });
      }
      for (const callId of idsOf(lines, "invite")) {
        // Counted, whatever became of it: its INVITE may have left.
        expect((await store.call(callId))?.attemptsMade).toBe(1);
      }
      const all = await everyCall(store);
      expect(all.filter((call) => call.state === "dialing")).toEqual([]);
      // Uploads are there as a whole or not at all.
      const perCampaign = new Map<number, number>();
      for (const { campaignId } of all) perCampaign.set(campaignId, (perCampaign.get(campaignId) ?? 0) + 1);
      const [, ...uploads] = [...perCampaign].sort(([a], [b]) => a - b);
      expect(uploads.every(([, count]) => count === 60)).toBe(true);
      const counted = (await store.counts()).calls;
      expect(counted.queued + counted.completed + counted.failed).toBe(all.length);
      await store.close();
    },
  );

  it("frees the data folder, which was refused to others before, with the holder's pid named", async () => {
    const dataFolder = newFolder();
    const holder = await working(dataFolder, 1);
    await expect(openStore({ dataFolder })).rejects.toMatchObject({
      code: "API_DATA_FOLDER_HELD",
      message: expect.stringContaining(`process ${holder.pid}`),
      details: { dataFolder, pid: holder.pid },
    });
    await holder.kill();
    const store = await openStore({ dataFolder });
    await store.close();
  });
});

async function everyCall(store: Awaited<ReturnType<typeof openStore>>) {
  const calls = [];
  for (let afterCallId = 0; ; ) {
    const page = await store.calls({ afterCallId, limit: 1_000 });
    calls.push(...page);
    const last = page.at(-1);
    if (!last) return calls;
    afterCallId = last.callId;
  }
}
