/**
 * One voice session as a machine: the start document is loaded, an execution context runs it and what it leads to,
 * and at the end what is still queued is heard (VoiceXML 2.0 §1.5).
 *
 *   loading ─► running ─► leaving ─► exited
 *      └─ failed ────────────┘
 */
import { assign, sendTo, setup } from "xstate";
import type { LoadedDocument, Steps, TransitionTarget, VxmlEvent } from "../completion.ts";
import type { SessionEnding } from "../effects.ts";
import { MAX_MACHINE_ITERATIONS } from "../limits.ts";
import { type Loaded, loadDocument } from "../resources/loading.ts";
import { fetchLimits } from "../resources/request.ts";
import { fragmentOf, withoutFragment } from "../resources/uri.ts";
import type { ActiveForm } from "./active-form.ts";
import { type ContextOutcome, contextMachine } from "./context-machine.ts";
import { propertiesAt } from "./contexts.ts";
import type { FormOutcome } from "./form-machine.ts";
import { type HostAnswered, type PhaseEvent, phaseActor } from "./phase-actor.ts";
import type { SessionState } from "./session-state.ts";

interface SessionContext {
  readonly session: SessionState;
  target: TransitionTarget | undefined;
  /** Where the session was when it ended. */
  form: ActiveForm | undefined;
  ending: SessionEnding | undefined;
}

type ContextDone = { readonly type: `xstate.done.actor.${string}`; readonly output: ContextOutcome };
type ContextError = { readonly type: `xstate.error.actor.${string}`; readonly error: unknown };
type SessionEvent = HostAnswered | PhaseEvent<unknown> | ContextDone | ContextError;

function outcomeOf<T>(event: SessionEvent): T | undefined {
  if (event.type === "phase.completed") return (event as PhaseEvent<T> & { outcome: T }).outcome;
  return "output" in event ? (event.output as T) : undefined;
}

/** How leaving a form, or failing to enter one, ends the session. */
function endingOf(session: SessionState, outcome: FormOutcome | undefined): SessionEnding {
  if (outcome?.kind === "completion") {
    const { completion } = outcome;
    if (completion.type === "exit")
      return { ...(gone(session) ?? { kind: "exit" }), value: completion.value };
    if (completion.type === "event") return endingOfEvent(session, completion.event);
    return gone(session) ?? { kind: "exit" };
  }
  if (outcome?.kind === "end") return endingOfEvent(session, outcome.event);
  if (outcome?.kind === "failed") return internalEnding(outcome.error);
  return gone(session) ?? { kind: "exit" };
}

/** An exit after the call was over is reported as the end of the call. */
function gone(session: SessionState): SessionEnding | undefined {
  if (!session.isDisconnected) return undefined;
  return { kind: session.shared.disconnectedByUs ? "disconnect" : "hangup" };
}

function endingOfEvent(session: SessionState, event: VxmlEvent): SessionEnding {
  if (event.name.startsWith("connection.disconnect")) return gone(session) ?? { kind: "hangup" };
  if (event.name === "exit") return { kind: "exit" };
  const position = event.position ? `${event.position.line}:${event.position.column} ` : "";
  return { kind: "error", event: event.name, message: `${position}${event.message ?? ""}`.trim() };
}

/** Of a mistake inside the interpreter. */
export function internalEnding(error: unknown): SessionEnding {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "error", event: "error.voxdial.internal", message: message.slice(0, 2000) };
}

function* loadStart(session: SessionState): Steps<Loaded<TransitionTarget>> {
  const { uri, method, fields } = session.options.start;
  const loaded: Loaded<LoadedDocument> = yield* loadDocument(
    {
      purpose: "document",
      uri: withoutFragment(uri),
      method,
      fields: fields.length > 0 ? fields : undefined,
      ...fetchLimits("document", {}, propertiesAt(session, undefined, undefined)),
    },
    session.profile,
    undefined,
  );
  if (!loaded.ok) return loaded;
  return { ok: true, value: { loaded: loaded.value, dialogId: fragmentOf(uri), via: "goto" } };
}

