/** Reads the Augmented BNF form of SRGS 1.0 (Appendix D) into the rule model. */
import { type Expansion, NOTHING } from "../model/grammar.ts";
import type { Position } from "../model/xml-tree.ts";
import { AlternativesReader } from "./alternatives-reader.ts";
import {
  GrammarAssembly,
  type GrammarHeader,
  type GrammarReading,
  SPECIAL_RULES,
} from "./grammar-assembly.ts";
import { TextFault, TextScanner } from "./text-scanner.ts";

/** Where the text stands. */
export type AbnfPlacement =
  /** A document of its own. `language` is that of the referring document, where that may speak for it. */
  | { readonly kind: "document"; readonly language?: string }
  /** Inside a VoiceXML document: white space may surround it, and the language is inherited. */
  | { readonly kind: "inline"; readonly language?: string; readonly start?: Position };

/** Whether a text means to be of this form. */
export function looksLikeAbnf(text: string): boolean {
  return /^\uFEFF?\s*#ABNF\b/.test(text);
}

export function readAbnf(text: string, placement: AbnfPlacement): GrammarReading {
  return new AbnfReader(text, placement).read();
}

const NAME = /[\p{L}_][\p{L}\p{Nd}\p{M}_.:·-]*/uy;
/** Plain text up to white space or a sign with a meaning (§2.1). */
const PLAIN_TOKEN = /[^\s$<>()[\]{}|/!;="*+?]+/y;
const LANGUAGE_CODE = /[A-Za-z0-9-]+/y;
const DECLARATIONS = ["base", "language", "mode", "root", "tag-format", "lexicon", "meta", "http-equiv"];

class AbnfReader {
  readonly #scanner: TextScanner;
  readonly #placement: AbnfPlacement;
  /** What the header has said, by keyword; those that may stand only once. */
  readonly #declared = new Map<string, { text: string; position: Position }>();
  readonly #headerTags: string[] = [];
  #assembly = new GrammarAssembly("voice");
  readonly #alternatives = new AlternativesReader();

  constructor(text: string, placement: AbnfPlacement) {
    const isInline = placement.kind === "inline";
    this.#scanner = new TextScanner(
      text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"),
      isInline ? placement.start : undefined,
    );
    this.#placement = placement;
  }

  read(): GrammarReading {
    try {
      this.#selfIdentification();
      this.#header();
      this.#assembly = new GrammarAssembly(this.#declared.get("mode")?.text === "dtmf" ? "dtmf" : "voice");
      const ruleCount = this.#rules();
      if (ruleCount === 0) this.#assembly.fault(this.#scanner.position, "the grammar has no rules");
    } catch (error) {
      if (!(error instanceof TextFault)) throw error;
      this.#assembly.abandon(error.position, error.message);
    }
    return this.#assembly.finish(this.#finishedHeader());
  }

  /** §4.2. */
  #selfIdentification(): void {
    const scanner: TextScanner = this.#scanner;
    if (this.#placement.kind === "inline") scanner.match(/\s*/y);
    if (!scanner.match(/#ABNF 1\.0(?: [A-Za-z][\w.:-]*)?;/y))
      scanner.failExpecting('the header "#ABNF 1.0;"');
    // An inline grammar's line ends are those of the document around it, and may have been taken away.
    if (this.#placement.kind === "document" && !scanner.isAtEnd && !scanner.sees("\n"))
      scanner.fail("the header must be followed by the end of the line at once");
  }

  #header(): void {
    const scanner: TextScanner = this.#scanner;
    for (;;) {
      scanner.skip();
      if (scanner.sees("{")) {
        this.#headerTags.push(this.#tag());
        this.#semicolon();
        continue;
      }
      const { position } = scanner;
      const keyword = scanner.match(
        /(?:base|language|mode|root|tag-format|lexicon|meta|http-equiv)(?![\w-])/y,
      )?.[0];
      if (keyword === undefined) return;
      scanner.skip();
      const text = this.#declaration(keyword);
      this.#semicolon();
      if (text === undefined) continue;
      if (this.#declared.has(keyword))
        throw new TextFault(`"${keyword}" may be declared only once`, position);
      this.#declared.set(keyword, { text, position });
    }
  }

  /** The value of a declaration that may stand only once; undefined for the others. */
  #declaration(keyword: string): string | undefined {
    const scanner: TextScanner = this.#scanner;
    switch (keyword) {
      case "base":
      case "tag-format":
        return this.#uri();
      case "language":
        return scanner.match(LANGUAGE_CODE)?.[0] ?? scanner.failExpecting("a language identifier");
      case "mode":
        return scanner.match(/(?:voice|dtmf)(?![\w-])/y)?.[0] ?? scanner.failExpecting("voice or dtmf");
      case "root":
        return this.#ruleName();
      case "lexicon":
        this.#uri();
        if (scanner.take("~")) this.#uri();
        return undefined;
      default:
        this.#quoted();
        scanner.skip();
        if (!scanner.match(/is(?![\w-])/y)) scanner.failExpecting('"is"');
        scanner.skip();
        this.#quoted();
        return undefined;
    }
  }

  #finishedHeader(): GrammarHeader {
    const declared = this.#declared;
    const start = { line: 1, column: 1 };
    const language = declared.get("language");
    const { mode } = this.#assembly;
    if (language) this.#assembly.language(language.text, language.position);
    else if (mode === "voice" && this.#placement.kind === "document" && !this.#placement.language)
      if (!this.#assembly.hasFaults)
        // §4.5.
        this.#assembly.fault(start, "a voice grammar needs a language declaration");
    return {
      root: declared.get("root")?.text,
      rootPosition: declared.get("root")?.position ?? start,
      language: language?.text ?? this.#placement.language,
      base: declared.get("base")?.text,
      tagFormat: declared.get("tag-format")?.text,
      headerTags: this.#headerTags,
    };
  }

  #rules(): number {
    const scanner: TextScanner = this.#scanner;
    for (let count = 0; ; count++) {
      scanner.skip();
      if (scanner.isAtEnd) return count;
      const { position } = scanner;
      const scope = scanner.match(/(?:public|private)(?![\w-])/y)?.[0];
      scanner.skip();
      if (!scanner.sees("$")) {
        if (DECLARATIONS.some((keyword) => scanner.sees(keyword)) && count > 0)
          scanner.fail("declarations must stand before the first rule");
        scanner.failExpecting("a rule: $name = …;");
      }
      const name = this.#ruleName();
      scanner.skip();
      if (!scanner.take("=")) scanner.failExpecting('"="');
      this.#assembly.checkRuleName(name, position);
      this.#assembly.define(name, this.#expansion(), scope === "public", position);
      this.#semicolon();
    }
  }

  /** Alternatives with optional weights (§2.4). An empty alternative or rule is written () (§2.4.1, §3.1). */
  #expansion(): Expansion {
    return this.#alternatives.read(this.#scanner, this.#assembly, () => this.#repeated(this.#element()));
  }

  #element(): Expansion {
    const scanner: TextScanner = this.#scanner;
    const { position } = scanner;
    if (scanner.sees("{")) return this.#assembly.tag(this.#tag());
    if (scanner.sees("$")) return this.#reference();
    if (scanner.sees("(") || scanner.sees("[")) return this.#group();
    const quoted = scanner.match(/"([^"]*)"/y)?.[1];
    const spelling = quoted ?? scanner.match(PLAIN_TOKEN)?.[0];
    if (spelling === undefined) {
      // §2.5: reserved for later versions.
      if (/[*+?]/.test(scanner.next))
        scanner.fail(`"${scanner.next}" is reserved; write a repeat such as <0->`);
      scanner.failExpecting("a token, rule, tag or group");
    }
    return this.#assembly.token(spelling, position, this.#attachment());
  }

  /** `( … )` and `[ … ]`, with the language that may follow (§2.7). */
  #group(): Expansion {
    const scanner: TextScanner = this.#scanner;
    const isOptional = scanner.take("[");
    if (!isOptional) {
      scanner.take("(");
      scanner.skip();
      if (scanner.take(")")) return NOTHING;
    }
    const inner = this.#expansion();
    const close = isOptional ? "]" : ")";
    if (!scanner.take(close)) scanner.failExpecting(`"${close}"`);
    const language = this.#attachment();
    const spoken = language === undefined ? inner : inLanguage(inner, language);
    return isOptional ? { kind: "repeat", of: spoken, min: 0, max: 1 } : spoken;
  }

  #attachment(): string | undefined {
    const scanner: TextScanner = this.#scanner;
    if (!scanner.take("!")) return undefined;
    const { position } = scanner;
    const code = scanner.match(LANGUAGE_CODE)?.[0];
    if (code === undefined) scanner.failExpecting("a language identifier");
    return this.#assembly.language(code, position);
  }

  /** §2.2. */
  #reference(): Expansion {
    const scanner: TextScanner = this.#scanner;
    const { position } = scanner;
    if (scanner.sees("$<")) {
      scanner.take("$");
      const uri = this.#uri();
      const type = scanner.take("~") ? this.#uri() : undefined;
      if (uri.startsWith("#")) return this.#assembly.local(uri.slice(1), position);
      return this.#assembly.external(uri, type, position);
    }
    const name = this.#ruleName();
    if (scanner.sees("!")) scanner.fail("a rule reference takes no language");
    return SPECIAL_RULES[name] ?? this.#assembly.local(name, position);
  }

  /** §2.5. */
  #repeated(expansion: Expansion): Expansion {
    const scanner: TextScanner = this.#scanner;
    scanner.skip();
    const { position } = scanner;
    if (!scanner.take("<")) return expansion;
    scanner.skip();
    const counts = scanner.match(/\d+(?:-\d*)?/y)?.[0];
    if (counts === undefined) scanner.failExpecting("a repeat such as <0-1>");
    scanner.skip();
    const probability = scanner.match(/\/\s*([^/\s]*)\s*\//y)?.[1];
    scanner.skip();
    if (!scanner.take(">")) scanner.failExpecting('">"');
    scanner.skip();
    if (scanner.sees("<")) scanner.fail("an expansion takes one repeat; use ( ) around it for another");
    return this.#assembly.repeat(expansion, counts, probability, position);
  }

  #ruleName(): string {
    const scanner: TextScanner = this.#scanner;
    if (!scanner.take("$")) scanner.failExpecting("a rule name such as $name");
    return scanner.match(NAME)?.[0] ?? scanner.failExpecting("the name of a rule");
  }

  #tag(): string {
    const scanner: TextScanner = this.#scanner;
    const long = scanner.match(/\{!\{([\s\S]*?)\}!\}/y);
    if (long) return long[1] ?? "";
    return scanner.match(/\{([^}]*)\}/y)?.[1] ?? scanner.fail("the tag is not closed");
  }

  #uri(): string {
    return this.#scanner.match(/<\s*([^<>\s]+)\s*>/y)?.[1] ?? this.#scanner.failExpecting("a URI in < >");
  }

  #quoted(): string {
    const match = this.#scanner.match(/"([^"]*)"|'([^']*)'/y);
    return match?.[1] ?? match?.[2] ?? this.#scanner.failExpecting("a text in quotes");
  }

  #semicolon(): void {
    this.#scanner.skip();
    if (!this.#scanner.take(";")) this.#scanner.failExpecting('";"');
  }
}

/** §2.7: the language reaches every token inside that has none of its own, and nothing else. */
function inLanguage(expansion: Expansion, language: string): Expansion {
  switch (expansion.kind) {
    case "token":
      return expansion.language === undefined ? { ...expansion, language } : expansion;
    case "sequence":
      return { ...expansion, parts: expansion.parts.map((part) => inLanguage(part, language)) };
    case "alternatives":
      return { ...expansion, choices: expansion.choices.map((choice) => inLanguage(choice, language)) };
    case "repeat":
      return { ...expansion, of: inLanguage(expansion.of, language) };
    default:
      return expansion;
  }
}
