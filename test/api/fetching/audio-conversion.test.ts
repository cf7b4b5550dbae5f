/** Audio from bytes to the line, MP3 included; the fixtures are half a second of 1000 Hz. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AudioConversion } from "../../../api/fetching/audio-conversion.ts";
import { type AudioResource, writeWav } from "../../../engine/index.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";

const file = (name: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, "../../../fixtures/audio", name)));

const mp3 = (bytes: Uint8Array, more: Partial<AudioResource> = {}): AudioResource => ({
  bytes,
  contentType: "audio/mpeg",
  uri: "http://app/prompt.mp3",
  ...more,
});

describe("MP3", () => {
  it.each(["tone-16khz-32kbps.mp3", "tone-44khz-stereo.mp3", "tone-8khz.mp3"])(
    "%s is heard",
    async (name) => {
      const pcm = await new AudioConversion().convert(mp3(file(name)));
      // The encoder pads the beginning and the end by up to two frames of silence.
      expect(pcm.length).toBeGreaterThan(4000);
      expect(pcm.length).toBeLessThan(5400);
      // Amplitude 8000 is -15.3 dBFS; so few bits are off by a decibel.
      const levelDbfs = toneLevelDbfs(pcm.subarray(1600, 3200), 1000);
      expect(Math.abs(levelDbfs + 15.3)).toBeLessThan(1.5);
    },
  );

  it("is known by its first bytes, and by its name where the server knows no type", async () => {
    const bytes = file("tone-8khz.mp3");
    for (const audio of [
      mp3(bytes, { contentType: "", uri: "http://app/1" }),
      mp3(bytes, { contentType: "application/octet-stream" }),
    ])
      expect((await new AudioConversion().convert(audio)).length).toBeGreaterThan(4000);
  });

  it("that is something else is unreadable", async () => {
    const audio = mp3(Buffer.from("<html>not found</html>".repeat(100)));
    await expect(new AudioConversion().convert(audio)).rejects.toMatchObject({
      code: "ENGINE_AUDIO_UNREADABLE",
    });
  });

  it("that is cut off is heard as far as it goes", async () => {
    const bytes = file("tone-16khz-32kbps.mp3");
    const pcm = await new AudioConversion().convert(mp3(bytes.subarray(0, bytes.length >> 1)));
    expect(pcm.length).toBeGreaterThan(1000);
  });

  it("with bytes changed at random never hangs and never breaks what comes after", async () => {
    let seed = 20_261_121;
    const random = () => {
      seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    const whole = file("tone-16khz-32kbps.mp3");
    const conversion = new AudioConversion();
    for (let round = 0; round < 150; round++) {
      const bytes = new Uint8Array(whole);
      for (let change = 0; change < 40; change++) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      }
      await conversion.convert(mp3(bytes)).then(
        (pcm) => expect(pcm.length).toBeLessThan(100_000),
        (error: unknown) => expect(error).toMatchObject({ code: "ENGINE_AUDIO_UNREADABLE" }),
      );
    }
    expect((await conversion.convert(mp3(whole))).length).toBeGreaterThan(4000);
  });
});

describe("conversion", () => {
  const wav = (): AudioResource => ({
    bytes: writeWav(new Int16Array(22_050).fill(1000), 22_050),
    contentType: "audio/x-wav",
    uri: "http://app/a.wav",
  });

  it("happens once per content, for those who want it at the same time too", async () => {
    const conversion = new AudioConversion();
    const heard = await Promise.all(
      Array.from({ length: 20 }, (_, index) => conversion.convert({ ...wav(), uri: `http://app/${index}` })),
    );
    heard.push(await conversion.convert(wav()));
    expect(conversion.conversions).toBe(1);
    expect(heard[0]).toHaveLength(8000);
    expect(heard.every((pcm) => pcm === heard[0])).toBe(true);
  });

  it("brings samples in shared memory, so that no thread copies them", async () => {
    const pcm = await new AudioConversion().convert(wav());
    expect(pcm.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("keeps the bytes it may", async () => {
    const conversion = new AudioConversion({ maxBytes: 1000 });
    await conversion.convert(wav());
    await conversion.convert(wav());
    expect(conversion.conversions).toBe(2);
  });

  it("that failed is tried again", async () => {
    const conversion = new AudioConversion();
    const broken: AudioResource = { bytes: Buffer.from("RIFF"), contentType: "", uri: "http://app/x" };
    await expect(conversion.convert(broken)).rejects.toThrow("too few");
    await expect(conversion.convert(broken)).rejects.toThrow("too few");
  });
});
