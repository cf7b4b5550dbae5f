/** A menu is a form with one field whose choices lead away (VoiceXML 2.0 §2.2). */
import type { Choice, Dialog } from "../model/document.ts";
import type { XmlElement } from "../model/xml-tree.ts";
import { type BuildContext, positionOf } from "./build-context.ts";
import {
  buildHandlers,
  buildPrompts,
  buildProperties,
  childrenNamed,
  itemBase,
  keyGrammar,
  keySequence,
  phraseGrammar,
} from "./dialog-builder.ts";
import { buildGoto, buildScript, buildThrow } from "./executable-builder.ts";
import { buildGrammars } from "./grammar-builder.ts";
import { buildPromptContent } from "./prompt-builder.ts";

export function buildMenu(element: XmlElement, context: BuildContext): Dialog {
  const choices = childrenNamed(element, "choice");
  const field = {
    ...itemBase({ ...element, attributes: new Map() }, context),
    kind: "field",
    slot: "",
    isModal: false,
    prompts: buildPrompts(element, context),
    grammars: [],
    options: [],
    choices: withKeys(element, choices, context),
    links: [],
    handlers: [],
    filled: [],
    properties: [],
  } as const;
  return {
    ...positionOf(element),
    kind: "menu",
    id: element.attributes.get("id"),
    scope: element.attributes.get("scope") === "document" ? "document" : "dialog",
    properties: buildProperties(element),
    initialization: [...childrenNamed(element, "script").map(buildScript), { kind: "item", index: 0 }],
    items: [field],
    grammars: [],
    links: [],
    handlers: buildHandlers(element, context),
    filled: [],
  };
}

/** `dtmf="true"` gives the first nine choices without a key of their own the keys 1 to 9 (§2.2.1). */
function withKeys(menu: XmlElement, choices: readonly XmlElement[], context: BuildContext): Choice[] {
  const isNumbered = menu.attributes.get("dtmf") === "true";
  let next = 1;
  return choices.flatMap((element) => {
    const action = buildGoto(element) ?? buildThrow(element);
    if (!action) return [];
    const given = element.attributes.get("dtmf");
    let keys = given === undefined ? undefined : keySequence(given, element, context);
    if (isNumbered && given !== undefined && /^[1-9]$/.test(given.trim()))
      // §2.2.1: with dtmf="true" only * , # and 0 may be given, so that no key is there twice.
      context.diagnostics.add(
        element,
        "attribute-conflict",
        `<choice dtmf="${given}"> in a menu with dtmf="true" may only be 0, * or #`,
      );
    if (isNumbered && given === undefined && next <= 9) keys = String(next++);
    const own = buildGrammars(element, context);
    const phrase =
      own.length > 0
        ? undefined
        : phraseGrammar(element, element.attributes.get("accept") ?? menu.attributes.get("accept"));
    return [
      {
        ...positionOf(element),
        dtmf: keys,
        content: buildPromptContent(element.children, context),
        grammars: [
          ...(keys === undefined ? [] : [keyGrammar(keys, element)]),
          ...own,
          ...(phrase ? [phrase] : []),
        ],
        action,
      },
    ];
  });
}
