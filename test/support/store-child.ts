/**
 * A process that holds a store and works on it as fast as it can, until it is killed. Each line of its log says what
 * the store has acknowledged: `queued <id>`, `claimed <call> <attempt>`, `invite <call>`, `done <call>`. Standard output
 * counts the calls that are done.
 */
import { openSync, writeSync } from "node:fs";
import { openStore } from "../../api/store/open-store.ts";
import { completed, sampleAccount, sampleCall, sampleRows, sampleUpload } from "./store-samples.ts";

const [dataFolder = "", logFile = ""] = process.argv.slice(2);
// Written at once, so that what was acknowledged before the kill is read after it.
const log = openSync(logFile, "a");
const say = (line: string) => writeSync(log, `${line}\n`);
let dones = 0;

const store = await openStore({ dataFolder });
const account = await store.saveAccount(sampleAccount("acme", Date.now()));

async function enqueueForever(): Promise<never> {
  for (;;) {
    say(
      `queued ${await store.enqueue(account.defaultCampaignId, sampleCall(Date.now(), { maxAttempts: 2 }))}`,
    );
  }
}

async function uploadForever(): Promise<never> {
  for (;;) {
    const settings = sampleUpload(Date.now());
    const upload = await store.beginUpload({ deploymentId: account.deploymentId, name: "load", settings });
    const firsts: number[] = [];
    for (let piece = 0; piece < 3; piece++) firsts.push(await store.addUploadRows(upload, sampleRows(20)));
    await store.finishUpload(upload);
    for (const first of firsts) for (let n = 0; n < 20; n++) say(`queued ${first + n}`);
  }
}

async function dialForever(): Promise<never> {
  for (;;) {
    const nowMs = Date.now();
    const claimed = await store.claim(account.deploymentId, nowMs);
    if (!claimed) continue;
    const { callId } = claimed.call;
    say(`claimed ${callId} ${claimed.attemptId}`);
    await store.recordInviteSent(claimed.attemptId, nowMs);
    say(`invite ${callId}`);
    await store.settle(claimed.attemptId, completed(nowMs, 0), "done");
    say(`done ${callId}`);
    process.stdout.write(`${++dones}\n`);
  }
}

await Promise.all([enqueueForever(), enqueueForever(), uploadForever(), dialForever(), dialForever()]);
