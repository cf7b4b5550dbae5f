/** What the passes of a check share: the document, its source, and a list of problems. */
import type { ProfileName } from "../effects.ts";
import { isElement, type Position, type XmlElement } from "../model/xml-tree.ts";
import { CHECK_CODES, type CheckCode, type Severity } from "./check-codes.ts";
import type { PlacedText, SourceText } from "./source-text.ts";

/** One problem. Line and columns count from 1, columns in UTF-16 units. */
export interface CheckProblem extends Position {
  readonly code: CheckCode;
  readonly severity: Severity;
  /** What is wrong and what would be right. */
  readonly message: string;
  /** Behind the last character of what is meant, on the same line. */
  readonly endColumn?: number;
}

export interface CheckContext {
  readonly root: XmlElement;
  /** Absolute URI of the document, without fragment. */
  readonly uri: string;
  readonly profile: ProfileName;
  readonly source: SourceText;
  readonly problems: CheckProblem[];
  /** Place and message of each problem, so that none is there twice. */
  readonly known: Set<string>;
}

/** LIMIT: problems reported for one document; the first thousand are enough to mend it. */
const MAX_PROBLEMS = 1000;
/** LIMIT: names that a wrong one is compared with. */
const MAX_COMPARED_NAMES = 500;

/** Reports at an element: its name is underlined. */
export function reportAt(context: CheckContext, element: XmlElement, code: CheckCode, message: string): void {
  const written = /^<[^\s/>]+/.exec(context.source.text.slice(context.source.offsetOf(element)))?.[0] ?? "";
  report(context, element, code, message, written.length);
}

/** Reports at an attribute's value, or at the element when it does not have the attribute. */
export function reportAtValue(
  context: CheckContext,
  element: XmlElement,
  attribute: string,
  code: CheckCode,
  message: string,
): void {
  const value = context.source.attribute(element, attribute);
  if (!value) reportAt(context, element, code, message);
  else reportInText(context, value, 0, value.text.length, code, message);
}

/** Reports at a stretch of text, of which what stands on its first line is underlined. */
export function reportInText(
  context: CheckContext,
  place: PlacedText,
  start: number,
  end: number,
  code: CheckCode,
  message: string,
): void {
  const from = place.offsets[start] ?? place.offsets.at(-1) ?? 0;
  const to = place.offsets[end] ?? from;
  const line = context.source.text.slice(from, to).split(/\r?\n/, 1)[0] ?? "";
  report(context, context.source.positionAt(from), code, message, line.length);
}

export function report(
  context: CheckContext,
  { line, column }: Position,
  code: CheckCode,
  message: string,
  length = 0,
): void {
  const { severity } = CHECK_CODES[code];
  const key = `${line}:${column} ${message}`;
  if (context.known.has(key) || context.problems.length >= MAX_PROBLEMS) return;
  context.known.add(key);
  const endColumn = length > 0 ? column + length : undefined;
  context.problems.push({ code, severity, message, line, column, ...(endColumn ? { endColumn } : {}) });
}

/** The elements of VoiceXML in and below one, in document order; grammars and metadata are not entered. */
export function* elementsIn(element: XmlElement): Generator<XmlElement> {
  yield element;
  if (element.name === "grammar" || element.name === "metadata") return;
  for (const child of element.children) if (isElement(child)) yield* elementsIn(child);
}

/** Child elements of one name. */
export function childrenOf(element: XmlElement, ...names: readonly string[]): XmlElement[] {
  return element.children.filter(isElement).filter((child) => names.includes(child.name));
}

/** The known name that was probably meant, as a question; empty when none comes near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  // Of one or two letters any other would be near.
  const allowed = name.length < 3 ? 0 : Math.max(1, Math.floor(name.length / 4));
  let best: { name: string; distance: number } | undefined;
  let compared = 0;
  for (const candidate of known) {
    if (++compared > MAX_COMPARED_NAMES) break;
    if (Math.abs(candidate.length - name.length) > allowed) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= allowed && distance < (best?.distance ?? Infinity)) best = { name: candidate, distance };
  }
  return best ? `; did you mean "${best.name}"?` : "";
}

/** Insertions, deletions and replacements from one word to another; exchanged neighbours count as one. */
function editDistance(from: string, to: string): number {
  // LIMIT: names of 100 characters; longer ones are not typing mistakes of each other.
  if (from.length > 100 || to.length > 100) return Infinity;
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      const at = (r: number, c: number): number => rows[r]?.[c] ?? 0;
      let least = Math.min(at(i - 1, j) + 1, (row[j - 1] ?? 0) + 1, at(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        least = Math.min(least, at(i - 2, j - 2) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[from.length]?.[to.length] ?? Infinity;
}
