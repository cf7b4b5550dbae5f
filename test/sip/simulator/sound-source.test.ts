import { describe, expect, it } from "vitest";
import { levelDbfs } from "../../../engine/media/levels.ts";
import { createSoundSource } from "../../../sip/simulator/sound-source.ts";

const character = { voice: "slt", levelDbfs: -20, noiseDbfs: -50, tempo: 1 };
const speech = {
  synthesize: async (request: { voice?: string }) =>
    Int16Array.from(
      { length: 800 },
      (_, index) => (request.voice === "slt" ? 900 : 0) * (index % 2 ? 1 : -1),
    ),
};

describe("a callee's sounds", () => {
  const sounds = createSoundSource(speech, 1);

  it("are spoken in the callee's voice at the callee's level", async () => {
    const spoken = await sounds.render({ kind: "speech", text: "Hello" }, character);
    expect(levelDbfs(spoken)).toBeCloseTo(-20, 0);
  });

  it("last as long as asked", async () => {
    const beep = await sounds.render({ kind: "beep", hz: 1000, forMs: 400 }, character);
    expect(beep.length).toBe(3200);
    const busy = await sounds.render({ kind: "busy-tone", country: "us", forMs: 2500 }, character);
    expect(busy.length).toBe(20_000);
  });

  it("refuse an information tone that does not exist, naming those that do", async () => {
    const tone = { kind: "information-tone", category: "ZZ" } as const;
    await expect(sounds.render(tone, character)).rejects.toThrow(/no information tone ZZ.*IC/);
  });

  it("lie over noise of the line's level, new each time", () => {
    const first = sounds.noise(8000, character);
    expect(first.length).toBe(8000);
    expect(levelDbfs(first)).toBeCloseTo(-50, 0);
    expect(sounds.noise(8000, character)).not.toEqual(first);
  });
});
