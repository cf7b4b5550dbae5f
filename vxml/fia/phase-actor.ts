/**
 * Runs one phase's generator as an XState actor: asks the host for each effect it yields, resumes it with the
 * answer, and tells its parent how it ended. The only place where interpretation waits.
 */
import { fromCallback } from "xstate";
import type { HostResult, Steps } from "../completion.ts";
import type { SessionState } from "./session-state.ts";

/** The host answered the outstanding request. */
export interface HostAnswered {
  readonly type: "host.answered";
  readonly result: HostResult;
}

export type PhaseEvent<T> =
  | { readonly type: "phase.completed"; readonly outcome: T }
  | { readonly type: "phase.failed"; readonly error: unknown };

export interface PhaseInput {
  readonly session: SessionState;
  readonly steps: () => Steps<unknown>;
}

export const phaseActor = fromCallback<HostAnswered, PhaseInput>(({ input, sendBack, receive }) => {
  let steps: Steps<unknown> | undefined;
  const advance = (answer?: HostResult): void => {
    try {
      steps ??= input.steps();
      input.session.shared.isStepping = true;
      const next = answer === undefined ? steps.next(undefined as never) : steps.next(answer);
      input.session.shared.isStepping = false;
      if (next.done) sendBack({ type: "phase.completed", outcome: next.value });
      else input.session.host.request(next.value);
    } catch (error) {
      input.session.shared.isStepping = false;
      sendBack({ type: "phase.failed", error });
    }
  };
  receive((event) => advance(event.result));
  advance();
  // A phase left early closes its scopes on the way out.
  return () => {
    try {
      steps?.return(undefined);
    } catch {
      // The sandbox may be gone already; nothing of this session is used again.
    }
  };
});
