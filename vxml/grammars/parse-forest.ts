/** What the matcher remembers on its way, and the derivations read from it. */
import type { RuleReference } from "../model/grammar.ts";

/** What a grammar made of an utterance: tokens, tags and rules in the order they were met. */
export interface ParsedRule {
  /** Unique in the grammar. */
  readonly rule: string;
  /** What its own document calls it. */
  readonly localName: string;
  /** Which of `Grammar.imported` it comes from. */
  readonly importedFrom?: number;
  readonly parts: readonly ParsedPart[];
}
export type ParsedPart =
  | { readonly kind: "token"; readonly text: string }
  /** A word that GARBAGE took. */
  | { readonly kind: "garbage"; readonly text: string }
  | { readonly kind: "tag"; readonly text: string }
  | { readonly kind: "rule"; readonly parsed: ParsedRule; readonly reference?: RuleReference };

/** A partial match of one rule: which state, since which position, at what cost, and how it was reached. */
export interface Item {
  readonly rule: number;
  readonly state: number;
  readonly origin: number;
  /** Of the cheapest way here. */
  cost: number;
  /** The cheapest way here; undefined at the start of a rule. */
  from: Origin | undefined;
  /** Dearer ways here. */
  others: Origin[] | undefined;
  isSettled: boolean;
  isReader: boolean;
}

/** One step that reached an item; `cost` is the step's own. */
export type Origin = { readonly before: Item; readonly cost: number } & (
  | { readonly kind: "token" | "garbage" | "tag"; readonly text: string | undefined }
  | { readonly kind: "rule"; readonly finished: Item; readonly reference: RuleReference | undefined }
);
