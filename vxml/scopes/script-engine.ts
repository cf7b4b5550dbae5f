/**
 * ECMAScript for sessions: prepared once per thread from the engine's WebAssembly bytes, then one metered sandbox
 * per session out of a pool.
 */
import { VxmlError } from "../errors.ts";
import { SANDBOX_INITIAL_PAGES, SANDBOX_MAXIMUM_PAGES } from "../limits.ts";
import { injectFuel } from "./fuel-injection.ts";
import type { Sandbox } from "./sandbox.ts";
import { SandboxPool } from "./sandbox-pool.ts";

/** The script engines of one thread; made by `prepareScripts`, shared by all its sessions. */
export class ScriptEngines {
  readonly #pool: SandboxPool;

  constructor(pool: SandboxPool) {
    this.#pool = pool;
  }

  /** A sandbox at once, if one is ready; otherwise ask `take`. */
  takeReady(): Sandbox | undefined {
    return this.#pool.takeReady();
  }

  /** Rejects with `VxmlError` when no further instance can be made. */
  take(): Promise<Sandbox> {
    return this.#pool.take();
  }

  /** Makes sandboxes ready, up to the pool's size, so that as many sessions start without delay. */
  warm(count: number): Promise<void> {
    return this.#pool.warm(count);
  }

  /** Ends a session's use. */
  giveBack(sandbox: Sandbox): void {
    this.#pool.giveBack(sandbox);
  }

  /** Sandboxes ready for new sessions. */
  get readyCount(): number {
    return this.#pool.readyCount;
  }
}

/**
 * Prepares the engine for this thread, in about 0.1 s. `wasmBytes` is the file
 * `@jitl/quickjs-ng-wasmfile-release-sync/wasm`; the room reads no files itself. Rejects with
 * `VXML_SANDBOX_UNSUITABLE` when the bytes are not of the supported engine.
 */
export async function prepareScripts(wasmBytes: Uint8Array): Promise<ScriptEngines> {
  const metered = injectFuel(wasmBytes, {
    initialPages: SANDBOX_INITIAL_PAGES,
    maximumPages: SANDBOX_MAXIMUM_PAGES,
  });
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(metered);
  } catch (cause) {
    throw new VxmlError(
      "VXML_SANDBOX_UNSUITABLE",
      "the script engine's WebAssembly file is unsuitable: it does not compile when metered",
      { cause },
    );
  }
  return new ScriptEngines(await SandboxPool.create(module));
}
