/** Reads a whole utterance with a grammar, numerals as the digits they are made of where that is what it asks for. */
import { type Grammar, tokensOf } from "../model/grammar.ts";
import { Matcher } from "./matcher.ts";

/** The matcher after it has read all of the utterance; undefined when the grammar does not accept it. */
export function matchUtterance(grammar: Grammar, utterance: string): Matcher | undefined {
  const tokens = tokensOf(grammar.mode, utterance);
  if (tokens.length === 0) return undefined;
  const matcher = readAll(grammar, tokens);
  if (matcher || grammar.mode === "dtmf" || !tokens.some((token) => NUMERAL.test(token))) return matcher;
  // Days and hours may be numerals of two digits, beside longer ones that are said digit by digit.
  return readAll(grammar, spelledOut(tokens, 3)) ?? readAll(grammar, spelledOut(tokens, 1));
}

function readAll(grammar: Grammar, tokens: readonly string[]): Matcher | undefined {
  const matcher = new Matcher(grammar);
  return tokens.every((token) => matcher.push(token)) && matcher.isComplete ? matcher : undefined;
}

/** What typed text and recognizers write for spoken digits: `1234`, `1,250`, `3.5`, `$12.50`, `800-555-1234`. */
const NUMERAL = /^[$€£]?\(?\d[\d,()-]*(?:\.\d+)?$/;
const SIGNS: Readonly<Record<string, string>> = { $: "dollars", "€": "euros", "£": "pounds" };

/** Numerals of so many characters and more as the digits they are made of. */
function spelledOut(tokens: readonly string[], length: number): string[] {
  return tokens.flatMap((token) => {
    if (token.length < length || !NUMERAL.test(token)) return [token];
    const digits = [...token.replace(/[^\d.]/g, "")].map((digit) => (digit === "." ? "point" : digit));
    const sign = SIGNS[token[0] ?? ""];
    return sign === undefined ? digits : [...digits, sign];
  });
}
