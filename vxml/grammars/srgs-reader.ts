/**
 * Reads the XML form of SRGS 1.0 from a tree of nodes into the rule model. What is wrong is reported with its
 * position; only then is there no grammar.
 */
import type { Diagnostic } from "../diagnostics.ts";
import { type Expansion, type Grammar, NOTHING, type TagFormat } from "../model/grammar.ts";
import { isElement, type Position, textOf, type XmlElement } from "../model/xml-tree.ts";

export type GrammarReading =
  | { readonly ok: true; readonly grammar: Grammar }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** `defaultMode` applies when the element does not say; `root` replaces the root the element names. */
export function readSrgs(
  element: XmlElement,
  defaultMode: "dtmf" | "voice" = "voice",
  root = element.attributes.get("root"),
): GrammarReading {
  return new SrgsReader(element, defaultMode, root).read();
}

/** The words SRGS 1.0 Appendix E allows for two keys. */
const KEY_WORDS: Readonly<Record<string, string>> = { star: "*", pound: "#" };

class SrgsReader {
  readonly #element: XmlElement;
  readonly #mode: "dtmf" | "voice";
  readonly #root: string | undefined;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #names = new Set<string>();
  readonly #references: (Position & { name: string })[] = [];

  constructor(element: XmlElement, defaultMode: "dtmf" | "voice", root: string | undefined) {
    this.#element = element;
    this.#root = root;
    const mode = element.attributes.get("mode");
    this.#mode = mode === "dtmf" || mode === "voice" ? mode : defaultMode;
  }

