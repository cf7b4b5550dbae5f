/** The machine alone: events in, state and action names out; nothing is carried out and no time passes. */
import { describe, expect, it } from "vitest";
import { initialTransition, transition } from "xstate";
import { type CallEvent, callMachine, endingOf } from "../../../engine/call/call-machine.ts";
import { outcomeOf } from "../../../engine/call/outcome-table.ts";

interface Walked {
  readonly state: unknown;
  /** Names of the last event's actions that have an effect outside, with a hang-up's cause. */
  readonly does: readonly string[];
  readonly reason: string;
  readonly explanation: string;
}

function walk(...events: readonly CallEvent[]): Walked {
  let [snapshot, actions] = initialTransition(callMachine);
  for (const event of events) [snapshot, actions] = transition(callMachine, snapshot, event);
  const does = actions
    .filter(({ type }) => !/^note|^forget|^xstate/.test(type))
    .map(({ type, params }) => (type === "hangUp" ? `hangUp ${(params as { cause: string }).cause}` : type));
  const outcome = outcomeOf(endingOf(snapshot.context));
  return { state: snapshot.value, does, reason: outcome.reason, explanation: outcome.explanation };
}

const sent: CallEvent = { type: "leg.inviteSent" };
const ringing: CallEvent = { type: "leg.progress", hasEarlyMedia: false };
const early: CallEvent = { type: "leg.progress", hasEarlyMedia: true };
const answered: CallEvent = { type: "leg.answered" };
const closed: CallEvent = { type: "leg.closed" };
const calleeGone: CallEvent = { type: "leg.ended", by: "callee" };
const weEnded: CallEvent = { type: "leg.ended", by: "us" };
const scriptOver: CallEvent = { type: "session.ended", ending: { kind: "exit" } };
const tone: CallEvent = { type: "tone.early", tone: "informationtone" };
const notFound: CallEvent = {
  type: "leg.failed",
  failure: { kind: "response", status: 404, phrase: "Not Found" },
};

describe("before the answer", () => {
  it("goes from claimed to inviting, ringing and early", () => {
    expect(walk().state).toEqual({ dialing: "claimed" });
    expect(walk(sent).state).toEqual({ dialing: "inviting" });
    expect(walk(sent, ringing).state).toEqual({ dialing: "ringing" });
    expect(walk(sent, ringing, early).state).toEqual({ dialing: "early" });
    expect(walk(sent, early).state).toEqual({ dialing: "early" });
  });

  it("a final response waits for the media to close, then settles", () => {
    expect(walk(sent, notFound)).toMatchObject({ state: "closing", does: ["startLegCloseTimer"] });
    expect(walk(sent, notFound, closed)).toMatchObject({ state: "settled", does: ["settle"] });
  });

  it("an early tone waits for the network's own response", () => {
    expect(walk(sent, early, tone).does).toEqual(["startEarlyToneTimer"]);
    expect(walk(sent, early, tone, tone).does).toEqual([]);
    expect(walk(sent, early, tone, notFound).reason).toBe("information-tone");
  });

  it("an early tone hangs up when no response comes", () => {
    const walked = walk(sent, early, tone, { type: "timer.earlyTone" });
    expect(walked.state).toBe("hangingUp");
    expect(walked.does).toEqual(["hangUp early-tone", "startLegCloseTimer"]);
  });

  it("an answer after an early tone forgets the tone", () => {
    const events = [sent, early, tone, answered] as const;
    expect(walk(...events).state).toBe("inDialog");
    expect(walk(...events, { type: "timer.earlyTone" }).state).toBe("inDialog");
    expect(walk(...events, calleeGone, scriptOver, closed).reason).toBe("answered");
  });

  it("a stop cancels with its reason", () => {
    expect(walk(sent, { type: "stop", reason: "shutdown" })).toMatchObject({
      state: "hangingUp",
      does: ["hangUp shutdown", "startLegCloseTimer"],
      reason: "shutdown",
    });
  });

  it("a 200 that crosses the CANCEL is hung up and was no conversation", () => {
    const crossing = [sent, ringing, { type: "stop", reason: "canceled" }, answered] as const;
    expect(walk(...crossing)).toMatchObject({ state: "hangingUp", does: ["hangUp normal"] });
    expect(walk(...crossing, weEnded, closed)).toMatchObject({ state: "settled", reason: "canceled" });
  });
});

