/** Audio files are built from a 1000 Hz tone at -12 dBFS and must come back as that tone. */
import { describe, expect, it } from "vitest";
import { audioFormatOf, readAudio } from "../../../engine/media/audio-file.ts";
import { encodeG711, pcmToBytes } from "../../../engine/media/g711.ts";
import { resampleInto, resampleTo8kHz } from "../../../engine/media/resample.ts";
import { writeWav } from "../../../engine/media/wav.ts";
import type { AudioResource } from "../../../engine/ports.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";

function tone(sampleRateHz = 8000): Int16Array {
  const pcm = new Int16Array(sampleRateHz / 2);
  for (let i = 0; i < pcm.length; i++) {
    pcm[i] = Math.round(11_600 * Math.sin((2 * Math.PI * 1000 * i) / sampleRateHz));
  }
  return pcm;
}

function swapped(pcm: Int16Array): Uint8Array {
  const bytes = Buffer.from(pcmToBytes(pcm));
  return bytes.swap16();
}

function au(
  encoding: number,
  data: Uint8Array,
  more: { rate?: number; channels?: number; start?: number } = {},
) {
  const { rate = 8000, channels = 1, start = 32 } = more;
  const header = Buffer.alloc(32);
  header.write(".snd", "latin1");
  [start, data.length, encoding, rate, channels].forEach((word, index) => {
    header.writeUInt32BE(word, 4 + 4 * index);
  });
  return Buffer.concat([header, data]);
}

const resource = (bytes: Uint8Array, more: Partial<AudioResource> = {}): AudioResource => ({
  bytes,
  contentType: "",
  uri: "http://app/prompt",
  ...more,
});

const mulaw = encodeG711("PCMU", tone());
const alaw = encodeG711("PCMA", tone());
const stereo = new Int16Array(tone().length * 2).map((_, index) => tone()[index >> 1] as number);

describe("a tone comes back from", () => {
  it.each<[string, AudioResource]>([
    ["WAV", resource(writeWav(tone()))],
    ["WAV at 44.1 kHz", resource(writeWav(tone(44_100), 44_100), { contentType: "audio/x-wav" })],
    ["WAV that is called audio/basic", resource(writeWav(tone()), { contentType: "audio/basic" })],
    ["audio/basic without a header", resource(mulaw, { contentType: "audio/basic" })],
    ["audio/x-alaw-basic", resource(alaw, { contentType: "audio/x-alaw-basic" })],
    ["a .ul file", resource(mulaw, { uri: "http://app/p.ul?v=1#x" })],
    ["a .al file of an unknown type", resource(alaw, { uri: "http://app/P.AL", contentType: "text/plain" })],
    ["audio/L16", resource(swapped(tone()), { contentType: "audio/l16" })],
    [
      "audio/L16 at 16 kHz",
      resource(swapped(tone(16_000)), { contentType: "audio/l16", sampleRateHz: 16_000 }),
    ],
    ["a big-endian .l16 file", resource(swapped(tone()), { uri: "http://app/p.l16" })],
    ["a little-endian .l16 file", resource(pcmToBytes(tone()), { uri: "http://app/p.l16" })],
    [".au in µ-law", resource(au(1, mulaw), { contentType: "audio/basic" })],
    [".au in A-law", resource(au(27, alaw))],
    [".au in 16 bits at 16 kHz", resource(au(3, swapped(tone(16_000)), { rate: 16_000 }))],
    [".au with two channels", resource(au(3, swapped(stereo), { channels: 2 }))],
  ])("%s", (_what, audio) => {
    const pcm = readAudio(audio);
    expect(pcm).toHaveLength(4000);
    expect(toneLevelDbfs(pcm, 1000)).toBeCloseTo(-12, 0);
  });

  it(".au whose writer did not know its length", () => {
    const bytes = au(1, mulaw);
    bytes.writeUInt32BE(0xffff_ffff, 8);
    expect(readAudio(resource(bytes))).toHaveLength(4000);
  });
});

describe("what cannot be read says why", () => {
  it.each<[string, AudioResource]>([
    ["it is empty", resource(new Uint8Array())],
    [
      'the media type "text/html" nor its name',
      resource(Buffer.from("<html>"), { contentType: "text/html" }),
    ],
    ["too few for the header of an .au file", resource(Buffer.from(".snd1234"))],
    ["encoding 23 is not", resource(au(23, mulaw))],
    ["3 channels", resource(au(1, mulaw, { channels: 3 }))],
    ["a sample rate of 1 Hz", resource(au(1, mulaw, { rate: 1 }))],
    ["a sample rate of 1 Hz", resource(mulaw, { contentType: "audio/basic", sampleRateHz: 1 })],
    ["begin at 9000000", resource(au(1, mulaw, { start: 9_000_000 }))],
    ["MP3 is not decoded here", resource(Buffer.from("ID3"))],
  ])("%s", (problem, audio) => {
    expect(() => readAudio(audio)).toThrow(problem);
  });
});

it.each([
  ["ID3 and anything", [0x49, 0x44, 0x33, 4], "mp3"],
  ["an MPEG 1 layer 3 frame", [0xff, 0xfb, 0x90, 0x64], "mp3"],
  ["an MPEG 2 layer 3 frame", [0xff, 0xf3, 0x48, 0xc4], "mp3"],
  ["a reserved bit rate", [0xff, 0xfb, 0xf0, 0x64], undefined],
  ["layer 2", [0xff, 0xfd, 0x90, 0x64], undefined],
  ["loud µ-law", [0xff, 0xff, 0xff, 0xff], undefined],
])("%s is of format %s", (_what, bytes, format) => {
  expect(audioFormatOf(resource(Uint8Array.from(bytes)))).toBe(format);
});

it("resampling slice by slice is resampling at once", () => {
  const pcm = tone(44_100);
  const whole = resampleTo8kHz(pcm, 44_100);
  const out = new Int16Array(whole.length);
  for (let start = 0; start < out.length; start += 1000) {
    resampleInto(out, pcm, 44_100, start, start + 1000);
  }
  expect(out).toEqual(whole);
});
