/**
 * What grammars cost: matching sixteen keys one at a time with their parse tree, as a waiting call does, and compiling
 * and matching a list of five thousand words.
 */
import { readAbnf } from "../vxml/grammars/abnf-reader.ts";
import { builtInGrammars, parseBuiltIn } from "../vxml/grammars/built-ins.ts";
import { Matcher } from "../vxml/grammars/matcher.ts";
import { type Grammar, tokensOf } from "../vxml/model/grammar.ts";

const ROUNDS = 2_000;
const KEYS = [..."4556737586899855"];
const SENTENCE = "please call given4711 family1234 at home thanks";

export function run(): void {
  const digits = digitGrammar();
  figure("grammar match 16 digits", ROUNDS, () => matchAll(digits, KEYS));
  const text = names(5_000);
  figure("grammar read and compile 5000 words", 20, () => new Matcher(read(text)));
  const parsed = read(text);
  figure("grammar compile 5000 words", 20, () => new Matcher({ ...parsed }));
  figure("grammar match 5000 words", ROUNDS, () => matchAll(parsed, tokensOf("voice", SENTENCE)));
}

/** The median, after a warm-up: single runs are disturbed by the collector. */
function figure(name: string, rounds: number, work: () => unknown): void {
  for (let round = 0; round < rounds / 4; round++) work();
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  console.log(`${name}: ${(times[rounds >> 1] ?? 0).toFixed(4)} ms`);
}

function matchAll(grammar: Grammar, tokens: readonly string[]): void {
  const matcher = new Matcher(grammar);
  const isRead = tokens.every((token) => {
    const isTaken = matcher.push(token);
    // What a collector asks after every key.
    return isTaken && (matcher.isComplete || matcher.canContinue);
  });
  if (!isRead || !matcher.parsed()) throw new Error(`"${tokens.join(" ")}" does not match`);
}

function digitGrammar(): Grammar {
  const reference = parseBuiltIn("builtin:dtmf/digits?length=16");
  const result = reference && builtInGrammars(reference);
  const grammar = result?.ok ? result.grammars[0] : undefined;
  if (!grammar) throw new Error("there is no grammar of digits");
  return grammar;
}

/** Two slots of names, as a company's directory has. */
function names(count: number): string {
  const list = (prefix: string): string =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`).join(" | ");
  return `#ABNF 1.0;
language en-US; root $call;
$call = [please] (call | reach) $given $family [at (home | work)] [thanks];
$given = ${list("given")};
$family = ${list("family")};`;
}

function read(text: string): Grammar {
  const reading = readAbnf(text, { kind: "document" });
  if (!reading.ok) throw new Error(reading.diagnostics.map(({ message }) => message).join());
  return reading.grammar;
}
