/** Nodes to executable content (VoiceXML 2.0 §5.3). The structure has been checked before. */
import type {
  DataElement,
  Executable,
  GotoElement,
  ScriptElement,
  ThrowElement,
} from "../model/executable.ts";
import { textOf, type XmlElement, type XmlNode } from "../model/xml-tree.ts";
import {
  type BuildContext,
  fetchAttributesOf,
  namesIn,
  positionOf,
  submissionOf,
  textSourceOf,
  uriSourceOf,
} from "./build-context.ts";
import { buildPrompt, groupImplicitPrompts, isPrompt } from "./prompt-builder.ts";

/** The content of a block, handler, filled or branch, in order. */
export function buildBody(children: readonly XmlNode[], context: BuildContext): Executable[] {
  return groupImplicitPrompts(children, context).flatMap((group): Executable[] => {
    if (isPrompt(group)) return [{ kind: "prompt", prompt: group, line: group.line, column: group.column }];
    const built = buildExecutable(group, context);
    return built ? [built] : [];
  });
}

export function buildScript(element: XmlElement): ScriptElement {
  return {
    kind: "script",
    ...positionOf(element),
    source: uriSourceOf(element, "src", "srcexpr") ?? { kind: "inline", code: textOf(element) },
    fetch: fetchAttributesOf(element),
  };
}

/** `<data>`, also at the top of documents and forms. */
export function buildData(element: XmlElement): DataElement | undefined {
  const uri = uriSourceOf(element, "src", "srcexpr");
  return (
    uri && {
      kind: "data",
      ...positionOf(element),
      name: element.attributes.get("name"),
      uri,
      submission: submissionOf(element),
      accept: element.attributes.get("accept"),
      headers: element.attributes.get("headers"),
      fetch: fetchAttributesOf(element),
    }
  );
}

/** `<throw>`, and the event half of links, choices and returns. */
export function buildThrow(element: XmlElement): ThrowElement | undefined {
  const event = textSourceOf(element, "event", "eventexpr");
  if (!event) return undefined;
  return {
    kind: "throw",
    ...positionOf(element),
    event,
    message: textSourceOf(element, "message", "messageexpr"),
  };
}

/** `<goto>`, and the transition half of links and choices. */
export function buildGoto(element: XmlElement): GotoElement | undefined {
  const uri = uriSourceOf(element, "next", "expr");
  const name = textSourceOf(element, "nextitem", "expritem");
  const shared = { kind: "goto", ...positionOf(element), fetch: fetchAttributesOf(element) } as const;
  if (uri) return { ...shared, target: { kind: "dialog", uri } };
  return name && { ...shared, target: { kind: "item", name } };
}

function buildExecutable(element: XmlElement, context: BuildContext): Executable | undefined {
  const position = positionOf(element);
  const { attributes } = element;
  const attribute = (name: string): string => attributes.get(name) ?? "";
  switch (element.name) {
    case "var":
      return { kind: "var", ...position, name: attribute("name"), expression: attributes.get("expr") };
    case "assign":
      return { kind: "assign", ...position, name: attribute("name"), expression: attribute("expr") };
    case "clear":
      return { kind: "clear", ...position, names: namesIn(attributes.get("namelist")) };
    case "script":
      return buildScript(element);
    case "if":
      return buildIf(element, context);
    case "foreach":
      return {
        kind: "foreach",
        ...position,
        item: attribute("item"),
        array: attribute("array"),
        body: buildBody(element.children, context),
      };
    case "prompt":
      return { kind: "prompt", ...position, prompt: buildPrompt(element, context) };
    case "reprompt":
      return { kind: "reprompt", ...position };
    case "throw":
      return buildThrow(element);
    case "goto":
      return buildGoto(element);
    case "submit": {
      const uri = uriSourceOf(element, "next", "expr");
      const fetch = fetchAttributesOf(element);
      return uri && { kind: "submit", ...position, uri, submission: submissionOf(element), fetch };
    }
    case "data":
      return buildData(element);
    case "return":
      return {
        kind: "return",
        ...position,
        names: namesIn(attributes.get("namelist")),
        event: textSourceOf(element, "event", "eventexpr"),
        message: textSourceOf(element, "message", "messageexpr"),
      };
    case "exit":
      return {
        kind: "exit",
        ...position,
        expression: attributes.get("expr"),
        names: namesIn(attributes.get("namelist")),
      };
    case "disconnect":
      return { kind: "disconnect", ...position, names: namesIn(attributes.get("namelist")) };
    case "log":
      return {
        kind: "log",
        ...position,
        label: attributes.get("label"),
        expression: attributes.get("expr"),
        content: element.children.map((child) =>
          child.kind === "text"
            ? { kind: "literal", text: child.text.replace(/\s+/g, " ") }
            : { kind: "expression", expression: child.attributes.get("expr") ?? "undefined" },
        ),
      };
    default:
      // The element table lets nothing else stand here.
      return undefined;
  }
}

function buildIf(element: XmlElement, context: BuildContext): Executable {
  const branches: { condition?: string; children: XmlNode[]; position: XmlElement }[] = [
    { condition: element.attributes.get("cond") ?? "false", children: [], position: element },
  ];
  for (const child of element.children) {
    const last = branches[branches.length - 1];
    if (child.kind === "element" && (child.name === "elseif" || child.name === "else")) {
      if (last && last.condition === undefined)
        context.diagnostics.add(child, "element-misplaced", `<${child.name}> may not follow <else/>`);
      const condition = child.name === "elseif" ? (child.attributes.get("cond") ?? "false") : undefined;
      branches.push({ condition, children: [], position: child });
    } else last?.children.push(child);
  }
  return {
    kind: "if",
    ...positionOf(element),
    branches: branches.map(({ condition, children, position }) => ({
      condition,
      body: buildBody(children, context),
      position: positionOf(position),
    })),
  };
}
