/** Commas and semicolons outside quotes and angle brackets (RFC 3261 §7.3.1, §25.1). */

/** Elements of a comma-separated value; empty ones are dropped. */
export function splitList(value: string): string[] {
  if (!value.includes(",")) {
    const only = value.trim();
    return only === "" ? [] : [only];
  }
  return splitOutside(value, 0x2c);
}

/** `;name=value` parameters from `start` on. Names in lower case; a value's quotes are taken off. */
export function parseParameters(text: string, start = 0): Map<string, string> {
  const parameters = new Map<string, string>();
  const first = text.indexOf(";", start);
  if (first < 0) return parameters;
  for (const part of splitOutside(text.slice(first + 1), 0x3b)) {
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name === "" || parameters.has(name)) continue;
    parameters.set(name, equals < 0 ? "" : unquote(part.slice(equals + 1).trim()));
  }
  return parameters;
}

/** Takes the quotes and escapes off a quoted-string; anything else comes back as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || text[0] !== '"' || text[text.length - 1] !== '"') return text;
  const inner = text.slice(1, -1);
  return inner.includes("\\") ? inner.replace(/\\(.)/gs, "$1") : inner;
}

/** Where a quoted-string that opens at `open` ends: the index of its closing quote, or −1. */
export function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at;
  }
  return -1;
}

function splitOutside(text: string, separator: number): string[] {
  const parts: string[] = [];
  let start = 0;
  let inBrackets = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      const close = closingQuote(text, at);
      // An unclosed quote: the rest is one element.
      if (close < 0) break;
      at = close;
    } else if (code === 0x3c) inBrackets = true;
    else if (code === 0x3e) inBrackets = false;
    else if (code === separator && !inBrackets) {
      const part = text.slice(start, at).trim();
      if (part !== "") parts.push(part);
      start = at + 1;
    }
  }
  const last = text.slice(start).trim();
  if (last !== "") parts.push(last);
  return parts;
}
