/** How often each event happened in one form or form item (VoiceXML 2.0 §5.2.2), counted for its prefixes too. */
export class EventCounters {
  readonly #counts = new Map<string, number>();

  /** Counts `a.b.c` as `a.b.c`, `a.b` and `a`. */
  count(name: string): void {
    for (const prefix of prefixesOf(name)) this.#counts.set(prefix, this.of(prefix) + 1);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  reset(): void {
    this.#counts.clear();
  }
}

/** `a.b.c` to `a`, `a.b`, `a.b.c`. */
export function prefixesOf(name: string): string[] {
  const parts = name.split(".");
  return parts.map((_, index) => parts.slice(0, index + 1).join("."));
}
