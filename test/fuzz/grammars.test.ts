/**
 * Grammars broken at random, in every form: each is read or refused with positions, and what is read can be compiled and
 * matched within the bounds. The seed is fixed; a failure prints the grammar.
 */
import { describe, expect, it } from "vitest";
import { VxmlError } from "../../vxml/errors.ts";
import { readAbnf } from "../../vxml/grammars/abnf-reader.ts";
import type { GrammarReading } from "../../vxml/grammars/grammar-assembly.ts";
import { readJsgf } from "../../vxml/grammars/jsgf-reader.ts";
import { Matcher } from "../../vxml/grammars/matcher.ts";
import type { Grammar } from "../../vxml/model/grammar.ts";
import { readSrgsText } from "../support/grammars.ts";

const SEED = 20_040_316;
const ROUNDS = 3_000;

const ABNF = `#ABNF 1.0;
language en-US; root $a; tag-format <semantics/1.0>;
{var x = 1};
public $a = [very] <0-3 /.5/> ($b | /2/ "two words" {out = 1})!fr <1-> $GARBAGE $c;
$b = one | two {!{ out = {} }!} | $NULL | $a; // comment
$c = () | three <2-4> /* more */ | $<other.gram#r>~<application/srgs>;`;

const JSGF = `#JSGF V1.0;
grammar g;
public <a> = [very]* ( <b> | /2/ "two words" {one} )+ <c>;
<b> = one | two {a \\} b} | <NULL> | <a>; // comment
<c> = three* /* more */ | <VOID>;`;

const XML = `<grammar xmlns="http://www.w3.org/2001/06/grammar" version="1.0" xml:lang="en-US" root="a" mode="voice">
<meta name="m" content="c"/><tag>var x</tag>
<rule id="a" scope="public"><example>one</example><item repeat="0-3" repeat-prob=".5">very</item>
<one-of><item weight="2"><ruleref uri="#b"/></item><item><token>two words</token><tag>out = 1</tag></item></one-of>
<ruleref special="GARBAGE"/></rule>
<rule id="b"><item repeat="1-">one "two three"</item><item/><ruleref uri="#a"/></rule></grammar>`;

const PIECES = [
  "<",
  ">",
  "|",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "!",
  "$",
  "/",
  ";",
  '"',
  "*",
  "0-",
  "999",
  "\u0000",
  "é",
];
const WORDS = ["very", "one", "two", "words", "three", "other"];

/** A small generator of numbers from 0 to 1 that repeats itself for a seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function mutate(text: string, random: () => number): string {
  const pick = (length: number): number => Math.floor(random() * length);
  let mutated = text;
  for (let round = 0; round <= pick(3); round++) {
    const at = pick(mutated.length);
    const length = pick(12);
    const piece = PIECES[pick(PIECES.length)] ?? "";
    const kinds = [
      () => mutated.slice(0, at) + mutated.slice(at + length),
      () => mutated.slice(0, at + length) + mutated.slice(at),
      () => mutated.slice(0, at) + piece + mutated.slice(at),
      () => mutated.slice(0, at) + piece + mutated.slice(at + 1),
    ];
    mutated = (kinds[pick(kinds.length)] ?? (() => mutated))();
  }
  return mutated;
}

/** Reads words drawn at random; exceeding a bound is an answer, anything else is not. */
function match(grammar: Grammar, random: () => number): void {
  try {
    const matcher = new Matcher(grammar);
    for (let count = 0; count < 8; count++) {
      const word = WORDS[Math.floor(random() * WORDS.length)] ?? "";
      if (!matcher.push(word)) break;
      if (matcher.isComplete) matcher.parses(3);
    }
  } catch (error) {
    if (!(error instanceof VxmlError)) throw error;
  }
}

describe("mutated grammars", () => {
  it.each<[string, string, (text: string) => GrammarReading]>([
    ["ABNF", ABNF, (text) => readAbnf(text, { kind: "document" })],
    ["JSGF", JSGF, (text) => readJsgf(text, "voice")],
    ["XML", XML, readSrgsText],
  ])(`are read or refused: %s (seed ${SEED})`, (_, original, read) => {
    const random = randomFrom(SEED);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const text = mutate(original, random);
      const reading = read(text);
      if (reading.ok) {
        match(reading.grammar, random);
        continue;
      }
      refused++;
      expect(reading.diagnostics.length, text).toBeGreaterThan(0);
      for (const { line, column } of reading.diagnostics)
        expect(line > 0 && column > 0, `${line}:${column} in ${text}`).toBe(true);
    }
    expect(refused).toBeGreaterThan(ROUNDS / 10);
    expect(refused).toBeLessThan(ROUNDS);
  });
});
