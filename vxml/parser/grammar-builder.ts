/** `<grammar>` elements to grammar sources: inline ones are read now, so that their faults are the document's. */
import { VxmlError } from "../errors.ts";
import { readJsgf } from "../grammars/jsgf-reader.ts";
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
  const hasRules = element.children.some(isElement);
  if (
    !hasRules &&
    (type === undefined ? profileDoes(context.profile, "untypedTextGrammarIsJsgf") : type.includes("jsgf"))
  ) {
    try {
      return { ...shared, kind: "inline", grammar: readJsgf(textOf(element), mode) };
    } catch (error) {
      if (!(error instanceof VxmlError)) throw error;
      context.diagnostics.add(element, "grammar", error.message);
      return undefined;
    }
  }
  if (
    type !== undefined &&
    !type.includes("srgs+xml") &&
    !type.includes("grammar+xml") &&
    !type.endsWith("/xml")
  )
    // Known to the platform only by name: active, it throws error.unsupported.format.
    return {
      ...shared,
      kind: "external",
      uri: { kind: "literal", uri: "" },
      mode,
      type,
      fetch: {},
    };
  const reading = readSrgs(element);
  if (reading.ok) return { ...shared, kind: "inline", grammar: reading.grammar };
  for (const diagnostic of reading.diagnostics)
    context.diagnostics.add(diagnostic, diagnostic.code, diagnostic.message);
  return undefined;
}
