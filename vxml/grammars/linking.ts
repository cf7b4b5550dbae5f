/**
 * Makes a grammar whole: rules of other documents that it refers to, and those they refer to, are fetched and taken in
 * under their URIs (SRGS 1.0 §2.2.2, §4.9.1). What it may refer to is checked on the way: public rules, declared
 * roots, grammars of the same mode.
 */
import type { Steps, VxmlEvent } from "../completion.ts";
import { MAX_LINKED_GRAMMARS } from "../limits.ts";
import type { Expansion, Grammar, GrammarSemantics, Rule } from "../model/grammar.ts";
import type { Position } from "../model/xml-tree.ts";
import { fragmentOf, resolveUri, withoutFragment } from "../resources/uri.ts";

export type GrammarLoading =
  | {
      readonly ok: true;
      /** With its absolute base. */
      readonly grammar: Grammar;
    }
  | { readonly ok: false; readonly event: VxmlEvent };

/** Fetches and reads a grammar. `uri` is absolute, without fragment, or begins with `builtin:`. */
export type LoadGrammar = (
  uri: string,
  type: string | undefined,
  mode: "dtmf" | "voice",
) => Steps<GrammarLoading>;

export type Linked =
  | { readonly ok: true; readonly grammar: Grammar }
  | { readonly ok: false; readonly event: VxmlEvent };

/** Where linking begins. */
export interface LinkingStart {
  readonly grammar: Grammar;
  /** Absolute URI of the grammar, or of the document it is written in. */
  readonly uri: string;
  /** The rule to begin with; absent: the root. */
  readonly rule?: string;
  /** An inline grammar's rules are all within reach; of another document's only the public ones (§3.2). */
  readonly isInline: boolean;
}

/** A grammar linked before, and what it was linked from. */
interface Kept {
  readonly linked: Grammar;
  readonly imports: readonly { readonly uri: string; readonly type?: string; readonly grammar: Grammar }[];
}

const kept = new WeakMap<Grammar, Map<string, Kept>>();

/** Links a grammar, or returns what was linked from the same grammars before, so that it is compiled once. */
export function* linkGrammar(start: LinkingStart, load: LoadGrammar): Steps<Linked> {
  const key = `${start.rule ?? ""} ${start.uri}`;
  const known = kept.get(start.grammar)?.get(key);
  if (known && (yield* isCurrent(known, start.grammar.mode, load)))
    return { ok: true, grammar: known.linked };
  const linker = new Linker(start);
  const result = yield* linker.link(load);
  if (result.ok) {
    const byRule = kept.get(start.grammar) ?? new Map<string, Kept>();
    // LIMIT: the documents one inline grammar stands in are few.
    if (byRule.size < 100)
      kept.set(start.grammar, byRule.set(key, { linked: result.grammar, imports: linker.imports }));
  }
  return result;
}

/** Whether every grammar that was taken in is still what its URI stands for. */
function* isCurrent({ imports }: Kept, mode: "dtmf" | "voice", load: LoadGrammar): Steps<boolean> {
  for (const { uri, type, grammar } of imports) {
    const loading = yield* load(uri, type, mode);
    if (!loading.ok || loading.grammar !== grammar) return false;
  }
  return true;
}

/** A grammar whose rules are taken in. */
interface Member {
  readonly grammar: Grammar;
  /** Base of its references. */
  readonly base: string;
  /** Prefix of its rules' names in the whole; empty for the grammar itself. */
  readonly prefix: string;
  readonly number: number | undefined;
}

/** A reference that is still to be followed. */
interface Pending extends Position {
  readonly uri: string;
  readonly written: string;
  readonly type: string | undefined;
  readonly from: string;
}

class Linker {
  readonly #start: LinkingStart;
  readonly #rules: Rule[] = [];
  readonly #imported: GrammarSemantics[] = [];
  /** By URI without fragment. */
  readonly #members = new Map<string, Member>();
  readonly #pending: Pending[] = [];

  constructor(start: LinkingStart) {
    this.#start = start;
  }

  /** What was taken in, in the order it was met. */
  readonly imports: { uri: string; type?: string; grammar: Grammar }[] = [];

