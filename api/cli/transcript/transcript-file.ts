/**
 * The transcript file: an interpreter's run as lines that a person can read and write. Described for authors in
 * `docs/transcripts.md`.
 *
 *   # a comment
 *   = profile plum                    settings: profile, document FILE, property NAME VALUE, variable PATH JSON,
 *   = file /next next.vxml            what a URI answers with, beside the document of the same name,
 *   = status /gone 404                or with which status it fails
 *   > prompt  "Press one or two."     what the interpreter does, in order
 *   < dtmf    12#                     what the caller does at each wait: dtmf, say, silence, hangup, event NAME
 *   < recording 5 seconds, < transfer busy      what answers a recording and a transfer: `text-answers.ts`
 *   < set     connection.callee_type voice     applied when the next request arrives
 *   ? count = 2                       a variable's value when the next request arrives
 */

/** A transcript, split into what it sets, what the caller does, and what is expected. */
export interface TranscriptScript {
  readonly settings: readonly (readonly string[])[];
  /** What happens to the document, in order, without the leading `<`. */
  readonly inputs: readonly TranscriptInput[];
  /** The whole file without comments and settings, normalized. */
  readonly lines: readonly string[];
  /** Lines that mean nothing. */
  readonly faults: readonly TranscriptFault[];
}

export interface TranscriptInput {
  readonly kind: "input" | "expression";
  readonly text: string;
}

/** A line counts from 1. */
export interface TranscriptFault {
  readonly line: number;
  readonly message: string;
}

const SETTINGS: readonly string[] = ["profile", "document", "property", "variable", "file", "status"];
const INPUTS: readonly string[] = [
  "dtmf",
  "say",
  "silence",
  "hangup",
  "event",
  "set",
  "recording",
  "transfer",
];

export function parseTranscript(text: string): TranscriptScript {
  const settings: string[][] = [];
  const inputs: TranscriptInput[] = [];
  const lines: string[] = [];
  const faults: TranscriptFault[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const rest = line.slice(1).trim();
    const words = rest.split(/\s+/);
    const fault = faultOf(line, words);
    if (fault !== undefined) faults.push({ line: index + 1, message: fault });
    if (line.startsWith("=")) {
      settings.push(words);
      continue;
    }
    if (line.startsWith("<")) inputs.push({ kind: "input", text: rest.replace(/\s+/g, " ") });
    if (line.startsWith("?")) inputs.push({ kind: "expression", text: splitExpectation(rest).expression });
    lines.push(normalized(line));
  }
  return { settings, inputs, lines, faults };
}

/** `>  prompt   "x"` to `> prompt "x"`. */
export function normalized(line: string): string {
  if (!line.startsWith("?")) return line.replace(/^([<>])\s*(\S+)\s*/, "$1 $2 ").trim();
  const { expression, value } = splitExpectation(line.slice(1).trim());
  return `? ${expression} = ${compactJson(value)}`;
}

/** `count = 2`: the first `=` that stands alone ends the expression. */
function splitExpectation(text: string): { expression: string; value: string } {
  const match = /^(.*?)\s+=\s+(.*)$/.exec(text);
  return { expression: match?.[1] ?? text, value: match?.[2] ?? "" };
}

function compactJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** What is wrong with a line; undefined when it is right. */
function faultOf(line: string, [word = "", ...rest]: readonly string[]): string | undefined {
  switch (line[0]) {
    case ">":
      return undefined;
    case "<":
      return INPUTS.includes(word)
        ? undefined
        : `"${word}" is nothing a caller does; known are ${INPUTS.join(", ")}`;
    case "=": {
      if (!SETTINGS.includes(word)) return `"${word}" is no setting; known are ${SETTINGS.join(", ")}`;
      const isPair = word !== "profile" && word !== "document";
      if (rest.length < (isPair ? 2 : 1))
        return `the setting ${word} needs ${isPair ? "two values" : "a value"}`;
      if (word === "profile" && rest[0] !== "w3c" && rest[0] !== "plum")
        return `"${rest[0]}" is no profile; w3c and plum are`;
      if (word === "variable" && !isJson(rest.slice(1).join(" ")))
        return `the value of ${rest[0]} must be JSON: text stands in quotes`;
      return undefined;
    }
    case "?":
      return /\S\s+=\s+\S/.test(line.slice(1)) ? undefined : "a variable's line is: ? EXPRESSION = VALUE";
    default:
      return `a line begins with one of > < ? = #, not with "${line[0]}"`;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
