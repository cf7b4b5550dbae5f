/**
 * A grammar as plain data, whatever language it was written in: the rule expansions of SRGS 1.0 §2, which ABNF,
 * JSGF and the built-in grammars map onto without loss.
 */
import type { Position } from "./xml-tree.ts";

/** A rule expansion. */
export type Expansion =
  | {
      readonly kind: "token";
      /** What input is compared with: words in lower case with single spaces between, or one key. */
      readonly text: string;
      /** As the author wrote it, when that differs: what a result says. */
      readonly spelling?: string;
      /** Language of this token when it is not the grammar's (SRGS 1.0 §2.7); for recognizers. */
      readonly language?: string;
    }
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
      /** From 0 to 1: how likely one more repetition is. SRGS 1.0 §2.5.1. */
      readonly probability?: number;
    }
  | {
      readonly kind: "rule";
      readonly name: string;
      /** How the author named a rule of another grammar, and what that stands for. */
      readonly reference?: RuleReference;
    }
  /** A rule of another grammar that has not been fetched yet; SRGS 1.0 §2.2.2. */
  | ({ readonly kind: "external"; readonly uri: string; readonly type?: string } & Position)
  | { readonly kind: "tag"; readonly text: string }
  /** Matches nothing, ever; SRGS 1.0 §2.2.3 VOID. */
  | { readonly kind: "void" }
  /** Matches any tokens, also none; SRGS 1.0 §2.2.3 GARBAGE. */
  | { readonly kind: "garbage" };

/** `written` is the author's text, `uri` the absolute URI it resolves to, its fragment included. */
export interface RuleReference {
  readonly written: string;
  readonly uri: string;
}

/** What the tags of a grammar mean. */
export type TagFormat =
  /** A tag's text is the value; SISR 1.0 §3.2.3. */
  | "literals"
  /** A tag is ECMAScript that writes to `out`; SISR 1.0 §3.2.2. */
  | "script";

/** How the tags of one grammar document are understood. */
export interface GrammarSemantics {
  readonly tagFormat: TagFormat;
  /** The grammar says so itself; what it does not say was guessed from its tags. */
  readonly isTagFormatDeclared?: boolean;
  /** The tags of the header, in order: they make the global scope of its scripts (SISR 1.0 §4.2). */
  readonly headerTags?: readonly string[];
}

export interface Rule {
  /** Unique in the grammar. */
  readonly name: string;
  readonly expansion: Expansion;
  /** Whether other documents may refer to it by name (SRGS 1.0 §3.2). */
  readonly isPublic?: boolean;
  /** Its name in the document it comes from, when that is another one. */
  readonly localName?: string;
  /** Which of `Grammar.imported` it comes from; absent: the grammar itself. */
  readonly importedFrom?: number;
}

/** A grammar as its document defines it, or with the rules of others taken in. */
export interface Grammar extends GrammarSemantics {
  readonly mode: "dtmf" | "voice";
  /** Empty: it declares none, and only rules named by who refers to it can be used (SRGS 1.0 §4.7). */
  readonly root: string;
  readonly rules: readonly Rule[];
  /** Primary language (SRGS 1.0 §4.5); absent in DTMF grammars. */
  readonly language?: string;
  /** The grammars whose rules were taken in. */
  readonly imported?: readonly GrammarSemantics[];
  /** What its references resolve against: as written, and absolute once it was fetched (SRGS 1.0 §4.9). */
  readonly base?: string;
}

/** An empty sequence: matches without input. SRGS 1.0 §2.2.3 NULL. */
export const NOTHING: Expansion = { kind: "sequence", parts: [] };

/** A token with its spelling kept where it differs from what is compared. Empty spelling: matches without input. */
export function voiceToken(spelling: string, language?: string): Expansion {
  const shown = spelling.trim().replace(/\s+/gu, " ");
  if (shown === "") return NOTHING;
  // Punctuation alone is nothing anybody says; it stays a token that no utterance contains.
  const text = tokensOf("voice", shown).join(" ") || shown;
  return {
    kind: "token",
    text,
    ...(text === shown ? {} : { spelling: shown }),
    ...(language === undefined ? {} : { language }),
  };
}

/** Splits what was said or keyed into the tokens grammars are made of. */
export function tokensOf(mode: "dtmf" | "voice", utterance: string): string[] {
  if (mode === "dtmf") return [...utterance.replace(/\s+/g, "")].map((key) => key.toUpperCase());
  return utterance
    .normalize("NFC")
    .toLowerCase()
    .split(/[\s;:!?"]+|[.,](?!\d)|(?<!\d)[.,]/u)
    .filter((word) => word !== "");
}
