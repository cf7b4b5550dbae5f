/** The built-in synthesizer itself: what it renders is measured, not only received. */
import { beforeAll, describe, expect, it } from "vitest";
import { FLITE_VOICES, FliteProvider, toPlainText } from "../../../api/speech/flite-provider.ts";
import { levelDbfs, type Pcm } from "../../../engine/index.ts";

let flite: FliteProvider;

beforeAll(async () => {
  flite = await FliteProvider.load(undefined);
});

const seconds = (pcm: Pcm) => pcm.length / 8000;

describe("flite", () => {
  it.each(FLITE_VOICES)("the voice %s speaks a sentence at an audible level", async (voice) => {
    const speech = await flite.synthesize({ text: "Hello, please press one.", voice });
    expect(seconds(speech)).toBeGreaterThan(1);
    expect(seconds(speech)).toBeLessThan(4);
    expect(levelDbfs(speech)).toBeGreaterThan(-40);
    expect(levelDbfs(speech)).toBeLessThan(-6);
  });

  it("speaks a longer text for longer", async () => {
    const short = await flite.synthesize({ text: "One." });
    const long = await flite.synthesize({
      text: "One, two, three, four, five, six, seven, eight, nine, ten.",
    });
    expect(seconds(long)).toBeGreaterThan(3 * seconds(short));
  });

  it("renders the same text to the same samples", async () => {
    const [first, second] = [
      await flite.synthesize({ text: "Twice" }),
      await flite.synthesize({ text: "Twice" }),
    ];
    expect(first).toEqual(second);
  });

  it("takes its default for a voice it does not have", async () => {
    const unknown = await flite.synthesize({ text: "Hello", voice: "../../etc/passwd" });
    expect(unknown).toEqual(await flite.synthesize({ text: "Hello", voice: "slt" }));
  });

  it("a text that reads like an option is spoken", async () => {
    expect(seconds(await flite.synthesize({ text: "-voice kal -o /etc/passwd" }))).toBeGreaterThan(1);
  });

  it.each(["", "...", "?!", "\u4f60\u597d", "\0"])("%j has nothing to pronounce", async (text) => {
    expect(await flite.synthesize({ text })).toHaveLength(0);
  });
});

it("writes accents and typography as flite can read them", () => {
  expect(toPlainText("\u201cna\u00efve\u201d \u2013 it\u2019s  \u20ac5\u2026")).toBe(
    '"naive" , it\'s euro 5...',
  );
  expect(toPlainText("Stra\u00dfe\n\u4f60na")).toBe("Strasse na");
});
