/** A program of our own stands in for espeak-ng: it tells what it was given, or misbehaves. */
import { describe, expect, it } from "vitest";
import { EspeakNgProvider } from "../../../api/speech/espeak-ng-provider.ts";
import { writeWav } from "../../../engine/index.ts";

/** A provider whose program is this script, run by Node with the arguments after it. */
const provider = (script: string, voice?: string) =>
  new EspeakNgProvider({
    provider: "espeak-ng",
    voice,
    espeakProgram: process.execPath,
    espeakArguments: ["-e", script, "--"],
  });

const wavOf = (samples: string) => `
  let text = "";
  process.stdin.on("data", (chunk) => { text += chunk; });
  process.stdin.on("end", () => {
    const samples = ${samples};
    const wav = Buffer.from("${Buffer.from(writeWav(new Int16Array(1), 8000)).toString("base64")}", "base64").subarray(0, 44);
    wav.writeUInt32LE(0x7ffff000, 40);
    process.stdout.write(Buffer.concat([wav, Buffer.from(Int16Array.from(samples).buffer)]));
  });`;

describe("espeak-ng", () => {
  it("gets the text by standard input, and its endless WAV header is read as far as it goes", async () => {
    const echo = provider(wavOf("[...text].map((sign) => sign.codePointAt(0))"));
    expect([...(await echo.synthesize({ text: "-ab\u00e9" }))]).toEqual([45, 97, 98, 233]);
  });

  it.each([
    [{ voice: "de" }, "de"],
    [{ language: "fr-FR" }, "fr-fr"],
    [{ voice: "--path=/etc", language: "../x" }, "en-gb"],
    [{}, "en-gb"],
  ])("%j is spoken with voice %s", async (wanted, voice) => {
    const tell = provider(
      wavOf('[...process.argv[process.argv.indexOf("-v") + 1]].map((sign) => sign.codePointAt(0))'),
      "en-gb",
    );
    const spoken = await tell.synthesize({ text: "x", ...wanted });
    expect(String.fromCodePoint(...spoken)).toBe(voice);
  });

  it("a program that fails is told with its own words", async () => {
    const failing = provider('process.stderr.write("no such voice"); process.exitCode = 3;');
    await expect(failing.synthesize({ text: "x" })).rejects.toMatchObject({
      code: "ENGINE_SPEECH_FAILED",
      message: expect.stringContaining("3 no such voice"),
    });
  });

  it("a voice that is not there is replaced by that of the language", async () => {
    const picky = provider(`
      const voice = process.argv[process.argv.indexOf("-v") + 1];
      if (voice !== "pt") {
        process.stderr.write("Error: The specified espeak-ng voice does not exist.");
        process.exit(1);
      }
      ${wavOf("[...voice].map((sign) => sign.codePointAt(0))")}`);
    const spoken = await picky.synthesize({ text: "x", voice: "maria", language: "pt-XX" });
    expect(String.fromCodePoint(...spoken)).toBe("pt");
    await expect(picky.synthesize({ text: "x", voice: "maria" })).rejects.toMatchObject({
      message: expect.stringContaining("voice does not exist"),
    });
  });

  it("a program that is not installed is told", async () => {
    const missing = new EspeakNgProvider({ provider: "espeak-ng", espeakProgram: "/no/such/espeak-ng" });
    await expect(missing.synthesize({ text: "x" })).rejects.toMatchObject({ code: "ENGINE_SPEECH_FAILED" });
  });
});
