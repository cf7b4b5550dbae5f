/**
 * The built-in grammars that every platform has (VoiceXML 2.0 Appendix P), for keys and for typed or recognized
 * words: `<field type="digits?length=4">` and `builtin:dtmf/digits?maxlength=6`.
 */
import type { Expansion, Grammar } from "../model/grammar.ts";

/** A built-in as named in a document. */
export interface BuiltInReference {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Present when the URI says it: `builtin:dtmf/…` or `builtin:grammar/…`. */
  readonly mode?: "dtmf" | "voice";
}

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
  /** `error.unsupported.builtin` when the type is unknown, `error.badfetch` when its parameters contradict. */
  | {
      readonly ok: false;
      readonly event: "error.unsupported.builtin" | "error.badfetch";
      readonly reason: string;
    };

/** The grammars of a built-in type. */
export function builtInGrammars(reference: BuiltInReference, _language = "en-US"): BuiltInResult {
  const modes: readonly ("dtmf" | "voice")[] = reference.mode ? [reference.mode] : ["dtmf", "voice"];
  switch (reference.name) {
    case "digits": {
      const range = digitRange(reference.parameters);
      if (typeof range === "string") return { ok: false, event: "error.badfetch", reason: range };
      return { ok: true, grammars: modes.map((mode) => digits(mode, range.min, range.max)) };
    }
    case "boolean": {
      const yes = reference.parameters.y ?? "1";
      const no = reference.parameters.n ?? "2";
      if (!isKey(yes) || !isKey(no) || yes === no)
        return {
          ok: false,
          event: "error.badfetch",
          reason: `boolean needs two different keys, not y=${yes} and n=${no}`,
        };
      return { ok: true, grammars: modes.map((mode) => booleanGrammar(mode, yes, no)) };
    }
    case "number":
      return { ok: true, grammars: modes.map(numberGrammar) };
    default:
      return {
        ok: false,
        event: "error.unsupported.builtin",
        reason: `the built-in type "${reference.name}" is not supported; digits, boolean and number are`,
      };
  }
}

const DIGIT_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

function isKey(text: string): boolean {
  return /^[0-9*#A-D]$/.test(text);
}

function digitRange(
  parameters: Readonly<Record<string, string>>,
): { min: number; max: number | null } | string {
  const number = (name: string): number | undefined | "bad" => {
    const text = parameters[name];
    if (text === undefined) return undefined;
    return /^\d{1,2}$/.test(text) ? Number(text) : "bad";
  };
  const [length, min, max] = [number("length"), number("minlength"), number("maxlength")];
  if (length === "bad" || min === "bad" || max === "bad") return "digit counts are numbers from 0 to 64";
  // Appendix P: length excludes the two others, and contradicting counts are error.badfetch.
  if (length !== undefined && (min !== undefined || max !== undefined))
    return "length excludes minlength and maxlength";
  const range = { min: length ?? min ?? 1, max: length ?? max ?? null };
  if (range.max !== null && (range.max < range.min || range.max > 64))
    return `minlength ${range.min} and maxlength ${range.max} contradict each other`;
  return range;
}

function choose(choices: readonly Expansion[]): Expansion {
  return { kind: "alternatives", choices };
}

function token(text: string): Expansion {
  return { kind: "token", text };
}

function sequence(...parts: Expansion[]): Expansion {
  return { kind: "sequence", parts };
}

function tag(text: string): Expansion {
  return { kind: "tag", text };
}

function digits(mode: "dtmf" | "voice", min: number, max: number | null): Grammar {
  const one =
    mode === "dtmf"
      ? choose([..."0123456789"].map(token))
      : choose(
          [..."0123456789"].map((digit, position) =>
            sequence(
              choose([
                token(digit),
                token(DIGIT_WORDS[position] ?? digit),
                ...(digit === "0" ? [token("oh")] : []),
              ]),
              tag(`out=(typeof out=="string"?out:"")+"${digit}"`),
            ),
          ),
        );
  return {
    mode,
    root: "digits",
    rules: [{ name: "digits", expansion: { kind: "repeat", of: one, min, max } }],
    tagFormat: "script",
  };
}

function booleanGrammar(mode: "dtmf" | "voice", yes: string, no: string): Grammar {
  const words = (list: readonly string[]): Expansion => choose(list.map(token));
  const expansion =
    mode === "dtmf"
      ? choose([sequence(token(yes), tag("out=true")), sequence(token(no), tag("out=false"))])
      : choose([
          sequence(words(["yes", "yeah", "yep", "true"]), tag("out=true")),
          sequence(words(["no", "nope", "false"]), tag("out=false")),
        ]);
  return { mode, root: "boolean", rules: [{ name: "boolean", expansion }], tagFormat: "script" };
}

/** Digits, with `*` for the decimal point; the result is text, as Appendix P asks. */
function numberGrammar(mode: "dtmf" | "voice"): Grammar {
  if (mode === "voice") return digits("voice", 1, null);
  const digit = sequence(
    { kind: "rule", name: "digit" },
    tag('out=(typeof out=="string"?out:"")+rules.latest()'),
  );
  return {
    mode,
    root: "number",
    rules: [
      {
        name: "number",
        expansion: sequence(
          { kind: "repeat", of: digit, min: 1, max: null },
          {
            kind: "repeat",
            of: sequence(token("*"), tag('out=out+"."'), { kind: "repeat", of: digit, min: 0, max: null }),
            min: 0,
            max: 1,
          },
        ),
      },
      {
        name: "digit",
        expansion: choose([..."0123456789"].map((key) => sequence(token(key), tag(`out="${key}"`)))),
      },
    ],
    tagFormat: "script",
  };
}
