/**
 * A grammar's rules as small automata: states joined by edges that read a token, enter a rule, carry a tag or
 * cost nothing. The matcher walks them; they are made once per grammar and kept as long as the grammar lives.
 *
 * Costs are negative logarithms, so that the cheapest derivation is the likeliest (SRGS 1.0 §2.4.1, §2.5.1).
 */
import { VxmlError } from "../errors.ts";
import { MAX_GRAMMAR_STATES, MAX_UTTERANCE_TOKENS } from "../limits.ts";
import type { Expansion, Grammar, RuleReference } from "../model/grammar.ts";

/** Reads one word or key. `spelling` is the whole token's, on the edge of its last word; others have none. */
export interface TokenEdge {
  readonly to: number;
  readonly cost: number;
  readonly spelling: string | undefined;
}

/** Edges that read no token by name. */
export type Edge =
  | { readonly kind: "any"; readonly to: number; readonly cost: number }
  | {
      readonly kind: "rule";
      readonly rule: number;
      readonly to: number;
      readonly cost: number;
      readonly reference?: RuleReference;
    }
  | { readonly kind: "free"; readonly cost: number; readonly tag?: string; readonly to: number };

export interface State {
  readonly edges: Edge[];
  /** Edges by the word or key they read: five thousand names are one look-up. */
  tokens: Map<string, TokenEdge[]> | undefined;
  readsAny: boolean;
}

/** One rule: state 0 is its start, state 1 its end. */
export interface CompiledRule {
  readonly name: string;
  readonly localName: string;
  readonly importedFrom: number | undefined;
  readonly states: readonly State[];
}

export interface CompiledGrammar {
  readonly rules: readonly CompiledRule[];
  readonly root: number;
}

export const START_STATE = 0;
export const END_STATE = 1;
/** What a word of garbage costs: any grammar that names the words is preferred. */
const GARBAGE_COST = 10;
/** The likelihood of what a grammar calls impossible by a repeat probability of 0 or 1: it is a hint, not a rule. */
const LEAST_LIKELY = 1e-6;
/** LIMIT: repetitions told apart. An utterance has no more tokens, and empty repetitions do not count. */
const MAX_COUNTED = MAX_UTTERANCE_TOKENS + 1;

const compiledGrammars = new WeakMap<Grammar, CompiledGrammar>();

/** Compiles, or returns what was compiled before. Throws `VxmlError` when a rule is missing or the bounds are passed. */
export function compileGrammar(grammar: Grammar): CompiledGrammar {
  const known = compiledGrammars.get(grammar);
  if (known) return known;
  const compiled = new Compiler(grammar).compile();
  compiledGrammars.set(grammar, compiled);
  return compiled;
}

