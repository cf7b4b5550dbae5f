/** `<grammar>` elements to grammar sources: inline ones are read now, so that their faults are the document's. */
import { looksLikeAbnf, readAbnf } from "../grammars/abnf-reader.ts";
import type { GrammarReading } from "../grammars/grammar-assembly.ts";
import { looksLikeJsgf, readJsgf } from "../grammars/jsgf-reader.ts";
import { readSrgs } from "../grammars/srgs-reader.ts";
import type { GrammarSource } from "../model/document.ts";
import { isElement, textOf, type XmlElement } from "../model/xml-tree.ts";
import { profileDoes } from "../profiles.ts";
import { type BuildContext, fetchAttributesOf, positionOf, uriSourceOf } from "./build-context.ts";

/** The grammars among the children of an element. */
export function buildGrammars(parent: XmlElement, context: BuildContext): GrammarSource[] {
  return parent.children
    .filter(isElement)
    .filter((child) => child.name === "grammar")
    .flatMap((child) => buildGrammar(child, context) ?? []);
}

function buildGrammar(element: XmlElement, context: BuildContext): GrammarSource | undefined {
  const scope = element.attributes.get("scope");
  const shared = {
    ...positionOf(element),
    scope: scope === "dialog" || scope === "document" ? scope : undefined,
  } as const;
  const mode = element.attributes.get("mode") === "dtmf" ? "dtmf" : "voice";
  const type = element.attributes.get("type")?.trim().toLowerCase();
  const uri = uriSourceOf(element, "src", "srcexpr");
  const hasContent = element.children.some((child) => isElement(child) || child.text.trim() !== "");
  if (uri) {
    if (hasContent)
      context.diagnostics.add(element, "attribute-conflict", "<grammar> has both src and content");
    if (uri.kind === "literal" && uri.uri.startsWith("builtin:"))
      return { ...shared, kind: "built-in", reference: uri.uri };
    return { ...shared, kind: "external", uri, mode, type, fetch: fetchAttributesOf(element) };
  }
  if (!hasContent) {
    context.diagnostics.add(element, "grammar", "<grammar> needs src, srcexpr or content");
    return undefined;
  }
  const reading = readInline(element, mode, type, context);
  if (reading === "unsupported")
    // Known to the platform only by name: active, it throws error.unsupported.format.
    return { ...shared, kind: "external", uri: { kind: "literal", uri: "" }, mode, type, fetch: {} };
  if (!reading.ok) {
    for (const diagnostic of reading.diagnostics)
      context.diagnostics.add(diagnostic, diagnostic.code, diagnostic.message);
    return undefined;
  }
  if (reading.grammar.root === "")
    context.diagnostics.add(element, "grammar", "the grammar needs a declaration of its root rule");
  return { ...shared, kind: "inline", grammar: reading.grammar };
}

/** §3.1.1.1: the type decides how the content is read; without one, what it looks like. */
function readInline(
  element: XmlElement,
  mode: "dtmf" | "voice",
  type: string | undefined,
  context: BuildContext,
): GrammarReading | "unsupported" {
  const { profile } = context;
  if (element.children.some(isElement)) {
    if (type !== undefined && !/xml$/.test(type)) return "unsupported";
    return readSrgs(element, { kind: "inline", needsVersion: profile === "w3c" });
  }
  const text = textOf(element);
  const start = element.children[0] ?? element;
  if (type === "application/srgs" || (type === undefined && looksLikeAbnf(text)))
    return readAbnf(text, { kind: "inline", start });
  const isJsgf =
    type === undefined
      ? looksLikeJsgf(text) || profileDoes(profile, "untypedTextGrammarIsJsgf")
      : type.includes("jsgf");
  if (isJsgf) return readJsgf(text, mode, start);
  if (type !== undefined && !/xml$/.test(type)) return "unsupported";
  return readSrgs(element, { kind: "inline", needsVersion: profile === "w3c" });
}