  *link(load: LoadGrammar): Steps<Linked> {
    const { grammar, uri, rule, isInline } = this.#start;
    const root = rule ?? grammar.root;
    if (root === "") return badFetch(`${uri}: the grammar has no root rule, and no rule is named`);
    if (rule !== undefined && !isInline) {
      const missing = unreachable(grammar, rule);
      if (missing !== undefined) return badFetch(`${uri}: ${missing}`);
    }
    this.#takeIn({ grammar, base: baseOf(grammar, uri), prefix: "", number: undefined }, "");
    for (let pending = this.#pending.pop(); pending; pending = this.#pending.pop()) {
      const event = yield* this.#follow(pending, load);
      if (event) return { ok: false, event };
    }
    if (this.imports.length > 0)
      return { ok: true, grammar: { ...grammar, root, rules: this.#rules, imported: this.#imported } };
    // Whole as it is: the same object is compiled once for all its users.
    return { ok: true, grammar: root === grammar.root ? grammar : { ...grammar, root } };
  }

  *#follow(pending: Pending, load: LoadGrammar): Steps<VxmlEvent | undefined> {
    const { uri, from, line, column } = pending;
    const place = `${from === "" ? "" : `${from}:`}${line}:${column} "${pending.written}"`;
    const target = withoutFragment(uri);
    if (!this.#members.has(target)) {
      if (this.#members.size >= MAX_LINKED_GRAMMARS)
        return bad(`${place}: more than ${MAX_LINKED_GRAMMARS} grammars refer to each other`);
      const loading = yield* load(target, pending.type, this.#start.grammar.mode);
      if (!loading.ok) return { ...loading.event, message: `${place}: ${loading.event.message ?? ""}` };
      const { grammar } = loading;
      this.#imported.push(semanticsOf(grammar));
      this.imports.push({ uri: target, type: pending.type, grammar });
      const number = this.#imported.length - 1;
      this.#takeIn({ grammar, base: baseOf(grammar, target), prefix: `${target}#`, number }, target);
    }
    const { grammar } = this.#members.get(target) as Member;
    const { mode } = this.#start.grammar;
    if (grammar.mode !== mode)
      return bad(`${place}: a ${mode} grammar cannot refer to a ${grammar.mode} grammar`);
    const rule = fragmentOf(uri);
    const missing = rule === undefined ? undefined : unreachable(grammar, rule);
    if (missing !== undefined) return bad(`${place}: ${missing}`);
    if (rule === undefined && grammar.root === "")
      return bad(`${place}: the grammar has no root rule, and no rule is named`);
    // The name its references were given: that of the root where none was named.
    if (rule === undefined) this.#aliasRoot(target, grammar);
    return undefined;
  }

  /** References without a fragment were written down before the root's name was known. */
  #aliasRoot(target: string, grammar: Grammar): void {
    if (this.#rules.some(({ name }) => name === target)) return;
    const root = `${target}#${grammar.root}`;
    const rule = this.#rules.find(({ name }) => name === root);
    if (rule) this.#rules.push({ ...rule, name: target });
  }

  /** Takes in the rules of a document. The first one has no URI here: who refers to it from elsewhere fetches it. */
  #takeIn(member: Member, uri: string): void {
    if (uri !== "") this.#members.set(uri, member);
    for (const rule of member.grammar.rules)
      this.#rules.push({
        ...rule,
        name: member.prefix + rule.name,
        expansion: this.#relinked(rule.expansion, member, uri),
        ...(member.number === undefined ? {} : { localName: rule.name, importedFrom: member.number }),
      });
  }

  /** The same expansion with its references named as in the whole. */
  #relinked(expansion: Expansion, member: Member, from: string): Expansion {
    switch (expansion.kind) {
      case "rule":
        return member.prefix === "" ? expansion : { ...expansion, name: member.prefix + expansion.name };
      case "external": {
        const { uri: written, type, line, column } = expansion;
        const uri = resolveUri(written, member.base) ?? written;
        this.#pending.push({ uri, written, type, from, line, column });
        return { kind: "rule", name: ruleNameOf(uri), reference: { written, uri } };
      }
      case "sequence":
        return { ...expansion, parts: expansion.parts.map((part) => this.#relinked(part, member, from)) };
      case "alternatives":
        return {
          ...expansion,
          choices: expansion.choices.map((choice) => this.#relinked(choice, member, from)),
        };
      case "repeat":
        return { ...expansion, of: this.#relinked(expansion.of, member, from) };
      default:
        return expansion;
    }
  }
}

/** What the whole calls a rule that is referred to by URI: the fragment as its document writes it. */
function ruleNameOf(uri: string): string {
  const rule = fragmentOf(uri);
  return rule === undefined ? withoutFragment(uri) : `${withoutFragment(uri)}#${rule}`;
}

/** Why a rule of another document cannot be referred to by name (§3.2); undefined when it can. */
function unreachable(grammar: Grammar, name: string): string | undefined {
  const rule = grammar.rules.find((candidate) => candidate.name === name);
  if (!rule) return `the rule "${name}" is not defined in the grammar`;
  return rule.isPublic === true ? undefined : `the rule "${name}" is private to its grammar`;
}

function baseOf(grammar: Grammar, uri: string): string {
  return grammar.base === undefined ? uri : (resolveUri(grammar.base, uri) ?? uri);
}

function semanticsOf({ tagFormat, isTagFormatDeclared, headerTags }: GrammarSemantics): GrammarSemantics {
  return { tagFormat, isTagFormatDeclared, headerTags };
}

function bad(message: string): VxmlEvent {
  return { name: "error.badfetch", message };
}

function badFetch(message: string): Linked {
  return { ok: false, event: bad(message) };
}
