/**
 * Random campaigns over the real queue file, with the process's memory dropped at random moments. The witness is what
 * was placed, not the queue's own record: no call is lost, none is dialed more often than allowed, deployments take
 * turns. The seed is in each test's name.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AttemptRunner, Dialer } from "../../../engine/index.ts";
import { type FileQueue, openFileQueue } from "../../support/file-queue.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLogger } from "../../support/silent-logger.ts";
import { completed, report, sampleAccount, sampleCall } from "../../support/store-samples.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

const newFolder = temporaryFolders();

/** Mulberry32: small, seeded, good enough to choose with. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function turns(count = 60): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

class Campaign {
  readonly clock = new ManualClock();
  readonly random: () => number;
  readonly path = join(newFolder(), "queue.db");
  /** INVITEs that left, by call: what a carrier would have seen. */
  readonly invites = new Map<number, number>();
  readonly servedDeployments: number[] = [];
  readonly deployments: { deploymentId: number; campaignId: number }[] = [];
  readonly allowed = new Map<number, number>();
  readonly #longestCallMs: number;
  readonly #unsentShare: number;
  queue: FileQueue;
  dialer: Dialer;

  constructor(seed: number, { longestCallMs = 8_000, unsentShare = 0.1 } = {}) {
    this.#longestCallMs = longestCallMs;
    this.#unsentShare = unsentShare;
    this.random = randomFrom(seed);
    this.queue = openFileQueue(this.path, this.clock.now());
    for (const login of ["a", "b", "c"]) {
      const account = this.queue.operations.saveAccount(
        sampleAccount(login, this.clock.now(), { maxChannels: 3, redialDeclined: login === "c" }),
      );
      this.deployments.push({ deploymentId: account.deploymentId, campaignId: account.defaultCampaignId });
    }
    this.dialer = this.#startDialer();
  }

  crash(): void {
    this.queue.drop();
    this.dialer.stopClaiming();
    this.queue = openFileQueue(this.path, this.clock.now());
    this.dialer = this.#startDialer();
  }

  enqueue(): void {
    const { random, clock } = this;
    const maxAttempts = 1 + Math.floor(random() * 3);
    const deployment = this.deployments[Math.floor(random() * 3)];
    const callId = this.queue.operations.enqueue(
      deployment?.campaignId ?? 0,
      sampleCall(clock.now(), {
        maxAttempts,
        resultUrl: "http://127.0.0.1/r",
        retryIntervalMs: 1_000 + Math.floor(random() * 20_000),
        ...(random() < 0.3 ? { scheduledAtMs: clock.now() + Math.floor(random() * 30_000) } : {}),
        ...(random() < 0.2 ? { expiresAtMs: clock.now() + 1 + Math.floor(random() * 60_000) } : {}),
      }),
    );
    this.allowed.set(callId, maxAttempts);
    this.dialer.wake();
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await turns();
  }

  #startDialer(): Dialer {
    const dialer = new Dialer({
      queue: this.queue,
      runner: this.#runnerOver(this.queue),
      clock: this.clock,
      logger: recordingLogger(),
      deployment: async (id) => this.queue.operations.deployment(id),
      limits: { maxChannels: 5, callsPerSecond: 20 },
    });
    dialer.start();
    return dialer;
  }

  /** Attempts that take a random time and end at random; some INVITEs never leave. */
  #runnerOver(queue: FileQueue): AttemptRunner {
    return {
      run: (claimed) => {
        this.servedDeployments.push(claimed.call.deploymentId);
        const { clock, random } = this;
        const sleep = (ms: number) =>
          new Promise<void>((resolve) => {
            clock.after(ms, resolve);
          });
        const carryOut = async () => {
          await sleep(random() * 100);
          if (random() < this.#unsentShare) return { unsent: "no port" };
          await queue.recordInviteSent(claimed.attemptId, clock.now());
          // What is not answered when the process dies was not sent either: this line is then never reached.
          const { callId } = claimed.call;
          this.invites.set(callId, (this.invites.get(callId) ?? 0) + 1);
          await sleep(random() * this.#longestCallMs);
          const roll = random();
          if (roll < 0.5) return completed(clock.now(), 0);
          if (roll < 0.6) return report(clock.now(), { reason: "declined", retryable: false });
          return report(clock.now());
        };
        return { ended: carryOut(), hangUp: () => undefined };
      },
    };
  }
}

describe.each([1, 2, 3, 4, 5, 6])("with seed %i", (seed) => {
  it("no call is lost and none is dialed beyond its attempts, over crashes at random moments", async () => {
    const campaign = new Campaign(seed);
    const { random } = campaign;
    let crashes = 0;
    for (let step = 0; step < 400; step++) {
      if (random() < 0.35) campaign.enqueue();
      await campaign.advance(random() * 500);
      if (random() < 0.06) {
        campaign.crash();
        crashes++;
      }
    }
    expect(crashes).toBeGreaterThan(5);
    for (let step = 0; step < 4_000 && campaign.queue.operations.counts().calls.queued > 0; step++) {
      await campaign.advance(250);
    }
    for (let step = 0; step < 100; step++) await campaign.advance(250);

    const { operations } = campaign.queue;
    const calls = operations.calls({ limit: 1_000 });
    expect(calls).toHaveLength(campaign.allowed.size);
    for (const call of calls) {
      const seen = campaign.invites.get(call.callId) ?? 0;
      expect(["completed", "failed"]).toContain(call.state);
      expect(seen).toBeLessThanOrEqual(campaign.allowed.get(call.callId) ?? 0);
      expect(call.attemptsMade).toBeLessThanOrEqual(call.maxAttempts);
      // What the record counts beyond the witness was written, and then the process died.
      expect(call.attemptsMade).toBeGreaterThanOrEqual(seen);
      expect(operations.deliveries(call.callId)).toHaveLength(1);
      expect(operations.attempts(call.callId).every((attempt) => attempt.state !== "open")).toBe(true);
    }
    expect(operations.counts().calls).toMatchObject({ queued: 0, dialing: 0 });
    campaign.queue.drop();
  });

  it("deployments with calls waiting are served in turns", async () => {
    const campaign = new Campaign(seed, { longestCallMs: 500, unsentShare: 0 });
    for (let n = 0; n < 200; n++) campaign.enqueue();
    const { operations } = campaign.queue;
    const due = (id: number) => operations.deploymentsWithDueCalls(campaign.clock.now()).includes(id);
    const waits = new Map(campaign.deployments.map(({ deploymentId }) => [deploymentId, 0]));
    let longestWait = 0;
    let looked = 0;
    for (let step = 0; step < 1_500; step++) {
      await campaign.advance(20);
      for (const served of campaign.servedDeployments.slice(looked)) {
        for (const [id, wait] of waits) waits.set(id, id === served || !due(id) ? 0 : wait + 1);
        longestWait = Math.max(longestWait, ...waits.values());
      }
      looked = campaign.servedDeployments.length;
    }
    expect(looked).toBeGreaterThan(100);
    // Two others have their turns in between; a deployment whose three channels are taken is passed over meanwhile.
    expect(longestWait).toBeLessThanOrEqual(8);
    campaign.queue.drop();
  });
});
