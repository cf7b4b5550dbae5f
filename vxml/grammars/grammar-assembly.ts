/**
 * What every reader of grammars ends in: rules and references are collected with their positions, and the rules that
 * hold in all forms are checked in one place (SRGS 1.0 §3.1, §4.5–§4.8).
 */
import type { Diagnostic } from "../diagnostics.ts";
import { MAX_DIAGNOSTICS } from "../limits.ts";
import {
  type Expansion,
  type Grammar,
  NOTHING,
  type Rule,
  type TagFormat,
  voiceToken,
} from "../model/grammar.ts";
import type { Position } from "../model/xml-tree.ts";

export type GrammarReading =
  | { readonly ok: true; readonly grammar: Grammar }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** What a grammar's header says; positions are where faults are shown. */
export interface GrammarHeader {
  readonly root?: string;
  readonly rootPosition: Position;
  readonly language?: string;
  readonly base?: string;
  readonly tagFormat?: string;
  readonly headerTags?: readonly string[];
}

/** §2.2.3: these name no rule of an author's. */
export const SPECIAL_RULES: Readonly<Record<string, Expansion>> = {
  NULL: NOTHING,
  VOID: { kind: "void" },
  GARBAGE: { kind: "garbage" },
};

/** XML's Name without the characters §3.1 forbids in rule names. */
const RULE_NAME = /^[\p{L}_][\p{L}\p{Nd}\p{M}_·]*$/u;
/** BCP 47, as far as its letters go. */
const LANGUAGE_TAG = /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/;
/** "n", "n.", ".n" and "n.n" (§2.4.1, §2.5.1). */
const NUMBER = /^(?:\d+\.?\d*|\.\d+)$/;
/** The words Appendix E allows for two keys. */
const KEY_WORDS: Readonly<Record<string, string>> = { star: "*", pound: "#" };

export class GrammarAssembly {
  readonly mode: "dtmf" | "voice";
  readonly #diagnostics: Diagnostic[] = [];
  readonly #rules = new Map<string, Rule>();
  readonly #references: (Position & { name: string })[] = [];
  readonly #tags: string[] = [];
  #isAbandoned = false;

  constructor(mode: "dtmf" | "voice") {
    this.mode = mode;
  }

  get hasFaults(): boolean {
    return this.#diagnostics.length > 0;
  }

  /** The reading ends here: what is missing because of it is no fault of its own. */
  abandon(position: Position, message: string): void {
    this.fault(position, message);
    this.#isAbandoned = true;
  }

