import { describe, expect, it } from "vitest";
import { toSharedPcm, toSharedPlayback } from "../../../sip/media/media-protocol.ts";

describe("audio that crosses to a worker", () => {
  it("lies in shared memory, so that no copy is made per call", () => {
    const prompt = Int16Array.of(1, 2, 3);
    const shared = toSharedPcm(prompt);
    expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...shared]).toEqual([1, 2, 3]);
    expect(toSharedPcm(prompt)).toBe(shared);
    expect(toSharedPcm(shared)).toBe(shared);
    const clone = structuredClone(
      toSharedPlayback({ playbackId: 1, items: [{ audio: prompt, bargeIn: "none" }] }),
    );
    shared[0] = 9;
    expect(clone.items[0]?.audio[0]).toBe(9);
  });

  it("takes the part of a buffer that was meant, each part for itself", () => {
    const all = Int16Array.of(1, 2, 3, 4);
    expect([...toSharedPcm(all.subarray(1, 3))]).toEqual([2, 3]);
    expect([...toSharedPcm(all.subarray(2))]).toEqual([3, 4]);
    expect([...toSharedPcm(all)]).toEqual([1, 2, 3, 4]);
  });
});
