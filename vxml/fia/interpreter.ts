/**
 * The door to a running session: starts the session machine on a sandbox, carries requests out to the host and
 * answers back in. Whatever happens inside, the host is told `ended` exactly once and never sees an exception.
 */
import { type Actor, createActor } from "xstate";
import type { HostResult } from "../completion.ts";
import type { RequestEffect, SessionEnding } from "../effects.ts";
import { VxmlError } from "../errors.ts";
import type { Sandbox } from "../scopes/sandbox.ts";
import type { ScriptEngines } from "../scopes/script-engine.ts";
import { internalEnding, sessionMachine } from "./session-machine.ts";
import { type SessionHost, type SessionStart, SessionState } from "./session-state.ts";

export interface SessionOptions extends SessionStart {
  readonly scripts: ScriptEngines;
}

export type ExpressionReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

export interface InterpreterSession {
  /** Answers the outstanding request. Ignored when none is outstanding. */
  resume(result: HostResult): void;
  /** Sets one path below `session` for every script that reads it from now on. */
  setVariable(path: readonly string[], value: unknown): void;
  /**
   * What an expression is worth where the document stands, while it waits for an answer: for tests and debuggers.
   * Values are JSON data. It runs in the document's own scopes, within the bounds of any expression.
   */
  evaluate(expression: string): ExpressionReading;
  /**
   * The caller is gone. Answers a wait for input or for the end of prompts; at any other time
   * `connection.disconnect.hangup` is thrown at the next opportunity. The document may still run, without a caller.
   */
  hangUp(): void;
  /** Ends at once, without running anything further; `ended` is not called. */
  stop(): void;
}

/** Starts a session. The host may be called before this returns. */
export function startSession(options: SessionOptions, host: SessionHost): InterpreterSession {
  const session = new RunningSession(options, host);
  session.start();
  return session;
}

class RunningSession implements InterpreterSession {
  readonly #options: SessionOptions;
  readonly #host: SessionHost;
  #actor: Actor<typeof sessionMachine> | undefined;
  #state: SessionState | undefined;
  #sandbox: Sandbox | undefined;
  /** The request the host has not answered yet. */
  #outstanding: RequestEffect | undefined;
  #variables: { path: readonly string[]; value: unknown }[] = [];
  #hungUpEarly = false;
  #isOver = false;

  constructor(options: SessionOptions, host: SessionHost) {
    this.#options = options;
    this.#host = host;
  }

  start(): void {
    const ready = this.#options.scripts.takeReady();
    if (ready) {
      this.#begin(ready);
      return;
    }
    this.#options.scripts.take().then(
      (sandbox) => {
        if (this.#isOver) this.#options.scripts.giveBack(sandbox);
        else this.#begin(sandbox);
      },
      (error) => this.#end(internalEnding(error)),
    );
  }

  resume(result: HostResult): void {
    if (this.#isOver || !this.#outstanding) return;
    this.#outstanding = undefined;
    this.#actor?.send({ type: "host.answered", result });
  }

  setVariable(path: readonly string[], value: unknown): void {
    if (this.#isOver || path.length === 0) return;
    if (!this.#state) this.#variables.push({ path, value });
    else if (!this.#state.sandbox.isPoisoned)
      this.#guarded(() => this.#state?.scopes.putSession(path, value));
  }

  evaluate(expression: string): ExpressionReading {
    const state = this.#state;
    const scopes = state?.shared.innermost;
    if (
      this.#isOver ||
      !this.#outstanding ||
      !scopes ||
      state?.sandbox.isPoisoned ||
      state?.shared.isStepping
    )
      return { ok: false, reason: "the document does not wait" };
    try {
      return { ok: true, value: scopes.evaluate(expression) };
    } catch (error) {
      if (error instanceof VxmlError) return { ok: false, reason: error.message };
      throw error;
    }
  }

  hangUp(): void {
    if (this.#isOver) return;
    const waiting = this.#outstanding?.type;
    if (waiting !== undefined && waiting !== "fetch") this.resume({ type: "hangup" });
    else if (!this.#state) this.#hungUpEarly = true;
    else if (!this.#state.isDisconnected) this.#state.shared.hangupIsPending = true;
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release();
  }

  #begin(sandbox: Sandbox): void {
    this.#sandbox = sandbox;
    this.#guarded(() => {
      const state = SessionState.first(this.#options, this.#wrappedHost(), sandbox);
      this.#state = state;
      for (const { path, value } of this.#variables) state.scopes.putSession(path, value);
      state.scopes.seedRandom(Math.floor(Math.random() * 0xffff_ffff));
      state.shared.hangupIsPending = this.#hungUpEarly;
      const actor = createActor(sessionMachine, {
        input: { session: state },
        inspect: this.#options.inspect,
      });
      this.#actor = actor;
      // An actor whose errors nobody observes would end the process.
      actor.subscribe({
        error: (error) => this.#end(internalEnding(error)),
        complete: () => this.#end(actor.getSnapshot().output ?? { kind: "exit" }),
      });
      actor.start();
    });
  }

  /** A host that fails in a call harms only its own session. */
  #wrappedHost(): SessionHost {
    return {
      request: (effect) => {
        if (this.#isOver) return;
        this.#outstanding = effect;
        this.#host.request(effect);
      },
      notice: (effect) => {
        if (!this.#isOver) this.#host.notice(effect);
      },
      ended: () => undefined,
    };
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#end(internalEnding(error));
    }
  }

  #end(ending: SessionEnding): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release();
    this.#host.ended(ending);
  }

  #release(): void {
    this.#outstanding = undefined;
    this.#actor?.stop();
    // Stopped by its host from inside a notice, the sandbox is still in use: it is dropped instead.
    if (this.#sandbox && !this.#state?.shared.isStepping) this.#options.scripts.giveBack(this.#sandbox);
    this.#sandbox = undefined;
    this.#state = undefined;
  }
}
