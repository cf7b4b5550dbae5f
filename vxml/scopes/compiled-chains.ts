/**
 * The functions compiled in one sandbox, for every combination of scopes that expressions ran in. One for all the
 * scope chains of a session, so that their names never meet and one bound holds for all of them.
 */
import { VxmlError } from "../errors.ts";
import { MAX_COMPILED_EXPRESSIONS, SCRIPT_FUEL } from "../limits.ts";
import type { Sandbox } from "./sandbox.ts";

/** Functions compiled for one combination of scopes. */
interface Chain {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly compiled: Map<string, number>;
}

export class CompiledChains {
  readonly #sandbox: Sandbox;
  readonly #chains = new Map<string, Chain>();
  #nextId = 1;
  #compiledCount = 0;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** Opens a scope that knows itself by these names; returns its id. */
  newScope(names: readonly string[]): string {
    const id = `s${this.#nextId++}`;
    this.#sandbox.call("newScope", [id, JSON.stringify(names)]);
    return id;
  }

  /** Drops a scope with everything that was compiled in it. */
  dropScope(id: string): void {
    if (id === "" || this.#sandbox.isPoisoned) return;
    for (const [key, chain] of this.#chains)
      if (chain.scopes.includes(id)) {
        this.#sandbox.call("dropChain", [chain.id]);
        this.#compiledCount -= chain.compiled.size;
        this.#chains.delete(key);
      }
    this.#sandbox.call("dropScope", [id]);
  }

  /** The number of a compiled function. `scopes` from the outside in; `shown` is what the author wrote. */
  compile(scopes: readonly string[], source: string, shown: string): number {
    const known = this.#chains.get(scopes.join(","))?.compiled.get(source);
    if (known !== undefined) return known;
    if (this.#compiledCount >= MAX_COMPILED_EXPRESSIONS) this.#forget();
    const chain = this.#chain(scopes);
    let number: number;
    try {
      number = this.#sandbox.callNumber("compile", [chain.id, source], SCRIPT_FUEL);
    } catch (cause) {
      if (cause instanceof VxmlError && cause.code === "VXML_SCRIPT_FAILED")
        throw new VxmlError("VXML_SCRIPT_FAILED", `${cause.message} in "${shown.trim().slice(0, 200)}"`, {
          cause,
        });
      throw cause;
    }
    chain.compiled.set(source, number);
    this.#compiledCount++;
    return number;
  }

  #chain(scopes: readonly string[]): Chain {
    const key = scopes.join(",");
    const known = this.#chains.get(key);
    if (known) return known;
    const chain: Chain = { id: `c${this.#nextId++}`, scopes, compiled: new Map() };
    this.#sandbox.call("newChain", [chain.id, ...scopes]);
    this.#chains.set(key, chain);
    return chain;
  }

  #forget(): void {
    for (const chain of this.#chains.values()) this.#sandbox.call("dropChain", [chain.id]);
    this.#chains.clear();
    this.#compiledCount = 0;
  }
}
