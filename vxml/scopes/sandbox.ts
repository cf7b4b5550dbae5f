/**
 * One ECMAScript engine in one WebAssembly instance of its own: bounded memory, metered loops, no host function
 * inside. A script that runs too long is first interrupted, which leaves the sandbox usable; a native loop that
 * never asks ends in a trap, after which the sandbox is *poisoned* and only fit to be dropped.
 */
import baseVariant from "@jitl/quickjs-ng-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from "quickjs-emscripten-core";
import { VxmlError } from "../errors.ts";
import {
  EXPRESSION_FUEL,
  RESERVE_FUEL,
  SANDBOX_INITIAL_PAGES,
  SANDBOX_MAXIMUM_PAGES,
  SANDBOX_STACK_BYTES,
} from "../limits.ts";
import { SANDBOX_FUNCTIONS, SANDBOX_PRELUDE, type SandboxFunction } from "./sandbox-prelude.ts";

export class Sandbox {
  readonly memory: WebAssembly.Memory;
  readonly #context: QuickJSContext;
  readonly #fuel: WebAssembly.Global;
  readonly #functions = new Map<SandboxFunction, QuickJSHandle>();
  readonly #undefined: QuickJSHandle;
  #isPoisoned = false;

  private constructor(memory: WebAssembly.Memory, context: QuickJSContext, fuel: WebAssembly.Global) {
    this.memory = memory;
    this.#context = context;
    this.#fuel = fuel;
    this.#undefined = context.undefined;
    this.#fuel.value = 0x7fff_ffff;
    const prelude = context.unwrapResult(context.evalCode(SANDBOX_PRELUDE));
    for (const name of SANDBOX_FUNCTIONS) this.#functions.set(name, context.getProp(prelude, name));
    prelude.dispose();
  }

  /** Makes an instance of the metered module: about 3 ms. */
  static async create(module: WebAssembly.Module): Promise<Sandbox> {
    const memory = new WebAssembly.Memory({
      initial: SANDBOX_INITIAL_PAGES,
      maximum: SANDBOX_MAXIMUM_PAGES,
    });
    let fuel: WebAssembly.Global | undefined;
    const variant = newVariant(baseVariant as unknown as QuickJSSyncVariant, {
      wasmMemory: memory,
      emscriptenModule: {
        instantiateWasm(imports, onSuccess) {
          const instance = new WebAssembly.Instance(module, imports as WebAssembly.Imports);
          fuel = instance.exports.fuel as WebAssembly.Global;
          onSuccess(instance);
          return instance.exports;
        },
      },
    });
    const engine = await newQuickJSWASMModuleFromVariant(variant);
    const meter = fuel;
    if (!meter)
      throw new VxmlError("VXML_SANDBOX_UNSUITABLE", "the script engine's module exports no fuel counter");
    const runtime = engine.newRuntime();
    runtime.setMaxStackSize(SANDBOX_STACK_BYTES);
    runtime.setInterruptHandler(() => meter.value < RESERVE_FUEL);
    return new Sandbox(memory, runtime.newContext(), meter);
  }

  /** Whether an uncontrolled end left it in an unknown state. */
  get isPoisoned(): boolean {
    return this.#isPoisoned;
  }

  /** Addresses that must be equal in two sandboxes for one to take over the other's memory image. */
  get layout(): string {
    // The handles' addresses are the only host-side state that refers into the memory.
    return [...this.#functions.values()].map((handle) => String(handle.value)).join(",");
  }

  callNumber(name: SandboxFunction, args: readonly (string | number)[], fuel = EXPRESSION_FUEL): number {
    return this.#call(name, args, fuel, (result) => this.#context.getNumber(result));
  }

  callText(name: SandboxFunction, args: readonly (string | number)[], fuel = EXPRESSION_FUEL): string {
    return this.#call(name, args, fuel, (result) => this.#context.getString(result));
  }

  call(name: SandboxFunction, args: readonly (string | number)[], fuel = EXPRESSION_FUEL): void {
    this.#call(name, args, fuel, () => undefined);
  }

  #call<T>(
    name: SandboxFunction,
    args: readonly (string | number)[],
    fuel: number,
    read: (result: QuickJSHandle) => T,
  ): T {
    if (this.#isPoisoned) throw exhausted("the session's script engine has ended");
    const context = this.#context;
    this.#fuel.value = fuel + RESERVE_FUEL;
    try {
      const handles = args.map((arg) =>
        typeof arg === "number" ? context.newNumber(arg) : context.newString(arg),
      );
      const result = context.callFunction(this.#function(name), this.#undefined, ...handles);
      for (const handle of handles) handle.dispose();
      if (result.error) {
        const failure = this.#describe(result.error);
        result.error.dispose();
        throw failure;
      }
      const value = read(result.value);
      result.value.dispose();
      return value;
    } catch (cause) {
      if (cause instanceof VxmlError) throw cause;
      // A trap, or our own stack ran out inside the engine: nothing in there can be trusted any more.
      this.#isPoisoned = true;
      throw exhausted("the script used up its time or memory", cause);
    }
  }

  #function(name: SandboxFunction): QuickJSHandle {
    const handle = this.#functions.get(name);
    if (!handle) throw new VxmlError("VXML_SANDBOX_UNSUITABLE", `the sandbox has no function ${name}`);
    return handle;
  }

  /** Reads an error inside the sandbox, where a hostile `message` getter is metered like any script. */
  #describe(error: QuickJSHandle): VxmlError {
    this.#fuel.value = EXPRESSION_FUEL + RESERVE_FUEL;
    const result = this.#context.callFunction(this.#function("describe"), this.#undefined, error);
    if (result.error) {
      result.error.dispose();
      return exhausted("the script used up its time or memory");
    }
    const [name = "", message = ""] = JSON.parse(this.#context.getString(result.value)) as string[];
    result.value.dispose();
    if (name === "InternalError" && /interrupted|out of memory|stack overflow/.test(message))
      return exhausted(`the script used up its time or memory (${message})`);
    return new VxmlError("VXML_SCRIPT_FAILED", name === "" ? message : `${name}: ${message}`, {
      details: { name },
    });
  }
}

function exhausted(message: string, cause?: unknown): VxmlError {
  return new VxmlError("VXML_SCRIPT_EXHAUSTED", message, { cause });
}
