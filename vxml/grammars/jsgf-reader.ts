/**
 * Reads JSGF 1.0, the plum dialect's default grammar language, into the rule model: either a whole grammar with a
 * header, or rules alone, or a bare expansion such as `( one | two )+`.
 */
import { type Expansion, NOTHING } from "../model/grammar.ts";
import type { Position } from "../model/xml-tree.ts";
import { AlternativesReader } from "./alternatives-reader.ts";
import { GrammarAssembly, type GrammarReading } from "./grammar-assembly.ts";
import { TextFault, TextScanner } from "./text-scanner.ts";

/** Whether a text says that it is of this form. */
export function looksLikeJsgf(text: string): boolean {
  return /^\uFEFF?\s*#JSGF\b/.test(text);
}

/** `start` is where the text stands in its document. */
export function readJsgf(text: string, mode: "dtmf" | "voice", start?: Position): GrammarReading {
  return new JsgfReader(text, mode, start).read();
}

/** Plain text up to white space or a sign with a meaning. */
const PLAIN_TOKEN = /[^\s{}"<>()[\]|+=;/*]+/y;

class JsgfReader {
  readonly #scanner: TextScanner;
  readonly #assembly: GrammarAssembly;
  #grammarName = "";
  readonly #alternatives = new AlternativesReader();

  constructor(text: string, mode: "dtmf" | "voice", start: Position | undefined) {
    this.#scanner = new TextScanner(text.replace(/^\uFEFF/, ""), start);
    this.#assembly = new GrammarAssembly(mode);
  }

  read(): GrammarReading {
    const start = this.#scanner.position;
    let root: string | undefined;
    try {
      this.#header();
      root = this.#rules();
    } catch (error) {
      if (!(error instanceof TextFault)) throw error;
      this.#assembly.abandon(error.position, `in the JSGF grammar ${error.message}`);
    }
    return this.#assembly.finish({ root, rootPosition: start });
  }

  #header(): void {
    const scanner: TextScanner = this.#scanner;
    scanner.skip();
    if (scanner.sees("#JSGF")) {
      if (!scanner.match(/#JSGF[ \t]+V1\.0(?:[ \t]+[\w.-]+){0,2}[ \t]*;/y))
        scanner.failExpecting('the header "#JSGF V1.0;"');
      scanner.skip();
    }
    const name = scanner.match(/grammar\s+([^\s;=|<>]+)\s*;/y)?.[1];
    if (name !== undefined) this.#grammarName = name;
    scanner.skip();
    if (scanner.match(/import\s*</y)) scanner.fail("imports of other grammars are not supported");
  }

  /** All rules; the first public one is the root, or the first one. */
  #rules(): string | undefined {
    const scanner: TextScanner = this.#scanner;
    const isWhole = scanner.peek(/(?:public\s*)?<[^<>]+>\s*=/y) || /^\s*$/.test(scanner.text);
    if (!isWhole) {
      const { position } = scanner;
      this.#assembly.define("root", this.#expansion(), true, position);
      scanner.take(";");
      scanner.skip();
      if (!scanner.isAtEnd) scanner.failExpecting("the end");
      return "root";
    }
    let first: string | undefined;
    let firstPublic: string | undefined;
    for (;;) {
      scanner.skip();
      if (scanner.isAtEnd) break;
      const { position } = scanner;
      const isPublic = scanner.match(/public(?=[\s<])/y) !== undefined;
      scanner.skip();
      const name = scanner.match(/<\s*([^<>]+?)\s*>/y)?.[1];
      scanner.skip();
      if (name === undefined || !scanner.take("=")) scanner.failExpecting("a rule: <name> = …;");
      this.#assembly.define(name, this.#expansion(), isPublic, position);
      if (!scanner.take(";")) scanner.failExpecting('";"');
      first ??= name;
      if (isPublic) firstPublic ??= name;
    }
    if (first === undefined) scanner.failExpecting("a rule");
    return firstPublic ?? first;
  }

  #expansion(): Expansion {
    return this.#alternatives.read(this.#scanner, this.#assembly, () => this.#repeated(this.#primary()));
  }

  #primary(): Expansion {
    const scanner: TextScanner = this.#scanner;
    const { position } = scanner;
    if (scanner.take("(")) return this.#group(")");
    if (scanner.take("[")) return { kind: "repeat", of: this.#group("]"), min: 0, max: 1 };
    if (scanner.sees("{")) {
      const text = scanner.match(/\{((?:[^{}\\]|\\[\s\S])*)\}/y)?.[1] ?? scanner.fail("a tag is not closed");
      return this.#assembly.tag(text.replace(/\\([\s\S])/g, "$1").trim());
    }
    if (scanner.sees("<")) {
      const name = scanner.match(/<\s*([^<>]+?)\s*>/y)?.[1] ?? scanner.failExpecting("a rule: <name>");
      return this.#reference(name, position);
    }
    const quoted = scanner.match(/"((?:[^"\\]|\\[\s\S])*)"/y)?.[1];
    if (quoted !== undefined) return this.#assembly.token(quoted.replace(/\\([\s\S])/g, "$1"), position);
    // In a DTMF grammar `*` where something to match is wanted is the key.
    if (this.#assembly.mode === "dtmf" && scanner.take("*")) return this.#assembly.token("*", position);
    const plain = scanner.match(PLAIN_TOKEN)?.[0] ?? scanner.failExpecting("something to match");
    return this.#assembly.token(
      this.#assembly.mode === "dtmf" ? plain.replace(/^dtmf-/i, "") : plain,
      position,
    );
  }

  #group(close: string): Expansion {
    const inner = this.#expansion();
    if (!this.#scanner.take(close)) this.#scanner.failExpecting(`"${close}"`);
    return inner;
  }

  #reference(name: string, position: Position): Expansion {
    if (name === "NULL") return NOTHING;
    if (name === "VOID") return { kind: "void" };
    // A name may be qualified by that of the grammar itself.
    const grammar = this.#grammarName;
    const own = [grammar, grammar.slice(grammar.lastIndexOf(".") + 1)].find(
      (prefix) => prefix !== "" && name.startsWith(`${prefix}.`),
    );
    return this.#assembly.local(own === undefined ? name : name.slice(own.length + 1), position);
  }

  #repeated(expansion: Expansion): Expansion {
    this.#scanner.skip();
    if (this.#scanner.take("*")) return { kind: "repeat", of: expansion, min: 0, max: null };
    if (this.#scanner.take("+")) return { kind: "repeat", of: expansion, min: 1, max: null };
    return expansion;
  }
}
