/** Nodes to prompts (VoiceXML 2.0 §4.1). SSML that shapes the voice keeps its text; its shaping is not carried. */
import type { Prompt, PromptContent } from "../model/prompt.ts";
import { isElement, textOf, type XmlElement, type XmlNode } from "../model/xml-tree.ts";
import { type BuildContext, durationOf, fetchAttributesOf, positionOf } from "./build-context.ts";

/** Elements that make a prompt of their own where `<prompt>` is left out. */
const IMPLICIT: ReadonlySet<string> = new Set(["audio", "value", "enumerate"]);

/** Pauses of SSML 1.0 §2.2.3 by strength, milliseconds; the 1.0 dialect's sizes below. */
const BREAK_MS: Readonly<Record<string, number>> = {
  none: 0,
  "x-weak": 100,
  weak: 250,
  medium: 500,
  strong: 1000,
  "x-strong": 2000,
  small: 250,
  large: 1000,
};

export function buildPrompt(element: XmlElement, context: BuildContext): Prompt {
  const bargeIn = element.attributes.get("bargein");
  const type = element.attributes.get("bargeintype");
  const { attributes } = element;
  return {
    ...positionOf(element),
    content: buildPromptContent(element.children, context),
    bargeIn: bargeIn === undefined ? undefined : bargeIn === "true",
    bargeInType: type === "speech" || type === "hotword" ? type : undefined,
    condition: attributes.get("cond"),
    count: Number(attributes.get("count") ?? 1),
    timeoutMs: durationOf(element, "timeout"),
    language: attributes.get("xml:lang"),
    base: attributes.get("xml:base"),
  };
}

/** Splits children into runs that are prompts without their tags, and everything else. */
export function groupImplicitPrompts(
  children: readonly XmlNode[],
  context: BuildContext,
): (XmlElement | Prompt)[] {
  const groups: (XmlElement | Prompt)[] = [];
  let run: XmlNode[] = [];
  const close = (): void => {
    const first = run.find((node) => isElement(node) || node.text.trim() !== "");
    if (first)
      groups.push({
        line: first.line,
        column: first.column,
        content: buildPromptContent(run, context),
        count: 1,
      });
    run = [];
  };
  for (const child of children) {
    if (!isElement(child) || IMPLICIT.has(child.name)) run.push(child);
    else {
      close();
      groups.push(child);
    }
  }
  close();
  return groups;
}

export function isPrompt(group: XmlElement | Prompt): group is Prompt {
  return !("kind" in group);
}

export function buildPromptContent(nodes: readonly XmlNode[], context: BuildContext): PromptContent[] {
  return nodes.flatMap((node): PromptContent[] => {
    if (isElement(node)) return buildElement(node, context);
    const text = node.text.replace(/\s+/g, " ");
    return text === "" ? [] : [{ kind: "text", text }];
  });
}

function buildElement(element: XmlElement, context: BuildContext): PromptContent[] {
  const { attributes } = element;
  const content = (): PromptContent[] => buildPromptContent(element.children, context);
  const inLanguage = (inner: PromptContent[]): PromptContent[] => {
    const language = attributes.get("xml:lang");
    return language === undefined ? inner : [{ kind: "voice", language, content: inner }];
  };
  switch (element.name) {
    case "audio":
      return [
        {
          kind: "audio",
          ...positionOf(element),
          src: attributes.get("src"),
          expression: attributes.get("expr"),
          fetch: fetchAttributesOf(element),
          fallback: content(),
        },
      ];
    case "value":
      return [{ kind: "value", ...positionOf(element), expression: attributes.get("expr") ?? "undefined" }];
    case "break": {
      const given = durationOf(element, "time");
      const strength = attributes.get("strength") ?? attributes.get("size") ?? "medium";
      return [{ kind: "break", durationMs: given ?? BREAK_MS[strength] ?? 500 }];
    }
    case "enumerate":
      return [{ kind: "enumerate", ...positionOf(element), template: content() }];
    case "foreach":
      return [
        {
          kind: "foreach",
          ...positionOf(element),
          item: attributes.get("item") ?? "",
          array: attributes.get("array") ?? "",
          content: content(),
        },
      ];
    case "mark":
      return [
        {
          kind: "mark",
          ...positionOf(element),
          name: attributes.get("name"),
          expression: attributes.get("nameexpr"),
        },
      ];
    case "say-as":
      return [
        {
          kind: "say-as",
          interpret: attributes.get("interpret-as") ?? attributes.get("type") ?? "",
          content: content(),
        },
      ];
    case "sub":
      return [{ kind: "text", text: attributes.get("alias") ?? textOf(element) }];
    case "p":
    case "paragraph":
      return inLanguage([{ kind: "structure", pauseMs: 400, content: content() }]);
    case "s":
    case "sentence":
      return inLanguage([{ kind: "structure", pauseMs: 200, content: content() }]);
    case "voice":
      return [
        {
          kind: "voice",
          language: attributes.get("xml:lang"),
          voice: attributes.get("name"),
          content: content(),
        },
      ];
    case "emphasis":
    case "prosody":
    case "phoneme":
    case "speak":
      return inLanguage(content());
    default:
      // desc, lexicon, meta and metadata are not heard; a grammar in a <choice> is read elsewhere.
      return [];
  }
}
