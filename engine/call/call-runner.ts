/**
 * Carries one attempt from the claim to its report: turns leg and session events into events of the call machine,
 * and carries out the machine's actions through the ports.
 *
 * A boundary per call: whatever goes wrong in here ends this call as `internal` and hangs up its leg. The promise
 * it returns never rejects, and nothing thrown in an observer reaches telephony or a neighbour.
 */
import { type Actor, createActor } from "xstate";
import { legIdOf } from "../ids.ts";
import {
  EARLY_TONE_GRACE_MS,
  FINAL_PROCESSING_MS,
  LEG_CLOSE_TIMEOUT_MS,
  MAX_CALL_DURATION_MS,
} from "../limits.ts";
import type { ClaimedCall } from "../model/call.ts";
import type { CalleeType } from "../model/callee-type.ts";
import type { DetectionSettings, Finding } from "../model/finding.ts";
import { SAMPLE_RATE_HZ } from "../model/frame.ts";
import type { AttemptReport } from "../model/outcome.ts";
import type {
  AttemptRunner,
  CallQueue,
  Clock,
  Leg,
  LegEvent,
  LegHangUpCause,
  Logger,
  MessageEnd,
  RunningAttempt,
  SessionCommand,
  SessionNotice,
  Telephony,
  TraceEntry,
  TraceSink,
  VoiceSession,
  VoiceSessions,
} from "../ports.ts";
import { AttemptRecord, endOfCallFields, withoutQueries } from "./attempt-record.ts";
import { type CallEvent, type CallFacts, callMachine, endingOf } from "./call-machine.ts";
import { type EarlyTone, endsTheCall, outcomeOf } from "./outcome-table.ts";
import { sessionVariablesOf, startFieldsOf } from "./session-start.ts";

/** The event thrown in a waiting script that named it when the callee's voicemail has beeped. */
export const BEEP_EVENT = "voxdial.beep";

// A finding before the answer ends the call only when its detector is sure; the classifier's decisions are final.
const EARLY_TONE_CONFIDENCE = 0.8;

// One frame: the decision that the same beep leads to is told just after it, and the script that wakes up should
// read the callee type it belongs to.
const BEEP_EVENT_DELAY_MS = 20;

/** What holds for all calls. */
export interface AttemptRunnerSettings {
  readonly detection: DetectionSettings;
  /** The caller ID a trunk adds when neither the call nor its deployment has one; for session variables. */
  readonly trunkCallerId?: (trunk: string) => string | undefined;
  /**
   * Where this attempt's two-channel WAV goes, if there will be one: the deployment records from the start, a script
   * whenever it asks for it. Absent: nothing is recorded.
   */
  readonly recordingPathFor?: (claimed: ClaimedCall) => string;
  /** Default 4 hours. */
  readonly maxCallDurationMs?: number;
  /** What a script gets after the callee hung up. Default 15 s. */
  readonly finalProcessingMs?: number;
}

export interface AttemptRunnerParts {
  readonly telephony: Telephony;
  readonly voiceSessions: VoiceSessions;
  readonly queue: Pick<CallQueue, "recordInviteSent">;
  readonly clock: Clock;
  readonly trace: TraceSink;
  readonly logger: Logger;
  readonly settings: AttemptRunnerSettings;
}

/** Makes the runner of attempts; one serves all calls. */
export function createAttemptRunner(parts: AttemptRunnerParts): AttemptRunner {
  return {
    run(claimed) {
      const attempt = new Attempt(parts, claimed);
      attempt.start();
      return attempt;
    },
  };
}

type Timer = "timer.earlyTone" | "timer.duration" | "timer.finalProcessing" | "timer.legClose";

class Attempt implements RunningAttempt {
  readonly ended: Promise<AttemptReport | { readonly unsent: string }>;
  readonly #parts: AttemptRunnerParts;
  readonly #claimed: ClaimedCall;
  readonly #logger: Logger;
  readonly #record: AttemptRecord;
  readonly #actor: Actor<typeof callMachine>;
  readonly #timers = new Map<Timer, () => void>();
  #resolve: (end: AttemptReport | { readonly unsent: string }) => void = () => {};
  #leg: Leg | undefined;
  #session: VoiceSession | undefined;
  #isInviteRecorded = false;
  #unsent: string | undefined;
  #isSettled = false;
  #hasEarlyFax = false;
  #state = "";

