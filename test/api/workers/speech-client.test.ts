/** The synthesizer over its real worker. */
import { afterEach, describe, expect, it } from "vitest";
import type { SpeechSettings } from "../../../api/speech/provider.ts";
import { SpeechClient } from "../../../api/workers/speech-client.ts";
import { RememberedLog } from "../../engine/call/scripted-world.ts";

let client: SpeechClient;
const open = (settings: SpeechSettings, deadlineMs?: number) => {
  client = new SpeechClient({ settings, logger: new RememberedLog(), deadlineMs });
  return client;
};

afterEach(async () => {
  await client.close();
});

describe("the speech worker", () => {
  it("speaks with flite into shared memory, and again from the cache", async () => {
    open({ provider: "flite", voice: "kal" });
    const first = await client.synthesize({ text: "Thank you." });
    expect(first.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(first.length).toBeGreaterThan(4000);
    expect(await client.synthesize({ text: "Thank you." })).toBe(first);
    expect(await client.synthesize({ text: "Thank you.", voice: "rms" })).not.toEqual(first);
  });

  it("renders what is asked for twice at the same time once", async () => {
    open({ provider: "flite" });
    const [first, second] = await Promise.all([
      client.synthesize({ text: "Goodbye." }),
      client.synthesize({ text: "Goodbye." }),
    ]);
    expect(second).toBe(first);
  });

  it("a failure is told, and the next utterance is tried anew", async () => {
    open({ provider: "espeak-ng", espeakProgram: "/no/such/espeak-ng" });
    for (let time = 0; time < 2; time++) {
      await expect(client.synthesize({ text: "x" })).rejects.toMatchObject({ code: "ENGINE_SPEECH_FAILED" });
    }
  });

  it("one that hangs is replaced, and what waits behind it is not lost with it", async () => {
    // Answers nothing for "hang", and silence for anything else.
    const script = `
      process.stdin.on("data", (text) => {
        if (String(text) !== "hang") process.stdout.write(Buffer.from("UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAHAA==", "base64"), () => process.exit());
      });
      process.stdin.on("end", () => setTimeout(() => {}, 5000));`;
    open(
      { provider: "espeak-ng", espeakProgram: process.execPath, espeakArguments: ["-e", script, "--"] },
      1500,
    );
    const hung = client.synthesize({ text: "hang" });
    const behind = client.synthesize({ text: "behind" });
    await expect(hung).rejects.toThrow("did not finish in time");
    expect([...(await behind)]).toEqual([7]);
  });

  it("after closing nothing is spoken", async () => {
    open({ provider: "flite" });
    await client.close();
    await expect(client.synthesize({ text: "x" })).rejects.toMatchObject({ code: "ENGINE_SPEECH_FAILED" });
  });
});
