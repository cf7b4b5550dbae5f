/**
 * From a derivation to its meaning (SISR 1.0): literal tags are the value; script tags run in the session's sandbox, in
 * scopes of their own, and write to `out`; a rule without tags means what the last rule inside it meant, or its words.
 */
import { parse } from "acorn";
import { VxmlError } from "../errors.ts";
import type { Grammar, GrammarSemantics } from "../model/grammar.ts";
import { scopeDeclarations } from "../scopes/top-level-declarations.ts";
import type { ParsedPart, ParsedRule } from "./parse-forest.ts";

/** Runs a function body in the session's sandbox, apart from the document's variables. */
export type EvaluateApart = (body: string) => unknown;

/** What was said or keyed, as the grammar spells it. */
export function utteranceOf(grammar: Grammar, parsed: ParsedRule): string {
  return wordsOf(parsed, separatorOf(grammar));
}

/**
 * The interpretation of an utterance. Throws `VxmlError` when a tag is no script, or fails.
 *
 * A grammar that declares no semantics and met no tag means the utterance itself: SISR §5, which would make the last
 * rule's words the value, is not spoken of there, and a caller's digits, one rule each, would be lost but one.
 */
export function interpretation(grammar: Grammar, parsed: ParsedRule, evaluate: EvaluateApart): unknown {
  if (grammar.isTagFormatDeclared !== true && !hasTags(parsed)) return utteranceOf(grammar, parsed);
  if (!needsScript(grammar, parsed)) return literalValue(grammar, parsed);
  return evaluate(new Program(grammar).source(parsed));
}

function separatorOf(grammar: Grammar): string {
  return grammar.mode === "dtmf" ? "" : " ";
}

function hasTags(parsed: ParsedRule): boolean {
  return parsed.parts.some((part) => part.kind === "tag" || (part.kind === "rule" && hasTags(part.parsed)));
}

function semanticsOf(grammar: Grammar, parsed: ParsedRule): GrammarSemantics {
  return parsed.importedFrom === undefined ? grammar : (grammar.imported?.[parsed.importedFrom] ?? grammar);
}

/** Whether any tag met is a script. */
function needsScript(grammar: Grammar, parsed: ParsedRule): boolean {
  const isScript = semanticsOf(grammar, parsed).tagFormat === "script";
  return parsed.parts.some((part) =>
    part.kind === "rule" ? needsScript(grammar, part.parsed) : part.kind === "tag" && isScript,
  );
}

