/** What all execution contexts of one session share: the caller, the bounds, what was recorded. */
import type { VxmlEvent } from "../completion.ts";
import { MAX_STEPS_WITHOUT_INPUT, MAX_TRANSITIONS_WITHOUT_INPUT } from "../limits.ts";
import type { Grammar } from "../model/grammar.ts";
import type { ScopeChain } from "../scopes/scope-chain.ts";

export class SharedState {
  /** The scopes of the context that runs: the innermost subdialog's. */
  innermost: ScopeChain | undefined;
  readonly fetchedGrammars = new Map<string, Grammar>();
  /** Ids of the recordings the host keeps for this session. */
  readonly recordings = new Set<string>();
  /** Nobody is on the line any more. */
  isDisconnected = false;
  /** It was the application that hung up. */
  disconnectedByUs = false;
  /** The caller left while nothing was waiting; the event is still to be thrown. */
  hangupIsPending = false;
  /** A phase's generator is on the stack: the sandbox may be in use. */
  isStepping = false;
  /** What the property `recordcall` last asked for. */
  recordCall: boolean | undefined;
  /** The variables of `<disconnect namelist>`, as JSON text. */
  disconnectValue: string | undefined;
  #steps = 0;
  #transitions = 0;

  /** Something came from outside: loops are counted anew. */
  inputArrived(): void {
    this.#steps = 0;
    this.#transitions = 0;
  }

  /** Counts a visit of a form item; an event when the document only turns in circles. */
  countStep(): VxmlEvent | undefined {
    if (++this.#steps <= MAX_STEPS_WITHOUT_INPUT) return undefined;
    return endless(`${MAX_STEPS_WITHOUT_INPUT} form items were visited without waiting for the caller`);
  }

  countTransition(): VxmlEvent | undefined {
    if (++this.#transitions <= MAX_TRANSITIONS_WITHOUT_INPUT) return undefined;
    return endless(`${MAX_TRANSITIONS_WITHOUT_INPUT} dialogs were entered without waiting for the caller`);
  }
}

function endless(message: string): VxmlEvent {
  return { name: "error.com.resource", message, isFatal: true };
}
