/**
 * Reads JSGF, the plum dialect's default grammar language, into the rule model: alternatives, sequences, groups,
 * options, repetition, weights, rules, tags in braces and comments; either a whole grammar with a header or a
 * bare expansion such as `( one | two )+`.
 */
import { VxmlError } from "../errors.ts";
import { type Expansion, type Grammar, NOTHING } from "../model/grammar.ts";

/** Throws `VXML_GRAMMAR_INVALID` with what was expected where. */
export function readJsgf(text: string, mode: "dtmf" | "voice"): Grammar {
  return new JsgfReader(text, mode).read();
}

/** LIMIT: nesting of groups; deeper ones are mistakes, and the reader calls itself for each. */
const MAX_NESTING = 100;

class JsgfReader {
  readonly #mode: "dtmf" | "voice";
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string, mode: "dtmf" | "voice") {
    this.#mode = mode;
    const plain = text.replace(/\/\*[\s\S]*?\*\//g, " ").replace(/(^|\s)\/\/.*$/gm, " ");
    const body = plain.replace(/^\s*#JSGF[^;]*;/, "").replace(/^\s*grammar\s+[^;]*;/, "");
    this.#tokens =
      body.match(
        /\{(?:[^{}\\]|\\.)*\}|"(?:[^"\\]|\\.)*"|<[^>]*>|\/[\d.]+\/|[()[\]|*+=;]|[^\s{}"<>()[\]|+=;/*]+|\*/g,
      ) ?? [];
  }

  read(): Grammar {
    const rules: { name: string; expansion: Expansion; isPublic: boolean }[] = [];
    const isWhole = this.#tokens[0] === "public" || this.#tokens[1] === "=";
    if (!isWhole) rules.push({ name: "root", expansion: this.#alternatives(), isPublic: true });
    while (isWhole && this.#at < this.#tokens.length) {
      const isPublic = this.#take("public");
      const name = this.#tokens[this.#at++];
      if (!name || !/^<[^<>]+>$/.test(name) || !this.#take("=")) this.#fail("a rule: <name> = …;");
      rules.push({ name: name.slice(1, -1).trim(), expansion: this.#alternatives(), isPublic });
      if (!this.#take(";")) this.#fail('";"');
    }
    this.#take(";");
    if (this.#at < this.#tokens.length) this.#fail("the end");
    const root = rules.find((rule) => rule.isPublic) ?? rules[0];
    if (!root) this.#fail("a rule");
    return {
      mode: this.#mode,
      root: root.name,
      rules: rules.map(({ name, expansion }) => ({ name, expansion })),
      tagFormat: "literals",
    };
  }

  #alternatives(): Expansion {
    if (++this.#depth > MAX_NESTING) this.#fail(`at most ${MAX_NESTING} nested groups`);
    const choices: Expansion[] = [];
    const weights: number[] = [];
    do {
      const weight = /^\/([\d.]+)\/$/.exec(this.#tokens[this.#at] ?? "");
      if (weight) this.#at++;
      weights.push(weight ? Number(weight[1]) : 1);
      choices.push(this.#sequence());
    } while (this.#take("|"));
    this.#depth--;
    const [only] = choices;
    return choices.length === 1 && only ? only : { kind: "alternatives", choices, weights };
  }

  #sequence(): Expansion {
    const parts: Expansion[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || ["|", ")", "]", ";"].includes(token)) break;
      parts.push(this.#repeated(this.#primary(token)));
    }
    if (parts.length === 0) this.#fail("something to match");
    const [only] = parts;
    return parts.length === 1 && only ? only : { kind: "sequence", parts };
  }

  #primary(token: string): Expansion {
    this.#at++;
    if (token === "(" || token === "[") {
      const inner = this.#alternatives();
      if (!this.#take(token === "(" ? ")" : "]")) this.#fail(token === "(" ? '")"' : '"]"');
      return token === "(" ? inner : { kind: "repeat", of: inner, min: 0, max: 1 };
    }
    if (token.startsWith("{"))
      return { kind: "tag", text: token.slice(1, -1).replace(/\\(.)/g, "$1").trim() };
    if (token.startsWith("<")) {
      const name = token.slice(1, -1).trim();
      return name === "NULL" ? NOTHING : name === "VOID" ? { kind: "void" } : { kind: "rule", name };
    }
    // In a DTMF grammar `*` where something to match is wanted is the key.
    if (token === "*" && this.#mode === "dtmf") return { kind: "token", text: "*" };
    if (/^[=*+/]/.test(token)) this.#fail("something to match");
    return this.#words(token.startsWith('"') ? token.slice(1, -1) : token);
  }

  #words(text: string): Expansion {
    if (this.#mode === "voice") {
      const words = text
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== "");
      return { kind: "sequence", parts: words.map((word): Expansion => ({ kind: "token", text: word })) };
    }
    const keys = [...text.replace(/\s+/g, "").replace(/^dtmf-/, "")];
    const wrong = keys.find((key) => !/^[0-9*#A-D]$/i.test(key));
    if (wrong !== undefined) this.#fail(`a key instead of "${wrong}"`);
    return {
      kind: "sequence",
      parts: keys.map((key): Expansion => ({ kind: "token", text: key.toUpperCase() })),
    };
  }

  #repeated(expansion: Expansion): Expansion {
    if (this.#take("*")) return { kind: "repeat", of: expansion, min: 0, max: null };
    if (this.#take("+")) return { kind: "repeat", of: expansion, min: 1, max: null };
    return expansion;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #fail(expected: string): never {
    const found = this.#tokens[this.#at];
    throw new VxmlError(
      "VXML_GRAMMAR_INVALID",
      `the JSGF grammar has ${found === undefined ? "its end" : `"${found}"`} where ${expected} is expected`,
    );
  }
}
