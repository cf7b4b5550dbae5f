/** Short names for building grammars in code. */
import type { Expansion } from "../model/grammar.ts";

/** One token; words with spaces between are said one after the other. */
export function token(text: string): Expansion {
  return { kind: "token", text };
}

export function tag(text: string): Expansion {
  return { kind: "tag", text };
}

export function rule(name: string): Expansion {
  return { kind: "rule", name };
}

export function sequence(...parts: (Expansion | string)[]): Expansion {
  return { kind: "sequence", parts: parts.map(asExpansion) };
}

export function choose(...choices: (Expansion | string)[]): Expansion {
  return { kind: "alternatives", choices: choices.map(asExpansion) };
}

export function optional(...parts: (Expansion | string)[]): Expansion {
  return repeat(0, 1, ...parts);
}

/** `max` null: without end. */
export function repeat(min: number, max: number | null, ...parts: (Expansion | string)[]): Expansion {
  return { kind: "repeat", of: sequence(...parts), min, max };
}

function asExpansion(part: Expansion | string): Expansion {
  return typeof part === "string" ? token(part) : part;
}