  fault(position: Position, message: string): void {
    if (this.#diagnostics.length < MAX_DIAGNOSTICS)
      this.#diagnostics.push({ code: "grammar", message, line: position.line, column: position.column });
  }

  /** Defines a rule (§3.1). */
  define(name: string, expansion: Expansion, isPublic: boolean, position: Position): void {
    if (this.#rules.has(name)) this.fault(position, `the rule "${name}" is defined twice`);
    else if (Object.hasOwn(SPECIAL_RULES, name))
      this.fault(position, `"${name}" is reserved and cannot name a rule`);
    this.#rules.set(name, { name, expansion, isPublic });
  }

  /** §3.1: what may name a rule in SRGS. */
  checkRuleName(name: string, position: Position): void {
    if (!RULE_NAME.test(name))
      this.fault(position, `"${name}" cannot name a rule: it must be a name without ".", ":" and "-"`);
  }

  /** A rule of this grammar, which may be defined further down (§2.2.1). */
  local(name: string, position: Position): Expansion {
    this.#references.push({ name, line: position.line, column: position.column });
    return { kind: "rule", name };
  }

  /** A rule of another grammar (§2.2.2). */
  external(uri: string, type: string | undefined, position: Position): Expansion {
    return {
      kind: "external",
      uri,
      line: position.line,
      column: position.column,
      ...(type === undefined ? {} : { type }),
    };
  }

  tag(text: string): Expansion {
    this.#tags.push(text);
    return { kind: "tag", text };
  }

  /** One token, as it stood between quotes, white space or tags (§2.1); in DTMF grammars keys (Appendix E). */
  token(spelling: string, position: Position, language?: string): Expansion {
    if (this.mode === "voice") return voiceToken(spelling, language);
    const word = spelling.replace(/\s+/g, "");
    // DEVIATES: Appendix E wants white space between keys; a run of keys can mean nothing else, and is common.
    const keys = [...(KEY_WORDS[word.toLowerCase()] ?? word)].map((key): Expansion => {
      if (!/^[0-9*#A-D]$/i.test(key)) this.fault(position, `"${key}" is not a key`);
      return { kind: "token", text: key.toUpperCase() };
    });
    const [only] = keys;
    return keys.length === 1 && only ? only : { kind: "sequence", parts: keys };
  }

  /** A weight (§2.4.1). Zero, which §2.4.1 does not provide for, is taken to forbid the choice. */
  weight(text: string, position: Position): number {
    if (NUMBER.test(text)) return Number(text);
    this.fault(position, `weight="${text}" must be a number that is not negative`);
    return 1;
  }

  /** A repetition: `n`, `m-n` or `m-`, and its probability (§2.5). */
  repeat(of: Expansion, counts: string, probability: string | undefined, position: Position): Expansion {
    const match = /^\s*(\d{1,9})(?:(-)(\d{1,9})?)?\s*$/.exec(counts);
    const min = Number(match?.[1]);
    const max = match?.[2] === undefined ? min : match[3] === undefined ? null : Number(match[3]);
    if (!match || (max !== null && max < min)) {
      this.fault(position, `repeat="${counts}" must be n, m-n or m-, with m not above n`);
      return of;
    }
    if (probability === undefined) return { kind: "repeat", of, min, max };
    if (!NUMBER.test(probability) || Number(probability) > 1) {
      this.fault(position, `the repeat probability "${probability}" must be a number from 0 to 1`);
      return of;
    }
    return { kind: "repeat", of, min, max, probability: Number(probability) };
  }

  /** A language identifier, checked (§2.7). */
  language(text: string, position: Position): string {
    if (!LANGUAGE_TAG.test(text))
      this.fault(position, `"${text}" is not a language identifier such as en-US`);
    return text;
  }

  finish(header: GrammarHeader): GrammarReading {
    if (this.#isAbandoned) return { ok: false, diagnostics: this.#diagnostics };
    const { root, rootPosition, language, base, tagFormat, headerTags } = header;
    if (root !== undefined && !this.#rules.has(root))
      this.fault(rootPosition, `the root rule "${root}" is not defined in the grammar`);
    for (const reference of this.#references)
      if (!this.#rules.has(reference.name))
        this.fault(reference, `the rule "${reference.name}" is not defined in the grammar`);
    if (this.hasFaults) return { ok: false, diagnostics: this.#diagnostics };
    const declared = declaredTagFormat(tagFormat);
    return {
      ok: true,
      grammar: {
        mode: this.mode,
        root: root ?? "",
        rules: [...this.#rules.values()],
        tagFormat: declared ?? this.#likelyTagFormat(),
        ...(declared === undefined ? {} : { isTagFormatDeclared: true }),
        // Appendix E: a language in a DTMF grammar is ignored.
        ...(language === undefined || this.mode === "dtmf" ? {} : { language }),
        ...(base === undefined ? {} : { base }),
        ...(headerTags === undefined || headerTags.length === 0 ? {} : { headerTags }),
      },
    };
  }

  /**
   * DEVIATES: SRGS §4.8 leaves tags without `tag-format` to the platform. Tags that write to `out` are taken for
   * scripts, all others for literals.
   */
  #likelyTagFormat(): TagFormat {
    return this.#tags.some((tag) => /(?:^|[^\w$.])out\b/.test(tag)) ? "script" : "literals";
  }
}

/** SISR 1.0 §3.2. */
function declaredTagFormat(text: string | undefined): TagFormat | undefined {
  const format = text?.trim();
  if (format === "semantics/1.0") return "script";
  return format === "semantics/1.0-literals" ? "literals" : undefined;
}

/** Parts in a row; one alone stands for itself. */
export function inSequence(parts: readonly Expansion[]): Expansion {
  const [only] = parts;
  return parts.length === 1 && only ? only : { kind: "sequence", parts };
}

/** Choices with their weights, where any has one. */
export function asAlternatives(
  choices: readonly Expansion[],
  weights: readonly (number | undefined)[],
): Expansion {
  if (weights.every((weight) => weight === undefined)) return { kind: "alternatives", choices };
  return { kind: "alternatives", choices, weights: weights.map((weight) => weight ?? 1) };
}
