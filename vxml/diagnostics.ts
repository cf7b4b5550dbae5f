/** What is wrong with a document: collected, with line and column, and shown together. */
import type { Position } from "./model/xml-tree.ts";

/** A stable word per kind of problem. */
export type DiagnosticCode =
  | "xml"
  | "element-unknown"
  | "element-misplaced"
  | "attribute-unknown"
  | "attribute-missing"
  | "attribute-conflict"
  | "attribute-value"
  | "text-misplaced"
  | "name-duplicate"
  | "grammar"
  | "limit";

/** One problem. Line and column count from 1. */
export interface Diagnostic extends Position {
  readonly code: DiagnosticCode;
  /** What is wrong and what would be right. */
  readonly message: string;
  /** The attribute that is wrong, where it is one that is there; the position is its element's. */
  readonly attribute?: string;
}

/** One line for a log or an event's message: `12:7 <field> does not have …`. */
export function printDiagnostic(diagnostic: Diagnostic): string {
  return `${diagnostic.line}:${diagnostic.column} ${diagnostic.message}`;
}
