/**
 * Matches tokens against a grammar one at a time, and knows after each whether the input is complete and whether
 * it can go on: what DTMF timing needs (VoiceXML 2.0 Appendix D). The method is Earley's, over the compiled
 * automata, so every grammar works: ambiguous, left-recursive, with rules that match nothing. The cheapest
 * derivation by weight wins.
 */
import { VxmlError } from "../errors.ts";
import { MAX_MATCH_ITEMS, MAX_UTTERANCE_TOKENS } from "../limits.ts";
import type { Grammar } from "../model/grammar.ts";
import { type CompiledGrammar, compileGrammar, END_STATE, START_STATE } from "./compiled-grammar.ts";

/** What a grammar made of an utterance: tokens, tags and rules in the order they were met. */
export interface ParsedRule {
  readonly rule: string;
  readonly parts: readonly ParsedPart[];
}
export type ParsedPart =
  | { readonly kind: "token"; readonly text: string }
  | { readonly kind: "tag"; readonly text: string }
  | { readonly kind: "rule"; readonly parsed: ParsedRule };

/** A partial match of one rule: which state, since which position, at what cost, and how it was reached. */
interface Item {
  readonly rule: number;
  readonly state: number;
  readonly origin: number;
  cost: number;
  from: Origin | undefined;
  isSettled: boolean;
}
type Origin =
  | { readonly before: Item; readonly kind: "token"; readonly text: string }
  | { readonly before: Item; readonly kind: "tag"; readonly text: string | undefined }
  | { readonly before: Item; readonly kind: "rule"; readonly finished: Item };

/** Everything that is possible after a number of tokens. */
interface Position {
  readonly items: Item[];
  readonly byKey: Map<number, Item>;
  /** Items that wait for a rule begun here to finish. */
  readonly waiting: Map<number, { item: Item; to: number }[]>;
  /** Rules that matched nothing here. */
  readonly empty: Map<number, Item>;
  readonly readable: Map<string, { item: Item; to: number }[]>;
  readonly readableAny: { item: Item; to: number }[];
}

export class Matcher {
  readonly #grammar: CompiledGrammar;
  readonly #positions: Position[] = [];

  /** Throws `VxmlError` when the grammar refers to rules it does not have. */
  constructor(grammar: Grammar) {
    this.#grammar = compileGrammar(grammar);
    const first = newPosition();
    this.#add(first, this.#grammar.root, START_STATE, 0, 0, undefined);
    this.#close(first, 0);
    this.#positions.push(first);
  }

  /** Reads one token; false, and unchanged, when the grammar does not allow it here. */
  push(token: string): boolean {
    const last = this.#last;
    const readers = [...(last.readable.get(token) ?? []), ...last.readableAny];
    if (readers.length === 0 || this.#positions.length > MAX_UTTERANCE_TOKENS) return false;
    const next = newPosition();
    for (const { item, to } of readers)
      this.#add(next, item.rule, to, item.origin, item.cost, { before: item, kind: "token", text: token });
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
    return this.#last.readable.size > 0 || this.#last.readableAny.length > 0;
  }

  /** The tokens that may come next; any token where the grammar has garbage there. */
  expected(): string[] {
    return [...this.#last.readable.keys()];
  }

  /** The likeliest derivation of what was read; undefined while it is not complete. */
  parsed(): ParsedRule | undefined {
    const final = this.#final;
    return final && this.#derivation(final);
  }

  get #last(): Position {
    return this.#positions[this.#positions.length - 1] as Position;
  }

  get #final(): Item | undefined {
    return this.#last.byKey.get(this.#key(this.#grammar.root, END_STATE, 0));
  }

  #key(rule: number, state: number, origin: number): number {
    return (rule * 65_536 + state) * (MAX_UTTERANCE_TOKENS + 2) + origin;
  }

  #add(
    position: Position,
    rule: number,
    state: number,
    origin: number,
    cost: number,
    from: Origin | undefined,
  ): void {
    const key = this.#key(rule, state, origin);
    const known = position.byKey.get(key);
    if (known) {
      // A cheaper way to the same point replaces the dearer one and is followed again.
      if (cost < known.cost - 1e-9) {
        known.cost = cost;
        known.from = from;
        if (known.isSettled) {
          known.isSettled = false;
          position.items.push(known);
        }
      }
      return;
    }
    if (position.items.length >= MAX_MATCH_ITEMS)
      throw new VxmlError("VXML_GRAMMAR_INVALID", "the grammar is too ambiguous to match");
    const item: Item = { rule, state, origin, cost, from, isSettled: false };
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
      for (const edge of this.#grammar.rules[item.rule]?.states[item.state] ?? []) {
        switch (edge.kind) {
          case "token": {
            const readers = position.readable.get(edge.text);
            if (readers) readers.push({ item, to: edge.to });
            else position.readable.set(edge.text, [{ item, to: edge.to }]);
            break;
          }
          case "any":
            position.readableAny.push({ item, to: edge.to });
            break;
          case "free":
            this.#add(position, item.rule, edge.to, item.origin, item.cost + edge.cost, {
              before: item,
              kind: "tag",
              text: edge.tag,
            });
            break;
          case "rule": {
            const waiting = position.waiting.get(edge.rule);
            if (waiting) waiting.push({ item, to: edge.to });
            else {
              position.waiting.set(edge.rule, [{ item, to: edge.to }]);
              this.#add(position, edge.rule, START_STATE, at, 0, undefined);
            }
            const finished = position.empty.get(edge.rule);
            if (finished) this.#resume(position, item, edge.to, finished);
            break;
          }
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
    for (const { item, to } of begun?.waiting.get(finished.rule) ?? [])
      this.#resume(position, item, to, finished);
  }

  #resume(position: Position, item: Item, to: number, finished: Item): void {
    this.#add(position, item.rule, to, item.origin, item.cost + finished.cost, {
      before: item,
      kind: "rule",
      finished,
    });
  }

  #derivation(item: Item): ParsedRule {
    const parts: ParsedPart[] = [];
    for (let at = item.from; at; at = at.before.from) {
      if (at.kind === "token") parts.push({ kind: "token", text: at.text });
      else if (at.kind === "rule") parts.push({ kind: "rule", parsed: this.#derivation(at.finished) });
      else if (at.text !== undefined) parts.push({ kind: "tag", text: at.text });
    }
    return { rule: this.#grammar.rules[item.rule]?.name ?? "", parts: parts.reverse() };
  }
}

function newPosition(): Position {
  return {
    items: [],
    byKey: new Map(),
    waiting: new Map(),
    empty: new Map(),
    readable: new Map(),
    readableAny: [],
  };
}
