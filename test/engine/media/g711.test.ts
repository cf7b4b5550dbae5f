import { describe, expect, it } from "vitest";
import {
  bytesToPcm,
  decodeG711,
  encodeG711,
  G711_SILENCE,
  type G711Law,
  pcmToBytes,
} from "../../../engine/index.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);

describe("G.711", () => {
  // ITU-T G.711 tables 1 and 2: decision values at the ends of segments, scaled to 16 bits.
  it.each<[G711Law, number, number]>([
    ["PCMU", 0xff, 0],
    ["PCMU", 0x80, 32_124],
    ["PCMU", 0x00, -32_124],
    ["PCMU", 0xf0, 120],
    ["PCMU", 0xef, 132],
    ["PCMA", 0xd5, 8],
    ["PCMA", 0x55, -8],
    ["PCMA", 0xaa, 32_256],
    ["PCMA", 0x2a, -32_256],
    ["PCMA", 0xc5, 264],
  ])("%s byte %i means sample %i", (law, byte, sample) => {
    expect(decodeG711(law, Uint8Array.of(byte))[0]).toBe(sample);
  });

  it.each<G711Law>(["PCMU", "PCMA"])("%s: every byte survives decoding and encoding", (law) => {
    const again = encodeG711(law, decodeG711(law, ALL_BYTES));
    // µ-law has a negative zero, which no sample can tell from the positive one.
    const expected = law === "PCMU" ? ALL_BYTES.map((byte) => (byte === 0x7f ? 0xff : byte)) : ALL_BYTES;
    expect(again).toEqual(expected);
  });

  it.each<G711Law>(["PCMU", "PCMA"])("%s: every sample comes back within half a quantizing step", (law) => {
    const samples = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
    const back = decodeG711(law, encodeG711(law, samples));
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i] as number;
      // A step is 1/16 of its segment's beginning, with the bias of µ-law; the ends are clipped.
      const allowed = (Math.abs(sample) + 132) / 32 + (Math.abs(sample) > 32_124 ? 650 : 8);
      expect(Math.abs((back[i] as number) - sample) <= allowed, `${law} ${sample} → ${back[i]}`).toBe(true);
    }
  });

  it("encodes silence as the idle byte of each law", () => {
    expect(G711_SILENCE).toEqual({ PCMU: 0xff, PCMA: 0xd5 });
  });

  it("writes into a given array at an offset", () => {
    const packet = new Uint8Array(4).fill(1);
    encodeG711("PCMU", Int16Array.of(0, 0), packet, 2);
    expect([...packet]).toEqual([1, 1, 0xff, 0xff]);
  });
});

describe("PCM bytes", () => {
  it("are little-endian and signed, both ways", () => {
    const pcm = Int16Array.of(0, 1, -1, 32_767, -32_768, 0x1234);
    expect([...pcmToBytes(pcm).subarray(10)]).toEqual([0x34, 0x12]);
    expect(bytesToPcm(pcmToBytes(pcm))).toEqual(pcm);
  });
});
