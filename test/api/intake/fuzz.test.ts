/** Whatever is uploaded or dialed, the answer is rows or problems: nothing throws, nothing hangs. Seeded. */
import { describe, expect, it } from "vitest";
import { readContactList } from "../../../api/intake/contact-list.ts";
import { ProblemList } from "../../../api/intake/field-problem.ts";
import { readTime } from "../../../api/intake/time-expression.ts";
import { EngineError, parseDialString } from "../../../engine/index.ts";

const SEED = 20_261_121;

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

const ALPHABET = [
  '"',
  ",",
  "\n",
  "\r",
  ";",
  "+",
  "tel:",
  "ani=",
  "postd=",
  "1",
  "617",
  "é",
  "\u0000",
  "\ufeff",
  " ",
  "p",
  "\ud800",
];

/** Cuts, doubles, and sprinkles. */
function mutate(text: string, random: () => number): string {
  let mutated = text;
  for (let change = 0; change <= random() * 4; change++) {
    const at = Math.floor(random() * (mutated.length + 1));
    const to = Math.min(mutated.length, at + Math.floor(random() * 6));
    const insert = ALPHABET[Math.floor(random() * ALPHABET.length)] ?? "";
    mutated = mutated.slice(0, at) + (random() < 0.7 ? insert : "") + mutated.slice(random() < 0.5 ? at : to);
  }
  return mutated;
}

describe(`with seed ${SEED}`, () => {
  it("100,000 mutated dial strings parse or are refused in words", () => {
    const random = randomFrom(SEED);
    const seeds = ["tel:+16175551234;ani=2125551234;postd=p12", "6175551234", "+1 (617) 555-1234"];
    let accepted = 0;
    for (let n = 0; n < 100_000; n++) {
      const text = mutate(seeds[n % seeds.length] ?? "", random);
      try {
        const parsed = parseDialString(text);
        expect(parsed.number).toMatch(/^\+?[0-9]{3,15}$/);
        accepted++;
      } catch (error) {
        if (!(error instanceof EngineError)) throw new Error(`for ${JSON.stringify(text)}`, { cause: error });
      }
    }
    expect(accepted).toBeGreaterThan(1_000);
  });

  it("1,000 mutated lists give rows or problems, never rows beside problems", async () => {
    const random = randomFrom(SEED);
    const seeds = [
      "16175551234,ref,a=1\n16175551235\n",
      '"destination","first_name"\n"16175551234","Steve"\n"tel:+16175551235;ani=5553336666","Zoë, Jr."\n',
    ];
    let whole = 0;
    for (let n = 0; n < 1_000; n++) {
      const problems = new ProblemList();
      const text = mutate(seeds[n % 2] ?? "", random);
      const rows = await readContactList(Buffer.from(text), 100, problems);
      if (problems.isEmpty) {
        expect(rows.length).toBeGreaterThan(0);
        whole++;
      } else expect(problems.list().every(({ message }) => message.length > 0)).toBe(true);
    }
    expect(whole).toBeGreaterThan(50);
  });

  it("10,000 mutated times are times or nothing", () => {
    const random = randomFrom(SEED);
    const seeds = ["+1 week 2 days", "oct 14th, 2011 11:05PM EST", "2011-10-14T23:05:00-05:00", "now"];
    for (let n = 0; n < 10_000; n++) {
      const atMs = readTime(mutate(seeds[n % seeds.length] ?? "", random), { nowMs: 1_800_000_000_000 });
      if (atMs !== undefined) expect(Number.isFinite(atMs)).toBe(true);
    }
  });
});
