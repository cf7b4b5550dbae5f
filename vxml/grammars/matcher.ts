/**
 * Matches tokens against a grammar one at a time, and knows after each whether the input is complete and whether
 * it can go on: what DTMF timing needs (VoiceXML 2.0 Appendix D). The method is Earley's, over the compiled
 * automata, so every grammar works: ambiguous, left-recursive, with rules that match nothing. The cheapest
 * derivation by weight comes first; further ones are there for n-best lists.
 */
import { VxmlError } from "../errors.ts";
import { MAX_MATCH_ITEMS, MAX_UTTERANCE_TOKENS } from "../limits.ts";
import type { Grammar, RuleReference } from "../model/grammar.ts";
import {
  type CompiledGrammar,
  type CompiledRule,
  compileGrammar,
  END_STATE,
  START_STATE,
  type State,
} from "./compiled-grammar.ts";
import { cheapestDerivations } from "./derivations.ts";
import type { Item, Origin, ParsedPart, ParsedRule } from "./parse-forest.ts";

/** An item that waits for a rule to finish, and the edge it then takes. */
interface Waiting {
  readonly item: Item;
  readonly to: number;
  readonly cost: number;
  readonly reference: RuleReference | undefined;
}

/** Everything that is possible after a number of tokens. */
interface Position {
  readonly items: Item[];
  readonly byKey: Map<number, Item>;
  /** Items that wait for a rule begun here to finish. */
  readonly waiting: Map<number, Waiting[]>;
  /** Rules that matched nothing here. */
  readonly empty: Map<number, Item>;
  /** Items that can read a token. */
  readonly readers: Item[];
}

/** LIMIT: ways to one item that are remembered; the rest of an ambiguity is not worth an n-best list. */
const MAX_OTHER_ORIGINS = 8;

export class Matcher {
  readonly #grammar: CompiledGrammar;
  readonly #positions: Position[] = [];

  /** Throws `VxmlError` when the grammar refers to rules it does not have. */
  constructor(grammar: Grammar) {
    this.#grammar = compileGrammar(grammar);
    const first = newPosition();
    this.#reach(first, this.#grammar.root, START_STATE, 0, 0, undefined);
    this.#close(first, 0);
    this.#positions.push(first);
  }

