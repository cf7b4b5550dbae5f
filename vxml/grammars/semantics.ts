/**
 * From a derivation to its meaning (SISR 1.0): literal tags are the value; script tags run in the sandbox, in a
 * scope of their own, and write to `out`; a rule without tags means the words it matched.
 */
import type { ParsedRule } from "./matcher.ts";
import type { Grammar } from "./rule-model.ts";

/** Runs a function body in the session's sandbox, apart from the document's variables. */
export type EvaluateApart = (body: string) => unknown;

/** The interpretation of an utterance; for a grammar without tags the utterance itself. */
export function interpretation(
  grammar: Grammar,
  parsed: ParsedRule,
  utterance: string,
  evaluate: EvaluateApart,
): unknown {
  if (!hasTags(parsed)) return utterance;
  if (grammar.tagFormat === "literals") return lastLiteral(parsed) ?? utterance;
  return evaluate(`return ${ruleCall(parsed, grammar.mode)}`);
}

function hasTags(parsed: ParsedRule): boolean {
  return parsed.parts.some((part) => part.kind === "tag" || (part.kind === "rule" && hasTags(part.parsed)));
}

/** SISR 1.0 §7: the last literal met decides. */
function lastLiteral(parsed: ParsedRule): string | undefined {
  for (const part of parsed.parts.toReversed()) {
    if (part.kind === "tag") return unquoted(part.text.trim());
    const inner = part.kind === "rule" ? lastLiteral(part.parsed) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function unquoted(text: string): string {
  const match = /^(['"])([\s\S]*)\1$/.exec(text);
  return match ? (match[2] ?? "") : text;
}

function wordsOf(parsed: ParsedRule, separator: string): string {
  return parsed.parts
    .flatMap((part) =>
      part.kind === "token" ? [part.text] : part.kind === "rule" ? [wordsOf(part.parsed, separator)] : [],
    )
    .filter((word) => word !== "")
    .join(separator);
}

/** One rule as a call of a function that returns its `out` (SISR 1.0 §6). */
function ruleCall(parsed: ParsedRule, mode: "dtmf" | "voice"): string {
  const separator = mode === "dtmf" ? "" : " ";
  const words = JSON.stringify(wordsOf(parsed, separator));
  const ownTags = parsed.parts.some((part) => part.kind === "tag");
  const steps = parsed.parts.map((part) => {
    if (part.kind === "tag") return `${part.text}\n;`;
    if (part.kind === "token") return "";
    const value = ruleCall(part.parsed, mode);
    // A rule without tags of its own hands on what the rule inside it meant.
    const handOn = ownTags ? "" : "out=latest;";
    return `latest=rules[${JSON.stringify(part.parsed.rule)}]=${value};${handOn}`;
  });
  const initial = ownTags ? "{}" : words;
  return `(function(){var out=${initial},latest,rules={latest:function(){return latest}},meta={current:function(){return {text:${words},score:1}}};${steps.join("")}return out})()`;
}
