/**
 * One execution context as a machine: its documents are entered, their dialogs interpreted one after another, until
 * it is left (VoiceXML 2.0 §1.5). A session runs in one; every `<subdialog>` in one more, as an actor below the form
 * that called it (§2.3.4).
 *
 *   entering ─► interpreting ─┬─ transition ─► entering
 *      │                      └─ exit, return, error, hang-up ─► left
 *      └─ event ─► handling ─┬─ transition ─► entering
 *                            └─► left
 */
import { assign, type CallbackActorLogic, createActor, fromCallback, sendTo, setup } from "xstate";
import type { TransitionTarget, VxmlEvent } from "../completion.ts";
import { MAX_MACHINE_ITERATIONS } from "../limits.ts";
import type { ActiveForm } from "./active-form.ts";
import type { EventOutcome } from "./event-processing.ts";
import { type FormOutcome, formMachine, type SubdialogInput, type SubdialogLogic } from "./form-machine.ts";
import { type Entry, enterTarget } from "./initialization.ts";
import { type HostAnswered, type PhaseEvent, phaseActor } from "./phase-actor.ts";
import { processDialogEvent } from "./processing.ts";
import type { SessionState } from "./session-state.ts";

/** How a context was left, and in which form. */
export interface ContextOutcome {
  readonly outcome: FormOutcome;
  readonly form?: ActiveForm;
}

interface ContextData {
  readonly session: SessionState;
  target: TransitionTarget;
  form: ActiveForm | undefined;
  event: VxmlEvent | undefined;
  outcome: FormOutcome | undefined;
}

type FormDone = { readonly type: `xstate.done.actor.${string}`; readonly output: FormOutcome };
type FormError = { readonly type: `xstate.error.actor.${string}`; readonly error: unknown };
type ContextEvent = HostAnswered | PhaseEvent<unknown> | FormDone | FormError;

const EXIT: FormOutcome = { kind: "completion", completion: { type: "exit" } };

function outcomeOf<T>(event: ContextEvent): T | undefined {
  if (event.type === "phase.completed") return (event as PhaseEvent<T> & { outcome: T }).outcome;
  return "output" in event ? (event.output as T) : undefined;
}

/** Runs a subdialog's context, and tells the form that called it how it was left. */
const subdialog: SubdialogLogic = fromCallback<HostAnswered, SubdialogInput>(
  ({ input: { session, call }, sendBack, receive }) => {
    const child = session.openSubdialog();
    const actor = createActor(contextMachine, {
      input: { session: child, target: call.target },
      inspect: session.options.inspect,
    });
    const left = (outcome: FormOutcome): void => {
      child.close();
      sendBack({ type: "subdialog.left", outcome });
    };
    actor.subscribe({
      error: (error) => left({ kind: "failed", error }),
      complete: () => left(actor.getSnapshot().output?.outcome ?? EXIT),
    });
    receive((event) => actor.send(event));
    actor.start();
    return () => {
      actor.stop();
    };
  },
);

export const contextMachine = setup({
  types: {
    context: {} as ContextData,
    events: {} as ContextEvent,
    input: {} as { session: SessionState; target: TransitionTarget },
    output: {} as ContextOutcome,
  },
  actors: {
    phase: phaseActor,
    form: formMachine.provide({
      actors: { subdialog: subdialog as CallbackActorLogic<HostAnswered, SubdialogInput> },
    }),
  },
  guards: {
    isEntered: ({ event }) => outcomeOf<Entry>(event)?.ok === true,
    threwEvent: ({ event }) => {
      const entry = outcomeOf<Entry>(event);
      return entry?.ok === false && entry.completion.type === "event";
    },
    isTransition: ({ event }) => {
      const outcome = outcomeOf<EventOutcome>(event);
      return outcome?.kind === "completion" && outcome.completion.type === "transition";
    },
  },
  actions: {
    answerPhase: sendTo("phase", ({ event }) => event),
    answerForm: sendTo("form", ({ event }) => event),
    keepForm: assign({
      form: ({ event }) => {
        const entry = outcomeOf<Entry>(event);
        return entry?.ok ? entry.form : undefined;
      },
    }),
    keepEvent: assign({
      event: ({ event }) => {
        const entry = outcomeOf<Entry>(event);
        return entry?.ok === false && entry.completion.type === "event" ? entry.completion.event : undefined;
      },
    }),
    keepTransition: assign({
      target: ({ context, event }) => {
        const outcome = outcomeOf<EventOutcome>(event);
        return outcome?.kind === "completion" && outcome.completion.type === "transition"
          ? outcome.completion.target
          : context.target;
      },
    }),
    enteringEnded: assign({
      outcome: ({ event }): FormOutcome => {
        const entry = outcomeOf<Entry>(event);
        return entry?.ok === false ? { kind: "completion", completion: entry.completion } : EXIT;
      },
    }),
    keepOutcome: assign({ outcome: ({ event }) => outcomeOf<FormOutcome>(event) }),
    keepFailure: assign({
      outcome: ({ event }): FormOutcome => ({
        kind: "failed",
        error: "error" in event ? event.error : undefined,
      }),
    }),
  },
}).createMachine({
  id: "context",
  initial: "entering",
  context: ({ input }) => ({ ...input, form: undefined, event: undefined, outcome: undefined }),
  on: { "phase.failed": { target: ".left", actions: "keepFailure" } },
  states: {
    entering: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, target } }) => ({ session, steps: () => enterTarget(session, target) }),
      },
      on: {
        "host.answered": { actions: "answerPhase" },
        "phase.completed": [
          { guard: "isEntered", target: "interpreting", actions: "keepForm" },
          { guard: "threwEvent", target: "handling", actions: "keepEvent" },
          { target: "left", actions: "enteringEnded" },
        ],
      },
    },
    /** An event while a document was entered: only its own and its root's handlers can catch it. */
    handling: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, event } }) => ({
          session,
          steps: () => processDialogEvent(session, undefined, event as VxmlEvent),
        }),
      },
      on: {
        "host.answered": { actions: "answerPhase" },
        "phase.completed": [
          { guard: "isTransition", target: "entering", actions: "keepTransition" },
          { target: "left", actions: "keepOutcome" },
        ],
      },
    },
    interpreting: {
      invoke: {
        id: "form",
        src: "form",
        input: ({ context: { session, form } }) => ({ session, form: form as ActiveForm }),
        onDone: [
          { guard: "isTransition", target: "entering", actions: "keepTransition" },
          { target: "left", actions: "keepOutcome" },
        ],
        onError: { target: "left", actions: "keepFailure" },
      },
      on: { "host.answered": { actions: "answerForm" } },
    },
    left: { type: "final" },
  },
  output: ({ context }) => ({ outcome: context.outcome ?? EXIT, form: context.form }),
  options: { maxIterations: MAX_MACHINE_ITERATIONS },
});
