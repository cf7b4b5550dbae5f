/** What one built-in type is made of, in keys or in the words of a language (VoiceXML 2.0 Appendix P). */
import type { Rule } from "../model/grammar.ts";

/** What the parameters of a type come to. */
export interface BuiltInParameters {
  readonly minLength: number;
  /** Null: without end. */
  readonly maxLength: number | null;
  readonly yesKey: string;
  readonly noKey: string;
}

/** Makes the rules of one type; the first is the root. Their tags are scripts. */
export type BuiltInRules = (parameters: BuiltInParameters) => readonly Rule[];
