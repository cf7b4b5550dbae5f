/** Where a document's transitions lead (VoiceXML 2.0 §2.2.2, §2.3.4, §2.5, §5.3.7, §5.3.8), as far as the text says. */
import type { XmlElement } from "../model/xml-tree.ts";
import { fragmentOf, resolveUri, withoutFragment } from "../resources/uri.ts";
import { type CheckContext, childrenOf, didYouMean, elementsIn, reportAtValue } from "./check-context.ts";
import { constantText } from "./script-syntax.ts";

/** A transition with a known target. */
export interface Transition {
  readonly from: XmlElement;
  /** The attribute that says it. */
  readonly attribute: string;
  /** Without fragment. */
  readonly uri: string;
  /** Absent: the document's first dialog. */
  readonly dialogId?: string;
}

export interface DocumentTransitions {
  readonly known: readonly Transition[];
  /** Some target is computed while the document runs: it may be any dialog. */
  readonly hasComputed: boolean;
}

const LITERAL: Readonly<Record<string, string>> = {
  goto: "next",
  choice: "next",
  link: "next",
  submit: "next",
  subdialog: "src",
};
const COMPUTED: Readonly<Record<string, string>> = {
  goto: "expr",
  choice: "expr",
  link: "expr",
  submit: "expr",
  subdialog: "srcexpr",
};
const ITEMS = ["block", "field", "initial", "object", "record", "subdialog", "transfer"] as const;

/** The form items of a form, in document order. */
export function itemsOf(form: XmlElement): XmlElement[] {
  return childrenOf(form, ...ITEMS);
}

export function dialogsOf(root: XmlElement): XmlElement[] {
  return childrenOf(root, "form", "menu");
}

export function transitionsOf(context: CheckContext): DocumentTransitions {
  const { root, uri } = context;
  const declaredBase = root.attributes.get("xml:base");
  const base = (declaredBase === undefined ? undefined : resolveUri(declaredBase, uri)) ?? uri;
  const known: Transition[] = [];
  let hasComputed = false;
  for (const element of elementsIn(root)) {
    const literal = LITERAL[element.name];
    const computed = COMPUTED[element.name];
    if (literal === undefined || computed === undefined) continue;
    const attribute = element.attributes.has(literal) ? literal : computed;
    const written = element.attributes.get(attribute);
    if (written === undefined) continue;
    const reference = attribute === literal ? written : constantText(written);
    if (reference === undefined) {
      hasComputed = true;
      continue;
    }
    // A fragment alone stays in the document, whatever its base.
    const target = reference.trim().startsWith("#") ? uri + reference.trim() : resolveUri(reference, base);
    if (target === undefined) continue;
    known.push({ from: element, attribute, uri: withoutFragment(target), dialogId: fragmentOf(target) });
  }
  return { known, hasComputed };
}

/** Reports transitions to dialogs that are not there. `dialogIds` of every document at hand, by URI. */
export function checkTargets(
  context: CheckContext,
  transitions: DocumentTransitions,
  dialogIds: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  for (const { from, attribute, uri, dialogId } of transitions.known) {
    const ids = dialogIds.get(uri);
    if (!ids || dialogId === undefined || ids.has(dialogId)) continue;
    const owner = uri === context.uri ? "the document" : (uri.split("/").pop() ?? uri);
    const message = `${owner} has no dialog with id "${dialogId}"${didYouMean(dialogId, ids)}`;
    reportAtValue(context, from, attribute, "target-unknown", message);
  }
  for (const dialog of dialogsOf(context.root)) checkNextItems(dialog, context);
}

/** §5.3.7: an item of the same form. What stands outside of dialogs serves any form, and is not judged. */
function checkNextItems(dialog: XmlElement, context: CheckContext): void {
  const names = new Set(itemsOf(dialog).flatMap((item) => item.attributes.get("name") ?? []));
  for (const element of elementsIn(dialog)) {
    const name = element.name === "goto" ? nextItemOf(element) : undefined;
    if (name === undefined || name === "computed" || names.has(name.item)) continue;
    const message = `the ${dialog.name} has no item "${name.item}"${didYouMean(name.item, names)}`;
    reportAtValue(context, element, name.attribute, "item-unknown", message);
  }
}

/** The item a `<goto>` leads to; undefined when it leads elsewhere. */
export function nextItemOf(
  element: XmlElement,
): { readonly item: string; readonly attribute: string } | "computed" | undefined {
  const literal = element.attributes.get("nextitem");
  if (literal !== undefined) return { item: literal, attribute: "nextitem" };
  const computed = element.attributes.get("expritem");
  if (computed === undefined) return undefined;
  const item = constantText(computed);
  return item === undefined ? "computed" : { item, attribute: "expritem" };
}
