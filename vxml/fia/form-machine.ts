/**
 * The form interpretation algorithm as a machine whose states are the phases of VoiceXML 2.0 Appendix C. The form
 * is data in its context; each phase is a generator run by a phase actor.
 *
 *   initializing ─► selecting ─► collecting ─► processing ─► selecting …
 *        │              │             ├─ <subdialog> ─► calling ─► processing
 *        └── event ─────┴─ event ──► handling       ├─ transition, exit ─► done
 *                       └─ form is full ────────────┴──────────────────► done
 */
import { assign, type CallbackActorLogic, fromCallback, sendTo, setup } from "xstate";
import { type Completion, NORMAL, type VxmlEvent } from "../completion.ts";
import type { Collected, SubdialogCall } from "../items/visit.ts";
import { MAX_MACHINE_ITERATIONS } from "../limits.ts";
import type { FormItem } from "../model/document.ts";
import type { ActiveForm } from "./active-form.ts";
import type { EventOutcome } from "./event-processing.ts";
import { collectItem, type Selection, selectItem } from "./form-interpretation.ts";
import { initializeForm } from "./initialization.ts";
import { type HostAnswered, type PhaseEvent, phaseActor } from "./phase-actor.ts";
import { processCarried, processCollected, processDialogEvent } from "./processing.ts";
import type { SessionState } from "./session-state.ts";

/** How a form was left. */
export type FormOutcome =
  | EventOutcome
  /** The session has no caller any more and would have to wait for one. */
  | { readonly kind: "nobody" }
  /** A mistake of ours: it ends this session and no other. */
  | { readonly kind: "failed"; readonly error: unknown };

interface FormContext {
  readonly session: SessionState;
  readonly form: ActiveForm;
  item: FormItem | undefined;
  collected: Collected | undefined;
  event: VxmlEvent | undefined;
  outcome: FormOutcome | undefined;
}

/** A subdialog's context was left. */
interface SubdialogLeft {
  readonly type: "subdialog.left";
  readonly outcome: FormOutcome;
}

export interface SubdialogInput {
  readonly session: SessionState;
  readonly call: SubdialogCall;
}

export type SubdialogLogic = CallbackActorLogic<HostAnswered, SubdialogInput>;

type FormEvent = HostAnswered | PhaseEvent<unknown> | SubdialogLeft;

/** A form runs no context by itself: who runs forms brings the actor that does. */
const noSubdialog: SubdialogLogic = fromCallback<HostAnswered, SubdialogInput>(({ sendBack }) => {
  sendBack({ type: "phase.failed", error: new Error("no actor was provided for subdialogs") });
});

function outcomeOf<T>(event: FormEvent): T | undefined {
  return event.type === "phase.completed" ? (event.outcome as T) : undefined;
}

const EXIT: FormOutcome = { kind: "completion", completion: { type: "exit" } };

