/**
 * The states of one attempt, from the claim to the settled outcome. The machine decides and does nothing itself:
 * its actions are names that the call runner carries out, its context is the facts that `outcomeOf` reads.
 *
 * ```
 *  claimed ──inviteSent──► inviting ──progress──► ringing ──early media──► early
 *     │                       │ │                    │                     │ tone: wait for the network, then CANCEL
 *     │        answered ◄─────┼─┴──────answered──────┴──────answered───────┤
 *     │           ▼           │                                            │
 *     │        inDialog ──session ended, tone, limit, stop──► hangingUp ◄──┘ (stop before the answer too)
 *     │           │                                              │ leg over
 *     │           └─────────callee hung up──► finishing ◄────────┤ script still runs
 *     │ failed                                   │ script over   │ script over, or never was
 *     └──────────────────────────────────────► closing ◄─────────┘
 *                                                │ media closed, recording on disk
 *                                                ▼
 *                                             settled
 * ```
 *
 * - *inDialog*: answered; the voice session runs.
 * - *hangingUp*: CANCEL or BYE is on its way; whichever way it ends is told by the leg.
 * - *finishing*: the callee is gone and the script gets a bounded time for its last work.
 * - *closing*: only the media's end is awaited.
 */
import { assign, type EventFromLogic, type SnapshotFrom, setup } from "xstate";
import type { SessionEnding } from "../../vxml/index.ts";
import type { CalleeType } from "../model/callee-type.ts";
import type { LegFailure, LegHangUpCause } from "../ports.ts";
import { PLATFORM_FAILURE_EVENT } from "../session/interpreter-port.ts";
import { type AttemptEnding, type EarlyTone, endsTheCall } from "./outcome-table.ts";

/** What the machine is told. Leg and session events are condensed to what decides. */
export type CallEvent =
  | { readonly type: "leg.inviteSent" }
  | { readonly type: "leg.progress"; readonly hasEarlyMedia: boolean }
  | { readonly type: "leg.answered" }
  | { readonly type: "leg.failed"; readonly failure: LegFailure }
  | {
      readonly type: "leg.ended";
      readonly by: "callee" | "us" | "failure";
      readonly explanation?: string;
      readonly q850Cause?: number;
    }
  | { readonly type: "leg.closed" }
  | { readonly type: "callee.decided"; readonly calleeType: CalleeType }
  /** A tone found with confidence, before any answer. */
  | { readonly type: "tone.early"; readonly tone: EarlyTone }
  | { readonly type: "session.hangUp" }
  | { readonly type: "session.ended"; readonly ending: SessionEnding }
  | { readonly type: "timer.earlyTone" }
  | { readonly type: "timer.duration" }
  | { readonly type: "timer.finalProcessing" }
  | { readonly type: "timer.legClose" }
  | { readonly type: "stop"; readonly reason: "shutdown" | "canceled" }
  | { readonly type: "broken"; readonly explanation: string };

/** The facts gathered on the way. */
export interface CallFacts {
  readonly isAnswered: boolean;
  readonly sessionRuns: boolean;
  readonly legIsClosed: boolean;
  readonly decided?: CalleeType;
  readonly earlyTone?: EarlyTone;
  readonly failure?: LegFailure;
  readonly scriptFailure?: string;
  readonly internalFailure?: string;
  readonly stopped?: "shutdown" | "canceled";
  /** Why we hung up before an answer. */
  readonly canceledFor?: LegHangUpCause;
  readonly endedBy?: string;
  readonly q850Cause?: number;
}

/** Hanging up before the answer is noted with its cause, for the outcome when the leg has no failure of its own. */
function hangUp<C extends LegHangUpCause>(cause: C) {
  return [
    { type: "noteHangUp", params: { cause } },
    { type: "hangUp", params: { cause } },
  ] as const;
}

