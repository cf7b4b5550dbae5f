import { describe, expect, it } from "vitest";
import { decodeG711, encodeG711 } from "../../../engine/media/g711.ts";
import { messageFormatOf } from "../../../engine/media/message-formats.ts";
import { tone } from "../../../engine/media/tones.ts";
import { parseWav } from "../../../engine/media/wav.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";

const pcm = tone(1000, 101.625, -12);
const shared = new Uint8Array(new SharedArrayBuffer(pcm.length));
shared.set(encodeG711("PCMU", pcm));

/** Each format's bytes back to samples. */
const READERS: Readonly<Record<string, (bytes: Uint8Array) => Int16Array>> = {
  "audio/basic": (bytes) => decodeG711("PCMU", bytes),
  "audio/x-alaw-basic": (bytes) => decodeG711("PCMA", bytes),
  "audio/l16": (bytes) =>
    Int16Array.from({ length: bytes.length / 2 }, (_, i) => Buffer.from(bytes).readInt16BE(2 * i)),
  "audio/x-wav": (bytes) => parseWav(bytes).channels[0] as Int16Array,
  "audio/wav": (bytes) => parseWav(bytes).channels[0] as Int16Array,
};

describe("a message's format (VoiceXML 2.0 Appendix E)", () => {
  it.each(Object.keys(READERS))(
    "%s holds the sound, in memory of its own, in as many bytes as it says",
    (type) => {
      const format = messageFormatOf(type);
      const bytes = format?.encode(shared) ?? new Uint8Array(0);
      expect(bytes.buffer).toBeInstanceOf(ArrayBuffer);
      const read = READERS[type]?.(bytes) ?? new Int16Array(0);
      expect(read.length).toBe(813);
      expect(toneLevelDbfs(read, 1000)).toBeCloseTo(-12, 0);
      // A WAV's data chunk of odd length has one byte after it.
      const padding = format?.extension === "wav" ? 1 : 0;
      expect(bytes.length).toBe((format?.headerBytes ?? 0) + 813 * (format?.bytesPerSample ?? 0) + padding);
    },
  );

  it("audio/x-wav is 8-bit µ-law", () => {
    const bytes = messageFormatOf("audio/x-wav")?.encode(shared) ?? new Uint8Array(0);
    expect(parseWav(bytes).format).toMatchObject({ encoding: "mulaw", channels: 1, sampleRateHz: 8000 });
  });

  it("is found whatever case and parameters its name has, and names L16's rate", () => {
    expect(messageFormatOf("Audio/L16; rate=8000")?.contentType).toBe("audio/l16;rate=8000");
    expect(messageFormatOf("audio/x-wav;codec=ulaw")?.contentType).toBe("audio/x-wav");
    expect(messageFormatOf("audio/mpeg")).toBeUndefined();
    expect(messageFormatOf("constructor")).toBeUndefined();
  });
});
