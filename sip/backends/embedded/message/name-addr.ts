/** `name-addr` and `addr-spec` with parameters: From, To, Contact, Route (RFC 3261 §20.10, §25.1). */
import { closingQuote, parseParameters, unquote } from "./list-values.ts";

export interface NameAddr {
  /** Without quotes; absent when there is none. */
  readonly displayName?: string;
  readonly uri: string;
  /** Those outside the angle brackets: `tag`, `expires`, … */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads one address; `undefined` when it is malformed. */
export function parseNameAddr(text: string): NameAddr | undefined {
  const trimmed = text.trim();
  let at = 0;
  let displayName: string | undefined;
  if (trimmed.charCodeAt(0) === 0x22) {
    const close = closingQuote(trimmed, 0);
    if (close < 0) return undefined;
    displayName = unquote(trimmed.slice(0, close + 1));
    at = close + 1;
  }
  const open = trimmed.indexOf("<", at);
  if (open >= 0) {
    const close = trimmed.indexOf(">", open);
    if (close < 0) return undefined;
    const between = trimmed.slice(at, open).trim();
    if (displayName === undefined) {
      if (between !== "") displayName = between;
    } else if (between !== "") return undefined;
    const after = trimmed.slice(close + 1);
    if (after !== "" && !/^\s*;/.test(after) && after.trim() !== "") return undefined;
    const uri = trimmed.slice(open + 1, close).trim();
    return isUri(uri) ? { displayName, uri, parameters: parseParameters(after) } : undefined;
  }
  if (displayName !== undefined) return undefined;
  // §20: without brackets, parameters after the URI belong to the header field.
  const semicolon = trimmed.indexOf(";");
  const uri = (semicolon < 0 ? trimmed : trimmed.slice(0, semicolon)).trim();
  return isUri(uri) ? { uri, parameters: parseParameters(trimmed) } : undefined;
}

/** Any scheme: a URI that we cannot call may still stand in From. */
function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"]+$/.test(text);
}
