/** Grammars for tests from their text, and whether they accept an utterance. */
import { readAbnf } from "../../vxml/grammars/abnf-reader.ts";
import type { GrammarReading } from "../../vxml/grammars/grammar-assembly.ts";
import { readJsgf } from "../../vxml/grammars/jsgf-reader.ts";
import { Matcher } from "../../vxml/grammars/matcher.ts";
import { readSrgs } from "../../vxml/grammars/srgs-reader.ts";
import { type Grammar, tokensOf } from "../../vxml/model/grammar.ts";
import { readXml } from "../../vxml/parser/xml-reader.ts";

export function jsgf(text: string, mode: "dtmf" | "voice"): Grammar {
  return grammarOf(readJsgf(text, mode));
}

/** A whole ABNF document, header included. */
export function abnf(text: string): Grammar {
  return grammarOf(readAbnf(text, { kind: "document" }));
}

/** A whole SRGS document in XML. */
export function srgs(text: string): Grammar {
  return grammarOf(readSrgsText(text));
}

export function readSrgsText(text: string): GrammarReading {
  const xml = readXml(text);
  return xml.ok ? readSrgs(xml.root, { kind: "document" }) : xml;
}

/** The messages of a reading that failed; none when it did not. */
export function faultsOf(reading: GrammarReading): string[] {
  return reading.ok ? [] : reading.diagnostics.map(({ message }) => message);
}

export function accepts(grammar: Grammar, utterance: string): boolean {
  const matcher = new Matcher(grammar);
  return tokensOf(grammar.mode, utterance).every((token) => matcher.push(token)) && matcher.isComplete;
}

/** The matcher after it has read the utterance. */
export function matched(grammar: Grammar, utterance: string): Matcher {
  const matcher = new Matcher(grammar);
  for (const token of tokensOf(grammar.mode, utterance)) matcher.push(token);
  return matcher;
}

function grammarOf(reading: GrammarReading): Grammar {
  if (!reading.ok) throw new Error(`the test's grammar is broken: ${faultsOf(reading).join("; ")}`);
  return reading.grammar;
}
