/** What the builders share: the profile, the diagnostics, and reading common attributes of a checked element. */
import type { ProfileName } from "../effects.ts";
import type { Submission, TextSource, UriSource } from "../model/executable.ts";
import type { FetchAttributes } from "../model/prompt.ts";
import type { Position, XmlElement } from "../model/xml-tree.ts";
import { parseTimeDesignation } from "../time-designation.ts";
import type { DiagnosticList } from "./structure-check.ts";

export interface BuildContext {
  readonly profile: ProfileName;
  readonly diagnostics: DiagnosticList;
  /** Numbers the names made for form items without one. */
  nextInternalName: number;
}

export function positionOf(element: XmlElement): Position {
  return { line: element.line, column: element.column };
}

export function namesIn(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((name) => name !== "");
}

export function durationOf(element: XmlElement, name: string): number | undefined {
  const text = element.attributes.get(name);
  return text === undefined ? undefined : parseTimeDesignation(text);
}

export function fetchAttributesOf(element: XmlElement): FetchAttributes {
  const seconds = (name: string): number | undefined => {
    const text = element.attributes.get(name);
    return text === undefined ? undefined : Number.parseInt(text, 10);
  };
  return {
    timeoutMs: durationOf(element, "fetchtimeout"),
    maxAgeSeconds: seconds("maxage"),
    maxStaleSeconds: seconds("maxstale"),
    fetchAudio: element.attributes.get("fetchaudio"),
  };
}

/** How an element sends variables (§5.3.8). */
export function submissionOf(element: XmlElement): Submission {
  const { attributes } = element;
  const method = attributes.get("method");
  return {
    method: method === "post" || method === "raw" ? "POST" : "GET",
    names: attributes.has("namelist") ? namesIn(attributes.get("namelist")) : undefined,
    enctype: attributes.get("enctype") ?? "application/x-www-form-urlencoded",
    rawExpression: method === "raw" ? attributes.get("rawexpr") : undefined,
  };
}

/** A URI from an attribute or from the expression in another; undefined when neither is there. */
export function uriSourceOf(element: XmlElement, literal: string, computed: string): UriSource | undefined {
  const uri = element.attributes.get(literal);
  if (uri !== undefined) return { kind: "literal", uri: uri.trim() };
  const expression = element.attributes.get(computed);
  return expression === undefined ? undefined : { kind: "expression", expression };
}

/** A text from an attribute or from the expression in another; undefined when neither is there. */
export function textSourceOf(element: XmlElement, literal: string, computed: string): TextSource | undefined {
  const text = element.attributes.get(literal);
  if (text !== undefined) return { kind: "literal", text };
  const expression = element.attributes.get(computed);
  return expression === undefined ? undefined : { kind: "expression", expression };
}
