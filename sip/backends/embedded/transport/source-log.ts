/** Says things about a source once: a stranger who sends garbage all night fills one log line. */

/** LIMIT: sources remembered; beyond it nothing more is logged, only counted. */
const MAX_SOURCES = 1000;

export class SourceLog {
  readonly #seen = new Set<string>();

  /** Whether this is the first time, within the bound. */
  isFirst(source: string): boolean {
    if (this.#seen.size >= MAX_SOURCES || this.#seen.has(source)) return false;
    this.#seen.add(source);
    return true;
  }
}
