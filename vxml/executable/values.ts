/** Values on their way out: into form fields of a submission and into the result of a session. */
import type { ScopeChain } from "../scopes/scope-chain.ts";

/** LIMIT: fields one submission may carry. */
const MAX_FIELDS = 1000;

/**
 * Variables as form fields (VoiceXML 2.0 §5.3.8). Objects are sent as one field per property, with dotted names;
 * what is undefined is sent as the text `undefined`, as ECMAScript would print it.
 */
export function submissionFields(
  names: readonly string[],
  scopes: ScopeChain,
): (readonly [name: string, value: string])[] {
  return names.flatMap((name) => flatten(name, scopes.evaluate(name))).slice(0, MAX_FIELDS);
}

function flatten(name: string, value: unknown): (readonly [string, string])[] {
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => flatten(`${name}.${key}`, inner));
  return [[name, String(value)]];
}

/** The named variables as one JSON object; undefined ones are left out. */
export function namedValues(names: readonly string[], scopes: ScopeChain): string {
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, scopes.evaluate(name)])));
}
