/** Nodes to forms and form items (VoiceXML 2.0 §2.1, §2.3). */
import {
  type Declaration,
  type Dialog,
  type Field,
  type Filled,
  type FormItem,
  type FormItemBase,
  type Handler,
  type InputItemBase,
  isInputItem,
  type Link,
  type Option,
  type Property,
} from "../model/document.ts";
import type { Prompt } from "../model/prompt.ts";
import { isElement, textOf, type XmlElement } from "../model/xml-tree.ts";
import { isVariableName } from "../scopes/scope-chain.ts";
import { type BuildContext, namesIn, positionOf } from "./build-context.ts";
import { buildBody, buildData, buildGoto, buildScript, buildThrow } from "./executable-builder.ts";
import { buildGrammars } from "./grammar-builder.ts";
import { buildInputItem } from "./item-builder.ts";
import { buildPrompt, buildPromptContent, groupImplicitPrompts, isPrompt } from "./prompt-builder.ts";

const HANDLER_EVENTS: Readonly<Record<string, readonly string[] | undefined>> = {
  error: ["error"],
  help: ["help"],
  noinput: ["noinput"],
  nomatch: ["nomatch"],
};

/** Children of one name. */
export function childrenNamed(element: XmlElement, ...names: readonly string[]): XmlElement[] {
  return element.children.filter(isElement).filter((child) => names.includes(child.name));
}

export function buildHandlers(parent: XmlElement, context: BuildContext): Handler[] {
  return childrenNamed(parent, "catch", "error", "help", "noinput", "nomatch").map((element) => ({
    ...positionOf(element),
    events: HANDLER_EVENTS[element.name] ?? namesIn(element.attributes.get("event")),
    count: Number(element.attributes.get("count") ?? 1),
    condition: element.attributes.get("cond"),
    body: buildBody(element.children, context),
  }));
}

export function buildProperties(parent: XmlElement): Property[] {
  return childrenNamed(parent, "property").map((element) => ({
    ...positionOf(element),
    name: element.attributes.get("name") ?? "",
    value: element.attributes.get("value") ?? "",
  }));
}

export function buildLinks(parent: XmlElement, context: BuildContext): Link[] {
  return childrenNamed(parent, "link").flatMap((element) => {
    const action = buildGoto(element) ?? buildThrow(element);
    if (!action) return [];
    const dtmf = element.attributes.get("dtmf");
    const grammars = buildGrammars(element, context);
    if (dtmf !== undefined) {
      const keys = keySequence(dtmf, element, context);
      if (keys !== undefined) grammars.push(keyGrammar(keys, element));
    }
    return [{ ...positionOf(element), grammars, action }];
  });
}