  read(): GrammarReading {
    const rules: { name: string; expansion: Expansion }[] = [];
    for (const child of this.#element.children) {
      if (!isElement(child)) {
        if (child.text.trim() !== "") this.#fault(child, "text may stand only inside a <rule>");
        continue;
      }
      if (child.name === "rule") rules.push(this.#rule(child));
      else if (!["meta", "metadata", "lexicon", "tag"].includes(child.name))
        this.#fault(child, `<${child.name}> may not stand in <grammar>`);
    }
    const root = this.#root;
    if (rules.length === 0) this.#fault(this.#element, "the grammar has no rules");
    else if (root === undefined) this.#fault(this.#element, "the grammar needs the attribute root");
    else if (!this.#names.has(root))
      this.#fault(this.#element, `the root rule "${root}" is not defined in the grammar`);
    for (const reference of this.#references)
      if (!this.#names.has(reference.name))
        this.#fault(reference, `the rule "${reference.name}" is not defined in the grammar`);
    if (this.#diagnostics.length > 0 || root === undefined)
      return { ok: false, diagnostics: this.#diagnostics };
    return {
      ok: true,
      grammar: { mode: this.#mode, root, rules, tagFormat: this.#tagFormat() },
    };
  }

  /**
   * DEVIATES: SRGS leaves tags without `tag-format` to the platform. Tags that write to `out` are taken for
   * scripts, all others for literals.
   */
  #tagFormat(): TagFormat {
    const named = this.#element.attributes.get("tag-format");
    if (named === "semantics/1.0-literals") return "literals";
    if (named === "semantics/1.0") return "script";
    return tagsOf(this.#element).some((tag) => /(?:^|[^\w$.])out\b/.test(tag)) ? "script" : "literals";
  }

  #rule(element: XmlElement): { name: string; expansion: Expansion } {
    const name = element.attributes.get("id") ?? "";
    if (name === "") this.#fault(element, "<rule> needs the attribute id");
    else if (this.#names.has(name)) this.#fault(element, `the rule "${name}" is defined twice`);
    else if (["NULL", "VOID", "GARBAGE"].includes(name))
      this.#fault(element, `"${name}" is reserved and cannot name a rule`);
    this.#names.add(name);
    return { name, expansion: this.#content(element) };
  }

  #content(element: XmlElement): Expansion {
    const parts: Expansion[] = [];
    for (const child of element.children) {
      if (!isElement(child)) parts.push(...this.#tokens(child.text, child));
      else {
        const part = this.#expansion(child);
        if (part) parts.push(part);
      }
    }
    const [only] = parts;
    return parts.length === 1 && only ? only : { kind: "sequence", parts };
  }

  #expansion(element: XmlElement): Expansion | undefined {
    switch (element.name) {
      case "item":
        return this.#item(element);
      case "one-of": {
        const items = element.children.filter(isElement).filter((child) => child.name === "item");
        if (items.length === 0) this.#fault(element, "<one-of> needs at least one <item>");
        const weights = items.map((item) => this.#weight(item));
        return { kind: "alternatives", choices: items.map((item) => this.#item(item)), weights };
      }
      case "ruleref":
        return this.#reference(element);
      case "token":
        return { kind: "sequence", parts: this.#tokens(textOf(element), element) };
      case "tag":
        return { kind: "tag", text: textOf(element) };
      case "example":
        return undefined;
      default:
        this.#fault(element, `<${element.name}> may not stand in a rule`);
        return undefined;
    }
  }

  #item(element: XmlElement): Expansion {
    const content = this.#content(element);
    const repeat = element.attributes.get("repeat");
    if (repeat === undefined) return content;
    const match = /^\s*(\d{1,4})(?:\s*(-)\s*(\d{1,4})?)?\s*$/.exec(repeat);
    const min = Number(match?.[1]);
    const max = match?.[2] === undefined ? min : match[3] === undefined ? null : Number(match[3]);
    if (!match || (max !== null && max < min)) {
      this.#fault(element, `repeat="${repeat}" must be n, m-n or m- with numbers below 10000`);
      return content;
    }
    return { kind: "repeat", of: content, min, max };
  }

  #weight(element: XmlElement): number {
    const text = element.attributes.get("weight");
    if (text === undefined) return 1;
    if (/^\d*\.?\d+$|^\d+\.$/.test(text)) return Number(text);
    this.#fault(element, `weight="${text}" must be a number that is not negative`);
    return 1;
  }

  #reference(element: XmlElement): Expansion {
    const special = element.attributes.get("special");
    const uri = element.attributes.get("uri");
    if ((special === undefined) === (uri === undefined)) {
      this.#fault(element, "<ruleref> needs exactly one of uri, special");
      return NOTHING;
    }
    if (special === "NULL") return NOTHING;
    if (special === "VOID") return { kind: "void" };
    if (special === "GARBAGE") return { kind: "garbage" };
    if (uri?.startsWith("#") && uri.length > 1) {
      this.#references.push({ name: uri.slice(1), line: element.line, column: element.column });
      return { kind: "rule", name: uri.slice(1) };
    }
    this.#fault(
      element,
      `the reference "${uri ?? special}" leads outside the grammar, which is not supported`,
    );
    return NOTHING;
  }

  #tokens(text: string, position: Position): Expansion[] {
    const words = text.match(/"[^"]*"|[^\s"]+/g) ?? [];
    return words.flatMap((word) => {
      if (this.#mode === "voice")
        return word
          .replaceAll('"', " ")
          .trim()
          .toLowerCase()
          .split(/\s+/)
          .filter((part) => part !== "")
          .map((part): Expansion => ({ kind: "token", text: part }));
      const named = KEY_WORDS[word.toLowerCase()];
      return [...(named ?? word.replaceAll('"', ""))].map((key): Expansion => {
        if (!/^[0-9*#A-D]$/i.test(key)) this.#fault(position, `"${key}" is not a key`);
        return { kind: "token", text: key.toUpperCase() };
      });
    });
  }

  #fault(position: Position, message: string): void {
    this.#diagnostics.push({ code: "grammar", message, line: position.line, column: position.column });
  }
}

function tagsOf(element: XmlElement): string[] {
  return element.children
    .filter(isElement)
    .flatMap((child) => (child.name === "tag" ? [textOf(child)] : tagsOf(child)));
}
