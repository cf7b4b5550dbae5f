/** A derivation as the logical parse structure of SRGS 1.0 Appendix H: `$order["tea",{!{out="T"}!},$size["large"]]`. */
import type { ParsedPart, ParsedRule } from "./parse-forest.ts";

/** With `resolved`, references to other grammars are shown as absolute URIs instead of as written. */
export function printLogicalParse(parsed: ParsedRule, options: { resolved?: boolean } = {}): string {
  return print(`$${parsed.localName}`, parsed, options);
}

function print(name: string, parsed: ParsedRule, options: { resolved?: boolean }): string {
  const entities = parsed.parts.map((part) => entity(part, options)).filter((text) => text !== "");
  return `${name}[${entities.join(",")}]`;
}

function entity(part: ParsedPart, options: { resolved?: boolean }): string {
  switch (part.kind) {
    case "token":
      return JSON.stringify(part.text);
    case "tag":
      return `{!{${part.text}}!}`;
    // Appendix H.1: GARBAGE produces no output.
    case "garbage":
      return "";
    case "rule": {
      const { reference, parsed } = part;
      const uri = options.resolved ? reference?.uri : reference?.written;
      return print(uri === undefined ? `$${parsed.localName}` : `$<${uri}>`, parsed, options);
    }
  }
}
