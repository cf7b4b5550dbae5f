/**
 * Reads a dial string: a phone number, optionally as a `tel:` URI (RFC 3966 in its shape), optionally followed by
 * `;ani=` (caller ID of this call) and `;postd=` (keys to press after the answer).
 */
import { EngineError } from "../errors.ts";
import type { DialString } from "./dial-string.ts";

// LIMIT: E.164 §6 allows 15 digits. The lower bound of 3 admits emergency-style and service codes, extensions of a
// private exchange, and the numbers of a simulated carrier; fewer digits are a slip of the pen.
const MIN_DIGITS = 3;
const MAX_DIGITS = 15;

// LIMIT: the whole string, as the outbound interface documents for its phone_number field.
export const MAX_DIAL_STRING_CHARS = 128;

// LIMIT: keys after the answer; a conference code with a PIN and pauses stays far below.
const MAX_POST_DIGITS = 64;

/** Visual separators of RFC 3966 §3, and blanks as people type them. */
const SEPARATORS = /[-.() \t]/g;

/**
 * Parses one dial string. Visual separators (`-`, `.`, `(`, `)`, blanks) are removed; a blank after `;` is tolerated.
 *
 * @throws EngineError `ENGINE_DIAL_STRING_INVALID`; `details` has `part` (`number`, `ani`, `postd` or the unknown
 * parameter's name) and `position`, the index in `text` where the part begins.
 */
export function parseDialString(text: string): DialString {
  const original = text.trim();
  if (original === "") invalid("", 0, "the phone number is empty; write digits such as 16175551234");
  if (original.length > MAX_DIAL_STRING_CHARS) {
    invalid(
      "number",
      0,
      `is ${original.length} characters long; at most ${MAX_DIAL_STRING_CHARS} are allowed`,
    );
  }
  const offset = text.indexOf(original);
  const [head = "", ...parameters] = original.split(";");
  const hasScheme = /^tel:/i.test(head);
  const number = readNumber(
    hasScheme ? head.slice("tel:".length) : head,
    "number",
    offset + (hasScheme ? "tel:".length : 0),
  );

  let ani: string | undefined;
  let postDigits: string | undefined;
  let position = offset + head.length + 1;
  for (const parameter of parameters) {
    const equals = parameter.indexOf("=");
    const name = (equals < 0 ? parameter : parameter.slice(0, equals)).trim().toLowerCase();
    const value = equals < 0 ? "" : parameter.slice(equals + 1).trim();
    if (name === "ani") {
      if (ani !== undefined) invalid("ani", position, "is given twice; give it once");
      ani = readNumber(value, "ani", position);
    } else if (name === "postd") {
      if (postDigits !== undefined) invalid("postd", position, "is given twice; give it once");
      postDigits = readPostDigits(value, position);
    } else {
      const shown = name === "" ? "an empty parameter" : `"${name}"`;
      invalid(name, position, `${shown} is not a known parameter; only ani= and postd= are`);
    }
    position += parameter.length + 1;
  }
  return {
    number,
    ...(ani === undefined ? {} : { ani }),
    ...(postDigits === undefined ? {} : { postDigits }),
    original,
  };
}

function readNumber(text: string, part: "number" | "ani", position: number): string {
  const compact = text.replace(SEPARATORS, "");
  const digits = compact.startsWith("+") ? compact.slice(1) : compact;
  const stray = /[^0-9]/.exec(digits);
  if (stray) {
    invalid(
      part,
      part === "ani" ? position : position + text.indexOf(stray[0], text.startsWith("+") ? 1 : 0),
      `has ${JSON.stringify(stray[0])}; write digits with an optional leading +`,
    );
  }
  if (digits.length < MIN_DIGITS || digits.length > MAX_DIGITS) {
    invalid(part, position, `has ${digits.length} digits; ${MIN_DIGITS} to ${MAX_DIGITS} are dialable`);
  }
  return compact;
}

function readPostDigits(text: string, position: number): string {
  // Lower-case a-d are keys too; `p` stays lower case, as documented for pauses.
  const keys = text
    .replace(/[- ]/g, "")
    .replace(/[a-d]/g, (key) => key.toUpperCase())
    .replace(/P/g, "p");
  if (!/^[0-9*#A-Dp]+$/.test(keys)) {
    invalid("postd", position, `is ${JSON.stringify(text)}; write keys 0-9 * # A-D, and p for a pause`);
  }
  if (keys.length > MAX_POST_DIGITS) {
    invalid("postd", position, `has ${keys.length} keys; at most ${MAX_POST_DIGITS} are allowed`);
  }
  return keys;
}

function invalid(part: string, position: number, problem: string): never {
  const subject = part === "ani" || part === "postd" ? `${part} ` : part === "number" ? "the number " : "";
  throw new EngineError("ENGINE_DIAL_STRING_INVALID", `${subject}${problem} (character ${position + 1})`, {
    details: { part, position },
  });
}
