/** The dialer's policies: pure functions of state and now. */
import { describe, expect, it } from "vitest";
import { isWindowOpen, nextOpening } from "../../../engine/dialer/calling-window.ts";
import { ChannelLimits } from "../../../engine/dialer/channel-limits.ts";
import { nextTurn } from "../../../engine/dialer/fair-queue.ts";
import { afterStart, earliestStart, UNUSED_PACE, withoutStart } from "../../../engine/dialer/pacing.ts";
import { decideRetry } from "../../../engine/dialer/retry-rule.ts";
import type { CallingWindow, Deployment, Outcome } from "../../../engine/index.ts";

describe("pacing", () => {
  it("spaces starts evenly", () => {
    let pace = UNUSED_PACE;
    const starts: number[] = [];
    for (let nowMs = 1_000; starts.length < 5; nowMs += 1) {
      if (earliestStart(pace, nowMs, 4) > nowMs) continue;
      starts.push(nowMs);
      pace = afterStart(pace, nowMs, 4);
    }
    expect(starts).toEqual([1_000, 1_250, 1_500, 1_750, 2_000]);
  });

  it("keeps the mean rate when timers are a little late", () => {
    let pace = afterStart(UNUSED_PACE, 1_000, 10);
    pace = afterStart(pace, 1_104, 10);
    expect(earliestStart(pace, 1_104, 10)).toBe(1_200);
  });

  it("saves up no burst while idle", () => {
    const pace = afterStart(afterStart(UNUSED_PACE, 1_000, 10), 60_000, 10);
    expect(earliestStart(pace, 60_000, 10)).toBe(60_100);
  });

  it("gives a start back that was not used", () => {
    const pace = withoutStart(afterStart(UNUSED_PACE, 1_000, 10), 10);
    expect(earliestStart(pace, 1_000, 10)).toBe(1_000);
  });

  it("holds nothing back without a cap", () => {
    expect(earliestStart(afterStart(UNUSED_PACE, 5, undefined), 5, undefined)).toBe(5);
  });
});

describe("fair queue", () => {
  it.each([
    [[1, 2, 3], undefined, 1],
    [[1, 2, 3], 1, 2],
    [[3, 1, 2], 2, 3],
    [[1, 2, 3], 3, 1],
    [[1, 5], 3, 5],
    [[2], 2, 2],
    [[], 2, undefined],
  ])("of %j after %s comes %s", (candidates, last, expected) => {
    expect(nextTurn(candidates, last)).toBe(expected);
  });
});

describe("calling window", () => {
  const office: CallingWindow = {
    timeZone: "America/New_York",
    days: [1, 2, 3, 4, 5],
    fromMinute: 9 * 60,
    toMinute: 17 * 60,
  };
  const at = (text: string) => Date.parse(text);

  it.each([
    ["2026-03-02T13:59:59Z", false], // Monday 8:59 EST
    ["2026-03-02T14:00:00Z", true],
    ["2026-03-02T21:59:59Z", true],
    ["2026-03-02T22:00:00Z", false],
    ["2026-03-07T15:00:00Z", false], // Saturday
    ["2026-03-09T13:00:00Z", true], // Monday 9:00, daylight saving time since Sunday
  ])("at %s is open: %s", (text, isOpen) => {
    expect(isWindowOpen(office, at(text))).toBe(isOpen);
  });

  it.each([
    ["2026-03-02T13:10:00Z", "2026-03-02T14:00:00Z"],
    ["2026-03-02T15:00:00Z", "2026-03-02T15:00:00Z"],
    ["2026-03-06T22:30:00Z", "2026-03-09T13:00:00Z"], // over the change of the clock
    ["2026-10-30T22:00:00Z", "2026-11-02T14:00:00Z"], // and back
  ])("from %s opens at %s", (from, expected) => {
    expect(new Date(nextOpening(office, at(from)) ?? 0).toISOString()).toBe(new Date(expected).toISOString());
  });

  it("runs past midnight, the night belonging to the day it began", () => {
    const night = { timeZone: "UTC", days: [5], fromMinute: 22 * 60, toMinute: 2 * 60 };
    expect(isWindowOpen(night, at("2026-03-06T23:00:00Z"))).toBe(true); // Friday
    expect(isWindowOpen(night, at("2026-03-07T01:59:00Z"))).toBe(true);
    expect(isWindowOpen(night, at("2026-03-06T01:00:00Z"))).toBe(false);
    expect(nextOpening(night, at("2026-03-07T02:00:00Z"))).toBe(at("2026-03-13T22:00:00Z"));
  });

  it("whose beginning the clock's change skips opens when the clock goes on", () => {
    const early = { timeZone: "America/New_York", days: [7], fromMinute: 150, toMinute: 240 };
    expect(nextOpening(early, at("2026-03-08T05:00:00Z"))).toBe(at("2026-03-08T07:00:00Z"));
  });

  it("without days never opens", () => {
    expect(nextOpening({ ...office, days: [] }, at("2026-03-02T00:00:00Z"))).toBeUndefined();
  });

  it("that is absent is always open", () => {
    expect(nextOpening(undefined, 42)).toBe(42);
  });
});