describe("after the answer", () => {
  it("starts the session and presses post-answer digits", () => {
    expect(walk(sent, answered)).toMatchObject({
      state: "inDialog",
      does: ["startDurationTimer", "startSession", "pressPostDigits"],
    });
  });

  it("the script's end hangs up", () => {
    expect(walk(sent, answered, scriptOver)).toMatchObject({
      state: "hangingUp",
      does: ["hangUp normal", "startLegCloseTimer"],
    });
    expect(walk(sent, answered, scriptOver, weEnded, closed).state).toBe("settled");
  });

  it("the callee's hang-up leaves the script a last word", () => {
    const events = [sent, answered, calleeGone] as const;
    expect(walk(...events)).toMatchObject({
      state: "finishing",
      does: ["tellSessionHungUp", "startFinalProcessingTimer"],
    });
    expect(walk(...events, closed, scriptOver)).toMatchObject({ state: "settled" });
    expect(walk(...events, scriptOver, closed)).toMatchObject({ state: "settled" });
  });

  it("a script that does not finish is stopped", () => {
    const walked = walk(sent, answered, calleeGone, closed, { type: "timer.finalProcessing" });
    expect(walked.state).toBe("settled");
    expect(walked.does).toContain("terminateSession");
    expect(walked.explanation).toContain("did not finish");
  });

  it("a script that hangs up still runs to its end", () => {
    const events = [sent, answered, { type: "session.hangUp" }, weEnded] as const;
    expect(walk(...events).state).toBe("finishing");
    expect(walk(...events, scriptOver, closed).explanation).toContain("the script hung up");
  });

  it.each(["informationtone", "busy", "linefailure"] as const)("%s hangs up", (calleeType) => {
    const walked = walk(sent, answered, { type: "callee.decided", calleeType });
    expect(walked).toMatchObject({ state: "hangingUp", does: ["hangUp normal", "startLegCloseTimer"] });
  });

  it.each(["voice", "answeringmachine", "fax", "unknown"] as const)("%s goes on", (calleeType) => {
    expect(walk(sent, answered, { type: "callee.decided", calleeType }).state).toBe("inDialog");
  });

  it("the last decision counts, also one that comes while hanging up", () => {
    const decided = (calleeType: "unknown" | "voice"): CallEvent => ({ type: "callee.decided", calleeType });
    const walked = walk(sent, answered, decided("unknown"), scriptOver, decided("voice"), weEnded, closed);
    expect(walked.explanation).toContain("Answered by a person");
  });

  it("the limit of duration hangs up and is no failure", () => {
    const walked = walk(sent, answered, { type: "timer.duration" });
    expect(walked.does).toContain("hangUp normal");
    expect(walked.reason).toBe("answered");
  });

  it("a leg that fails ends as internal", () => {
    const walked = walk(sent, answered, {
      type: "leg.ended",
      by: "failure",
      explanation: "media worker died",
    });
    expect(walked).toMatchObject({ state: "finishing", reason: "internal" });
    expect(walked.explanation).toContain("media worker died");
  });

  it("a failure that comes after the answer ends as internal too", () => {
    const lost: CallEvent = { type: "leg.failed", failure: { kind: "media", explanation: "gone" } };
    expect(walk(sent, answered, lost)).toMatchObject({ state: "finishing", reason: "internal" });
  });

  it("an uncaught script error is script-failed; the loss of the session is internal", () => {
    const failed = (event: string): CallEvent => ({
      type: "session.ended",
      ending: { kind: "error", event, message: "it broke" },
    });
    expect(walk(sent, answered, failed("error.badfetch.http.500"))).toMatchObject({
      reason: "script-failed",
      explanation: expect.stringContaining("error.badfetch.http.500: it broke"),
    });
    expect(walk(sent, answered, failed("error.voxdial.internal")).reason).toBe("internal");
  });

  it("a leg that never ends is settled as internal", () => {
    const walked = walk(sent, answered, scriptOver, { type: "timer.legClose" });
    expect(walked).toMatchObject({ state: "settled", reason: "internal" });
    expect(walked.does).toEqual(["terminateSession", "settle"]);
  });

  it("media that never closes costs the recording, not the outcome", () => {
    const walked = walk(sent, answered, scriptOver, weEnded, { type: "timer.legClose" });
    expect(walked).toMatchObject({ state: "settled", reason: "answered" });
  });

  it("a stop while the call is already ending changes nothing", () => {
    const walked = walk(sent, answered, scriptOver, { type: "stop", reason: "shutdown" }, weEnded, closed);
    expect(walked.reason).toBe("answered");
  });
});
