/**
 * A grammar as plain data, whatever language it was written in: the rule expansions of SRGS 1.0 §2, which
 * JSGF and the built-in grammars map onto without loss.
 */

/** A rule expansion. Tokens are words in lower case, or single keys. */
export type Expansion =
  | { readonly kind: "token"; readonly text: string }
  | { readonly kind: "sequence"; readonly parts: readonly Expansion[] }
  | {
      readonly kind: "alternatives";
      readonly choices: readonly Expansion[];
      /** One weight per choice; absent: equally likely. SRGS 1.0 §2.4.1. */
      readonly weights?: readonly number[];
    }
  | {
      readonly kind: "repeat";
      readonly of: Expansion;
      readonly min: number;
      /** Null: without end. */
      readonly max: number | null;
    }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "tag"; readonly text: string }
  /** Matches nothing, ever; SRGS 1.0 §2.2.3 VOID. */
  | { readonly kind: "void" }
  /** Matches any tokens, also none; SRGS 1.0 §2.2.3 GARBAGE. */
  | { readonly kind: "garbage" };

/** What the tags of a grammar mean. */
export type TagFormat =
  /** A tag's text is the value; SISR 1.0 §7. */
  | "literals"
  /** A tag is ECMAScript that writes to `out`; SISR 1.0 §6. */
  | "script";

/** A whole grammar. */
export interface Grammar {
  readonly mode: "dtmf" | "voice";
  readonly root: string;
  readonly rules: readonly { readonly name: string; readonly expansion: Expansion }[];
  readonly tagFormat: TagFormat;
}

/** An empty sequence: matches without input. SRGS 1.0 §2.2.3 NULL. */
export const NOTHING: Expansion = { kind: "sequence", parts: [] };

/** Splits what was said or keyed into the tokens grammars are made of. */
export function tokensOf(mode: "dtmf" | "voice", utterance: string): string[] {
  if (mode === "dtmf") return [...utterance.replace(/\s+/g, "")].map((key) => key.toUpperCase());
  return utterance
    .toLowerCase()
    .split(/[\s,.;:!?"]+/u)
    .filter((word) => word !== "");
}