  constructor(parts: AttemptRunnerParts, claimed: ClaimedCall) {
    this.#parts = parts;
    this.#claimed = claimed;
    this.#record = new AttemptRecord(claimed);
    this.#logger = parts.logger.child({
      callId: claimed.call.callId,
      attempt: claimed.attemptNumber,
      deploymentId: claimed.deployment.deploymentId,
    });
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const settings = parts.settings;
    this.#actor = createActor(
      callMachine.provide({
        actions: {
          startSession: () => this.#guard(() => this.#startSession()),
          pressPostDigits: () => this.#guard(() => this.#pressPostDigits()),
          tellSessionHungUp: () => this.#guard(() => this.#tellSession({ type: "hungUp" })),
          terminateSession: () => this.#guard(() => this.#session?.terminate()),
          hangUp: (_, { cause }) => this.#guard(() => this.#hangUpLeg(cause)),
          startEarlyToneTimer: () => this.#startTimer("timer.earlyTone", EARLY_TONE_GRACE_MS),
          startDurationTimer: () =>
            this.#startTimer("timer.duration", settings.maxCallDurationMs ?? MAX_CALL_DURATION_MS),
          startFinalProcessingTimer: () =>
            this.#startTimer("timer.finalProcessing", settings.finalProcessingMs ?? FINAL_PROCESSING_MS),
          startLegCloseTimer: () => this.#startTimer("timer.legClose", LEG_CLOSE_TIMEOUT_MS),
          settle: ({ context }) => this.#settle(context),
        },
      }),
    );
  }

  start(): void {
    this.#actor.subscribe({
      next: (snapshot) => this.#noteState(stateName(snapshot.value)),
      error: (error) => this.#giveUp(error),
    });
    this.#actor.start();
    this.#guard(() => {
      this.#leg = this.#parts.telephony.placeLeg(this.#legRequest(), (event) =>
        this.#guard(() => this.#onLegEvent(event)),
      );
      // An ending told before placeLeg returned had no leg to hang up.
      if (this.#isSettled) this.#leg.hangUp();
    });
  }

  hangUp(reason: "shutdown" | "canceled"): void {
    this.#trace("stop", { reason });
    this.#send({ type: "stop", reason });
  }

  // ------------------------------------------------------------------------------------------- the leg

  #callerId(): string | undefined {
    const { call, deployment } = this.#claimed;
    return call.destination.ani ?? deployment.callerId;
  }

  #legRequest() {
    const { call, deployment, attemptId } = this.#claimed;
    return {
      legId: legIdOf(call.callId, attemptId),
      trunk: deployment.trunk,
      destination: call.destination,
      callerId: this.#callerId(),
      ringTimeoutMs: deployment.ringTimeoutMs,
      detection: this.#parts.settings.detection,
      recordingPath: deployment.recordCalls ? this.#recordingPath() : undefined,
      beforeInvite: async () => {
        await this.#parts.queue.recordInviteSent(attemptId, this.#parts.clock.now());
        this.#isInviteRecorded = true;
      },
    };
  }

  #recordingPath(): string | undefined {
    return this.#parts.settings.recordingPathFor?.(this.#claimed);
  }

  #onLegEvent(event: LegEvent): void {
    this.#record.note(event);
    if (event.type === "trace") {
      this.#parts.trace.write(this.#claimed.call.callId, this.#claimed.attemptId, event.entry);
      return;
    }
    this.#traceLegEvent(event);
    switch (event.type) {
      case "inviteSent":
        this.#send({ type: "leg.inviteSent" });
        break;
      case "progress":
        if (event.status > 100) this.#send({ type: "leg.progress", hasEarlyMedia: event.hasEarlyMedia });
        break;
      case "answered":
        this.#send({ type: "leg.answered" });
        // A fax machine heard through early media has answered now; the classifier does not decide it again.
        if (this.#hasEarlyFax) this.#onDecision("fax");
        break;
      case "failed":
        if (event.failure.kind === "not-sent") this.#unsent = event.failure.explanation;
        this.#send({ type: "leg.failed", failure: event.failure });
        break;
      case "ended":
        this.#send({
          type: "leg.ended",
          by: event.by,
          explanation: event.explanation,
          q850Cause: event.q850Cause,
        });
        break;
      case "key":
        this.#tellSession({ type: "key", key: event.key, during: event.during });
        break;
      case "playbackEnded":
        this.#tellSession({ type: "playbackEnded", playbackId: event.playbackId, ending: event.ending });
        break;
      case "messageEnded":
        this.#tellSession({ type: "messageEnded", end: event.end });
        break;
      case "decision":
        this.#onDecision(event.decision.calleeType);
        break;
      case "finding":
        this.#onFinding(event);
        break;
      case "closed":
        this.#send({ type: "leg.closed" });
        break;
    }
  }

  #onDecision(calleeType: CalleeType): void {
    if (this.#record.isAnswered) {
      this.#tellSession({ type: "variable", path: ["connection", "callee_type"], value: calleeType });
      this.#send({ type: "callee.decided", calleeType });
    } else if (endsTheCall(calleeType)) {
      this.#send({ type: "tone.early", tone: calleeType });
    } else if (calleeType === "fax") {
      this.#hasEarlyFax = true;
    }
    // Speech before the answer decides nothing: it may be the network's announcement.
  }

  #onFinding(event: Extract<LegEvent, { type: "finding" }>): void {
    const { finding } = event;
    if (!this.#record.isAnswered) {
      const tone = earlyToneOf(finding);
      if (tone) this.#send({ type: "tone.early", tone });
      return;
    }
    if (finding.kind === "beep") {
      // While it goes on there is no end yet; the script waits for the end.
      if (finding.endMs === undefined) return;
      const beep = this.#record.noteBeep(event);
      this.#tellSession({ type: "variable", path: ["connection", "beep"], value: { ...beep } });
      this.#parts.clock.after(BEEP_EVENT_DELAY_MS, () =>
        this.#guard(() =>
          this.#tellSession({ type: "event", name: BEEP_EVENT, message: `beep of ${beep?.hz ?? 0} Hz` }),
        ),
      );
    } else if (finding.kind === "greeting-end") {
      const heard = this.#record.placeOnCall(event);
      if (heard) this.#tellSession({ type: "variable", path: ["connection", "greeting_end"], value: heard });
    }
  }

  #hangUpLeg(cause: LegHangUpCause): void {
    this.#leg?.hangUp(cause);
  }

  #pressPostDigits(): void {
    const keys = this.#claimed.call.destination.postDigits;
    if (keys) this.#leg?.sendKeys(keys);
  }

  // --------------------------------------------------------------------------------------- the session

  #startSession(): void {
    const { call, deployment, attemptId } = this.#claimed;
    const callerId = this.#callerId() ?? this.#parts.settings.trunkCallerId?.(deployment.trunk);
    this.#session = this.#parts.voiceSessions.start(
      {
        sessionId: legIdOf(call.callId, attemptId),
        startUrl: call.startUrl,
        method: deployment.startMethod,
        fields: startFieldsOf(this.#claimed),
        profile: deployment.profile,
        variables: sessionVariablesOf(
          this.#claimed,
          callerId,
          this.#parts.clock.now(),
          // Nobody will decide: a script that waits for it must not wait for ever.
          this.#parts.settings.detection.mode === "off" ? "unknown" : "processing",
        ),
      },
      (command) => this.#guard(() => this.#onSessionCommand(command)),
    );
  }

  #tellSession(notice: SessionNotice): void {
    this.#session?.notify(notice);
  }

  #onSessionCommand(command: SessionCommand): void {
    switch (command.type) {
      case "play":
        if (this.#leg) this.#leg.play(command.playback);
        break;
      case "stopPlayback":
        this.#leg?.stopPlayback();
        break;
      case "hangUp":
        this.#trace("script-hang-up", {});
        this.#send({ type: "session.hangUp" });
        break;
      case "recordCall": {
        const isOn = command.isOn ?? this.#claimed.deployment.recordCalls;
        this.#trace("recording", { isOn });
        this.#leg?.record(isOn ? this.#recordingPath() : undefined);
        break;
      }
      case "takeMessage":
        this.#leg?.takeMessage(command.request);
        break;
      case "stopMessage":
        this.#leg?.stopMessage();
        break;
      case "trace":
        this.#parts.trace.write(this.#claimed.call.callId, this.#claimed.attemptId, command.entry);
        break;
      case "ended":
        this.#trace("session-ended", { ...command.ending });
        if (command.ending.kind === "error") {
          const { event, message = "" } = command.ending;
          this.#logger.warn({ event, reason: withoutQueries(message) }, "script failed");
        }
        this.#send({ type: "session.ended", ending: command.ending });
        break;
    }
  }

  // ------------------------------------------------------------------------------------------- the end

  #settle(facts: CallFacts): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stopTimers();
    this.#noteState("settled");
    const neverLeft = !this.#record.isInviteSent && !this.#record.isAnswered;
    if (this.#unsent !== undefined || (neverLeft && !this.#isInviteRecorded)) {
      const unsent = this.#unsent ?? outcomeOf(endingOf(facts)).explanation;
      this.#trace("unsent", { explanation: unsent });
      this.#logger.warn({ reason: unsent }, "call not placed");
      this.#resolve({ unsent });
      return;
    }
    this.#finish(this.#record.report(outcomeOf(endingOf(facts)), this.#parts.clock.now()));
  }

  #finish(report: AttemptReport): void {
    this.#trace("outcome", { ...report.outcome });
    this.#logger.info(endOfCallFields(this.#claimed, report), "call ended");
    this.#resolve(report);
  }

  /** The machine itself failed: a mistake in this program. The call ends as internal, its neighbours go on. */
  #giveUp(error: unknown): void {
    this.#logger.error({ error: textOf(error) }, "call machine failed");
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stopTimers();
    quietly(() => this.#session?.terminate());
    quietly(() => this.#leg?.hangUp());
    const explanation = error instanceof Error ? error.message : String(error);
    const outcome = outcomeOf(
      this.#record.isAnswered
        ? { kind: "answered", failure: explanation }
        : { kind: "not-answered", failure: { kind: "internal", explanation } },
    );
    this.#finish(this.#record.report(outcome, this.#parts.clock.now()));
  }

  // --------------------------------------------------------------------------------------- the machine

  #send(event: CallEvent): void {
    if (this.#isSettled) return;
    const snapshot = this.#actor.getSnapshot();
    if (snapshot.status !== "active") return;
    if (!snapshot.can(event)) {
      this.#logger.debug({ state: stateName(snapshot.value), event: event.type }, "event not expected");
    }
    // Sent all the same: from within an action the snapshot is still the one before.
    this.#actor.send(event);
  }

  #noteState(state: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#trace("state", { state });
  }

  #startTimer(event: Timer, delayMs: number): void {
    this.#timers.get(event)?.();
    this.#timers.set(
      event,
      this.#parts.clock.after(delayMs, () => this.#guard(() => this.#send({ type: event }))),
    );
  }

  #stopTimers(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** Runs what must not throw into its caller. */
  #guard(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.#logger.error({ error: textOf(error) }, "call failed inside");
      this.#send({ type: "broken", explanation: error instanceof Error ? error.message : String(error) });
    }
  }

  // ----------------------------------------------------------------------------------------- the trace

  #trace(kind: string, data: Readonly<Record<string, unknown>>, source: TraceEntry["source"] = "call"): void {
    quietly(() =>
      this.#parts.trace.write(this.#claimed.call.callId, this.#claimed.attemptId, {
        atMs: this.#parts.clock.now(),
        source,
        kind,
        data,
      }),
    );
  }

  #traceLegEvent(event: Exclude<LegEvent, { type: "trace" }>): void {
    const { source, kind } = LEG_TRACE[event.type];
    const { type: _type, atMs: _atMs, ...data } = event;
    this.#trace(kind, event.type === "messageEnded" ? withoutAudio(event.end) : data, source);
  }
}