/** Keys of a `dtmf` attribute without white space; undefined, and reported, when they are not keys. */
export function keySequence(text: string, element: XmlElement, context: BuildContext): string | undefined {
  const keys = text.replace(/\s+/g, "");
  if (/^[0-9*#A-D]{1,64}$/.test(keys)) return keys;
  context.diagnostics.add(element, "attribute-value", `<${element.name} dtmf="${text}">: it must be keys`);
  return undefined;
}

/** A grammar of one sequence of keys. */
export function keyGrammar(keys: string, element: XmlElement): Link["grammars"][number] {
  return {
    ...positionOf(element),
    kind: "inline",
    grammar: {
      mode: "dtmf",
      root: "keys",
      rules: [
        {
          name: "keys",
          expansion: { kind: "sequence", parts: [...keys].map((text) => ({ kind: "token", text })) },
        },
      ],
      tagFormat: "literals",
    },
  };
}

/** A grammar of the words between an option's or choice's tags (§2.2.2, §2.3.1.3). */
export function phraseGrammar(
  element: XmlElement,
  accept: string | undefined,
): Link["grammars"][number] | undefined {
  const words = spokenText(element)
    .toLowerCase()
    .split(/[\s,.;:!?"]+/)
    .filter((word) => word !== "");
  if (words.length === 0) return undefined;
  // Approximate: any run of words out of the phrase, in their order.
  const runs =
    accept === "approximate"
      ? words.flatMap((_, start) =>
          words.slice(start).map((__, length) => words.slice(start, start + length + 1)),
        )
      : [words];
  return {
    ...positionOf(element),
    kind: "inline",
    grammar: {
      mode: "voice",
      root: "phrase",
      rules: [
        {
          name: "phrase",
          expansion: {
            kind: "alternatives",
            choices: runs.map((run) => ({
              kind: "sequence",
              parts: run.map((text) => ({ kind: "token", text })),
            })),
          },
        },
      ],
      tagFormat: "literals",
    },
  };
}

/** The text of an element, what grammars inside it hold left out. */
export function spokenText(element: XmlElement): string {
  return element.children
    .map((child) =>
      child.kind === "text" ? child.text : child.name === "grammar" ? "" : ` ${spokenText(child)} `,
    )
    .join("");
}

/** Prompts among the children, with or without their tags. */
export function buildPrompts(parent: XmlElement, context: BuildContext): Prompt[] {
  return groupImplicitPrompts(parent.children, context).flatMap((group) => {
    if (isPrompt(group)) return [group];
    return group.name === "prompt" ? [buildPrompt(group, context)] : [];
  });
}

export function itemBase(element: XmlElement, context: BuildContext): FormItemBase {
  const name = element.attributes.get("name");
  if (name !== undefined && !isVariableName(name))
    context.diagnostics.add(element, "attribute-value", `"${name}" cannot name a form item`);
  return {
    ...positionOf(element),
    // §2.1.6.1 asks for an internal name, which no script can meet by accident.
    name: name ?? `$vxʰitem${context.nextInternalName++}`,
    isNamed: name !== undefined,
    expression: element.attributes.get("expr"),
    condition: element.attributes.get("cond"),
  };
}

/** `<var>`, `<script>` or `<data>` at the top of a document or form; anything else is none. */
export function buildDeclaration(element: XmlElement): Declaration[] {
  if (element.name === "script") return [buildScript(element)];
  if (element.name === "data") {
    const data = buildData(element);
    return data ? [data] : [];
  }
  if (element.name !== "var") return [];
  const name = element.attributes.get("name") ?? "";
  return [{ kind: "var", ...positionOf(element), name, expression: element.attributes.get("expr") }];
}

function inputItemBase(element: XmlElement, context: BuildContext): InputItemBase {
  return {
    ...itemBase(element, context),
    prompts: buildPrompts(element, context),
    handlers: buildHandlers(element, context),
    filled: buildFilled(element, context),
    properties: buildProperties(element),
  };
}

export function buildForm(element: XmlElement, context: BuildContext): Dialog {
  const items: FormItem[] = [];
  const initialization: Dialog["initialization"][number][] = [];
  const seen = new Set<string>();
  for (const child of element.children.filter(isElement)) {
    initialization.push(...buildDeclaration(child));
    const item = buildItem(child, context);
    if (!item) continue;
    if (seen.has(item.name))
      context.diagnostics.add(child, "name-duplicate", `the form has two items named "${item.name}"`);
    seen.add(item.name);
    initialization.push({ kind: "item", index: items.length });
    items.push(item);
  }
  const form: Dialog = {
    ...positionOf(element),
    kind: "form",
    id: element.attributes.get("id"),
    scope: element.attributes.get("scope") === "document" ? "document" : "dialog",
    properties: buildProperties(element),
    initialization,
    items,
    grammars: buildGrammars(element, context),
    links: buildLinks(element, context),
    handlers: buildHandlers(element, context),
    filled: buildFilled(element, context),
  };
  checkFilledNames(form, context);
  return form;
}

function buildItem(element: XmlElement, context: BuildContext): FormItem | undefined {
  switch (element.name) {
    case "block":
      return { kind: "block", ...itemBase(element, context), body: buildBody(element.children, context) };
    case "field":
      return buildField(element, context);
    case "initial":
      return {
        kind: "initial",
        ...itemBase(element, context),
        prompts: buildPrompts(element, context),
        links: buildLinks(element, context),
        handlers: buildHandlers(element, context),
        properties: buildProperties(element),
      };
    case "subdialog":
    case "object":
    case "record":
    case "transfer":
      return buildInputItem(element, inputItemBase(element, context), context);
    default:
      return undefined;
  }
}

function buildField(element: XmlElement, context: BuildContext): Field {
  const base = inputItemBase(element, context);
  const type = element.attributes.get("type")?.trim();
  const grammars = buildGrammars(element, context);
  if (type) grammars.unshift({ ...positionOf(element), kind: "built-in", reference: type });
  const options = childrenNamed(element, "option").map((option) => buildOption(option, context));
  // §2.3.1: without any grammar nobody could fill the field, unless a form-level grammar does.
  return {
    kind: "field",
    ...base,
    slot: element.attributes.get("slot") ?? base.name,
    isModal: element.attributes.get("modal") === "true",
    grammars,
    options,
    choices: [],
    links: buildLinks(element, context),
  };
}

function buildOption(element: XmlElement, context: BuildContext): Option {
  const dtmf = element.attributes.get("dtmf");
  const keys = dtmf === undefined ? undefined : keySequence(dtmf, element, context);
  const text = textOf(element).replace(/\s+/g, " ").trim();
  const phrase = phraseGrammar(element, element.attributes.get("accept"));
  return {
    ...positionOf(element),
    dtmf: keys,
    content: buildPromptContent(element.children, context),
    // §2.3.1.3: the value, else the text, else the keys.
    value: element.attributes.get("value") ?? (text !== "" ? text : (keys ?? "")),
    grammars: [...(keys === undefined ? [] : [keyGrammar(keys, element)]), ...(phrase ? [phrase] : [])],
  };
}

function buildFilled(parent: XmlElement, context: BuildContext): Filled[] {
  return childrenNamed(parent, "filled").map((element) => {
    if (parent.name !== "form" && (element.attributes.has("mode") || element.attributes.has("namelist")))
      // §2.4: mode and namelist belong to the filled of a form.
      context.diagnostics.add(
        element,
        "attribute-unknown",
        `<filled> in <${parent.name}> may have neither mode nor namelist`,
      );
    return {
      ...positionOf(element),
      mode: element.attributes.get("mode") === "any" ? "any" : "all",
      names: element.attributes.has("namelist") ? namesIn(element.attributes.get("namelist")) : undefined,
      body: buildBody(element.children, context),
    };
  });
}

function checkFilledNames(form: Dialog, context: BuildContext): void {
  const inputs = new Set(form.items.filter(isInputItem).map((item) => item.name));
  for (const filled of form.filled)
    for (const name of filled.names ?? [])
      if (!inputs.has(name))
        context.diagnostics.add(
          filled,
          "attribute-value",
          `<filled> names "${name}", which is no input item`,
        );
}
