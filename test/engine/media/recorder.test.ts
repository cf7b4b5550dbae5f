import { describe, expect, it } from "vitest";
import { bytesToPcm, CallRecorder } from "../../../engine/index.ts";

describe("the call recorder", () => {
  it("interleaves what was sent and heard, an absent side as silence", () => {
    const blocks: Uint8Array[] = [];
    const recorder = new CallRecorder((block) => blocks.push(block));
    recorder.frame(new Int16Array(160).fill(-2), new Int16Array(160).fill(300));
    recorder.frame(undefined, new Int16Array(160).fill(5));
    recorder.flush();
    const samples = bytesToPcm(blocks[0] as Uint8Array);
    expect(samples).toHaveLength(640);
    expect([...samples.subarray(318, 324)]).toEqual([-2, 300, 0, 5, 0, 5]);
  });

  it("hands out a block per second, and nothing when nothing has gathered", () => {
    const sizes: number[] = [];
    const recorder = new CallRecorder((block) => sizes.push(block.length));
    for (let i = 0; i < 110; i++) recorder.frame(undefined, undefined);
    expect(sizes).toEqual([32_000, 32_000]);
    recorder.flush();
    recorder.flush();
    expect(sizes).toEqual([32_000, 32_000, 6400]);
  });
});
