/**
 * Reads the XML form of SRGS 1.0 from a tree of nodes into the rule model. What is wrong is reported with its
 * position; only then is there no grammar. Elements and attributes of other namespaces are ignored (§5.4).
 */
import type { Expansion } from "../model/grammar.ts";
import { isElement, type Position, textOf, type XmlElement, type XmlNode } from "../model/xml-tree.ts";
import {
  asAlternatives,
  GrammarAssembly,
  type GrammarReading,
  inSequence,
  SPECIAL_RULES,
} from "./grammar-assembly.ts";

/** Where the element stands. */
export type GrammarPlacement =
  /** The root of a document of its own (§4.3). `language` is that of the referring document, where that may speak for it. */
  | { readonly kind: "document"; readonly language?: string }
  /** Inside a VoiceXML document, which gives it its namespace and language (§4.5; VoiceXML 2.0 §3.1.1.4). */
  | { readonly kind: "inline"; readonly language?: string; readonly needsVersion: boolean };

const SRGS_NAMESPACE = "http://www.w3.org/2001/06/grammar";

/** Attributes without a namespace that each element may have (Appendix C). */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  grammar: ["version", "mode", "root", "tag-format"],
  rule: ["id", "scope"],
  item: ["repeat", "repeat-prob", "weight"],
  "one-of": [],
  ruleref: ["uri", "special", "type"],
  token: [],
  tag: [],
  example: [],
  meta: ["name", "http-equiv", "content"],
  metadata: [],
  lexicon: ["uri", "type"],
};

export function readSrgs(element: XmlElement, placement: GrammarPlacement): GrammarReading {
  return new SrgsReader(element, placement).read();
}

class SrgsReader {
  readonly #element: XmlElement;
  readonly #placement: GrammarPlacement;
  readonly #assembly: GrammarAssembly;

  constructor(element: XmlElement, placement: GrammarPlacement) {
    this.#element = element;
    this.#placement = placement;
    this.#assembly = new GrammarAssembly(element.attributes.get("mode") === "dtmf" ? "dtmf" : "voice");
  }

  read(): GrammarReading {
    const element = this.#element;
    this.#checkRoot();
    const headerTags: string[] = [];
    let isBody = false;
    let rules = 0;
    for (const child of element.children) {
      if (!isElement(child)) {
        if (child.text.trim() !== "") this.#fault(child, "text may stand only inside a <rule>");
        continue;
      }
      if (this.#isForeign(child)) continue;
      if (child.name === "rule") {
        isBody = true;
        rules++;
        this.#rule(child);
        continue;
      }
      if (isBody) this.#fault(child, `<${child.name}> must stand before the first <rule>`);
      this.#header(child, headerTags);
    }
    const root = element.attributes.get("root");
    if (rules === 0) this.#fault(element, "the grammar has no rules");
    else if (root === undefined && this.#placement.kind === "inline")
      this.#fault(element, "the grammar needs the attribute root");
    return this.#assembly.finish({
      root,
      rootPosition: element,
      language: element.attributes.get("xml:lang") ?? this.#placement.language,
      base: element.attributes.get("xml:base") ?? this.#metaBase(),
      tagFormat: element.attributes.get("tag-format"),
      headerTags,
    });
  }

  /** §4.1, §4.3, §4.5, §4.6. */
  #checkRoot(): void {
    const element = this.#element;
    const isDocument = this.#placement.kind === "document";
    if (isDocument) {
      if (element.name !== "grammar")
        this.#fault(element, `the document begins with <${element.name}> instead of <grammar>`);
      if (element.namespace !== SRGS_NAMESPACE)
        this.#fault(element, `<grammar> must be of the namespace ${SRGS_NAMESPACE}`);
      // Those of an inline grammar are checked with the document it stands in.
      this.#checkAttributes(element);
    }
    const version = element.attributes.get("version");
    if (version === undefined) {
      if (this.#placement.kind === "document" || this.#placement.needsVersion)
        this.#fault(element, '<grammar> needs the attribute version="1.0"');
    } else if (version !== "1.0") this.#fault(element, `version="${version}" must be "1.0"`);
    const mode = element.attributes.get("mode");
    if (mode !== undefined && mode !== "voice" && mode !== "dtmf")
      this.#fault(element, `mode="${mode}" must be voice or dtmf`);
    const language = element.attributes.get("xml:lang");
    if (language !== undefined) this.#assembly.language(language, element);
    else if (isDocument && this.#assembly.mode === "voice" && this.#placement.language === undefined)
      this.#fault(element, "a voice grammar needs the attribute xml:lang");
  }

  #header(child: XmlElement, headerTags: string[]): void {
    const { attributes } = child;
    this.#checkAttributes(child);
    switch (child.name) {
      case "tag":
        headerTags.push(this.#characters(child));
        break;
      case "metadata":
        break;
      case "lexicon":
        if (!attributes.has("uri")) this.#fault(child, "<lexicon> needs the attribute uri");
        break;
      case "meta":
        if (attributes.has("name") === attributes.has("http-equiv"))
          this.#fault(child, "<meta> needs exactly one of name, http-equiv");
        if (!attributes.has("content")) this.#fault(child, "<meta> needs the attribute content");
        break;
      default:
        this.#fault(child, `<${child.name}> may not stand in <grammar>`);
    }
  }

  /** §4.9.1: a base in a meta declaration counts where there is no xml:base. */
  #metaBase(): string | undefined {
    const meta = this.#element.children
      .filter(isElement)
      .find((child) => child.name === "meta" && child.attributes.get("name")?.toLowerCase() === "base");
    return meta?.attributes.get("content");
  }

