import { describe, expect, it } from "vitest";
import { ReceptionStatistics } from "../../../sip/rtp/statistics.ts";

/** Packets of 20 ms at these arrival times; sequence numbers count from `first`. */
function receive(sequences: readonly number[], arrivals?: readonly number[]): ReceptionStatistics {
  const statistics = new ReceptionStatistics();
  sequences.forEach((sequence, i) => {
    statistics.packet(sequence & 0xffff, (sequence * 160) >>> 0, arrivals?.[i] ?? i * 20);
  });
  return statistics;
}

describe("reception statistics", () => {
  it("count what is missing between the first and the highest sequence number (A.3)", () => {
    const statistics = receive([10, 11, 13, 14, 17]);
    expect(statistics.packetsLost).toBe(3);
    expect(statistics.packetsReceived).toBe(5);
    expect(statistics.report()).toMatchObject({ cumulativeLost: 3, extendedHighest: 17 });
  });

  it("report the fraction lost since the last report in 1/256", () => {
    const statistics = receive([0, 1, 2, 4]);
    expect(statistics.report().fractionLost).toBe(Math.floor(256 / 5));
    for (const sequence of [5, 6, 7, 8]) statistics.packet(sequence, sequence * 160, sequence * 20);
    expect(statistics.report()).toMatchObject({ fractionLost: 0, cumulativeLost: 1 });
  });

  it("go on over the wrap of sequence numbers", () => {
    const statistics = receive([0xfffe, 0xffff, 0x1_0000, 0x1_0001]);
    expect(statistics.packetsLost).toBe(0);
    expect(statistics.report().extendedHighest).toBe(0x1_0001);
  });

  it("take reordered packets for received and repeated ones for no gain", () => {
    const statistics = new ReceptionStatistics();
    const verdicts = [5, 7, 6, 7, 8].map((sequence) => statistics.packet(sequence, sequence * 160, 0));
    expect(verdicts).toEqual(["first", "gap", "reordered", "duplicate", "next"]);
    expect(statistics.packetsLost).toBe(0);
    expect(statistics.report().cumulativeLost).toBe(-1);
  });

  it("begin anew after a jump, keeping what was lost before", () => {
    const statistics = receive([1, 3]);
    expect(statistics.packet(30_000, 0, 0)).toBe("restarted");
    expect(statistics.packetsLost).toBe(1);
    expect(statistics.report()).toMatchObject({ cumulativeLost: 0, extendedHighest: 30_000 });
  });

  it("have no jitter while packets come evenly, at whatever delay", () => {
    expect(receive([0, 1, 2, 3], [500, 520, 540, 560]).jitterMs).toBe(0);
  });

  it("smooth differences of transit time by 1/16 (A.8)", () => {
    // Transit changes by 0, then 8 ms, then back by 8.
    const statistics = receive([0, 1, 2, 3], [0, 20, 48, 60]);
    const afterOne = 64 / 16;
    expect(statistics.jitterMs).toBeCloseTo((afterOne + (64 - afterOne) / 16) / 8, 6);
    expect(statistics.report().jitter).toBe(Math.floor(afterOne + (64 - afterOne) / 16));
  });

  it("leave events out of jitter", () => {
    const statistics = receive([0, 1]);
    statistics.packet(2, 320, 60, false);
    statistics.packet(3, 320, 80, false);
    expect(statistics.jitterMs).toBe(0);
  });
});