export const formMachine = setup({
  types: {
    context: {} as FormContext,
    events: {} as FormEvent,
    input: {} as { session: SessionState; form: ActiveForm },
    output: {} as FormOutcome,
  },
  actors: { phase: phaseActor, subdialog: noSubdialog },
  guards: {
    isEvent: ({ event }) => outcomeOf<Completion>(event)?.type === "event",
    hasCarriedResult: ({ context }) => context.form.carried !== undefined,
    selectedItem: ({ event }) => outcomeOf<Selection>(event)?.kind === "item",
    selectedNothing: ({ event }) => outcomeOf<Selection>(event)?.kind === "none",
    isNobodyThere: ({ event }) => outcomeOf<Collected>(event)?.kind === "nobody",
    isSubdialog: ({ event }) => outcomeOf<Collected>(event)?.kind === "subdialog",
    /** `<return>` ends the context; anything else ends the session, or fails. */
    hasReturned: ({ event }) =>
      event.type === "subdialog.left" &&
      event.outcome.kind === "completion" &&
      event.outcome.completion.type === "return",
    staysInForm: ({ event }) => {
      const outcome = outcomeOf<EventOutcome>(event);
      if (outcome?.kind !== "completion") return false;
      return outcome.completion.type === "normal" || outcome.completion.type === "item";
    },
  },
  actions: {
    answerPhase: sendTo("phase", ({ event }) => event),
    answerSubdialog: sendTo("subdialog", ({ event }) => event),
    keepReturned: assign({
      collected: ({ event }): Collected | undefined => {
        if (event.type !== "subdialog.left" || event.outcome.kind !== "completion") return undefined;
        const { completion } = event.outcome;
        if (completion.type !== "return") return undefined;
        return completion.event
          ? { kind: "completion", completion: { type: "event", event: completion.event } }
          : { kind: "returned", held: completion.held };
      },
    }),
    keepLeft: assign({
      outcome: ({ event }) => (event.type === "subdialog.left" ? event.outcome : undefined),
    }),
    keepEvent: assign({
      event: ({ event }) => {
        const outcome = outcomeOf<Completion | Selection>(event);
        return outcome && "event" in outcome ? outcome.event : undefined;
      },
    }),
    keepItem: assign({
      item: ({ event }) => {
        const selection = outcomeOf<Selection>(event);
        return selection?.kind === "item" ? selection.item : undefined;
      },
    }),
    keepCollected: assign({ collected: ({ event }) => outcomeOf<Collected>(event) }),
    keepNextItem: ({ context, event }) => {
      const outcome = outcomeOf<EventOutcome>(event);
      if (outcome?.kind === "completion" && outcome.completion.type === "item")
        context.form.nextItem = outcome.completion.name;
    },
    keepOutcome: assign({ outcome: ({ event }) => outcomeOf<FormOutcome>(event) }),
    formIsFull: assign({ outcome: EXIT }),
    nobodyIsThere: assign({ outcome: { kind: "nobody" } as FormOutcome }),
    keepFailure: assign({
      outcome: ({ event }): FormOutcome => ({
        kind: "failed",
        error: event.type === "phase.failed" ? event.error : undefined,
      }),
    }),
  },
}).createMachine({
  id: "form",
  initial: "initializing",
  context: ({ input }) => ({
    ...input,
    item: undefined,
    collected: undefined,
    event: undefined,
    outcome: undefined,
  }),
  on: {
    "host.answered": { actions: "answerPhase" },
    "phase.failed": { target: ".done", actions: "keepFailure" },
  },
  states: {
    initializing: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, form } }) => ({ session, steps: () => initializeForm(session, form) }),
      },
      on: {
        "phase.completed": [
          { guard: "isEvent", target: "handling", actions: "keepEvent" },
          { guard: "hasCarriedResult", target: "filling" },
          { target: "selecting" },
        ],
      },
    },
    selecting: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, form } }) => ({
          session,
          // biome-ignore lint/correctness/useYield: selecting never waits, but is a phase like the others.
          steps: function* () {
            return selectItem(session, form);
          },
        }),
      },
      on: {
        "phase.completed": [
          { guard: "selectedItem", target: "collecting", actions: "keepItem" },
          { guard: "selectedNothing", target: "done", actions: "formIsFull" },
          { target: "handling", actions: "keepEvent" },
        ],
      },
    },
    collecting: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, form, item } }) => ({
          session,
          steps: () => collectItem(session, form, item as FormItem),
        }),
      },
      on: {
        "phase.completed": [
          { guard: "isNobodyThere", target: "done", actions: "nobodyIsThere" },
          { guard: "isSubdialog", target: "calling", actions: "keepCollected" },
          { target: "processing", actions: "keepCollected" },
        ],
      },
    },
    calling: {
      invoke: {
        id: "subdialog",
        src: "subdialog",
        input: ({ context: { session, collected } }) => ({
          session,
          call: (collected as Collected & { kind: "subdialog" }).call,
        }),
      },
      on: {
        "host.answered": { actions: "answerSubdialog" },
        "subdialog.left": [
          { guard: "hasReturned", target: "processing", actions: "keepReturned" },
          { target: "done", actions: "keepLeft" },
        ],
      },
    },
    processing: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, form, item, collected } }) => ({
          session,
          steps: () =>
            processCollected(
              session,
              form,
              item as FormItem,
              collected ?? { kind: "completion", completion: NORMAL },
            ),
        }),
      },
      on: {
        "phase.completed": [
          { guard: "staysInForm", target: "selecting", actions: "keepNextItem" },
          { target: "done", actions: "keepOutcome" },
        ],
      },
    },
    filling: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, form } }) => ({ session, steps: () => processCarried(session, form) }),
      },
      on: {
        "phase.completed": [
          { guard: "staysInForm", target: "selecting", actions: "keepNextItem" },
          { target: "done", actions: "keepOutcome" },
        ],
      },
    },
    handling: {
      invoke: {
        id: "phase",
        src: "phase",
        input: ({ context: { session, form, event } }) => ({
          session,
          steps: () =>
            processDialogEvent(session, form, event ?? { name: "error.semantic", message: "no event" }),
        }),
      },
      on: {
        "phase.completed": [
          { guard: "staysInForm", target: "selecting", actions: "keepNextItem" },
          { target: "done", actions: "keepOutcome" },
        ],
      },
    },
    done: { type: "final" },
  },
  output: ({ context }) => context.outcome ?? EXIT,
  options: { maxIterations: MAX_MACHINE_ITERATIONS },
});