export const callMachine = setup({
  types: {
    context: {} as CallFacts,
    events: {} as CallEvent,
  },
  guards: {
    sessionRuns: ({ context }) => context.sessionRuns,
    legIsClosed: ({ context }) => context.legIsClosed,
    toneIsKnown: ({ context }) => context.earlyTone !== undefined,
    hasEarlyMedia: ({ event }) => event.type === "leg.progress" && event.hasEarlyMedia,
    nobodyIsThere: ({ event }) => event.type === "callee.decided" && endsTheCall(event.calleeType),
  },
  actions: {
    // Facts.
    noteAnswer: assign({ isAnswered: true, sessionRuns: true }),
    noteFailure: assign(({ event, context }) => {
      if (event.type !== "leg.failed") return {};
      if (!context.isAnswered) return { failure: event.failure };
      // Not what a leg does after its answer; should it, the conversation was cut off.
      const { kind } = event.failure;
      return { internalFailure: context.internalFailure ?? `the leg failed after the answer (${kind})` };
    }),
    noteLegEnd: assign(({ event, context }) => {
      if (event.type !== "leg.ended") return {};
      const said = event.explanation ? ` (${event.explanation})` : "";
      return {
        ...(event.q850Cause === undefined ? {} : { q850Cause: event.q850Cause }),
        ...(event.by === "failure"
          ? { internalFailure: context.internalFailure ?? `the leg failed${said}` }
          : {}),
        ...(event.by === "callee" && context.endedBy === undefined
          ? { endedBy: `the callee hung up${said}` }
          : {}),
      };
    }),
    noteLegClosed: assign({ legIsClosed: true }),
    noteDecision: assign(({ event }) =>
      event.type === "callee.decided" ? { decided: event.calleeType } : {},
    ),
    noteEarlyTone: assign(({ event }) => (event.type === "tone.early" ? { earlyTone: event.tone } : {})),
    // A tone heard before an answer is no longer why: the answer came.
    forgetEarlyTone: assign({ earlyTone: undefined }),
    noteTone: assign({ endedBy: "hung up because of the tone" }),
    noteScriptHangUp: assign({ endedBy: "the script hung up" }),
    noteLimit: assign({ endedBy: "the limit of a call's duration was reached" }),
    noteScriptOutOfTime: assign({
      sessionRuns: false,
      endedBy: ({ context }) =>
        `${context.endedBy ?? "the call ended"}, and the script was stopped because it did not finish`,
    }),
    noteSessionEnd: assign(({ event, context }) => {
      if (event.type !== "session.ended") return {};
      const { kind, event: name, message } = event.ending;
      if (kind === "error") {
        const failure = message ? `${name ?? "error"}: ${message}` : (name ?? "error");
        return name === PLATFORM_FAILURE_EVENT
          ? { sessionRuns: false, internalFailure: context.internalFailure ?? (message || failure) }
          : { sessionRuns: false, scriptFailure: failure };
      }
      return { sessionRuns: false, endedBy: context.endedBy ?? "the script came to its end" };
    }),
    noteHangUp: assign((_, params: { cause: LegHangUpCause }) => ({ canceledFor: params.cause })),
    noteStop: assign(({ event, context }) =>
      event.type === "stop" ? { stopped: context.stopped ?? event.reason } : {},
    ),
    noteBroken: assign(({ event, context }) =>
      event.type === "broken" ? { internalFailure: context.internalFailure ?? event.explanation } : {},
    ),
    noteNeverClosed: assign(({ context }) => ({
      internalFailure: context.internalFailure ?? "the leg did not end when it was hung up",
    })),

    // What the runner does. Here they are only names.
    startSession: () => {},
    pressPostDigits: () => {},
    tellSessionHungUp: () => {},
    terminateSession: () => {},
    hangUp: (_, _params: { cause: LegHangUpCause }) => {},
    startEarlyToneTimer: () => {},
    startDurationTimer: () => {},
    startFinalProcessingTimer: () => {},
    startLegCloseTimer: () => {},
    settle: () => {},
  },
}).createMachine({
  id: "call",
  context: { isAnswered: false, sessionRuns: false, legIsClosed: false },
  // Eventless transitions settle in one or two steps; more is a mistake in this machine.
  options: { maxIterations: 50 },
  initial: "dialing",
  on: {
    // True in every state; a state's own handler comes first.
    "callee.decided": { actions: "noteDecision" },
    "session.ended": { actions: "noteSessionEnd" },
    "leg.closed": { actions: "noteLegClosed" },
    broken: { actions: "noteBroken" },
  },
  states: {
    dialing: {
      initial: "claimed",
      on: {
        "leg.answered": "inDialog",
        "leg.failed": { target: "closing", actions: "noteFailure" },
        "leg.ended": { target: "closing", actions: "noteLegEnd" },
        "tone.early": [
          { guard: "toneIsKnown", actions: "noteEarlyTone" },
          { actions: ["noteEarlyTone", "startEarlyToneTimer"] },
        ],
        "timer.earlyTone": { target: "hangingUp", actions: hangUp("early-tone") },
        stop: {
          target: "hangingUp",
          actions: [
            "noteStop",
            { type: "noteHangUp", params: ({ event }) => ({ cause: event.reason }) },
            { type: "hangUp", params: ({ event }) => ({ cause: event.reason }) },
          ],
        },
        broken: { target: "hangingUp", actions: ["noteBroken", ...hangUp("normal")] },
      },
      states: {
        claimed: { on: { "leg.inviteSent": "inviting" } },
        inviting: {
          on: { "leg.progress": [{ guard: "hasEarlyMedia", target: "early" }, { target: "ringing" }] },
        },
        ringing: { on: { "leg.progress": { guard: "hasEarlyMedia", target: "early" } } },
        early: {},
      },
    },
    inDialog: {
      entry: ["noteAnswer", "forgetEarlyTone", "startDurationTimer", "startSession", "pressPostDigits"],
      on: {
        "callee.decided": [
          {
            guard: "nobodyIsThere",
            target: "hangingUp",
            actions: ["noteDecision", "noteTone", ...hangUp("normal")],
          },
          { actions: "noteDecision" },
        ],
        "session.hangUp": { target: "hangingUp", actions: ["noteScriptHangUp", ...hangUp("normal")] },
        "session.ended": { target: "hangingUp", actions: ["noteSessionEnd", ...hangUp("normal")] },
        "leg.ended": { target: "finishing", actions: "noteLegEnd" },
        "leg.failed": { target: "finishing", actions: "noteFailure" },
        "timer.duration": { target: "hangingUp", actions: ["noteLimit", ...hangUp("normal")] },
        stop: {
          target: "hangingUp",
          actions: ["noteStop", { type: "hangUp", params: ({ event }) => ({ cause: event.reason }) }],
        },
        broken: { target: "hangingUp", actions: ["noteBroken", ...hangUp("normal")] },
      },
    },
    hangingUp: {
      entry: "startLegCloseTimer",
      on: {
        // A 200 that crossed the CANCEL: telephony answers it with ACK and BYE; nobody was talked to.
        "leg.answered": { actions: { type: "hangUp", params: { cause: "normal" } } },
        "leg.ended": [
          { guard: "sessionRuns", target: "finishing", actions: "noteLegEnd" },
          { target: "closing", actions: "noteLegEnd" },
        ],
        "leg.failed": [
          { guard: "sessionRuns", target: "finishing", actions: "noteFailure" },
          { target: "closing", actions: "noteFailure" },
        ],
        "timer.legClose": { target: "settled", actions: ["noteNeverClosed", "terminateSession"] },
      },
    },
    finishing: {
      entry: ["tellSessionHungUp", "startFinalProcessingTimer"],
      on: {
        "session.ended": { target: "closing", actions: "noteSessionEnd" },
        "timer.finalProcessing": {
          target: "closing",
          actions: ["noteScriptOutOfTime", "terminateSession"],
        },
        broken: { target: "closing", actions: ["noteBroken", "terminateSession"] },
      },
    },
    closing: {
      entry: "startLegCloseTimer",
      always: { guard: "legIsClosed", target: "settled" },
      on: {
        "leg.closed": { target: "settled", actions: "noteLegClosed" },
        "timer.legClose": "settled",
        // What a terminated session still says changes nothing.
        "session.ended": {},
      },
    },
    settled: { type: "final", entry: "settle" },
  },
});

export type CallSnapshot = SnapshotFrom<typeof callMachine>;
export type CallMachineEvent = EventFromLogic<typeof callMachine>;

/** The ending that the gathered facts describe. */
export function endingOf(facts: CallFacts): AttemptEnding {
  if (facts.isAnswered) {
    return {
      kind: "answered",
      decided: facts.decided,
      scriptFailure: facts.scriptFailure,
      failure: facts.internalFailure,
      stopped: facts.stopped,
      endedBy: facts.endedBy,
      q850Cause: facts.q850Cause,
    };
  }
  return {
    kind: "not-answered",
    failure: failureOf(facts),
    earlyTone: facts.earlyTone,
    stopped: facts.stopped,
  };
}

function failureOf(facts: CallFacts): LegFailure {
  if (facts.internalFailure !== undefined) return { kind: "internal", explanation: facts.internalFailure };
  if (facts.failure) return facts.failure;
  if (facts.canceledFor) return { kind: "canceled", cause: facts.canceledFor };
  return { kind: "internal", explanation: "the leg ended without saying why" };
}