/** How each leg event appears in the trace. */
const LEG_TRACE: Readonly<
  Record<Exclude<LegEvent["type"], "trace">, { source: TraceEntry["source"]; kind: string }>
> = {
  inviteSent: { source: "call", kind: "invite-sent" },
  progress: { source: "call", kind: "progress" },
  answered: { source: "call", kind: "answered" },
  failed: { source: "call", kind: "failed" },
  ended: { source: "call", kind: "ended" },
  key: { source: "media", kind: "key" },
  finding: { source: "detection", kind: "finding" },
  decision: { source: "detection", kind: "decision" },
  playbackEnded: { source: "media", kind: "playback-ended" },
  messageEnded: { source: "media", kind: "message-ended" },
  closed: { source: "call", kind: "closed" },
};

/** What was said is the caller's and too large for a trace. */
function withoutAudio({ audio, ...end }: MessageEnd): Readonly<Record<string, unknown>> {
  return { ...end, durationMs: (audio.length * 1000) / SAMPLE_RATE_HZ };
}

/** What a detector's finding on early media says about why nobody will answer. */
function earlyToneOf(finding: Finding): EarlyTone | undefined {
  if (finding.confidence < EARLY_TONE_CONFIDENCE) return undefined;
  switch (finding.kind) {
    case "sit":
      return "informationtone";
    case "busy-tone":
      return "busy";
    case "reorder-tone":
      return "linefailure";
    default:
      return undefined;
  }
}

/** `dialing.ringing`: the path of the innermost state. */
function stateName(value: unknown): string {
  if (typeof value === "string") return value;
  const [name, inner] = Object.entries(value as Record<string, unknown>)[0] ?? ["", ""];
  return inner ? `${name}.${stateName(inner)}` : name;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** For what must be tried at the end and whose failure changes nothing. */
function quietly(fn: () => void): void {
  try {
    fn();
  } catch {
    // The call is over either way; the failure that led here has been logged.
  }
}
