/**
 * From a derivation to its meaning (SISR 1.0): literal tags are the value; script tags run in the sandbox, in a
 * scope of their own, and write to `out`; a rule without tags means the words it matched.
 */

import type { Grammar } from "../model/grammar.ts";
import type { ParsedRule } from "./parse-forest.ts";

/** Runs a function body in the session's sandbox, apart from the document's variables. */
export type EvaluateApart = (body: string) => unknown;

/** The interpretation of an utterance; for a grammar without tags the utterance itself. */
export function interpretation(
  grammar: Grammar,
  parsed: ParsedRule,
  utterance: string,
  evaluate: EvaluateApart,
): unknown {
  // DEVIATES: SISR §5 would make the last rule's words the value even where no tag was met at all; a caller's
  // digits, matched one rule each, would all be lost but one.
  if (!hasTags(parsed)) return utterance;
  if (grammar.tagFormat === "literals") return literalValue(parsed, grammar.mode === "dtmf" ? "" : " ");
  return evaluate(`return ${ruleCall(parsed, grammar.mode)}`);
}

function hasTags(parsed: ParsedRule): boolean {
  return parsed.parts.some((part) => part.kind === "tag" || (part.kind === "rule" && hasTags(part.parsed)));
}

/** SISR 1.0 §5 and §7: a rule's last literal; without one what the last rule inside it means, or its words. */
function literalValue(parsed: ParsedRule, separator: string): string {
  const last = parsed.parts.findLast((part) => part.kind === "tag");
  if (last?.kind === "tag") return unquoted(last.text.trim());
  const inner = parsed.parts.findLast((part) => part.kind === "rule");
  return inner?.kind === "rule" ? literalValue(inner.parsed, separator) : wordsOf(parsed, separator);
}

function unquoted(text: string): string {
  const match = /^(['"])([\s\S]*)\1$/.exec(text);
  return match ? (match[2] ?? "") : text;
}

function wordsOf(parsed: ParsedRule, separator: string): string {
  return parsed.parts
    .flatMap((part) =>
      part.kind === "rule" ? [wordsOf(part.parsed, separator)] : part.kind === "tag" ? [] : [part.text],
    )
    .filter((word) => word !== "")
    .join(separator);
}

/** One rule as a call of a function that returns its `out` (SISR 1.0 §5, §6). */
function ruleCall(parsed: ParsedRule, mode: "dtmf" | "voice"): string {
  const separator = mode === "dtmf" ? "" : " ";
  const words = JSON.stringify(wordsOf(parsed, separator));
  const ownTags = parsed.parts.some((part) => part.kind === "tag");
  const steps = parsed.parts.map((part) => {
    if (part.kind === "tag") return `${part.text}\n;`;
    if (part.kind !== "rule") return "";
    const value = ruleCall(part.parsed, mode);
    // A rule without tags of its own hands on what the rule inside it meant.
    const handOn = ownTags ? "" : "out=latest;";
    return `latest=rules[${JSON.stringify(part.parsed.rule)}]=${value};${handOn}`;
  });
  const initial = ownTags ? "{}" : words;
  return `(function(){var out=${initial},latest,rules={latest:function(){return latest}},meta={current:function(){return {text:${words},score:1}}};${steps.join("")}return out})()`;
}
