/**
 * The W3C's SRGS 1.0 implementation report cases, read where they lie: each grammar describes its own cases in `<meta>`
 * elements. `in.N` is an input, `out.N` the expected logical parse tree or `REJECT`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One input of one grammar. */
export interface SrgsCase {
  /** `recursion.grxml in.1`. */
  readonly id: string;
  readonly file: string;
  readonly input: string;
  /** The logical parse tree of Appendix H, or `REJECT`. */
  readonly expected: string;
  /** The grammar's own name of what is tested. */
  readonly section: string;
}

/** All cases of a folder, in order of their names. */
export function readSrgsCases(folder: string, read: (path: string) => string): SrgsCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".grxml"))
    .sort()
    .flatMap((file) => casesOf(file, read(join(folder, file))));
}

function casesOf(file: string, text: string): SrgsCase[] {
  const metas = new Map(
    [...text.matchAll(/<meta\s((?:"[^"]*"|'[^']*'|[^>"'])*)>/g)].map(([, attributes = ""]) => [
      attributeOf(attributes, "name"),
      attributeOf(attributes, "content"),
    ]),
  );
  return [...metas.keys()]
    .filter((name) => /^in\.\d+$/.test(name))
    .map((name) => ({
      id: `${file} ${name}`,
      file,
      input: metas.get(name) ?? "",
      expected: (metas.get(name.replace("in.", "out.")) ?? "").trim(),
      section: sectionOf(file),
    }));
}

function attributeOf(text: string, name: string): string {
  const match = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(text);
  return unescaped(match?.[1] ?? match?.[2] ?? "");
}

function unescaped(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
  return text.replace(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return named[name] ?? whole;
  });
}

/** Which section of SRGS 1.0 a grammar is about, by the name the W3C gave it. */
const SECTIONS: readonly (readonly [RegExp, string])[] = [
  [/^token/, "2.1 Tokens"],
  [/^(?:ruleref|uri-ref)/, "2.2 Rule references"],
  [/^special/, "2.2.3 Special rules"],
  [/^sequence/, "2.3 Sequences"],
  [/^alternative/, "2.4 Alternatives"],
  [/^repeat/, "2.5 Repeats"],
  [/^tag-format/, "4.8 Tag format"],
  [/^tag/, "2.6 Tags"],
  [/^(?:lang-|xml_lang)/, "2.7 Language"],
  [/^(?:rule-(?:private|public))/, "3.2 Scope"],
  [/^(?:rule-|duplicated)/, "3.1 Rule definitions"],
  [/^example/, "3.3 and J Examples"],
  [/^(?:no-version|no-namespace|doctype|no-doctype|no-rules)/, "4.3 Root element"],
  [/^(?:header|korean|token-unicode)/, "4.4 Encoding"],
  [/^(?:language|no-language)/, "4.5 Language"],
  [/^mode/, "4.6 Mode"],
  [/^(?:root|undefined-root)/, "4.7 Root"],
  [/^(?:base|metabase|test\b)/, "4.9 Base URI"],
  [/^lexicon/, "4.10 Lexicon"],
  [/^(?:meta|rdf)/, "4.11 Metadata"],
  [/^comment/, "4.13 Comments"],
  [/^(?:conformance|recursion)/, "5.4 Conformance"],
  [/^dtmf/, "E DTMF"],
];

function sectionOf(file: string): string {
  return SECTIONS.find(([pattern]) => pattern.test(file))?.[1] ?? "other";
}

/** Cases that are not judged, with the reason: `recursion.grxml in.1: why`, one a line, `#` for comments. */
export function readSkips(path: string): Map<string, string> {
  const lines = readFileSync(path, "utf8").split("\n");
  return new Map(
    lines
      .filter((line) => line.trim() !== "" && !line.startsWith("#"))
      .map((line) => {
        const colon = line.indexOf(": ");
        if (colon < 0) throw new Error(`${path}: "${line}" gives no reason`);
        return [line.slice(0, colon).trim(), line.slice(colon + 2).trim()];
      }),
  );
}