  /** Reads one token; false, and unchanged, when the grammar does not allow it here. */
  push(token: string): boolean {
    if (this.#positions.length > MAX_UTTERANCE_TOKENS) return false;
    const next = newPosition();
    for (const item of this.#last.readers) {
      const { tokens, edges, readsAny } = this.#stateOf(item);
      for (const { to, cost, spelling } of tokens?.get(token) ?? [])
        this.#step(next, item, to, { before: item, cost, kind: "token", text: spelling });
      if (readsAny)
        for (const edge of edges)
          if (edge.kind === "any")
            this.#step(next, item, edge.to, {
              before: item,
              cost: edge.cost,
              kind: "garbage",
              text: token,
            });
    }
    if (next.items.length === 0) return false;
    this.#close(next, this.#positions.length);
    this.#positions.push(next);
    return true;
  }

  /** Whether what was read so far is a whole sentence of the grammar. */
  get isComplete(): boolean {
    return this.#final !== undefined;
  }

  /** Whether some further token would be allowed. */
  get canContinue(): boolean {
    return this.#last.readers.length > 0;
  }

  /** The tokens that may come next; any token may where the grammar has garbage there. */
  expected(): string[] {
    return [
      ...new Set(this.#last.readers.flatMap((item) => [...(this.#stateOf(item).tokens?.keys() ?? [])])),
    ];
  }

  /** The likeliest derivation of what was read; undefined while it is not complete. */
  parsed(): ParsedRule | undefined {
    const final = this.#final;
    return final && this.#derivation(final);
  }

  /** Up to `count` derivations, likeliest first; several only when the grammar is ambiguous there. */
  parses(count: number): ParsedRule[] {
    const final = this.#final;
    if (!final) return [];
    if (count === 1) return [this.#derivation(final)];
    return cheapestDerivations(final, count, (item) => this.#ruleOf(item));
  }

  get #last(): Position {
    return this.#positions[this.#positions.length - 1] as Position;
  }

  get #final(): Item | undefined {
    return this.#last.byKey.get(keyOf(this.#grammar.root, END_STATE, 0));
  }

  #ruleOf(item: Item): CompiledRule {
    return this.#grammar.rules[item.rule] as CompiledRule;
  }

  #stateOf(item: Item): State {
    return this.#ruleOf(item).states[item.state] as State;
  }

  #step(position: Position, before: Item, to: number, from: Origin): void {
    this.#reach(position, before.rule, to, before.origin, before.cost + from.cost, from);
  }

  #reach(
    position: Position,
    rule: number,
    state: number,
    origin: number,
    cost: number,
    from: Origin | undefined,
  ): void {
    const key = keyOf(rule, state, origin);
    const known = position.byKey.get(key);
    if (known) {
      // A cheaper way to the same point replaces the dearer one and is followed again.
      const isCheaper = cost < known.cost - 1e-9;
      const dearer = isCheaper ? known.from : from;
      if (dearer) remember(known, dearer);
      if (!isCheaper) return;
      known.cost = cost;
      known.from = from;
      if (known.isSettled) {
        known.isSettled = false;
        position.items.push(known);
      }
      return;
    }
    if (position.items.length >= MAX_MATCH_ITEMS)
      throw new VxmlError("VXML_GRAMMAR_INVALID", "the grammar is too ambiguous to match");
    const item: Item = {
      rule,
      state,
      origin,
      cost,
      from,
      others: undefined,
      isSettled: false,
      isReader: false,
    };
    position.byKey.set(key, item);
    position.items.push(item);
  }

  /** Follows every edge that needs no token. */
  #close(position: Position, at: number): void {
    for (let next = 0; next < position.items.length; next++) {
      const item = position.items[next] as Item;
      if (item.isSettled) continue;
      item.isSettled = true;
      if (item.state === END_STATE) this.#finish(position, at, item);
      const state = this.#stateOf(item);
      if (!item.isReader && (state.tokens || state.readsAny)) {
        item.isReader = true;
        position.readers.push(item);
      }
      for (const edge of state.edges) {
        if (edge.kind === "free")
          this.#step(position, item, edge.to, {
            before: item,
            cost: edge.cost,
            kind: "tag",
            text: edge.tag,
          });
        else if (edge.kind === "rule") {
          const { to, cost, reference } = edge;
          const waiter = { item, to, cost, reference };
          const waiting = position.waiting.get(edge.rule);
          if (waiting) waiting.push(waiter);
          else {
            position.waiting.set(edge.rule, [waiter]);
            this.#reach(position, edge.rule, START_STATE, at, 0, undefined);
          }
          const finished = position.empty.get(edge.rule);
          if (finished) this.#resume(position, waiter, finished);
        }
      }
    }
  }

  #finish(position: Position, at: number, finished: Item): void {
    const begun = finished.origin === at ? position : this.#positions[finished.origin];
    if (finished.origin === at) {
      const known = position.empty.get(finished.rule);
      if (!known || known.cost > finished.cost) position.empty.set(finished.rule, finished);
    }
    for (const waiter of begun?.waiting.get(finished.rule) ?? []) this.#resume(position, waiter, finished);
  }

  #resume(position: Position, { item, to, cost, reference }: Waiting, finished: Item): void {
    const from: Origin = { before: item, cost, kind: "rule", finished, reference };
    this.#reach(position, item.rule, to, item.origin, item.cost + cost + finished.cost, from);
  }

  #derivation(item: Item): ParsedRule {
    const parts: ParsedPart[] = [];
    for (let at = item.from; at; at = at.before.from) {
      if (at.kind === "rule")
        parts.push({ kind: "rule", parsed: this.#derivation(at.finished), reference: at.reference });
      else if (at.text !== undefined) parts.push({ kind: at.kind, text: at.text });
    }
    const { name, localName, importedFrom } = this.#ruleOf(item);
    return { rule: name, localName, importedFrom, parts: parts.reverse() };
  }
}

/** Keeps a dearer way for n-best lists. A way back to the item itself says nothing new. */
function remember(item: Item, origin: Origin): void {
  if (origin.before === item || (origin.kind === "rule" && origin.finished === item)) return;
  item.others ??= [];
  if (item.others.length < MAX_OTHER_ORIGINS && !item.others.some((other) => isSame(other, origin)))
    item.others.push(origin);
}

function isSame(one: Origin, other: Origin): boolean {
  if (one.before !== other.before || one.kind !== other.kind) return false;
  return one.kind === "rule" || other.kind === "rule"
    ? one.kind === "rule" && other.kind === "rule" && one.finished === other.finished
    : one.text === other.text;
}

function keyOf(rule: number, state: number, origin: number): number {
  return (rule * 65_536 + state) * (MAX_UTTERANCE_TOKENS + 2) + origin;
}

function newPosition(): Position {
  return { items: [], byKey: new Map(), waiting: new Map(), empty: new Map(), readers: [] };
}
