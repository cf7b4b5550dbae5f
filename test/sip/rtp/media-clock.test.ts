/** Time is moved by hand: what is checked is which slot is served at which moment, not how fast this machine is. */
import { describe, expect, it } from "vitest";
import { type ClockTimers, MediaClock } from "../../../sip/rtp/media-clock.ts";

class ManualTimers implements ClockTimers {
  nowMs = 1000;
  #timer: { readonly atMs: number; readonly fn: () => void } | undefined;

  now(): number {
    return this.nowMs;
  }

  after(delayMs: number, fn: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, fn };
    this.#timer = timer;
    return () => {
      if (this.#timer === timer) this.#timer = undefined;
    };
  }

  afterInput(fn: () => void): () => void {
    return this.after(0, fn);
  }

  get isIdle(): boolean {
    return this.#timer === undefined;
  }

  /** Moves on to `ms` from now, firing what is due on the way. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.#timer && this.#timer.atMs <= untilMs) this.#fire(Math.max(this.nowMs, this.#timer.atMs));
    this.nowMs = untilMs;
  }

  /** The thread stood still for `ms`; then what is due fires. */
  stall(ms: number): void {
    this.nowMs += ms;
    this.advance(0);
  }

  #fire(atMs: number): void {
    const timer = this.#timer;
    this.#timer = undefined;
    this.nowMs = atMs;
    timer?.fn();
  }
}

function createClock(legs: number) {
  const timers = new ManualTimers();
  const errors: unknown[] = [];
  const clock = new MediaClock((error) => errors.push(error), timers);
  const calls: { leg: number; atMs: number; skipped: number }[] = [];
  const stops = Array.from({ length: legs }, (_, leg) =>
    clock.add((skipped) => calls.push({ leg, atMs: timers.nowMs - 1000, skipped })),
  );
  return { timers, clock, calls, stops, errors };
}

describe("the media clock", () => {
  it("serves a leg every 20 ms", () => {
    const { timers, calls } = createClock(1);
    timers.advance(100);
    expect(calls.map(({ atMs }) => atMs)).toEqual([20, 40, 60, 80, 100]);
  });

  it("spreads legs over four phases of 5 ms", () => {
    const { timers, calls } = createClock(8);
    timers.advance(20);
    const perTurn = Map.groupBy(calls, ({ atMs }) => atMs);
    expect([...perTurn.keys()]).toEqual([5, 10, 15, 20]);
    expect([...perTurn.values()].map((each) => each.length)).toEqual([2, 2, 2, 2]);
  });

  it("keeps its deadlines when a turn is late", () => {
    const { timers, calls } = createClock(1);
    timers.advance(19);
    timers.stall(12);
    timers.advance(29);
    expect(calls.map(({ atMs, skipped }) => [atMs, skipped])).toEqual([
      [31, 0],
      [40, 0],
      [60, 0],
    ]);
  });

  it("makes up for a stall of up to 60 ms", () => {
    const { timers, calls } = createClock(1);
    timers.advance(20);
    timers.stall(58);
    timers.advance(2);
    expect(calls).toHaveLength(4);
    expect(calls.every(({ skipped }) => skipped === 0)).toBe(true);
  });

  it("skips after a longer stall, tells each leg how many slots, and never bursts", () => {
    const { timers, clock, calls } = createClock(4);
    timers.advance(20);
    calls.length = 0;
    timers.stall(200);
    timers.advance(0);
    // One slot each at most is made up for at once; nine or ten of 20 ms are gone.
    for (let leg = 0; leg < 4; leg++) {
      const mine = calls.filter((call) => call.leg === leg);
      expect(mine).toHaveLength(1);
      expect(mine[0]?.skipped).toBe(9);
    }
    timers.advance(100);
    expect(calls.filter(({ leg }) => leg === 0).map(({ skipped }) => skipped)).toEqual([9, 0, 0, 0, 0, 0]);
    expect(clock.lateness().skippedSlots).toBe(9);
    expect(clock.lateness().maxMs).toBe(195);
  });

  it("stops with its last leg and starts again with the next", () => {
    const { timers, clock, calls, stops } = createClock(2);
    timers.advance(20);
    for (const stop of stops) stop();
    expect(timers.isIdle).toBe(true);
    timers.advance(1000);
    calls.length = 0;
    clock.add((skipped) => calls.push({ leg: 9, atMs: 0, skipped }));
    timers.advance(20);
    expect(calls).toEqual([{ leg: 9, atMs: 0, skipped: 0 }]);
  });

  it("hands on what a tick throws and serves the others", () => {
    const { timers, clock, calls, errors } = createClock(0);
    for (let leg = 0; leg < 8; leg++) {
      clock.add(() => {
        if (leg === 0) throw new Error("broken leg");
        calls.push({ leg, atMs: 0, skipped: 0 });
      });
    }
    timers.advance(20);
    expect(errors).toHaveLength(1);
    expect(calls).toHaveLength(7);
  });
});
