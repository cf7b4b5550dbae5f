/**
 * The built-in grammars that every platform has (VoiceXML 2.0 Appendix P), for keys and for typed or recognized
 * words: `<field type="digits?length=4">`, `builtin:dtmf/digits?maxlength=6`, `builtin:grammar/date`.
 *
 * Keys are the same everywhere (`built-in-keys.ts`); words are a matter of language: a locale is one row of
 * `BUILT_IN_LOCALES`.
 */
import type { Grammar, Rule } from "../model/grammar.ts";
import { ENGLISH_BUILT_INS } from "./built-in-english.ts";
import { KEY_BUILT_INS } from "./built-in-keys.ts";
import type { BuiltInParameters, BuiltInRules } from "./built-in-rules.ts";

/** A built-in as named in a document. */
export interface BuiltInReference {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Present when the URI says it: `builtin:dtmf/…` or `builtin:grammar/…`. */
  readonly mode?: "dtmf" | "voice";
}

/** The spoken forms of each type, by primary language; a region's own row comes before its language's. */
export const BUILT_IN_LOCALES: Readonly<Record<string, Readonly<Record<string, BuiltInRules>>>> = {
  en: ENGLISH_BUILT_INS,
};

/** Reads `digits?minlength=2;maxlength=4` or the URI form `builtin:dtmf/digits?…`; undefined when it is neither. */
export function parseBuiltIn(text: string): BuiltInReference | undefined {
  const match = /^(?:builtin:(?:(dtmf|grammar)\/)?)?([a-z]+)(?:\?(.*))?$/.exec(text.trim());
  const name = match?.[2];
  if (!match || !name) return undefined;
  const parameters = Object.fromEntries(
    (match[3] ?? "")
      .split(/[;&]/)
      .filter((part) => part !== "")
      .map((part) => {
        const [key = "", value = ""] = part.split("=");
        return [key.trim(), value.trim()];
      }),
  );
  const mode = match[1] === "dtmf" ? "dtmf" : match[1] === "grammar" ? "voice" : undefined;
  return { name, parameters, mode };
}

/** Result of looking up a built-in: grammars for its modes, or why there are none. */
export type BuiltInResult =
  | { readonly ok: true; readonly grammars: readonly Grammar[] }
  | {
      readonly ok: false;
      /** The type is unknown, its parameters contradict each other, or nobody knows its words in the language. */
      readonly event: "error.unsupported.builtin" | "error.badfetch" | "error.unsupported.language";
      readonly reason: string;
    };

/**
 * The grammars of a built-in type. In a language without spoken forms its keys still work; only who asks for the
 * spoken form alone is refused.
 */
export function builtInGrammars(reference: BuiltInReference, language = "en-US"): BuiltInResult {
  const { name, mode } = reference;
  const keys = KEY_BUILT_INS[name];
  if (!keys) {
    const known = Object.keys(KEY_BUILT_INS).join(", ");
    const reason = `the built-in type "${name}" is not supported; ${known} are`;
    return { ok: false, event: "error.unsupported.builtin", reason };
  }
  const parameters = readParameters(reference);
  if (typeof parameters === "string") return { ok: false, event: "error.badfetch", reason: parameters };
  const spoken = spokenForm(name, language);
  if (mode === "voice" && !spoken) {
    const reason = `the built-in type "${name}" has no spoken form in ${language}`;
    return { ok: false, event: "error.unsupported.language", reason };
  }
  const grammars: Grammar[] = [];
  if (mode !== "voice") grammars.push(builtIn("dtmf", keys(parameters)));
  if (mode !== "dtmf" && spoken) grammars.push({ ...builtIn("voice", spoken(parameters)), language });
  return { ok: true, grammars };
}

function builtIn(mode: "dtmf" | "voice", rules: readonly Rule[]): Grammar {
  return { mode, root: rules[0]?.name ?? "", rules, tagFormat: "script" };
}

function spokenForm(name: string, language: string): BuiltInRules | undefined {
  const tag = language.toLowerCase();
  const [primary = ""] = tag.split("-");
  return BUILT_IN_LOCALES[tag]?.[name] ?? BUILT_IN_LOCALES[primary]?.[name];
}

/** The parameters of table 67, or why they cannot be. Those a type does not have are ignored. */
function readParameters({ name, parameters, mode }: BuiltInReference): BuiltInParameters | string {
  const plain = { minLength: 1, maxLength: null, yesKey: "1", noKey: "2" };
  if (name === "digits") {
    const counts = digitCounts(parameters);
    return typeof counts === "string" ? counts : { ...plain, ...counts };
  }
  if (name !== "boolean" || mode === "voice") return plain;
  const { y: yesKey = "1", n: noKey = "2" } = parameters;
  const isKey = (text: string): boolean => /^[0-9*#A-D]$/.test(text);
  if (!isKey(yesKey) || !isKey(noKey) || yesKey === noKey)
    return `boolean needs two different keys, not y=${yesKey} and n=${noKey}`;
  return { ...plain, yesKey, noKey };
}

function digitCounts(
  parameters: Readonly<Record<string, string>>,
): Pick<BuiltInParameters, "minLength" | "maxLength"> | string {
  const number = (name: string): number | undefined | "bad" => {
    const text = parameters[name];
    if (text === undefined) return undefined;
    return /^\d{1,2}$/.test(text) ? Number(text) : "bad";
  };
  const [length, min, max] = [number("length"), number("minlength"), number("maxlength")];
  if (length === "bad" || min === "bad" || max === "bad") return "digit counts are numbers from 0 to 64";
  // Table 67: length excludes the two others, and contradicting counts are error.badfetch.
  if (length !== undefined && (min !== undefined || max !== undefined))
    return "length excludes minlength and maxlength";
  const counts = { minLength: length ?? min ?? 1, maxLength: length ?? max ?? null };
  if (counts.maxLength !== null && (counts.maxLength < counts.minLength || counts.maxLength > 64))
    return `minlength ${counts.minLength} and maxlength ${counts.maxLength} contradict each other`;
  return counts;
}
