/** The real espeak-ng, when it is installed. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { EspeakNgProvider } from "../../../api/speech/espeak-ng-provider.ts";
import { levelDbfs, type Pcm } from "../../../engine/index.ts";

const hasEspeakNg = spawnSync("espeak-ng", ["--version"], { stdio: "ignore" }).status === 0;
const TEXT = "Your appointment is on Monday. Press one to confirm.";

const speak = (text: string, wish: { voice?: string; language?: string } = {}): Promise<Pcm> =>
  new EspeakNgProvider({ provider: "espeak-ng" }).synthesize({ text, ...wish });

describe.skipIf(!hasEspeakNg)("espeak-ng, the program", () => {
  it("speaks at 8 kHz and loud enough for a telephone, longer texts longer", async () => {
    const short = await speak("Hello.");
    const long = await speak(TEXT);
    expect(short.length / 8000).toBeGreaterThan(0.2);
    expect(long.length / 8000).toBeGreaterThan(2);
    expect(long.length / 8000).toBeLessThan(10);
    expect(levelDbfs(long)).toBeGreaterThan(-35);
  });

  it("takes text for text, whatever it looks like", async () => {
    const option = await speak("--voices is an option");
    expect(option.length / 8000).toBeGreaterThan(0.5);
    expect((await speak("é")).length).toBeGreaterThan(800);
  });

  it("has voices for languages, which differ", async () => {
    const english = await speak(TEXT, { language: "en-US" });
    const german = await speak(TEXT, { language: "de-DE" });
    const named = await speak(TEXT, { voice: "de" });
    expect(german).toEqual(named);
    expect(german).not.toEqual(english);
  });

  it("speaks with the default voice what no voice is there for", async () => {
    expect(await speak(TEXT, { voice: "nobody-at-all" })).toEqual(await speak(TEXT));
    expect(await speak(TEXT, { language: "zz-ZZ" })).toEqual(await speak(TEXT));
  });
});

if (!hasEspeakNg) it.skip("skipped: needs espeak-ng (apt-get install espeak-ng)", () => {});
