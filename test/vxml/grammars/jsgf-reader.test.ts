/** JSGF 1.0: its header, rules, operators and tags, and what is refused. */
import { describe, expect, it } from "vitest";
import { readJsgf } from "../../../vxml/grammars/jsgf-reader.ts";
import { printLogicalParse } from "../../../vxml/grammars/logical-parse.ts";
import { accepts, faultsOf, jsgf, matched } from "../../support/grammars.ts";

function tree(text: string, words: string): string {
  const parsed = matched(jsgf(text, "voice"), words).parsed();
  return parsed ? printLogicalParse(parsed) : "no match";
}

describe("JSGF", () => {
  it.each([
    [
      "#JSGF V1.0 ISO8859-1 en;\ngrammar com.acme.menu;\npublic <r> = <com.acme.menu.n> | <menu.m>; <n> = one; <m> = two;",
      "two",
      true,
    ],
    ["<a> = x; public <b> = y;", "y", true],
    ["<a> = x; public <b> = y;", "x", false],
    ["<a> = x; <b> = y;", "x", true],
    ["public <r> = [ please ] ( open | close )+ the* door;", "open close door", true],
    ["public <r> = <NULL> x | <VOID> y;", "y", false],
    ['public <r> = "New York" | it\'s | http;', "it's", true],
    ["public <r> = x; // the rest\n/* of it\n<q> = ; */", "x", true],
    ['public <r> = "// no comment" x;', "// no comment x", true],
    ["public <count-1> = one <a.b>; <a.b> = two;", "one two", true],
  ])("%s on %s: %s", (text, words, expected) => {
    expect(accepts(jsgf(text, "voice"), words)).toBe(expected);
  });

  it("keeps tags, with what is escaped in them", () => {
    expect(tree("public <r> = open {OPEN} | close { a \\} b };", "close")).toBe('$r["close",{!{a } b}!}]');
    expect(tree("public <r> = (x {1} | y {2})+ {end};", "y x")).toBe('$r["y",{!{2}!},"x",{!{1}!},{!{end}!}]');
  });

  it("reads keys with and without their prefix", () => {
    const grammar = jsgf("dtmf-1 {one} | dtmf-2 dtmf-# | * | 34", "dtmf");
    expect(["1", "2#", "*", "34", "3"].map((keys) => accepts(grammar, keys))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it.each([
    ["#JSGF V2.0;\npublic <a> = x;", "#JSGF V1.0;"],
    ["import <com.acme.*>;\npublic <a> = x;", "imports"],
    ["public <a> = x", '";"'],
    ["public <a> = (x;", '")"'],
    ["public <a> = x | ;", "something to match"],
    ["public <NULL> = x;", "reserved"],
    ["public <a> = /w/ x | y;", "not negative"],
    ["public <a> = x {y;", "not closed"],
    ["public <a> = x; nonsense", "a rule"],
  ])("refuses %j", (text, message) => {
    expect(faultsOf(readJsgf(text, "voice")).join()).toContain(message);
  });

  it("says where a fault is in the document around it", () => {
    const reading = readJsgf("one |\n  two )", "voice", { line: 7, column: 20 });
    expect(reading).toMatchObject({ ok: false, diagnostics: [{ line: 8, column: 7 }] });
  });
});
