/** What tags make of an utterance: SISR 1.0, in the sandbox every session has. */
import { describe, expect, it } from "vitest";
import { readScriptEngineBytes } from "../../../api/workers/script-engine-bytes.ts";
import { interpretation } from "../../../vxml/grammars/semantics.ts";
import { prepareScripts } from "../../../vxml/index.ts";
import type { Grammar } from "../../../vxml/model/grammar.ts";
import { ScopeChain } from "../../../vxml/scopes/scope-chain.ts";
import { abnf, jsgf, matched } from "../../support/grammars.ts";

const scripts = await prepareScripts(await readScriptEngineBytes());
const scopes = new ScopeChain(await scripts.take());

function meaning(grammar: Grammar, utterance: string): unknown {
  const parsed = matched(grammar, utterance).parsed();
  if (!parsed) throw new Error(`"${utterance}" does not match`);
  return interpretation(grammar, parsed, (body) => scopes.evaluateApart(body));
}

function script(rules: string): Grammar {
  return abnf(`#ABNF 1.0;\nlanguage en-US; tag-format <semantics/1.0>; root $a;\n${rules}`);
}

function literals(rules: string): Grammar {
  return abnf(`#ABNF 1.0;\nlanguage en-US; tag-format <semantics/1.0-literals>; root $a;\n${rules}`);
}

describe("script tags", () => {
  it.each([
    // §3.3.1: out begins as an object; a string ignores properties.
    ['$a = x {out.p = "v"};', "x", { p: "v" }],
    ['$a = x {out = "v"; out.p = 1};', "x", "v"],
    ["$a = x {out.p = 1} y {out.q = out.p + 1};", "x y", { p: 1, q: 2 }],
    // §3.3.2 and §6.4: rules by name, the latest one, in order.
    ["$a = $b $c {out = rules.b + rules.c}; $b = one {out = 1}; $c = two {out = 2};", "one two", 3],
    [
      "$a = $b {out.x = rules.latest()} $b {out.y = rules.b}; $b = p {out = 1} | q {out = 2};",
      "p q",
      { x: 1, y: 2 },
    ],
    ["$a = x {out = typeof rules.latest()};", "x", "undefined"],
    [
      "$a = $b {out.y=rules.b.x;} [$b {out.y=out.y+rules.b.x;}]; $b = foo {out.x=1;} (bar {out.x=3;} | (boo {out.x=out.x+1;})<1->);",
      "foo bar foo boo",
      { y: 5 },
    ],
    // §3.3.2.1: a default for a rule that may not be met.
    ['$a = {rules.s = "m"} [$s] coke {out = rules.s}; $s = small;', "coke", "m"],
    ['$a = {rules.s = "m"} [$s] coke {out = rules.s}; $s = small;', "small coke", "small"],
    // §3.3.3: the words of a rule, the current one's read-only.
    [
      "$a = to $b {out.all = meta.current().text; out.last = meta.latest().text; out.b = meta.b.text}; $b = New York;",
      "to new york",
      { all: "to New York", last: "New York", b: "New York" },
    ],
    ['$a = x {meta.current().text = "y"; out = meta.current().text};', "x", "x"],
    // §4.2, §6.3.4: header tags make a global scope.
    ['{!{var unit = "USD"; function f(n) { return n * 2 }}!};\n$a = x {out = f(2) + unit};', "x", "4USD"],
    // §5: default assignment.
    ["$a = hello World;", "hello world", "hello World"],
    ["$a = $b $c; $b = x {out = 1}; $c = y {out = 2};", "x y", 2],
    // §6.3.2: a rule's variables are its own.
    ['$a = {var v = 1} $b {out = v + ":" + rules.b}; $b = x {var v = 2; out = v};', "x", "1:2"],
  ])("%s on %s", (rules, words, expected) => {
    expect(meaning(script(rules), words)).toEqual(expected);
  });

  it.each([
    ["assign what nobody declared (§3.2.2)", "$a = x {y = 1};", /not declared/],
    ["read what nobody declared", "$a = x {out = y};", /not defined/],
    ["write to the header's variables (§6.3.4)", "{var g = 1};\n$a = x {g = 2};", /header/],
    ["name a rule that was not met (§6.5)", "$a = x {out = rules.b.x};", /undefined/],
    ["end what another began", "$a = x {!{if (true) {}!} y {!{}}!};", /Unexpected/],
    ["be no script at all", "$a = x {this is none};", /Unexpected/],
  ])("fail when they %s", (_, rules, message) => {
    const words = rules.includes(" y ") ? "x y" : "x";
    expect(() => meaning(script(rules), words)).toThrow(message);
  });
});

describe("literal tags", () => {
  it.each([
    // §3.2.3, §3.2.4: the last one counts.
    ["$a = x {one} {two};", "x", "two"],
    ["$a = $b; $b = yeah {yes} | yes;", "yeah", "yes"],
    ["$a = $b; $b = yeah {yes} | Yes;", "yes", "Yes"],
    ["$a = $b $c; $b = x {1}; $c = y {2};", "x y", "2"],
    ['$a = x {say \\"hi\\"};', "x", 'say "hi"'],
  ])("%s on %s", (rules, words, expected) => {
    expect(meaning(literals(rules), words)).toBe(expected);
  });

  it("are taken for values in a grammar that declares nothing, quoted or not", () => {
    expect(meaning(jsgf("one {'eins'} | two {zwei}", "voice"), "one")).toBe("eins");
    expect(meaning(jsgf("one {'eins'} | two {zwei}", "voice"), "two")).toBe("zwei");
  });
});
