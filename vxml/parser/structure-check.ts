/** Checks a tree of nodes against the element table and reports every departure, in document order. */
import type { Diagnostic, DiagnosticCode } from "../diagnostics.ts";
import type { ProfileName } from "../effects.ts";
import { MAX_DIAGNOSTICS } from "../limits.ts";
import type { Position, XmlElement } from "../model/xml-tree.ts";
import { isVariableName } from "../scopes/scope-chain.ts";
import { parseTimeDesignation } from "../time-designation.ts";
import { type AttributeType, ELEMENTS, type ElementRow } from "./element-table.ts";

export const VXML_NAMESPACE = "http://www.w3.org/2001/vxml";
const SRGS_NAMESPACE = "http://www.w3.org/2001/06/grammar";
const SSML_NAMESPACE = "http://www.w3.org/2001/10/synthesis";
const KNOWN_NAMESPACES: ReadonlySet<string> = new Set(["", VXML_NAMESPACE, SRGS_NAMESPACE, SSML_NAMESPACE]);

/** Collects problems, up to the limit. */
export class DiagnosticList {
  readonly items: Diagnostic[] = [];

  add(position: Position, code: DiagnosticCode, message: string, attribute?: string): void {
    if (this.items.length < MAX_DIAGNOSTICS)
      this.items.push({
        code,
        message,
        line: position.line,
        column: position.column,
        ...(attribute === undefined ? {} : { attribute }),
      });
  }
}

/** Reports what is wrong in and below an element. */
export function checkStructure(root: XmlElement, profile: ProfileName, diagnostics: DiagnosticList): void {
  if (root.name !== "vxml") {
    diagnostics.add(root, "element-unknown", `the document is a <${root.name}>, not a <vxml>`);
    return;
  }
  // DEVIATES: §1.5 wants the namespace declared; documents without any are common and unambiguous.
  if (root.namespace !== "" && root.namespace !== VXML_NAMESPACE)
    diagnostics.add(root, "attribute-value", `the namespace of <vxml> must be ${VXML_NAMESPACE}`);
  const version = root.attributes.get("version");
  if (version !== undefined && version !== "2.0" && version !== "2.1")
    diagnostics.add(
      root,
      "attribute-value",
      `version "${version}" is not supported; 2.0 and 2.1 are`,
      "version",
    );
  checkElement(root, profile, diagnostics);
}

function checkElement(element: XmlElement, profile: ProfileName, diagnostics: DiagnosticList): void {
  const row = ELEMENTS.get(element.name);
  if (!row || !KNOWN_NAMESPACES.has(element.namespace)) {
    diagnostics.add(element, "element-unknown", `<${element.name}> is not an element of VoiceXML`);
    return;
  }
  checkAttributes(element, row, profile, diagnostics);
  checkChildren(element, row, profile, diagnostics);
}

function checkAttributes(
  element: XmlElement,
  row: ElementRow,
  profile: ProfileName,
  diagnostics: DiagnosticList,
): void {
  const types = profile === "plum" ? { ...row.attributes, ...row.plumAttributes } : row.attributes;
  for (const [name, value] of element.attributes) {
    if (
      name.startsWith("xsi:") ||
      name === "xml:space" ||
      (name === "xml:lang" && !Object.hasOwn(types, name))
    )
      continue;
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined)
      diagnostics.add(element, "attribute-unknown", `<${element.name}> has no attribute ${name}`, name);
    else {
      const wrong = faultOf(value, type);
      if (wrong)
        diagnostics.add(
          element,
          "attribute-value",
          `<${element.name} ${name}="${value}">: it must be ${wrong}`,
          name,
        );
    }
  }
  for (const name of row.required ?? [])
    if (!element.attributes.has(name))
      diagnostics.add(element, "attribute-missing", `<${element.name}> needs the attribute ${name}`);
  for (const group of row.exactlyOne ?? []) {
    const given = group.filter((name) => element.attributes.has(name));
    if (given.length === 0)
      diagnostics.add(element, "attribute-missing", `<${element.name}> needs one of ${group.join(", ")}`);
  }
  for (const group of [...(row.exactlyOne ?? []), ...(row.atMostOne ?? [])]) {
    const given = group.filter((name) => element.attributes.has(name));
    if (given.length > 1)
      diagnostics.add(
        element,
        "attribute-conflict",
        `<${element.name}> may have only one of ${given.join(", ")}`,
      );
  }
}

function checkChildren(
  element: XmlElement,
  row: ElementRow,
  profile: ProfileName,
  diagnostics: DiagnosticList,
): void {
  if (row.children === "any") return;
  for (const child of element.children) {
    if (child.kind === "text") {
      if (!row.hasText && child.text.trim() !== "")
        diagnostics.add(element, "text-misplaced", `<${element.name}> may not hold text`);
      continue;
    }
    if (ELEMENTS.has(child.name) && !row.children.includes(child.name))
      diagnostics.add(child, "element-misplaced", `<${child.name}> may not stand in <${element.name}>`);
    if (child.name === "grammar" && element.name !== "form" && child.attributes.has("scope"))
      diagnostics.add(
        child,
        "attribute-conflict",
        `<grammar scope> may only stand in a <form>, not in a <${element.name}> (§3.1.3)`,
      );
    checkElement(child, profile, diagnostics);
  }
}

/** What the value should have been; undefined when it is right. */
function faultOf(value: string, type: AttributeType): string | undefined {
  switch (type) {
    case "text":
      return undefined;
    case "boolean":
      return value === "true" || value === "false" ? undefined : "true or false";
    case "duration":
      return parseTimeDesignation(value) === undefined
        ? "a time with its unit, such as 5s or 300ms"
        : undefined;
    case "count":
      return /^[1-9]\d{0,5}$/.test(value) ? undefined : "a whole number from 1";
    case "seconds":
      return /^\d{1,10}s?$/.test(value) ? undefined : "a whole number of seconds";
    case "variable":
      return isVariableName(value) ? undefined : "a variable's name";
    default:
      return type.includes(value) ? undefined : `one of ${type.join(", ")}`;
  }
}
