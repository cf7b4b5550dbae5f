/** What a document declares: names and keys that are there twice, fields nothing fills, properties, built-in types. */
import { builtInGrammars, parseBuiltIn } from "../grammars/built-ins.ts";
import type { XmlElement } from "../model/xml-tree.ts";
import { PROPERTIES } from "../properties.ts";
import { parseTimeDesignation } from "../time-designation.ts";
import {
  type CheckContext,
  childrenOf,
  didYouMean,
  elementsIn,
  reportAt,
  reportAtValue,
} from "./check-context.ts";
import { dialogsOf, itemsOf } from "./transitions.ts";

/** Properties of VoiceXML 2.0 §6.3 and 2.1 that have their meaning on other platforms. */
const PROPERTIES_ELSEWHERE: readonly string[] = [
  "audiofetchhint",
  "completetimeout",
  "datafetchhint",
  "documentfetchhint",
  "fetchaudio",
  "fetchaudiodelay",
  "fetchaudiominimum",
  "grammarfetchhint",
  "incompletetimeout",
  "maxspeechtimeout",
  "objectfetchhint",
  "objectmaxage",
  "objectmaxstale",
  "recordutterance",
  "recordutterancetype",
  "scriptfetchhint",
  "sensitivity",
  "speedvsaccuracy",
];

export function checkDeclarations(context: CheckContext): void {
  checkVariables(childrenOf(context.root, "var"), [], context);
  checkDialogIds(context);
  for (const dialog of dialogsOf(context.root)) {
    const items = itemsOf(dialog);
    checkVariables(childrenOf(dialog, "var"), items, context);
    if (dialog.name === "menu") checkKeys(childrenOf(dialog, "choice"), context);
    for (const field of items.filter((item) => item.name === "field")) {
      checkKeys(childrenOf(field, "option"), context);
      checkFillable(field, dialog, context);
    }
  }
  for (const element of elementsIn(context.root)) {
    if (element.name === "property") checkProperty(element, context);
    if (element.name === "field") checkBuiltIn(element, "type", context);
    if (element.name === "grammar" && element.attributes.get("src")?.trim().startsWith("builtin:"))
      checkBuiltIn(element, "src", context);
  }
}

/** Also of documents that are not built for their structure, so that this is not found only afterwards. */
function checkDialogIds(context: CheckContext): void {
  const seen = new Set<string>();
  for (const dialog of dialogsOf(context.root)) {
    const id = dialog.attributes.get("id");
    if (id === undefined) continue;
    if (seen.has(id))
      reportAt(context, dialog, "name-duplicate", `the document has two dialogs with id "${id}"`);
    seen.add(id);
  }
}

function checkVariables(
  variables: readonly XmlElement[],
  items: readonly XmlElement[],
  context: CheckContext,
): void {
  const seen = new Map<string, XmlElement>();
  const inOrder = [...variables, ...items].sort((a, b) => a.line - b.line || a.column - b.column);
  for (const element of inOrder) {
    const name = element.attributes.get("name");
    if (name === undefined) continue;
    const first = seen.get(name);
    // Two items of one name are an error of their own.
    if (first && (first.name === "var" || element.name === "var"))
      reportAtValue(
        context,
        element,
        "name",
        "variable-duplicate",
        `"${name}" is the <${first.name}> of line ${first.line} already`,
      );
    seen.set(name, first ?? element);
  }
}

function checkKeys(entries: readonly XmlElement[], context: CheckContext): void {
  const seen = new Map<string, XmlElement>();
  for (const entry of entries) {
    const keys = entry.attributes.get("dtmf")?.replace(/\s+/g, "");
    if (keys === undefined || keys === "") continue;
    const first = seen.get(keys);
    if (first) {
      const message = `the keys ${keys} belong to the <${first.name}> of line ${first.line} already`;
      reportAtValue(context, entry, "dtmf", "key-duplicate", message);
    } else seen.set(keys, entry);
  }
}

function checkFillable(field: XmlElement, form: XmlElement, context: CheckContext): void {
  const isFillable =
    field.attributes.has("type") ||
    field.attributes.has("expr") ||
    childrenOf(field, "grammar", "option").length > 0 ||
    childrenOf(form, "grammar").length > 0;
  if (isFillable) return;
  const name = field.attributes.get("name");
  const which = name === undefined ? "the field" : `the field "${name}"`;
  reportAt(
    context,
    field,
    "field-without-grammar",
    `nothing fills ${which}: it has no type, grammar or option`,
  );
}

function checkProperty(element: XmlElement, context: CheckContext): void {
  const name = element.attributes.get("name");
  const value = element.attributes.get("value")?.trim();
  if (name === undefined || value === undefined) return;
  if (!Object.hasOwn(PROPERTIES, name)) {
    if (name.includes(".") || PROPERTIES_ELSEWHERE.includes(name)) return;
    const known = [...Object.keys(PROPERTIES), ...PROPERTIES_ELSEWHERE];
    const message = `there is no property "${name}"${didYouMean(name, known)}`;
    reportAtValue(context, element, "name", "property-unknown", message);
    return;
  }
  const { kind } = PROPERTIES[name as keyof typeof PROPERTIES];
  const wrong =
    kind === "time" && parseTimeDesignation(value) === undefined
      ? "a time with its unit, such as 5s or 300ms"
      : kind === "boolean" && value !== "true" && value !== "false"
        ? "true or false"
        : kind === "seconds" && !/^\d+\s*s?$/.test(value)
          ? "a whole number of seconds"
          : undefined;
  if (wrong === undefined) return;
  reportAtValue(context, element, "value", "property-value", `${name}="${value}": it must be ${wrong}`);
}

/** VoiceXML 2.0 Appendix P; what runs would throw error.unsupported.builtin or error.badfetch. */
function checkBuiltIn(element: XmlElement, attribute: string, context: CheckContext): void {
  const text = element.attributes.get(attribute)?.trim();
  if (text === undefined || text === "") return;
  const reference = parseBuiltIn(text);
  const result = reference && builtInGrammars(reference);
  if (result?.ok) return;
  const message = result ? result.reason : `"${text}" is no built-in grammar`;
  reportAtValue(context, element, attribute, "builtin-grammar", message);
}
