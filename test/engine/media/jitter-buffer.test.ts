/**
 * Packets are pushed and frames pulled by hand, so that arrival and playing lie exactly where each test wants them.
 * Every packet's samples carry its number.
 */
import { describe, expect, it } from "vitest";
import { JitterBuffer, type JitterBufferOptions, type PullResult } from "../../../engine/index.ts";

const WRAP = 0x1_0000_0000;

class Line {
  readonly buffer: JitterBuffer;
  readonly #start: number;
  readonly #frame = new Int16Array(160);

  constructor(options: JitterBufferOptions = {}, start = 5000) {
    this.buffer = new JitterBuffer(options);
    this.#start = start;
  }

  /** Packet `n` of 20 ms, all of its samples 100 * n. */
  push(n: number, samples = 160) {
    const timestamp = (this.#start + n * 160 + WRAP) % WRAP;
    return this.buffer.push(timestamp, new Int16Array(samples).fill(100 * n));
  }

  pull(): { from: PullResult; first: number; last: number } {
    const from = this.buffer.pull(this.#frame);
    return { from, first: this.#frame[0] as number, last: this.#frame[159] as number };
  }

  /** Pulls while there is audio: the numbers of packets played. */
  played(frames: number): (number | string)[] {
    return Array.from({ length: frames }, () => {
      const { from, first } = this.pull();
      return from === "audio" ? first / 100 : from;
    });
  }
}

describe("a jitter buffer", () => {
  it("begins when its delay has gathered, then hands out one frame per pull", () => {
    const line = new Line({ delayMs: 40 });
    expect(line.pull().from).toBe("none");
    line.push(1);
    expect(line.pull().from).toBe("none");
    line.push(2);
    expect(line.played(2)).toEqual([1, 2]);
  });

  it("puts reordered packets back in order and reports repeated ones", () => {
    const line = new Line({ delayMs: 80 });
    expect([1, 3, 2, 2, 4].map((n) => line.push(n))).toEqual([
      "stored",
      "stored",
      "stored",
      "duplicate",
      "stored",
    ]);
    expect(line.played(4)).toEqual([1, 2, 3, 4]);
    expect(line.buffer.counts.duplicate).toBe(1);
  });

  it("begins with the earlier packet when the first two were swapped", () => {
    const line = new Line({ delayMs: 40 });
    line.push(2);
    line.push(1);
    expect(line.played(2)).toEqual([1, 2]);
  });

  it("runs on over the wrap of timestamps", () => {
    const line = new Line({ delayMs: 40 }, WRAP - 3 * 160);
    const played: (number | string)[] = [];
    line.push(0);
    for (let n = 1; n < 8; n++) {
      line.push(n);
      played.push(...line.played(1));
    }
    expect(played).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("takes packets of 10, 30 and 60 ms", () => {
    for (const samples of [80, 240, 480]) {
      const buffer = new JitterBuffer({ delayMs: 40 });
      const frame = new Int16Array(160);
      for (let at = 0; at < 1440; at += samples) {
        buffer.push(
          at,
          Int16Array.from({ length: samples }, (_, i) => at + i),
        );
      }
      const out: number[] = [];
      while (buffer.pull(frame) === "audio") out.push(...frame);
      expect(out).toEqual(Array.from({ length: 1440 }, (_, i) => i));
    }
  });

  it("conceals a lost packet by a fainter repetition and goes on with the next", () => {
    const line = new Line({ delayMs: 60 });
    for (const n of [1, 2, 4, 5]) line.push(n);
    expect(line.pull()).toMatchObject({ from: "audio", first: 100 });
    expect(line.pull()).toMatchObject({ from: "audio", first: 200 });
    expect(line.pull()).toMatchObject({ from: "concealed", first: 100 });
    expect(line.pull()).toMatchObject({ from: "audio", first: 400 });
    expect(line.buffer.counts.concealedFrames).toBe(1);
  });

  it("falls silent after three concealed frames and begins anew when the sender returns", () => {
    const line = new Line({ delayMs: 40 });
    line.push(1);
    line.push(2);
    expect(line.played(6)).toEqual([1, 2, "concealed", "concealed", "concealed", "none"]);
    // The next talkspurt lies 2 s later on the sender's time line.
    line.push(102);
    line.push(103);
    expect(line.played(2)).toEqual([102, 103]);
  });

  it("drops what comes after its turn", () => {
    const line = new Line({ delayMs: 40 });
    for (const n of [1, 2, 4, 5]) line.push(n);
    line.played(3);
    expect(line.push(3)).toBe("late");
    expect(line.buffer.counts.late).toBe(1);
    expect(line.played(2)).toEqual([4, 5]);
  });

  it("lengthens its delay when packets come late, so that the next late one is not missed", () => {
    const line = new Line({ delayMs: 20 });
    line.push(1);
    expect(line.played(2)).toEqual([1, "concealed"]);
    line.push(2);
    line.push(3);
    // Two wait now where one did before: a packet that is one slot late finds its turn still to come.
    expect(line.played(1)).toEqual([2]);
    expect(line.played(1)).toEqual([3]);
  });

  it("gives back delay that a whole second did not need, one frame at a time", () => {
    const line = new Line({ delayMs: 20 });
    for (let n = 1; n <= 4; n++) line.push(n);
    const played: (number | string)[] = [];
    for (let n = 5; n < 200; n++) {
      played.push(...line.played(1));
      line.push(n);
    }
    expect(line.buffer.counts.trimmedFrames).toBe(3);
    expect(line.buffer.depthMs).toBe(20);
    expect(played.every((frame) => typeof frame === "number")).toBe(true);
  });

  it("keeps its delay in fixed mode", () => {
    const line = new Line({ delayMs: 40, mode: "fixed" });
    line.push(1);
    line.push(2);
    expect(line.played(3)).toEqual([1, 2, "concealed"]);
    // Packet 3's turn is over; waiting for it would have lengthened the delay.
    expect(line.push(3)).toBe("late");
    line.push(4);
    expect(line.played(1)).toEqual([4]);
  });

  it("never holds more than its maximum, however much is pushed", () => {
    const line = new Line({ delayMs: 40, maxDelayMs: 120 });
    for (let n = 0; n < 5000; n++) {
      line.push(n);
      expect(line.buffer.depthMs).toBeLessThanOrEqual(1100);
    }
    line.pull();
    expect(line.buffer.depthMs).toBeLessThanOrEqual(40);
  });

  it("begins anew when the sender's timestamps jump ahead, or stay far behind", () => {
    const line = new Line({ delayMs: 20 });
    line.push(100);
    line.played(1);
    expect(line.push(300)).toBe("restarted");
    expect(line.played(1)).toEqual([300]);
    expect([10, 11, 12].map((n) => line.push(n))).toEqual(["late", "late", "restarted"]);
    expect(line.played(1)).toEqual([12]);
  });

  it("drops what a stall of the worker made stale", () => {
    const line = new Line({ delayMs: 40 });
    for (let n = 0; n < 8; n++) line.push(n);
    line.pull();
    line.buffer.skip(4);
    expect(line.played(1)).toEqual([5]);
  });
});