  /** §3.1, §3.2, §3.3. */
  #rule(element: XmlElement): void {
    this.#checkAttributes(element);
    const name = element.attributes.get("id");
    if (name === undefined) this.#fault(element, "<rule> needs the attribute id");
    else this.#assembly.checkRuleName(name, element);
    const scope = element.attributes.get("scope");
    if (scope !== undefined && scope !== "public" && scope !== "private")
      this.#fault(element, `scope="${scope}" must be public or private`);
    const content = element.children.filter((child) => !this.#isIgnored(child));
    const examples = content.filter((child) => isElement(child) && child.name === "example");
    for (const example of content.slice(examples.length))
      if (examples.includes(example)) this.#fault(example, "<example> must stand first in its <rule>");
    if (content.length === examples.length)
      this.#fault(element, "<rule> must not be empty: write <item/> for a rule that matches nothing");
    const expansion = this.#content(element, element.attributes.get("xml:lang"));
    this.#assembly.define(name ?? "", expansion, scope === "public", element);
  }

  #content(element: XmlElement, language: string | undefined): Expansion {
    const parts: Expansion[] = [];
    for (const child of element.children) {
      if (!isElement(child)) parts.push(...this.#tokens(child.text, child, language));
      else if (!this.#isForeign(child)) {
        const part = this.#expansion(child, element, language);
        if (part) parts.push(part);
      }
    }
    return inSequence(parts);
  }

  #expansion(element: XmlElement, parent: XmlElement, outer: string | undefined): Expansion | undefined {
    this.#checkAttributes(element);
    const own = element.attributes.get("xml:lang");
    const language = own === undefined ? outer : this.#assembly.language(own, element);
    switch (element.name) {
      case "item":
        return this.#item(element, language);
      case "one-of":
        return this.#oneOf(element, language);
      case "ruleref":
        return this.#reference(element);
      case "token": {
        const text = this.#characters(element);
        if (text.includes('"')) this.#fault(element, "a <token> must not contain double quotes");
        return this.#assembly.token(text, element, language);
      }
      case "tag":
        return this.#assembly.tag(this.#characters(element));
      case "example":
        if (parent.name !== "rule") this.#fault(element, "<example> may stand only in <rule>");
        return undefined;
      default:
        this.#fault(element, `<${element.name}> may not stand in a rule`);
        return undefined;
    }
  }

  #oneOf(element: XmlElement, language: string | undefined): Expansion {
    const items: XmlElement[] = [];
    for (const child of element.children) {
      if (this.#isIgnored(child)) continue;
      if (isElement(child) && child.name === "item") items.push(child);
      else this.#fault(child, "<one-of> may contain only <item>");
    }
    if (items.length === 0) this.#fault(element, "<one-of> needs at least one <item>");
    const choices = items.map((item) => {
      this.#checkAttributes(item);
      const own = item.attributes.get("xml:lang");
      return this.#item(item, own === undefined ? language : this.#assembly.language(own, item));
    });
    const weights = items.map((item) => {
      const text = item.attributes.get("weight");
      return text === undefined ? undefined : this.#assembly.weight(text, item);
    });
    return asAlternatives(choices, weights);
  }

  #item(element: XmlElement, language: string | undefined): Expansion {
    const content = this.#content(element, language);
    const repeat = element.attributes.get("repeat");
    // §2.5.1: a probability without repeat is ignored.
    if (repeat === undefined) return content;
    return this.#assembly.repeat(content, repeat, element.attributes.get("repeat-prob"), element);
  }

  /** §2.2. */
  #reference(element: XmlElement): Expansion {
    const special = element.attributes.get("special");
    const uri = element.attributes.get("uri")?.trim();
    if (element.children.some((child) => !this.#isIgnored(child)))
      this.#fault(element, "<ruleref> must be empty");
    if ((special === undefined) === (uri === undefined))
      this.#fault(element, "<ruleref> needs exactly one of uri, special");
    else if (uri === "" || uri === "#") this.#fault(element, `uri="${uri}" names no rule`);
    else if (uri?.startsWith("#")) return this.#assembly.local(uri.slice(1), element);
    else if (uri !== undefined) return this.#assembly.external(uri, element.attributes.get("type"), element);
    const rule = special === undefined ? undefined : SPECIAL_RULES[special];
    if (special !== undefined && !rule)
      this.#fault(element, `special="${special}" must be NULL, VOID or GARBAGE`);
    return rule ?? { kind: "void" };
  }

  /** §2.1: words, and tokens in double quotes. */
  #tokens(text: string, position: Position, language: string | undefined): Expansion[] {
    const words = text.match(/"[^"]*"|[^\s"]+|"/g) ?? [];
    return words.map((word) => {
      if (word === '"') this.#fault(position, "a double quote is not closed");
      return this.#assembly.token(word.startsWith('"') ? word.slice(1, -1) : word, position, language);
    });
  }

  /** The text of an element that may hold nothing else. */
  #characters(element: XmlElement): string {
    const child = element.children.find((node) => isElement(node) && !this.#isForeign(node));
    if (child) this.#fault(child, `<${element.name}> may contain only text`);
    return textOf(element);
  }

  #checkAttributes(element: XmlElement): void {
    const allowed = ATTRIBUTES[element.name];
    if (!allowed) return;
    for (const name of element.attributes.keys())
      if (!name.includes(":") && !allowed.includes(name))
        this.#fault(element, `<${element.name}> does not have the attribute ${name}`);
  }

  #isForeign(element: XmlElement): boolean {
    return element.namespace !== this.#element.namespace && element.namespace !== SRGS_NAMESPACE;
  }

  #isIgnored(node: XmlNode): boolean {
    return isElement(node) ? this.#isForeign(node) : node.text.trim() === "";
  }

  #fault(position: Position, message: string): void {
    this.#assembly.fault(position, message);
  }
}
