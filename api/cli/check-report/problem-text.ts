/** A problem as a person reads it: one line that says what, and below it the place with a caret. */
import type { CheckProblem } from "../../../vxml/index.ts";

/** Characters of a source line that are shown; the rest of a long line is left out around the place. */
const SHOWN_CHARACTERS = 110;

/** The problem with its excerpt. `lines` are the document's. */
export function printProblem(file: string, problem: CheckProblem, lines: readonly string[]): string[] {
  const { line, column, severity, code, message } = problem;
  return [`${file}:${line}:${column}: ${severity} ${code}: ${message}`, ...excerpt(problem, lines)];
}

/** `12 errors, 1 warning in 2 of 3 documents`. */
export function printCheckSummary(results: readonly (readonly CheckProblem[])[]): string {
  const problems = results.flat();
  if (problems.length === 0) return `${counted(results.length, "document")}: no problems`;
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const affected = results.filter((list) => list.length > 0).length;
  return `${counted(errors, "error")}, ${counted(problems.length - errors, "warning")} in ${affected} of ${counted(results.length, "document")}`;
}

/** The lines of a document, as positions count them. */
export function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, "").split(/\r?\n/);
}

function excerpt({ line, column, endColumn }: CheckProblem, lines: readonly string[]): string[] {
  const source = lines[line - 1];
  if (source === undefined) return [];
  const first = column - 1 > SHOWN_CHARACTERS - 30 ? column - 41 : 0;
  const cut = source.slice(first, first + SHOWN_CHARACTERS);
  const shown = `${first > 0 ? "…" : ""}${cut.replaceAll("\t", " ")}${first + cut.length < source.length ? "…" : ""}`;
  const indent = " ".repeat(column - 1 - first + (first > 0 ? 1 : 0));
  const room = Math.max(1, first + cut.length - (column - 1));
  const marks = "^".repeat(Math.max(1, Math.min((endColumn ?? column + 1) - column, room)));
  const number = String(line).padStart(5);
  return [`${number} | ${shown}`, `${" ".repeat(number.length)} | ${indent}${marks}`];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
