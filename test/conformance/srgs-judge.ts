/** Judges one case of the SRGS set: the grammar is read, linked, matched, and its logical parse tree compared. */
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { decodeText } from "../../api/fetching/text-decoding.ts";
import { readExternal } from "../../vxml/grammars/external-grammar.ts";
import { type LoadGrammar, linkGrammar } from "../../vxml/grammars/linking.ts";
import { printLogicalParse } from "../../vxml/grammars/logical-parse.ts";
import { Matcher } from "../../vxml/grammars/matcher.ts";
import { type Grammar, tokensOf } from "../../vxml/model/grammar.ts";
import type { SrgsCase } from "./srgs-cases.ts";

export interface Verdict {
  readonly isPassed: boolean;
  /** What was found, when that is not what was expected. */
  readonly found: string;
}

/** Bytes to text as the product decodes them. */
export function readText(path: string): string {
  const decoded = decodeText(readFileSync(path), undefined);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.text;
}

export function judge(folder: string, testCase: SrgsCase): Verdict {
  const path = join(folder, testCase.file);
  const uri = pathToFileURL(path).href;
  const found = parse(path, testCase);
  const expected = testCase.expected === "REJECT" ? "REJECT" : resolvedTree(testCase.expected, uri);
  const isRejected = found.startsWith("REJECT");
  const isPassed = expected === "REJECT" ? isRejected : found === expected;
  return { isPassed, found };
}

/** The tree of the first rule that matches: the root, or the public rule the expectation names beside it. */
function parse(path: string, testCase: SrgsCase): string {
  const uri = pathToFileURL(path).href;
  const named = /^\$([\p{L}_][\p{L}\p{Nd}_]*)\[/u.exec(testCase.expected)?.[1];
  const reading = read(path);
  if (!reading.ok) return `REJECT (${reading.reason})`;
  const { grammar } = reading;
  const rules = [undefined, ...grammar.rules.map(({ name }) => name).filter((name) => name === named)];
  let found = "REJECT (no rule matches)";
  for (const rule of rules) {
    if (rule === undefined && grammar.root === "") continue;
    const linked = finished(linkGrammar({ grammar, uri, rule, isInline: false }, load));
    if (!linked.ok) {
      found = `REJECT (${linked.event.message})`;
      continue;
    }
    const matcher = new Matcher(linked.grammar);
    const tokens = tokensOf(linked.grammar.mode, testCase.input);
    const parsed = tokens.every((token) => matcher.push(token)) ? matcher.parsed() : undefined;
    if (parsed) return printLogicalParse(parsed, { resolved: true });
  }
  return found;
}

function read(path: string): { ok: true; grammar: Grammar } | { ok: false; reason: string } {
  const text = readText(path);
  const uri = pathToFileURL(path).href;
  const reading = readExternal({ text, uri, contentType: "", mode: "voice" });
  return reading.ok ? reading : { ok: false, reason: reading.event.message ?? reading.event.name };
}

const load: LoadGrammar = function* load(uri) {
  const fail = (message: string) => ({ ok: false, event: { name: "error.badfetch", message } }) as const;
  if (!uri.startsWith("file:")) return fail(`${uri} is not a file`);
  yield* [];
  const path = fileURLToPath(uri);
  try {
    const reading = read(existing(path));
    return reading.ok ? reading : fail(reading.reason);
  } catch (error) {
    return fail(String(error));
  }
};

/** The set is often kept in one folder: a file that is not at its place is looked for above, under its name. */
function existing(path: string): string {
  for (const candidate of [path, join(dirname(dirname(path)), basename(path))])
    try {
      readFileSync(candidate);
      return candidate;
    } catch {}
  return path;
}

/** References in an expected tree as absolute URIs, for they are written in more ways than one. */
function resolvedTree(tree: string, uri: string): string {
  return tree.replace(/\$<([^<>]+)>/g, (_, reference: string) => `$<${new URL(reference, uri).href}>`);
}

/** Runs what would wait for a host; here nothing has to. */
function finished<T>(steps: Generator<unknown, T, never>): T {
  const step = steps.next();
  if (!step.done) throw new Error("the grammars were to be read without waiting");
  return step.value;
}
