/** The matcher on grammars of every awkward kind: ambiguous, recursive, empty, weighted, long. */
import { describe, expect, it } from "vitest";
import { builtInGrammars, parseBuiltIn } from "../../../vxml/grammars/built-ins.ts";
import { readJsgf } from "../../../vxml/grammars/jsgf-reader.ts";
import { printLogicalParse } from "../../../vxml/grammars/logical-parse.ts";
import { Matcher } from "../../../vxml/grammars/matcher.ts";
import { interpretation } from "../../../vxml/grammars/semantics.ts";
import type { Expansion, Grammar } from "../../../vxml/model/grammar.ts";
import { abnf, accepts, jsgf, matched } from "../../support/grammars.ts";

function matchAll(grammar: Grammar, words: string): boolean {
  const matcher = new Matcher(grammar);
  return words.split(" ").every((word) => word === "" || matcher.push(word)) && matcher.isComplete;
}

function literal(grammar: Grammar, words: string): unknown {
  const matcher = new Matcher(grammar);
  for (const word of words.split(" ")) matcher.push(word);
  const parsed = matcher.parsed();
  return parsed && interpretation(grammar, parsed, () => "script");
}

describe("matcher", () => {
  it("knows after each token whether the input is complete and can go on", () => {
    const matcher = new Matcher(jsgf("1 2 [3]", "dtmf"));
    expect([matcher.isComplete, matcher.canContinue, matcher.expected()]).toEqual([false, true, ["1"]]);
    expect(matcher.push("2")).toBe(false);
    matcher.push("1");
    matcher.push("2");
    expect([matcher.isComplete, matcher.canContinue]).toEqual([true, true]);
    matcher.push("3");
    expect([matcher.isComplete, matcher.canContinue]).toEqual([true, false]);
  });

  it("accepts left and right recursion", () => {
    const left = jsgf("public <a> = <a> x | x;", "voice");
    const right = jsgf("public <a> = x <a> | x;", "voice");
    const words = Array(50).fill("x").join(" ");
    expect([matchAll(left, words), matchAll(right, words)]).toEqual([true, true]);
  });

  it("survives ambiguity without end", () => {
    const grammar = jsgf("public <a> = <a> <a> | x | [x];", "voice");
    expect(matchAll(grammar, Array(20).fill("x").join(" "))).toBe(true);
  });

  it("matches rules that match nothing", () => {
    const grammar = jsgf("public <a> = <b> <b> x <b>; <b> = [y];", "voice");
    expect(["x", "y x", "y y x y", "y y y x"].map((words) => matchAll(grammar, words))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it("prefers the heavier alternative", () => {
    const grammar = jsgf("/1/ x {light} | /9/ x {heavy}", "voice");
    expect(literal(grammar, "x")).toBe("heavy");
  });

  it("lists the readings of an ambiguity, likeliest first", () => {
    const grammar = jsgf(
      "public <r> = /2/ <a> | /5/ <b> | <c> <c>; <a> = x y {a}; <b> = x y {b}; <c> = (x | y) {c};",
      "voice",
    );
    const trees = matched(grammar, "x y")
      .parses(10)
      .map((parsed) => printLogicalParse(parsed));
    expect(trees).toEqual([
      '$r[$b["x","y",{!{b}!}]]',
      '$r[$a["x","y",{!{a}!}]]',
      '$r[$c["x",{!{c}!}],$c["y",{!{c}!}]]',
    ]);
    expect(matched(grammar, "x y").parses(1)).toHaveLength(1);
  });

  it("lists every bracketing of a recursive grammar, and one at least where it goes in circles", () => {
    const trees = (text: string): string[] =>
      matched(jsgf(text, "voice"), "x x x x")
        .parses(10)
        .map((parsed) => printLogicalParse(parsed));
    const bracketings = trees("public <a> = <a> <a> | x;");
    expect([bracketings.length, new Set(bracketings).size]).toEqual([5, 5]);
    expect(trees("public <a> = <a> <a> | x | [x];").length).toBeGreaterThan(0);
  });

  it("prefers more or fewer repetitions by their probability (SRGS §2.5.1)", () => {
    const likely = (probability: string): string => {
      const grammar = abnf(
        `#ABNF 1.0;\nlanguage en; root $r; $r = x <0-1 /${probability}/> {once} $t; $t = [x] {rest};`,
      );
      const parsed = matched(grammar, "x").parsed();
      return parsed ? printLogicalParse(parsed) : "";
    };
    expect(likely("0.9")).toBe('$r["x",{!{once}!},$t[{!{rest}!}]]');
    expect(likely("0.1")).toBe('$r[{!{once}!},$t["x",{!{rest}!}]]');
  });

  it("takes any number of empty repetitions for one (SRGS §2.5)", () => {
    const grammar = abnf("#ABNF 1.0;\nlanguage en; root $r; $r = x {t}<2-> ($NULL)<4-8>;");
    const parsed = matched(grammar, "x").parsed();
    expect(parsed && printLogicalParse(parsed)).toBe('$r["x",{!{t}!}]');
  });

  it("counts repetitions no further than an utterance is long", () => {
    const grammar = abnf("#ABNF 1.0;\nlanguage en; root $r; $r = x <2-100000>;");
    expect([1, 2, 64].map((count) => accepts(grammar, Array(count).fill("x").join(" ")))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("never matches a choice of weight zero, nor VOID", () => {
    expect(matchAll(jsgf("/0/ x | /1/ y", "voice"), "x")).toBe(false);
    expect(matchAll(jsgf("x <VOID>", "voice"), "x")).toBe(false);
  });

  it("refuses input past the longest utterance", () => {
    const matcher = new Matcher(jsgf("x+", "voice"));
    let read = 0;
    while (matcher.push("x")) read++;
    expect(read).toBe(64);
  });

  it("refuses a grammar with a rule that is not there, and one that is too large", () => {
    const rootless: Grammar = { mode: "voice", root: "", tagFormat: "literals", rules: [] };
    expect(() => new Matcher(rootless)).toThrow(/not defined/);
    const hundred = (of: Expansion): Expansion => ({ kind: "repeat", min: 50, max: 100, of });
    const huge: Grammar = {
      mode: "dtmf",
      root: "r",
      tagFormat: "literals",
      rules: [
        {
          name: "r",
          expansion: hundred(hundred(hundred({ kind: "token", text: "1" }))),
        },
      ],
    };
    expect(() => new Matcher(huge)).toThrow(/states/);
  });

  it("finds five thousand names without trouble", () => {
    const names = Array.from({ length: 5000 }, (_, index) => `name${index}`);
    const grammar = jsgf(`call ( ${names.join(" | ")} ) please`, "voice");
    expect(matchAll(grammar, "call name4711 please")).toBe(true);
    expect(matchAll(grammar, "call nobody please")).toBe(false);
  });
});

describe("JSGF", () => {
  it.each([
    ["( one | two )+", "one two one", true],
    [
      "#JSGF V1.0;\ngrammar g;\npublic <r> = <n> [please]; // polite\n<n> = one /* 1 */ | two;",
      "two please",
      true,
    ],
    ['"new york" | boston', "new york", true],
    ["a* b", "b", true],
    ["a* b", "a a b", true],
    ["a b", "a", false],
  ])("%s on %s", (text, words, expected) => {
    expect(matchAll(jsgf(text, "voice"), words)).toBe(expected);
  });

  it.each([
    "( one",
    "one |",
    "<a> = ;",
    "public <a> b;",
    "one ] two",
    "",
    "public <a> = <b>;",
    "<a> = x; <a> = y;",
  ])("refuses %j", (text) => {
    expect(readJsgf(text, "voice").ok).toBe(false);
  });
});

describe("built-in grammars", () => {
  it.each([
    ["digits", "1 2 3", true],
    ["digits?length=4", "1 2 3", false],
    ["digits?minlength=2;maxlength=3", "1 2 3", true],
    ["builtin:dtmf/digits?maxlength=2", "1 2 3", false],
    ["boolean", "2", true],
    ["boolean?y=5;n=6", "1", false],
    ["number", "1 * 5", true],
    ["number", "*", false],
  ])("%s takes %s: %s", (reference, keys, expected) => {
    const parsed = parseBuiltIn(reference);
    const result = parsed && builtInGrammars(parsed);
    const grammar = result?.ok && result.grammars.find(({ mode }) => mode === "dtmf");
    expect(grammar && matchAll(grammar, keys)).toBe(expected);
  });

  it.each([
    ["digits?length=2;minlength=1", "error.badfetch"],
    ["digits?minlength=4;maxlength=2", "error.badfetch"],
    ["digits?length=many", "error.badfetch"],
    ["boolean?y=1;n=1", "error.badfetch"],
    ["colour", "error.unsupported.builtin"],
  ])("%s is %s", (reference, event) => {
    const parsed = parseBuiltIn(reference);
    expect(parsed && builtInGrammars(parsed)).toMatchObject({ ok: false, event });
  });
});
