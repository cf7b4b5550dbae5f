/**
 * A grammar's rules as small automata: states joined by edges that read a token, enter a rule, carry a tag or
 * cost nothing. The matcher walks them; they are made once per grammar and kept as long as the grammar lives.
 */
import { VxmlError } from "../errors.ts";
import { MAX_GRAMMAR_STATES } from "../limits.ts";
import type { Expansion, Grammar } from "../model/grammar.ts";

export type Edge =
  | { readonly kind: "token"; readonly text: string; readonly to: number }
  | { readonly kind: "any"; readonly to: number }
  | { readonly kind: "rule"; readonly rule: number; readonly to: number }
  | { readonly kind: "free"; readonly cost: number; readonly tag?: string; readonly to: number };

/** One rule: state 0 is its start, state 1 its end. */
export interface CompiledRule {
  readonly name: string;
  readonly states: readonly (readonly Edge[])[];
}

export interface CompiledGrammar {
  readonly rules: readonly CompiledRule[];
  readonly root: number;
}

export const START_STATE = 0;
export const END_STATE = 1;

const compiledGrammars = new WeakMap<Grammar, CompiledGrammar>();

/** Compiles, or returns what was compiled before. Throws `VxmlError` when a rule is missing or the bounds are passed. */
export function compileGrammar(grammar: Grammar): CompiledGrammar {
  const known = compiledGrammars.get(grammar);
  if (known) return known;
  const index = new Map(grammar.rules.map((rule, position) => [rule.name, position]));
  const ruleOf = (name: string): number => {
    const position = index.get(name);
    if (position === undefined)
      throw new VxmlError("VXML_GRAMMAR_INVALID", `the rule "${name}" is not defined in the grammar`, {
        details: { rule: name },
      });
    return position;
  };
  let stateCount = 0;
  const rules = grammar.rules.map((rule): CompiledRule => {
    const states: Edge[][] = [];
    const newState = (): number => {
      if (++stateCount > MAX_GRAMMAR_STATES)
        throw new VxmlError(
          "VXML_GRAMMAR_INVALID",
          `the grammar needs more than ${MAX_GRAMMAR_STATES} states`,
        );
      return states.push([]) - 1;
    };
    const join = (from: number, edge: Edge): void => {
      states[from]?.push(edge);
    };
    newState();
    newState();
    build(rule.expansion, START_STATE, END_STATE, newState, join, ruleOf);
    return { name: rule.name, states };
  });
  const compiled = { rules, root: ruleOf(grammar.root) };
  compiledGrammars.set(grammar, compiled);
  return compiled;
}

function build(
  expansion: Expansion,
  from: number,
  to: number,
  newState: () => number,
  join: (from: number, edge: Edge) => void,
  ruleOf: (name: string) => number,
): void {
  const go = (part: Expansion, start: number, end: number): void =>
    build(part, start, end, newState, join, ruleOf);
  const free = (start: number, end: number, cost = 0): void => join(start, { kind: "free", cost, to: end });
  switch (expansion.kind) {
    case "token":
      join(from, { kind: "token", text: expansion.text, to });
      break;
    case "rule":
      join(from, { kind: "rule", rule: ruleOf(expansion.name), to });
      break;
    case "tag":
      join(from, { kind: "free", cost: 0, tag: expansion.text, to });
      break;
    case "void":
      break;
    case "garbage": {
      const loop = newState();
      free(from, loop);
      // Garbage costs something, so that a grammar that names the words is preferred.
      const read = newState();
      join(loop, { kind: "any", to: read });
      free(read, loop, 10);
      free(loop, to);
      break;
    }
    case "sequence": {
      let at = from;
      expansion.parts.forEach((part, position) => {
        const next = position === expansion.parts.length - 1 ? to : newState();
        go(part, at, next);
        at = next;
      });
      if (expansion.parts.length === 0) free(from, to);
      break;
    }
    case "alternatives": {
      const weights = expansion.choices.map((_, position) => expansion.weights?.[position] ?? 1);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      expansion.choices.forEach((choice, position) => {
        const start = newState();
        const share = (weights[position] ?? 1) / (total || 1);
        // A weight of zero forbids the choice (SRGS 1.0 §2.4.1).
        if (share <= 0) return;
        free(from, start, -Math.log(share));
        go(choice, start, to);
      });
      break;
    }
    case "repeat": {
      let at = from;
      for (let count = 0; count < expansion.min; count++) {
        const next = newState();
        go(expansion.of, at, next);
        at = next;
      }
      if (expansion.max === null) {
        const loop = newState();
        const read = newState();
        free(at, loop);
        go(expansion.of, loop, read);
        free(read, loop);
        free(loop, to);
        break;
      }
      for (let count = expansion.min; count < expansion.max; count++) {
        const next = newState();
        free(at, to);
        go(expansion.of, at, next);
        at = next;
      }
      free(at, to);
      break;
    }
  }
}
