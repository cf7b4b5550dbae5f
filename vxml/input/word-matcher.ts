/** Matches a whole utterance in words against the active voice grammars: for text mode and for recognizers' text. */
import type { ActiveGrammar, CollectResult } from "../effects.ts";
import { matchUtterance } from "../grammars/utterance.ts";
import type { Grammar } from "../model/grammar.ts";

/**
 * Which grammars the words match, in order of precedence; `nomatch` when none does. Where no voice grammar listens,
 * words are no input: `noinput`.
 */
export function matchWords(grammars: readonly ActiveGrammar[], words: string, confidence = 1): CollectResult {
  const listening = grammars.filter(({ mode }) => mode === "voice");
  if (listening.length === 0) return { type: "noinput" };
  const grammarIds = listening
    .filter((grammar) => matchUtterance(grammar.rules as Grammar, words) !== undefined)
    .map((grammar) => grammar.id);
  const utterance = words.trim();
  if (grammarIds.length === 0) return { type: "nomatch", mode: "voice", utterance };
  return { type: "match", mode: "voice", utterance, grammarIds, confidence };
}
