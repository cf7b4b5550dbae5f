/** Matches a whole utterance in words against the active voice grammars: for text mode and for recognizers' text. */
import type { ActiveGrammar, CollectResult } from "../effects.ts";
import { Matcher } from "../grammars/matcher.ts";
import { type Grammar, tokensOf } from "../model/grammar.ts";

/** Which grammars the words match, in order of precedence; `nomatch` when none does. */
export function matchWords(grammars: readonly ActiveGrammar[], words: string, confidence = 1): CollectResult {
  const tokens = tokensOf("voice", words);
  const grammarIds = grammars
    .filter((grammar) => grammar.mode === "voice" && matches(grammar.rules as Grammar, tokens))
    .map((grammar) => grammar.id);
  const utterance = words.trim();
  if (tokens.length === 0 || grammarIds.length === 0) return { type: "nomatch", mode: "voice", utterance };
  return { type: "match", mode: "voice", utterance, grammarIds, confidence };
}

function matches(grammar: Grammar, tokens: readonly string[]): boolean {
  const matcher = new Matcher(grammar);
  return tokens.every((token) => matcher.push(token)) && matcher.isComplete;
}
