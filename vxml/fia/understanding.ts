/**
 * From what a host recognized to what it means: the likeliest reading first, and as many others as `maxnbest` asks for
 * (VoiceXML 2.0 §5.1.5, §6.3.2).
 */
import type { CollectResult } from "../effects.ts";
import { interpretation, utteranceOf } from "../grammars/semantics.ts";
import { matchUtterance } from "../grammars/utterance.ts";
import type { ListeningGrammar } from "../items/visit.ts";
import { MAX_N_BEST } from "../limits.ts";
import type { Understood } from "./filling.ts";
import type { SessionState } from "./session-state.ts";

/** One thing the host may have heard. */
type Hypothesis = Pick<CollectResult & { type: "match" }, "utterance" | "grammarIds" | "confidence">;

/** At least one reading. Throws what a tag throws, when it is the likeliest reading's. */
export function understandAll(
  session: SessionState,
  grammars: readonly ListeningGrammar[],
  result: CollectResult & { type: "match" },
  maxNBest: number,
): readonly [Understood, ...Understood[]] {
  const count = Math.min(Math.max(1, maxNBest), MAX_N_BEST);
  const readings: Understood[] = [];
  for (const hypothesis of [result, ...(result.alternatives ?? [])]) {
    if (readings.length >= count) break;
    const grammar = grammars.find(({ id }) => id === hypothesis.grammarIds[0]);
    try {
      readings.push(...readingsOf(session, grammar, hypothesis, result.mode, count - readings.length));
    } catch (error) {
      // What only might have been said does no harm by failing.
      if (readings.length === 0) throw error;
    }
  }
  const [first = plain(result, result.mode), ...others] = readings;
  return [first, ...others];
}

function readingsOf(
  session: SessionState,
  grammar: ListeningGrammar | undefined,
  hypothesis: Hypothesis,
  mode: "dtmf" | "voice",
  count: number,
): Understood[] {
  const matcher = grammar && matchUtterance(grammar.rules, hypothesis.utterance);
  if (!grammar || !matcher) return [plain(hypothesis, mode)];
  const known = new Set<string>();
  const readings: Understood[] = [];
  // Twice as many: derivations that differ may mean the same.
  for (const parsed of matcher.parses(count === 1 ? 1 : count * 2)) {
    const meaning = interpretation(grammar.rules, parsed, (body) => session.scopes.evaluateApart(body));
    const key = JSON.stringify(meaning) ?? "";
    if (known.has(key)) continue;
    known.add(key);
    const utterance = utteranceOf(grammar.rules, parsed);
    readings.push({
      interpretation: meaning,
      utterance,
      inputMode: mode,
      confidence: hypothesis.confidence,
    });
    if (readings.length === count) break;
  }
  return readings;
}

function plain({ utterance, confidence }: Hypothesis, inputMode: "dtmf" | "voice"): Understood {
  return { interpretation: utterance, utterance, inputMode, confidence };
}
