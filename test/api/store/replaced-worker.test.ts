/** The store's worker dies: what it had not answered fails, another takes over, attempts under way are not disturbed. */
import { expect, it } from "vitest";
import { StoreWorker, storeOver } from "../../../api/store/store-client.ts";
import { recordingLogger } from "../../support/silent-logger.ts";
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

it("fails what was under way, and goes on with attempts and uploads as they were", async () => {
  const logger = recordingLogger();
  const worker = new StoreWorker(newFolder(), logger);
  const store = storeOver(worker, await worker.open(T0));
  const account = await store.saveAccount(sampleAccount("acme", T0));
  const callId = await store.enqueue(account.defaultCampaignId, sampleCall(T0));
  const claimed = await store.claim(account.deploymentId, T0);
  await store.recordInviteSent(claimed?.attemptId ?? 0, T0);
  const upload = await store.beginUpload({
    deploymentId: account.deploymentId,
    name: "spring",
    settings: sampleUpload(T0),
  });
  await store.addUploadRows(upload, sampleRows(3));

  // A message that the worker cannot understand is a mistake inside: it ends the worker.
  await expect(worker.request("no such operation" as "counts")).rejects.toMatchObject({
    code: "API_STORE_LOST",
    retryable: true,
  });
  expect(logger.lines.map((line) => line.message)).toContain("store worker replaced");

  await store.settle(claimed?.attemptId ?? 0, completed(T0, 0), "done");
  expect(await store.call(callId)).toMatchObject({ state: "completed", attemptsMade: 1 });
  await store.addUploadRows(upload, sampleRows(2));
  await store.finishUpload(upload);
  expect((await store.counts()).calls).toMatchObject({ queued: 5, completed: 1 });
  await store.close();
  await expect(store.counts()).rejects.toMatchObject({ code: "API_STORE_LOST" });
});
