/**
 * The interpreter as a voice session sees it: start it with a host, answer its requests. The dialog worker binds
 * this to the interpreter with its script engines; tests script it by hand.
 */
import type {
  ActiveGrammar,
  CollectResult,
  HostResult,
  InputTiming,
  NoticeEffect,
  ProfileName,
  RequestEffect,
  SessionEnding,
  SessionVariables,
} from "../../vxml/index.ts";

/** The event that ends a session whose platform failed under it, its worker's death too; no author can catch it. */
export const PLATFORM_FAILURE_EVENT = "error.voxdial.internal";

/** One running interpreter. */
export interface Interpreter {
  /** Answers the outstanding request. */
  resume(result: HostResult): void;
  /** Sets one path below `session`. */
  setVariable(path: readonly string[], value: unknown): void;
  /** The caller is gone; thrown in the script as `connection.disconnect.hangup` when it next can be. */
  hangUp(): void;
  /** Ends at once, running nothing further. */
  stop(): void;
}

/** What the interpreter tells and asks. May be called while it starts or resumes. */
export interface InterpreterHost {
  request(effect: RequestEffect): void;
  notice(effect: NoticeEffect): void;
  ended(ending: SessionEnding): void;
}

export interface InterpreterStart {
  readonly profile: ProfileName;
  readonly start: {
    readonly uri: string;
    readonly method: "GET" | "POST";
    readonly fields: ReadonlyArray<readonly [name: string, value: string]>;
  };
  readonly variables: SessionVariables;
}

export type StartInterpreter = (start: InterpreterStart, host: InterpreterHost) => Interpreter;

/** Keys to a match, without a clock (VoiceXML 2.0 Appendix D): for one collect, not used after its result. */
export interface KeyCollector {
  key(key: string): KeyCollectorStep;
  promptsEnded(): KeyCollectorStep;
  timeout(): KeyCollectorStep;
}

/** `wait` re-arms the one timer; without `timeoutMs` no timer runs. */
export type KeyCollectorStep =
  | { readonly type: "wait"; readonly timeoutMs?: number }
  | { readonly type: "result"; readonly result: CollectResult };

export type CreateKeyCollector = (grammars: readonly ActiveGrammar[], timing: InputTiming) => KeyCollector;
