/**
 * What can never run: content after a transition that is always taken, items after a block that always leaves
 * the form, dialogs that nothing leads to. Where a document computes its way, nothing is claimed.
 */
import { isElement, type XmlElement, type XmlNode } from "../model/xml-tree.ts";
import { type CheckContext, childrenOf, elementsIn, report, reportAt } from "./check-context.ts";
import { type DocumentTransitions, dialogsOf, itemsOf, nextItemOf } from "./transitions.ts";

/** After these a body does not go on (§5.3.6 to §5.3.11, §5.2.1). */
const TRANSITIONS: ReadonlySet<string> = new Set(["disconnect", "exit", "goto", "return", "submit", "throw"]);
/** Stands for an item's name that is computed; no name is empty. */
const COMPUTED_ITEM = " ";
const BODIES: ReadonlySet<string> = new Set([
  "block",
  "catch",
  "error",
  "filled",
  "foreach",
  "help",
  "noinput",
  "nomatch",
]);

export function checkReachability(
  context: CheckContext,
  transitions: DocumentTransitions,
  enteredFromOutside: ReadonlySet<string>,
): void {
  for (const element of elementsIn(context.root)) {
    if (BODIES.has(element.name)) checkBody(element.children, context);
    if (element.name === "if") for (const { children } of branchesOf(element)) checkBody(children, context);
  }
  const jumps = new Set(
    [...elementsIn(context.root)].flatMap((element) => {
      const jump = element.name === "goto" ? nextItemOf(element) : undefined;
      return jump === undefined ? [] : jump === "computed" ? COMPUTED_ITEM : jump.item;
    }),
  );
  for (const dialog of dialogsOf(context.root))
    if (dialog.name === "form") checkItems(dialog, jumps, context);
  checkDialogs(context, transitions, enteredFromOutside);
}

/** Reports the first thing after a transition that is always taken. */
function checkBody(children: readonly XmlNode[], context: CheckContext): void {
  const leaving = children.findIndex((child) => isElement(child) && alwaysLeaves(child));
  if (leaving < 0) return;
  const transition = children[leaving];
  const after = children.slice(leaving + 1).find((child) => isElement(child) || child.text.trim() !== "");
  if (!after || !transition || !isElement(transition)) return;
  const message = `this never runs: the <${transition.name}> in line ${transition.line} is always taken`;
  if (isElement(after)) {
    reportAt(context, after, "content-unreachable", message);
    return;
  }
  const start = context.source.offsetOf(after);
  const blank =
    /^(?:\s|<!--[\s\S]*?-->|<!\[CDATA\[)*/.exec(context.source.text.slice(start))?.[0].length ?? 0;
  report(context, context.source.positionAt(start + blank), "content-unreachable", message, 1);
}

function alwaysLeaves(element: XmlElement): boolean {
  if (TRANSITIONS.has(element.name)) return true;
  if (element.name !== "if") return false;
  const branches = branchesOf(element);
  const hasElse = branches.some(({ name }) => name === "else");
  return (
    hasElse &&
    branches.every(({ children }) => children.some((child) => isElement(child) && alwaysLeaves(child)))
  );
}

/** An `<if>` as its branches, each named for the element that opens it. */
function branchesOf(element: XmlElement): { name: string; children: XmlNode[] }[] {
  const branches: { name: string; children: XmlNode[] }[] = [{ name: "if", children: [] }];
  for (const child of element.children) {
    if (isElement(child) && (child.name === "elseif" || child.name === "else"))
      branches.push({ name: child.name, children: [] });
    else branches.at(-1)?.children.push(child);
  }
  return branches;
}

/**
 * Items come in document order (§2.1.6): what follows a block that is always visited and always leaves the form
 * is never reached, but by a `nextitem`, or by an event that is caught here.
 */
function checkItems(form: XmlElement, jumps: ReadonlySet<string>, context: CheckContext): void {
  const items = itemsOf(form);
  const leaving = items.findIndex((item) => isUnconditionalExit(item));
  const block = items[leaving];
  if (!block) return;
  if (jumps.has(COMPUTED_ITEM)) return;
  const after = items.slice(leaving + 1);
  const jumpedTo = after.findIndex((item) => jumps.has(item.attributes.get("name") ?? ""));
  // Grammars of the form fill fields that are never visited; those may well do something then.
  const isFilledFromForm = childrenOf(form, "grammar").length > 0;
  const unreachable = (jumpedTo < 0 ? after : after.slice(0, jumpedTo)).find(
    (item) => item.name === "block" || !isFilledFromForm,
  );
  if (unreachable)
    reportAt(
      context,
      unreachable,
      "item-unreachable",
      `this item is never visited: the block in line ${block.line} always leaves the form`,
    );
}

/** A block without condition, that cannot be filled beforehand, and that leads out of its form on every path. */
function isUnconditionalExit(item: XmlElement): boolean {
  const { attributes } = item;
  if (item.name !== "block" || ["name", "expr", "cond"].some((name) => attributes.has(name))) return false;
  if (!item.children.some((child) => isElement(child) && alwaysLeaves(child))) return false;
  return [...elementsIn(item)].every(
    (element) =>
      element.name !== "throw" &&
      element.name !== "disconnect" &&
      !(element.name === "goto" && nextItemOf(element) !== undefined),
  );
}

function checkDialogs(
  context: CheckContext,
  transitions: DocumentTransitions,
  enteredFromOutside: ReadonlySet<string>,
): void {
  const dialogs = dialogsOf(context.root);
  const byId = Map.groupBy(dialogs, (dialog) => dialog.attributes.get("id"));
  const ownerOf = new Map(
    dialogs.flatMap((dialog) => [...elementsIn(dialog)].map((element) => [element, dialog] as const)),
  );
  const transitionsFrom = Map.groupBy(transitions.known, ({ from }) => ownerOf.get(from));
  const reached = new Set<XmlElement>();
  // A list instead of recursion: a document may be one long chain of dialogs.
  const waiting: XmlElement[] = [];
  const enter = (dialog: XmlElement): void => {
    if (reached.has(dialog)) return;
    reached.add(dialog);
    waiting.push(dialog);
  };
  const follow = ({ uri, dialogId }: DocumentTransitions["known"][number]): void => {
    if (uri === context.uri) enterAll(dialogId === undefined ? dialogs.slice(0, 1) : byId.get(dialogId));
  };
  // Two dialogs of one id are an error of their own.
  const enterAll = (several: readonly XmlElement[] | undefined): void => several?.forEach(enter);
  enterAll(dialogs.slice(0, 1));
  for (const id of [dialogs[0]?.attributes.get("id"), ...enteredFromOutside])
    if (id !== undefined) enterAll(byId.get(id));
  for (const dialog of dialogs) {
    const id = dialog.attributes.get("id");
    // Grammars of document scope lead here from anywhere in the document (§3.1.3).
    if (dialog.attributes.get("scope") === "document" || (transitions.hasComputed && id !== undefined))
      enter(dialog);
  }
  for (const transition of transitionsFrom.get(undefined) ?? []) follow(transition);
  for (let dialog = waiting.pop(); dialog; dialog = waiting.pop())
    for (const transition of transitionsFrom.get(dialog) ?? []) follow(transition);
  for (const dialog of dialogs) {
    if (reached.has(dialog)) continue;
    const id = dialog.attributes.get("id");
    const message =
      id === undefined
        ? `nothing leads to this ${dialog.name}: it is not the first dialog and has no id`
        : `nothing leads to the ${dialog.name} "${id}"`;
    reportAt(context, dialog, "dialog-unreached", message);
  }
}
