/** The dialer over a queue in memory and attempts that the test ends, on a clock that the test moves. */
import { beforeEach, describe, expect, it } from "vitest";
import { Dialer, type DialerOptions } from "../../../engine/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { MemoryQueue } from "../../support/memory-queue.ts";
import { ScriptedRunner } from "../../support/scripted-runner.ts";
import { type RecordingLogger, recordingLogger } from "../../support/silent-logger.ts";
import { completed, report } from "../../support/store-samples.ts";

let clock: ManualClock;
let queue: MemoryQueue;
let runner: ScriptedRunner;
let logger: RecordingLogger;
let now: number;

beforeEach(() => {
  clock = new ManualClock();
  now = clock.now();
  queue = new MemoryQueue();
  runner = new ScriptedRunner(clock, queue);
  logger = recordingLogger();
});

function dialer(options: Partial<DialerOptions> = {}): Dialer {
  const made = new Dialer({
    queue,
    runner,
    clock,
    logger,
    deployment: async (id) => queue.deployments.get(id),
    ...options,
  });
  made.start();
  return made;
}

/** Lets everything that is ready happen, without time passing. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

async function advance(ms: number, stepMs = 10): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(stepMs, left));
    await settle();
  }
}

const order = () => runner.placed.map((attempt) => attempt.claimed.call.callId);

describe("claiming", () => {
  it("places due calls first in, first out", async () => {
    queue.addDeployment(1);
    for (let n = 0; n < 4; n++) queue.add(1, { queuedAtMs: now });
    dialer();
    await settle();
    expect(order()).toEqual([1, 2, 3, 4]);
  });

  it("lets deployments take turns, so that a small late queue is not starved", async () => {
    queue.addDeployment(1);
    queue.addDeployment(2);
    queue.addDeployment(3);
    for (let n = 0; n < 50; n++) queue.add(1, { queuedAtMs: now });
    for (const id of [2, 3, 2]) queue.add(id, { queuedAtMs: now + 5 });
    clock.advance(5);
    dialer({ limits: { callsPerSecond: 10 } });
    await settle();
    await advance(600);
    expect(runner.placed.slice(0, 6).map((one) => one.claimed.deployment.deploymentId)).toEqual([
      1, 2, 3, 1, 2, 1,
    ]);
  });

  it("waits for a scheduled call without asking meanwhile", async () => {
    queue.addDeployment(1);
    queue.add(1, { queuedAtMs: now, scheduledAtMs: now + 60_000 });
    dialer();
    await settle();
    const asked = { ...queue.asked };
    await advance(59_990, 1_000);
    expect(queue.asked).toEqual(asked);
    expect(clock.pending).toBe(1);
    await advance(10);
    expect(order()).toEqual([1]);
  });

  it("with an empty queue asks once and then nothing until it is woken", async () => {
    queue.addDeployment(1);
    const one = dialer();
    await settle();
    const asked = { ...queue.asked };
    await advance(600_000, 60_000);
    expect(queue.asked).toEqual(asked);
    expect(clock.pending).toBe(0);
    queue.add(1, { queuedAtMs: clock.now() });
    one.wake();
    await settle();
    expect(order()).toEqual([1]);
  });

  it("ends calls at their expiration, whether or not anything else happens", async () => {
    queue.addDeployment(1, { maxChannels: 1 });
    queue.add(1, { queuedAtMs: now });
    const expiring = queue.add(1, { queuedAtMs: now, expiresAtMs: now + 5_000 });
    const told: number[] = [];
    dialer({ onExpired: (calls) => told.push(calls) });
    await settle();
    await advance(4_990);
    expect(expiring.expired).toBeUndefined();
    await advance(10);
    expect(expiring.expired).toBe(true);
    expect(told).toEqual([1]);
    expect(order()).toEqual([1]);
  });
});

describe("caps", () => {
  it("on channels of everything hold, and a channel given back is used at once", async () => {
    queue.addDeployment(1);
    for (let n = 0; n < 5; n++) queue.add(1, { queuedAtMs: now });
    const one = dialer({ limits: { maxChannels: 2 } });
    await settle();
    expect(order()).toEqual([1, 2]);
    expect(one.channelsInUse).toBe(2);
    runner.placed[0]?.end(completed(clock.now()));
    await settle();
    expect(order()).toEqual([1, 2, 3]);
    expect(runner.mostAtOnce).toBe(2);
  });

  it("on one deployment leave the others alone", async () => {
    queue.addDeployment(1, { maxChannels: 1 });
    queue.addDeployment(2);
    for (const id of [1, 1, 2, 2, 2]) queue.add(id, { queuedAtMs: now });
    dialer();
    await settle();
    expect(order().sort()).toEqual([1, 3, 4, 5]);
  });

  it("on a trunk are shared by its deployments", async () => {
    queue.addDeployment(1, { trunk: "small" });
    queue.addDeployment(2, { trunk: "small" });
    queue.addDeployment(3, { trunk: "big" });
    for (const id of [1, 1, 2, 2, 3, 3, 3]) queue.add(id, { queuedAtMs: now });
    dialer({ trunkLimits: (trunk) => (trunk === "small" ? { maxChannels: 2 } : {}) });
    await settle();
    const trunks = runner.placed.map((one) => one.claimed.deployment.trunk).sort();
    expect(trunks).toEqual(["big", "big", "big", "small", "small"]);
  });

  it("on calls per second space the starts evenly", async () => {
    queue.addDeployment(1);
    for (let n = 0; n < 6; n++) queue.add(1, { queuedAtMs: now });
    dialer({ limits: { callsPerSecond: 5 } });
    await settle();
    await advance(1_000);
    expect(runner.placed.map((one) => one.atMs - now)).toEqual([0, 200, 400, 600, 800, 1_000]);
  });

  it("by a calling window hold the deployment's calls until it opens", async () => {
    const minute = Math.floor((now % 86_400_000) / 60_000);
    const callingWindow = {
      timeZone: "UTC",
      days: [1, 2, 3, 4, 5, 6, 7],
      fromMinute: minute + 2,
      toMinute: minute + 60,
    };
    queue.addDeployment(1, { callingWindow });
    queue.add(1, { queuedAtMs: now });
    dialer();
    await settle();
    expect(order()).toEqual([]);
    await advance(120_000, 1_000);
    expect(runner.placed.map((one) => one.atMs - now)).toEqual([120_000]);
  });
});

describe("settling", () => {
  it("dials a busy callee again after the interval, until the attempts are used up", async () => {
    queue.addDeployment(1);
    const call = queue.add(1, { queuedAtMs: now, maxAttempts: 3, retryIntervalMs: 5_000 });
    runner.ending = () => report(clock.now());
    const settled: unknown[] = [];
    dialer({ onSettled: (_claimed, _report, next) => settled.push(next) });
    await settle();
    await advance(30_000, 100);
    expect(runner.placed.map((one) => [one.atMs - now, one.claimed.attemptNumber])).toEqual([
      [0, 1],
      [5_000, 2],
      [10_000, 3],
    ]);
    expect(call.state).toBe("done");
    expect(settled).toEqual([{ retryAtMs: now + 5_000 }, { retryAtMs: now + 10_000 }, "done"]);
  });

  it("gives back a call whose INVITE did not leave, and lets its deployment rest, longer each time", async () => {
    queue.addDeployment(1);
    queue.addDeployment(2);
    queue.add(1, { queuedAtMs: now });
    runner.ending = (attempt) =>
      attempt.claimed.call.deploymentId === 1 && clock.now() < now + 5_000
        ? { unsent: "no port" }
        : undefined;
    const one = dialer();
    await settle();
    await advance(1_500);
    queue.add(2, { queuedAtMs: clock.now() });
    one.wake();
    await settle();
    expect(runner.placed.at(-1)?.claimed.call.deploymentId).toBe(2);
    await advance(8_500);
    const times = runner.placed
      .filter((one) => one.claimed.call.deploymentId === 1)
      .map((one) => one.atMs - now);
    expect(times).toEqual([0, 1_000, 3_000, 7_000]);
    expect(runner.placed.every((one) => one.claimed.attemptNumber === 1)).toBe(true);
  });

  it("survives listeners that throw", async () => {
    queue.addDeployment(1);
    queue.add(1, { queuedAtMs: now, expiresAtMs: now });
    queue.add(1, { queuedAtMs: now });
    queue.add(1, { queuedAtMs: now });
    runner.ending = () => completed(clock.now());
    const broken = () => {
      throw new Error("listener");
    };
    dialer({ onSettled: broken, onExpired: broken });
    await settle();
    expect(queue.calls.map((one) => one.state)).toEqual(["done", "done", "done"]);
  });

  it("survives a runner that throws: the call ends, the others go on", async () => {
    queue.addDeployment(1);
    const broken = queue.add(1, { queuedAtMs: now });
    queue.add(1, { queuedAtMs: now });
    runner.ending = (attempt) => {
      if (attempt.claimed.call === broken.call) throw new Error("mistake");
      return completed(clock.now());
    };
    dialer();
    await settle();
    expect(queue.calls.map((one) => [one.state, one.lastReport?.outcome.reason])).toEqual([
      ["done", "internal"],
      ["done", "answered"],
    ]);
  });
});

describe("a queue that fails", () => {
  it.each(["claim", "deploymentsWithDueCalls", "expire", "nextDueAt", "all"] as const)(
    "in %s is asked again with growing pauses, and the calls go out when it works again",
    async (method) => {
      queue.addDeployment(1);
      queue.add(1, { queuedAtMs: now });
      queue.add(1, { queuedAtMs: now });
      queue.failing = method;
      dialer();
      await settle();
      await advance(10_000);
      const failures = logger.lines.filter((line) => line.level === "error").length;
      expect(failures).toBeGreaterThan(3);
      expect(failures).toBeLessThan(10);
      expect(order()).toEqual([]);
      queue.failing = undefined;
      await advance(10_000);
      expect(order()).toEqual([1, 2]);
    },
  );

  it("in settle is told again until it is written", async () => {
    queue.addDeployment(1);
    const call = queue.add(1, { queuedAtMs: now });
    const one = dialer();
    await settle();
    queue.failing = "settle";
    runner.placed[0]?.end(completed(clock.now()));
    await advance(2_000);
    expect(call.state).toBe("dialing");
    expect(one.activeAttempts).toBe(1);
    expect(one.channelsInUse).toBe(0);
    queue.failing = undefined;
    await advance(4_000);
    expect(call.state).toBe("done");
    expect(one.activeAttempts).toBe(0);
  });
});

describe("drain", () => {
  it("claims nothing more and waits for what is under way", async () => {
    queue.addDeployment(1);
    for (let n = 0; n < 3; n++) queue.add(1, { queuedAtMs: now });
    const one = dialer({ limits: { maxChannels: 2 } });
    await settle();
    let isDrained = false;
    const drained = one.drained(30_000).then(() => {
      isDrained = true;
    });
    runner.placed[0]?.end(completed(clock.now()));
    await settle();
    expect([order(), isDrained, one.state]).toEqual([[1, 2], false, "draining"]);
    runner.placed[1]?.end(completed(clock.now()));
    await settle();
    await drained;
    expect(one.state).toBe("stopped");
    expect(order()).toEqual([1, 2]);
  });

  it("hangs up when the time is over, and settles what that brings", async () => {
    queue.addDeployment(1);
    const call = queue.add(1, { queuedAtMs: now });
    const one = dialer();
    await settle();
    const drained = one.drained(30_000);
    await advance(30_000, 1_000);
    expect(runner.placed[0]?.hungUp).toEqual(["shutdown"]);
    runner.placed[0]?.end(report(clock.now(), { reason: "shutdown" }));
    await settle();
    await drained;
    expect(call.state).toBe("done");
  });

  it("ends even when an attempt does not", async () => {
    queue.addDeployment(1);
    queue.add(1, { queuedAtMs: now });
    const one = dialer();
    await settle();
    const drained = one.drained(1_000);
    await advance(10_000, 1_000);
    await drained;
    expect(one.state).toBe("stopped");
  });

  it("gives back a claim that arrives late", async () => {
    queue.addDeployment(1);
    const call = queue.add(1, { queuedAtMs: now });
    const one = dialer();
    // The claim is under way: the refresh has taken its turns, the claim's answer has not come.
    while ((queue.asked.claim ?? 0) === 0) await Promise.resolve();
    one.stopClaiming();
    await settle();
    expect([order(), call.state, queue.asked.release]).toEqual([[], "queued", 1]);
    expect(one.state).toBe("stopped");
  });

  it("of an idle dialer is over at once", async () => {
    const one = dialer();
    await settle();
    await one.drained(1_000);
    expect(one.state).toBe("stopped");
  });
});
