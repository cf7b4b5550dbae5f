/** Reads a fetched grammar in whichever form it has; its media type is taken at its word (SRGS 1.0 §2.2.2). */
import type { VxmlEvent } from "../completion.ts";
import { printDiagnostic } from "../diagnostics.ts";
import type { Grammar } from "../model/grammar.ts";
import { readXml } from "../parser/xml-reader.ts";
import { resolveUri } from "../resources/uri.ts";
import { looksLikeAbnf, readAbnf } from "./abnf-reader.ts";
import type { GrammarReading } from "./grammar-assembly.ts";
import { looksLikeJsgf, readJsgf } from "./jsgf-reader.ts";
import { readSrgs } from "./srgs-reader.ts";

export type ExternalReading =
  | { readonly ok: true; readonly grammar: Grammar }
  | { readonly ok: false; readonly event: VxmlEvent };

type Form = "srgs-xml" | "abnf" | "jsgf";

/** Media types that name a form. */
const FORMS: Readonly<Record<string, Form>> = {
  "application/srgs+xml": "srgs-xml",
  "application/grammar+xml": "srgs-xml",
  "application/srgs": "abnf",
  "application/x-jsgf": "jsgf",
  "application/jsgf": "jsgf",
  "text/x-jsgf": "jsgf",
};
/** Media types that say nothing about the form: servers that do not know grammars send these. */
const VAGUE = /^$|^text\/plain$|^application\/octet-stream$|xml$/;

/** What is known about a fetched text before it is read. */
export interface ExternalText {
  readonly text: string;
  readonly uri: string;
  /** What its references refer to where it names no base itself: its URI after redirects. Absent: left as it is. */
  readonly base?: string;
  /** As the server declared it; empty: it did not. */
  readonly contentType: string;
  /** As the referring document expects it. */
  readonly preferredType?: string;
  /** For forms that do not say it themselves. */
  readonly mode: "dtmf" | "voice";
  /** That of the referring document; absent: the grammar must name its own. */
  readonly language?: string;
}

/** LIMIT: grammars kept per thread, so that a campaign's calls share what each would read and compile again. */
const KEPT_GRAMMARS = 100;
const LARGEST_KEPT_CHARACTERS = 250_000;
const kept = new Map<string, ExternalReading>();

/** Reads a grammar, or returns what was read from the same text before: its automata are kept with it. */
export function readExternal(external: ExternalText): ExternalReading {
  const { text, uri, contentType, preferredType = "", mode, language = "" } = external;
  const key = [uri, external.base ?? "", contentType, preferredType, mode, language, text].join(" ");
  const known = kept.get(key);
  if (known) return known;
  const reading = readNew(external);
  if (text.length > LARGEST_KEPT_CHARACTERS) return reading;
  if (kept.size >= KEPT_GRAMMARS) kept.delete(kept.keys().next().value ?? "");
  kept.set(key, reading);
  return reading;
}

function readNew(external: ExternalText): ExternalReading {
  const { text, uri, contentType, preferredType } = external;
  const declared = contentType === "" ? (preferredType?.toLowerCase() ?? "") : contentType;
  const form = formOf(text);
  const expected = FORMS[declared];
  // DEVIATES: a vague type is looked behind, for most servers have no type for grammars.
  if (expected === undefined && !VAGUE.test(declared))
    return failed("error.unsupported.format", `${uri}: grammars of type ${declared} are not supported`);
  if (form === undefined)
    return expected === undefined
      ? failed("error.unsupported.format", `${uri}: the grammar is neither SRGS nor JSGF`)
      : failed("error.badfetch", `${uri}: the grammar is not of its type ${declared}`);
  if (expected !== undefined && expected !== form)
    return failed("error.badfetch", `${uri}: the grammar is not of its type ${declared}`);
  const reading = readForm(form, external);
  if (reading.ok) {
    if (external.base === undefined) return reading;
    const { base = "" } = reading.grammar;
    return {
      ok: true,
      grammar: { ...reading.grammar, base: resolveUri(base, external.base) ?? external.base },
    };
  }
  return failed("error.badfetch", `${uri}: ${reading.diagnostics.map(printDiagnostic).join("; ")}`);
}

function formOf(text: string): Form | undefined {
  if (looksLikeAbnf(text)) return "abnf";
  if (looksLikeJsgf(text)) return "jsgf";
  return /^\uFEFF?\s*</.test(text) ? "srgs-xml" : undefined;
}

function readForm(form: Form, { text, mode, language }: ExternalText): GrammarReading {
  if (form === "abnf") return readAbnf(text, { kind: "document", language });
  if (form === "jsgf") return readJsgf(text, mode);
  const xml = readXml(text);
  return xml.ok ? readSrgs(xml.root, { kind: "document", language }) : xml;
}

function failed(name: string, message: string): ExternalReading {
  return { ok: false, event: { name, message } };
}
