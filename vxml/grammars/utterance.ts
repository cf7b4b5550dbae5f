/** Reads a whole utterance with a grammar, numerals as the digits they are made of where that is what it asks for. */
import { type Grammar, tokensOf } from "../model/grammar.ts";
import { Matcher } from "./matcher.ts";

/** The matcher after it has read all of the utterance; undefined when the grammar does not accept it. */
export function matchUtterance(grammar: Grammar, utterance: string): Matcher | undefined {
  const tokens = tokensOf(grammar.mode, utterance);
  if (tokens.length === 0) return undefined;
  const matcher = readAll(grammar, tokens);
  if (matcher || grammar.mode === "dtmf" || !tokens.some((token) => NUMERAL.test(token))) return matcher;
  return readAll(
    grammar,
    tokens.flatMap((token) => (NUMERAL.test(token) ? digitsOf(token) : [token])),
  );
}

function readAll(grammar: Grammar, tokens: readonly string[]): Matcher | undefined {
  const matcher = new Matcher(grammar);
  return tokens.every((token) => matcher.push(token)) && matcher.isComplete ? matcher : undefined;
}

/** What typed text and recognizers write for spoken digits: `1234`, `1,250`, `3.5`. */
const NUMERAL = /^\d[\d,]*(?:\.\d+)?$/;

function digitsOf(numeral: string): string[] {
  return [...numeral.replaceAll(",", "")].map((character) => (character === "." ? "point" : character));
}