/** What is still queued is heard before the session ends (§4.1.8). */
function* playRest(session: SessionState, form: ActiveForm | undefined): Steps<undefined> {
  const { prompts } = session.queue.drain();
  if (prompts.length === 0 || session.isDisconnected || session.shared.hangupIsPending) return undefined;
  // A document that could not be entered has no form yet; the last one is of another document.
  const isOurs = form !== undefined && session.document?.dialogs.includes(form.dialog) === true;
  session.noteRecordCall(propertiesAt(session, isOurs ? form : undefined, undefined));
  const result = yield { type: "play", prompts };
  if ("type" in result && result.type === "hangup") session.isDisconnected = true;
  return undefined;
}

export const sessionMachine = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionEvent,
    input: {} as { session: SessionState },
    output: {} as SessionEnding,
  },
  actors: { phase: phaseActor, context: contextMachine },
  guards: {
    isLoaded: ({ event }) => outcomeOf<Loaded<TransitionTarget>>(event)?.ok === true,
    /** A mistake of ours: nothing further is played. */
    hasFailed: ({ event }) => outcomeOf<ContextOutcome>(event)?.outcome.kind === "failed",
  },
  actions: {
    answerPhase: sendTo("phase", ({ event }) => event),
    answerContext: sendTo("context", ({ event }) => event),
    keepStart: assign({
      target: ({ event }) => {
        const loaded = outcomeOf<Loaded<TransitionTarget>>(event);
        return loaded?.ok ? loaded.value : undefined;
      },
    }),
    loadingFailed: assign({
      ending: ({ context, event }) => {
        const loaded = outcomeOf<Loaded<TransitionTarget>>(event);
        return loaded?.ok === false ? endingOfEvent(context.session, loaded.event) : undefined;
      },
    }),
    keepEnding: assign({
      form: ({ event }) => outcomeOf<ContextOutcome>(event)?.form,
      ending: ({ context, event }) => endingOf(context.session, outcomeOf<ContextOutcome>(event)?.outcome),
    }),
    keepFailure: assign({
      ending: ({ event }) => internalEnding("error" in event ? event.error : undefined),
    }),
  },
}).createMachine({
  id: "session",
  initial: "loading",
  context: ({ input }) => ({
    session: input.session,
    target: undefined,
    form: undefined,
    ending: undefined,
  }),
  on: { "phase.failed": { target: ".exited", actions: "keepFailure" } },
  states: {
    loading: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session } }) => ({ session, steps: () => loadStart(session) }),
      },
      on: {
        "host.answered": { actions: "answerPhase" },
        "phase.completed": [
          { guard: "isLoaded", target: "running", actions: "keepStart" },
          { target: "leaving", actions: "loadingFailed" },
        ],
      },
    },
    running: {
      invoke: {
        id: "context",
        src: "context",
        input: ({ context: { session, target } }) => ({ session, target: target as TransitionTarget }),
        onDone: [
          { guard: "hasFailed", target: "exited", actions: "keepEnding" },
          { target: "leaving", actions: "keepEnding" },
        ],
        onError: { target: "exited", actions: "keepFailure" },
      },
      on: { "host.answered": { actions: "answerContext" } },
    },
    leaving: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, form } }) => ({ session, steps: () => playRest(session, form) }),
      },
      on: {
        "host.answered": { actions: "answerPhase" },
        "phase.completed": { target: "exited" },
      },
    },
    exited: { type: "final" },
  },
  output: ({ context }) => {
    const ending: SessionEnding = context.ending ?? { kind: "exit" };
    const { disconnectValue } = context.session.shared;
    return disconnectValue === undefined ? ending : { ...ending, disconnectValue };
  },
  options: { maxIterations: MAX_MACHINE_ITERATIONS },
});