describe("retry rule", () => {
  const call = { maxAttempts: 3, retryIntervalMs: 60_000 };
  const decide = (
    outcome: Partial<Pick<Outcome, "result" | "reason" | "retryable">>,
    change: Partial<
      typeof call & { expiresAtMs: number; redialDeclined: boolean; attemptsMade: number }
    > = {},
  ) => {
    const { redialDeclined = false, attemptsMade = 1, ...rest } = change;
    return decideRetry({
      outcome: { result: "failed", reason: "busy", retryable: true, ...outcome },
      attemptsMade,
      call: { ...call, ...rest },
      deployment: { redialDeclined },
      nowMs: 1_000_000,
    });
  };
  const retry = { retryAtMs: 1_060_000 };

  it.each([
    ["busy", {}, {}, retry],
    ["no answer", { reason: "no-answer" }, {}, retry],
    ["busy, the last attempt", {}, { attemptsMade: 3 }, "done"],
    ["busy, no retries asked for", {}, { maxAttempts: 1 }, "done"],
    ["busy, the retry after the expiration", {}, { expiresAtMs: 1_060_000 }, "done"],
    ["busy, the retry before the expiration", {}, { expiresAtMs: 1_060_001 }, retry],
    ["completed", { result: "completed", reason: "answered", retryable: false }, {}, "done"],
    [
      "completed, redialing everything else",
      { result: "completed", retryable: true },
      { redialDeclined: true },
      "done",
    ],
    ["declined", { reason: "declined", retryable: false }, {}, "done"],
    ["declined, though marked retryable", { reason: "declined" }, {}, "done"],
    ["declined, as Plum does", { reason: "declined", retryable: false }, { redialDeclined: true }, retry],
    ["not retryable", { reason: "rejected", retryable: false }, {}, "done"],
    [
      "not retryable, as Plum does",
      { reason: "rejected", retryable: false },
      { redialDeclined: true },
      retry,
    ],
    [
      "as Plum does, the last attempt",
      { retryable: false },
      { redialDeclined: true, attemptsMade: 3 },
      "done",
    ],
    ["canceled, as Plum does", { reason: "canceled" }, { redialDeclined: true }, "done"],
  ] as const)("%s", (_, outcome, change, expected) => {
    expect(decide(outcome, change)).toEqual(expected);
  });
});

describe("channel limits", () => {
  const deployment = (id: number, change: Partial<Deployment> = {}): Deployment => ({
    deploymentId: id,
    name: "d",
    trunk: "main",
    ringTimeoutMs: 1,
    maxChannels: 2,
    redialDeclined: false,
    recordCalls: false,
    startMethod: "POST",
    profile: "plum",
    ...change,
  });

  it("count channels of engine, trunk and deployment, and give them back once", () => {
    const limits = new ChannelLimits({ maxChannels: 4 }, () => ({ maxChannels: 3 }));
    const a = deployment(1);
    const back = [limits.reserve(a, 0), limits.reserve(a, 0)];
    expect(limits.admitDeployment(a, 0)).toEqual({ admitted: false });
    expect(limits.admitDeployment(deployment(2), 0).admitted).toBe(true);
    limits.reserve(deployment(2), 0);
    expect(limits.admitDeployment(deployment(3), 0)).toEqual({ admitted: false });
    expect(limits.admitDeployment(deployment(3, { trunk: "other" }), 0).admitted).toBe(true);
    limits.reserve(deployment(3, { trunk: "other" }), 0);
    expect(limits.admitAny(0)).toEqual({ admitted: false });
    back[0]?.();
    back[0]?.();
    expect(limits.channelsInUse).toBe(3);
    expect(limits.admitAny(0).admitted).toBe(true);
  });

  it("say when a paced trunk or a closed window admits again", () => {
    const limits = new ChannelLimits({}, () => ({ callsPerSecond: 2 }));
    limits.reserve(deployment(1), 1_000);
    expect(limits.admitDeployment(deployment(2), 1_100)).toEqual({ admitted: false, untilMs: 1_500 });
    const callingWindow = { timeZone: "UTC", days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 60, toMinute: 120 };
    expect(limits.admitDeployment(deployment(3, { callingWindow }), 0)).toEqual({
      admitted: false,
      untilMs: 3_600_000,
    });
  });
});