class Compiler {
  readonly #grammar: Grammar;
  readonly #ruleNumbers: ReadonlyMap<string, number>;
  #stateCount = 0;
  #states: State[] = [];

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
    this.#ruleNumbers = new Map(grammar.rules.map((rule, position) => [rule.name, position]));
  }

  compile(): CompiledGrammar {
    const rules = this.#grammar.rules.map(({ name, localName, importedFrom, expansion }): CompiledRule => {
      this.#states = [];
      this.#newState();
      this.#newState();
      this.#build(expansion, START_STATE, END_STATE, 0);
      return { name, localName: localName ?? name, importedFrom, states: this.#states };
    });
    return { rules, root: this.#ruleNumber(this.#grammar.root) };
  }

  #ruleNumber(name: string): number {
    const position = this.#ruleNumbers.get(name);
    if (position === undefined)
      throw invalid(`the rule "${name}" is not defined in the grammar`, { rule: name });
    return position;
  }

  #newState(): number {
    if (++this.#stateCount > MAX_GRAMMAR_STATES)
      throw invalid(`the grammar needs more than ${MAX_GRAMMAR_STATES} states`);
    return this.#states.push({ edges: [], tokens: undefined, readsAny: false }) - 1;
  }

  #join(from: number, edge: Edge): void {
    const state = this.#states[from] as State;
    state.edges.push(edge);
    if (edge.kind === "any") state.readsAny = true;
  }

  #free(from: number, to: number, cost = 0): void {
    this.#join(from, { kind: "free", cost, to });
  }

  #read(from: number, word: string, to: number, cost: number, spelling: string | undefined): void {
    const state = this.#states[from] as State;
    state.tokens ??= new Map();
    const edges = state.tokens.get(word);
    const edge = { to, cost, spelling };
    if (edges) edges.push(edge);
    else state.tokens.set(word, [edge]);
  }

  /**
   * Joins two states by an expansion; entering it costs `cost`. Nothing leads back to `from` nor out of `to`, so that
   * neighbours may share them.
   */
  #build(expansion: Expansion, from: number, to: number, cost: number): void {
    switch (expansion.kind) {
      case "token":
        this.#token(expansion.text, expansion.spelling ?? expansion.text, from, to, cost);
        break;
      case "rule": {
        const { reference } = expansion;
        this.#join(from, { kind: "rule", rule: this.#ruleNumber(expansion.name), to, cost, reference });
        break;
      }
      case "external":
        throw invalid(`the rule "${expansion.uri}" of another grammar has not been fetched`);
      case "tag":
        this.#join(from, { kind: "free", cost, tag: expansion.text, to });
        break;
      case "void":
        break;
      case "garbage": {
        const loop = this.#newState();
        const read = this.#newState();
        this.#free(from, loop, cost);
        this.#free(loop, to);
        this.#join(loop, { kind: "any", to: read, cost: GARBAGE_COST });
        this.#free(read, loop);
        break;
      }
      case "sequence": {
        const { parts } = expansion;
        if (parts.length === 0) this.#free(from, to, cost);
        let at = from;
        parts.forEach((part, position) => {
          const next = position === parts.length - 1 ? to : this.#newState();
          this.#build(part, at, next, position === 0 ? cost : 0);
          at = next;
        });
        break;
      }
      case "alternatives": {
        const { choices, weights } = expansion;
        const total = weights ? weights.reduce((sum, weight) => sum + weight, 0) : choices.length;
        choices.forEach((choice, position) => {
          const weight = weights?.[position] ?? 1;
          // A weight of zero forbids the choice (JSGF §4.3.1); SRGS knows only positive ones.
          if (weight > 0) this.#build(choice, from, to, cost - Math.log(weight / total));
        });
        break;
      }
      case "repeat":
        this.#repeat(expansion, from, to, cost);
        break;
    }
  }

  #token(text: string, spelling: string, from: number, to: number, cost: number): void {
    if (!text.includes(" ")) {
      this.#read(from, text, to, cost, spelling);
      return;
    }
    const words = text.split(" ");
    let at = from;
    words.forEach((word, position) => {
      const isLast = position === words.length - 1;
      const next = isLast ? to : this.#newState();
      this.#read(at, word, next, position === 0 ? cost : 0, isLast ? spelling : undefined);
      at = next;
    });
  }

  #repeat(expansion: Expansion & { kind: "repeat" }, from: number, to: number, cost: number): void {
    let { min, max } = expansion;
    if (max === 0) {
      this.#free(from, to, cost);
      return;
    }
    const { of } = expansion;
    const reads = readsTokens(of);
    if (!reads) {
      // §2.5: any number of empty repetitions is one; Appendix H prefers none where none is allowed.
      min = Math.min(min, 1);
      max = 1;
    }
    min = Math.min(min, MAX_COUNTED);
    if (max !== null && max > MAX_COUNTED) max = null;
    const { probability } = expansion;
    const again = probability === undefined ? 0 : -Math.log(Math.max(probability, LEAST_LIKELY));
    const stop = probability === undefined ? 0 : -Math.log(Math.max(1 - probability, LEAST_LIKELY));
    let at = this.#newState();
    this.#free(from, at, cost);
    for (let count = 0; count < min; count++) {
      const next = this.#newState();
      this.#build(of, at, next, count === 0 ? 0 : again);
      at = next;
    }
    if (max === null) {
      const loop = this.#newState();
      const read = this.#newState();
      this.#free(at, loop);
      this.#free(loop, to, stop);
      this.#build(of, loop, read, again);
      this.#free(read, loop);
      return;
    }
    for (let count = min; count < max; count++) {
      const next = this.#newState();
      this.#free(at, to, stop);
      this.#build(of, at, next, again);
      at = next;
    }
    this.#free(at, to);
  }
}

/** Whether input can be needed for it; a rule counts as input, whatever it holds. */
function readsTokens(expansion: Expansion): boolean {
  switch (expansion.kind) {
    case "tag":
      return false;
    case "sequence":
      return expansion.parts.some(readsTokens);
    case "alternatives":
      return expansion.choices.some(readsTokens);
    case "repeat":
      return expansion.max !== 0 && readsTokens(expansion.of);
    default:
      return true;
  }
}

function invalid(message: string, details?: Record<string, unknown>): VxmlError {
  return new VxmlError("VXML_GRAMMAR_INVALID", message, { details });
}
