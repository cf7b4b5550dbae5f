/** Waits for conditions that are looked at whenever something happens: no polling, no sleeping. */
export class Watch {
  #waiting: { readonly condition: () => boolean; readonly done: () => void }[] = [];

  /** Something happened. */
  check(): void {
    const met = this.#waiting.filter(({ condition }) => condition());
    this.#waiting = this.#waiting.filter((waiting) => !met.includes(waiting));
    for (const { done } of met) done();
  }

  /** Resolves once the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((done) => this.#waiting.push({ condition, done }));
  }
}
