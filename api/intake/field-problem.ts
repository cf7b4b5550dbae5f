/** What is wrong with a request, said so that its sender can correct it: where, what, and what would be right. */

export interface FieldProblem {
  /** Name as it is on the wire, such as `retry_interval`; a column's name for rows of a list. */
  readonly field: string;
  /** Line of the uploaded list, counted from 1. */
  readonly row?: number;
  readonly message: string;
}

// LIMIT: problems told in one answer; somebody with more has one mistake repeated.
const MAX_PROBLEMS = 1_000;

/** Collects problems, and counts those beyond the bound. */
export class ProblemList {
  readonly #problems: FieldProblem[] = [];
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(field: string, message: string, row?: number): void {
    this.#count++;
    if (this.#problems.length >= MAX_PROBLEMS) return;
    this.#problems.push({ field, message, ...(row === undefined ? {} : { row }) });
  }

  /** All of them, with a last one that counts what was left out. */
  list(): readonly FieldProblem[] {
    const left = this.#count - this.#problems.length;
    if (left === 0) return this.#problems;
    return [...this.#problems, { field: "", message: `and ${left} more problems` }];
  }
}
