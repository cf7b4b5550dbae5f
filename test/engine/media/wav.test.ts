import { describe, expect, it } from "vitest";
import {
  EngineError,
  encodeG711,
  parseWav,
  pcmToBytes,
  readWav,
  tone,
  WAV_HEADER_BYTES,
  wavHeader,
  writeWav,
} from "../../../engine/index.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";

/** A chunk: name, size, content, padded to even length. */
function chunk(name: string, content: Uint8Array): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(name), size, content, Buffer.alloc(content.length % 2)]);
}

function format(tag: number, channels: number, rateHz: number, bits: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(channels, 2);
  bytes.writeUInt32LE(rateHz, 4);
  bytes.writeUInt32LE((rateHz * channels * bits) / 8, 8);
  bytes.writeUInt16LE((channels * bits) / 8, 12);
  bytes.writeUInt16LE(bits, 14);
  return bytes;
}

function riff(...chunks: Buffer[]): Buffer {
  return chunk("RIFF", Buffer.concat([Buffer.from("WAVE"), ...chunks]));
}

const TONE = tone(1000, 500, -12);

describe("reading WAV", () => {
  it.each([
    ["PCM16", riff(chunk("fmt ", format(1, 1, 8000, 16)), chunk("data", pcmToBytes(TONE)))],
    ["mu-law", riff(chunk("fmt ", format(7, 1, 8000, 8)), chunk("data", encodeG711("PCMU", TONE)))],
    ["A-law", riff(chunk("fmt ", format(6, 1, 8000, 8)), chunk("data", encodeG711("PCMA", TONE)))],
  ])("understands %s", (_name, bytes) => {
    const pcm = readWav(bytes);
    expect(pcm).toHaveLength(4000);
    expect(toneLevelDbfs(pcm, 1000)).toBeCloseTo(-12, 0);
  });

  it("skips chunks it does not know, odd ones with their padding", () => {
    const bytes = riff(
      chunk("LIST", Buffer.from("abc")),
      chunk("fmt ", format(1, 1, 8000, 16)),
      chunk("fact", Buffer.alloc(4)),
      chunk("data", pcmToBytes(TONE)),
    );
    expect(readWav(bytes)).toEqual(TONE);
  });

  it("takes the real format out of WAVE_FORMAT_EXTENSIBLE", () => {
    const extensible = Buffer.concat([format(0xfffe, 1, 8000, 16), Buffer.alloc(24)]);
    extensible.writeUInt16LE(1, 24);
    expect(readWav(riff(chunk("fmt ", extensible), chunk("data", pcmToBytes(TONE))))).toEqual(TONE);
  });

  it("mixes two channels by their mean", () => {
    const stereo = Int16Array.of(100, 300, -100, -300, 32_767, 32_767);
    const bytes = riff(chunk("fmt ", format(1, 2, 8000, 16)), chunk("data", pcmToBytes(stereo)));
    expect([...readWav(bytes)]).toEqual([200, -200, 32_767]);
    expect(parseWav(bytes).channels.map((channel) => [...channel])).toEqual([
      [100, -100, 32_767],
      [300, -300, 32_767],
    ]);
  });

  it("resamples to 8 kHz", () => {
    const wide = Int16Array.from(
      { length: 8000 },
      (_, i) => 9000 * Math.sin((2 * Math.PI * 1000 * i) / 16_000),
    );
    expect(readWav(writeWav(wide, 16_000))).toHaveLength(4000);
  });

  it("reads a file whose writer died as far as it goes", () => {
    const bytes = writeWav(TONE);
    expect(readWav(bytes.subarray(0, bytes.length - 2001))).toHaveLength(2999);
  });

  it.each([
    ["", "0 bytes are too few"],
    ["<html>not found</html>", "does not begin with RIFF"],
    ["RIFF\x04\0\0\0AVI ", "not WAVE"],
    ["RIFF\x04\0\0\0WAVE", "no fmt chunk"],
    [riff(chunk("fmt ", format(1, 1, 8000, 16))), "no data chunk"],
    [riff(chunk("data", Buffer.alloc(2))), "before the fmt chunk"],
    [riff(chunk("fmt ", format(1, 1, 8000, 16).subarray(0, 10))), "has 10 bytes"],
    [riff(chunk("fmt ", format(85, 1, 44_100, 16))), "format 85 is not PCM"],
    [riff(chunk("fmt ", format(1, 1, 8000, 24))), "24 bits per sample"],
    [riff(chunk("fmt ", format(1, 6, 48_000, 16))), "6 channels"],
    [riff(chunk("fmt ", format(1, 1, 10, 16))), "10 Hz is outside"],
  ])("names what is wrong with %j", (bytes, problem) => {
    const read = () => readWav(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    expect(read).toThrow(EngineError);
    expect(read).toThrow(problem);
    expect(read).toThrow(expect.objectContaining({ code: "ENGINE_AUDIO_UNREADABLE" }));
  });
});

describe("writing WAV", () => {
  it("makes what reading gives back", () => {
    expect(readWav(writeWav(TONE))).toEqual(TONE);
  });

  it("has a header for two channels of 8 kHz, with sizes that stay within 32 bits", () => {
    const header = Buffer.from(wavHeader(6400, 2));
    expect(header).toHaveLength(WAV_HEADER_BYTES);
    expect(header.readUInt32LE(4)).toBe(6436);
    expect(header.readUInt32LE(28)).toBe(32_000);
    expect(header.readUInt32LE(40)).toBe(6400);
    expect(Buffer.from(wavHeader(2 ** 40, 2)).readUInt32LE(4)).toBe(0xffff_ffff);
  });
});
