/**
 * One voice session as a machine: documents are loaded and entered, dialogs interpreted one after another, and at
 * the end what is still queued is heard (VoiceXML 2.0 §1.5).
 *
 *   loading ─► entering ─► interpreting ─┬─ transition ─► entering
 *      │           │                     ├─ exit, error, hang-up ─► leaving ─► exited
 *      └─ failed ──┴── event ────────────┘
 */
import { assign, sendTo, setup } from "xstate";
import type { LoadedDocument, Steps, TransitionTarget, VxmlEvent } from "../completion.ts";
import type { SessionEnding } from "../effects.ts";
import { MAX_MACHINE_ITERATIONS } from "../limits.ts";
import { type Loaded, loadDocument } from "../resources/loading.ts";
import { fetchLimits } from "../resources/request.ts";
import { fragmentOf, withoutFragment } from "../resources/uri.ts";
import type { ActiveForm } from "./active-form.ts";
import { propertiesAt } from "./contexts.ts";
import type { EventOutcome } from "./event-processing.ts";
import { type FormOutcome, formMachine } from "./form-machine.ts";
import { type Entry, enterTarget } from "./initialization.ts";
import { type HostAnswered, type PhaseEvent, phaseActor } from "./phase-actor.ts";
import { processDialogEvent } from "./processing.ts";
import type { SessionState } from "./session-state.ts";

interface SessionContext {
  readonly session: SessionState;
  target: TransitionTarget | undefined;
  form: ActiveForm | undefined;
  event: VxmlEvent | undefined;
  ending: SessionEnding | undefined;
}

type FormDone = { readonly type: `xstate.done.actor.${string}`; readonly output: FormOutcome };
type FormError = { readonly type: `xstate.error.actor.${string}`; readonly error: unknown };
type SessionEvent = HostAnswered | PhaseEvent<unknown> | FormDone | FormError;

function outcomeOf<T>(event: SessionEvent): T | undefined {
  if (event.type === "phase.completed") return (event as PhaseEvent<T> & { outcome: T }).outcome;
  return "output" in event ? (event.output as T) : undefined;
}

/** How leaving a form, or failing to enter one, ends the session. */
function endingOf(session: SessionState, outcome: FormOutcome | undefined): SessionEnding {
  if (outcome?.kind === "completion") {
    const { completion } = outcome;
    if (completion.type === "exit") return gone(session) ?? { kind: "exit", value: completion.value };
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
  return { kind: session.disconnectedByUs ? "disconnect" : "hangup" };
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
  if (prompts.length === 0 || session.isDisconnected || session.hangupIsPending) return undefined;
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
  actors: { phase: phaseActor, form: formMachine },
  guards: {
    isLoaded: ({ event }) => outcomeOf<Loaded<TransitionTarget>>(event)?.ok === true,
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
    keepStart: assign({
      target: ({ event }) => {
        const loaded = outcomeOf<Loaded<TransitionTarget>>(event);
        return loaded?.ok ? loaded.value : undefined;
      },
    }),
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
      target: ({ event }) => {
        const outcome = outcomeOf<EventOutcome>(event);
        return outcome?.kind === "completion" && outcome.completion.type === "transition"
          ? outcome.completion.target
          : undefined;
      },
    }),
    loadingFailed: assign({
      ending: ({ context, event }) => {
        const loaded = outcomeOf<Loaded<TransitionTarget>>(event);
        return loaded?.ok === false ? endingOfEvent(context.session, loaded.event) : undefined;
      },
    }),
    enteringEnded: assign({
      ending: ({ context, event }) => {
        const entry = outcomeOf<Entry>(event);
        return endingOf(
          context.session,
          entry?.ok === false ? { kind: "completion", completion: entry.completion } : undefined,
        );
      },
    }),
    formEnded: assign({
      ending: ({ context, event }) => endingOf(context.session, outcomeOf<FormOutcome>(event)),
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
    event: undefined,
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
          { guard: "isLoaded", target: "entering", actions: "keepStart" },
          { target: "leaving", actions: "loadingFailed" },
        ],
      },
    },
    entering: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, target } }) => ({
          session,
          steps: () => enterTarget(session, target as TransitionTarget),
        }),
      },
      on: {
        "host.answered": { actions: "answerPhase" },
        "phase.completed": [
          { guard: "isEntered", target: "interpreting", actions: "keepForm" },
          { guard: "threwEvent", target: "handling", actions: "keepEvent" },
          { target: "leaving", actions: "enteringEnded" },
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
          { target: "leaving", actions: "formEnded" },
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
          { target: "leaving", actions: "formEnded" },
        ],
        onError: { target: "exited", actions: "keepFailure" },
      },
      on: { "host.answered": { actions: "answerForm" } },
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
  output: ({ context }) => context.ending ?? { kind: "exit" },
  options: { maxIterations: MAX_MACHINE_ITERATIONS },
});