/** §5 and §3.2.4: a rule's last literal; without one what the last rule inside it means, or its words. */
function literalValue(grammar: Grammar, parsed: ParsedRule): string {
  const last = parsed.parts.findLast((part) => part.kind === "tag");
  if (last) return literalOf(last.text, semanticsOf(grammar, parsed));
  const inner = parsed.parts.findLast((part) => part.kind === "rule");
  return inner ? literalValue(grammar, inner.parsed) : utteranceOf(grammar, parsed);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v" };

/**
 * The value of a literal tag: its characters, as ECMAScript would read them between quotes (§3.2.3).
 *
 * DEVIATES: white space around it, which is only layout, is left out; and in a grammar that does not declare literals,
 * quotes around it.
 */
function literalOf(text: string, semantics: GrammarSemantics): string {
  const trimmed = text.trim();
  const quoted = /^(['"])([\s\S]*)\1$/.exec(trimmed)?.[2];
  const literal = semantics.isTagFormatDeclared === true ? trimmed : (quoted ?? trimmed);
  return literal.replace(
    /\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|([\s\S]))/g,
    (_, unicode?: string, hex?: string, other?: string) => {
      const code = unicode ?? hex;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return ESCAPES[other ?? ""] ?? other ?? "";
    },
  );
}

function wordsOf(parsed: ParsedRule, separator: string): string {
  return parsed.parts
    .map((part) => {
      if (part.kind === "tag") return "";
      return part.kind === "rule" ? wordsOf(part.parsed, separator) : part.text;
    })
    .filter((word) => word !== "")
    .join(separator);
}

/** Names the generated program uses; no author will. */
const LATEST_VALUE = "$vxʰl";
const LATEST_META = "$vxʰm";
const GLOBAL = "$vxʰg";

/**
 * Makes the global scope of one grammar (§6.3.1): what its header declares, to be read and not written by the tags of
 * rules. A name that nobody declared cannot be read either (§3.2.2).
 */
const GUARD = `var $vxʰguard=function(header){
  var owns=function(name){return Object.prototype.hasOwnProperty.call(header,name)};
  return new Proxy(header,{
    has:function(_,name){return typeof name==="string"&&(owns(name)||!(name in globalThis||name.slice(0,4)==="$vxʰ"))},
    get:function(_,name){
      if(typeof name==="symbol")return undefined;
      if(owns(name))return header[name];
      throw new ReferenceError(name+" is not defined in the grammar");
    },
    set:function(_,name){
      throw new ReferenceError(owns(name)?name+" is set by the grammar's header alone":name+" is not declared in the grammar");
    }
  });
};`;

/** Writes one derivation as one program: a function per rule, called where its reference was met (§6.2, §6.4). */
class Program {
  readonly #grammar: Grammar;
  /** Global scopes by the grammar's number; -1 is the grammar itself. */
  readonly #globals = new Map<number, string>();
  /** One function per rule that was met, side by side: none sees another's variables (§6.3.2). */
  readonly #functions: string[] = [];

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
  }

  source(parsed: ParsedRule): string {
    const value = this.#call(parsed);
    return `${GUARD}${[...this.#globals.values(), ...this.#functions].join("")}return ${value}`;
  }

  /** One rule, as a call of a function that returns its `out`. */
  #call(parsed: ParsedRule): string {
    const semantics = semanticsOf(this.#grammar, parsed);
    const words = JSON.stringify(wordsOf(parsed, separatorOf(this.#grammar)));
    const hasOwnTags = parsed.parts.some((part) => part.kind === "tag");
    const steps = parsed.parts.map((part) => this.#step(part, semantics)).join("");
    const name = this.#global(parsed.importedFrom ?? -1, semantics);
    // §5: without tags, the latest rule's value, or the words.
    const hasRules = parsed.parts.some((part) => part.kind === "rule");
    const result = hasOwnTags ? "out" : hasRules ? LATEST_VALUE : words;
    const position = this.#functions.push("") - 1;
    this.#functions[position] =
      `var $vxʰr${position}=function(){with(${name}){return(function(out,rules,meta,${LATEST_VALUE},${LATEST_META}){
rules=Object.create({latest:function(){return ${LATEST_VALUE}}});
meta=Object.create({current:function(){return Object.freeze({text:${words},score:1})},latest:function(){return ${LATEST_META}}});
${steps}return ${result}})({})}};`;
    return `$vxʰr${position}()`;
  }

  #step(part: ParsedPart, semantics: GrammarSemantics): string {
    switch (part.kind) {
      case "tag":
        if (semantics.tagFormat === "literals")
          return `out=${JSON.stringify(literalOf(part.text, semantics))};`;
        checkScript(part.text);
        return `${part.text}\n;`;
      case "rule": {
        const rule = JSON.stringify(part.parsed.localName);
        const words = JSON.stringify(wordsOf(part.parsed, separatorOf(this.#grammar)));
        return `${LATEST_VALUE}=rules[${rule}]=${this.#call(part.parsed)};${LATEST_META}=meta[${rule}]={text:${words},score:1};`;
      }
      default:
        return "";
    }
  }

  /** §4.2: header tags run once, before all others; those of literal grammars are ignored. */
  #global(number: number, { tagFormat, headerTags = [] }: GrammarSemantics): string {
    const name = `${GLOBAL}${number + 1}`;
    if (this.#globals.has(number)) return name;
    const tags = tagFormat === "script" ? headerTags : [];
    const declared = tags.map((tag) => {
      checkScript(tag);
      return scopeDeclarations(tag);
    });
    const names = [...new Set(declared.flatMap((tag) => tag.names))];
    const scope = `{${names.map((variable) => `${JSON.stringify(variable)}:undefined`).join(",")}}`;
    const run = declared.map(({ code }) => `${code}\n;`).join("");
    this.#globals.set(
      number,
      `var ${name}=(function(scope){(function(){with(scope){${run}}})();return $vxʰguard(scope)})(${scope});`,
    );
    return name;
  }
}

/** LIMIT: tags whose syntax is known to be good; a grammar's tags are few, and checked once. */
const MAX_CHECKED = 5_000;
const checked = new Set<string>();

/** §3.2.2: each tag is a whole program; none may end what another began. */
function checkScript(text: string): void {
  if (checked.has(text)) return;
  try {
    parse(text, { ecmaVersion: "latest", sourceType: "script" });
  } catch (cause) {
    throw new VxmlError(
      "VXML_SCRIPT_FAILED",
      `${cause instanceof Error ? cause.message : cause} in the tag "${text.trim().slice(0, 200)}"`,
      { cause },
    );
  }
  if (checked.size >= MAX_CHECKED) checked.clear();
  checked.add(text);
}
