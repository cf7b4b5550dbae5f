/** The runner between a telephony and a script that the test plays by hand, on a manual clock. */
import { beforeEach, describe, expect, it } from "vitest";
import { createAttemptRunner } from "../../../engine/call/call-runner.ts";
import type { Finding, LegFailure, RunningAttempt } from "../../../engine/index.ts";
import type { ClaimedCall } from "../../../engine/model/call.ts";
import type { AttemptReport } from "../../../engine/model/outcome.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import {
  claimedCall,
  RememberedLog,
  RememberedTrace,
  ScriptedSessions,
  ScriptedTelephony,
} from "./scripted-world.ts";

let clock: ManualClock;
let telephony: ScriptedTelephony;
let sessions: ScriptedSessions;
let log: RememberedLog;
let trace: RememberedTrace;
let recorded: { attemptId: number; atMs: number }[];

beforeEach(() => {
  clock = new ManualClock();
  telephony = new ScriptedTelephony(() => clock.now());
  sessions = new ScriptedSessions();
  log = new RememberedLog();
  trace = new RememberedTrace();
  recorded = [];
});

function run(claimed: ClaimedCall = claimedCall()): RunningAttempt {
  const runner = createAttemptRunner({
    telephony,
    voiceSessions: sessions,
    queue: {
      recordInviteSent: async (attemptId, atMs) => {
        recorded.push({ attemptId, atMs });
      },
    },
    clock,
    trace,
    logger: log,
    settings: {
      detection: { mode: "accurate", silenceTimeoutMs: 4000, totalTimeoutMs: 10_000 },
      trunkCallerId: () => "+12025550199",
      recordingPathFor: ({ call, attemptNumber }) => `${call.callId}-${attemptNumber}.wav`,
    },
  });
  return runner.run(claimed);
}

async function reportOf(attempt: RunningAttempt): Promise<AttemptReport> {
  const ended = await attempt.ended;
  if ("unsent" in ended) throw new Error(`unsent: ${ended.unsent}`);
  return ended;
}

const finding = (kind: Finding["kind"], more: Partial<Finding> = {}): Finding => ({
  kind,
  startMs: 0,
  confidence: 0.95,
  evidence: {},
  ...more,
});

describe("the leg", () => {
  it("is asked for with the deployment's trunk, ring time and caller ID", () => {
    run();
    expect(telephony.request).toMatchObject({
      legId: "call-12-attempt-34",
      trunk: "carrier",
      callerId: "+12025550100",
      ringTimeoutMs: 45_000,
      destination: { number: "+16175551234" },
    });
    expect(telephony.request?.recordingPath).toBeUndefined();
  });

  it("takes the call's own caller ID before the deployment's, and leaves the trunk's to telephony", () => {
    run(claimedCall({ destination: { number: "1", ani: "2125551234", original: "1" } }));
    expect(telephony.request?.callerId).toBe("2125551234");
    run(claimedCall({}, { callerId: undefined }));
    expect(telephony.request?.callerId).toBeUndefined();
  });

  it("records the INVITE before it leaves", async () => {
    run();
    expect(recorded).toEqual([]);
    await telephony.request?.beforeInvite();
    expect(recorded).toEqual([{ attemptId: 34, atMs: clock.now() }]);
  });

  it("presses post-answer digits after the answer, not before", async () => {
    run(claimedCall({ destination: { number: "1", postDigits: "p12", original: "1" } }));
    expect(telephony.asked).toEqual([]);
    await telephony.answer();
    expect(telephony.asked).toEqual(["sendKeys p12"]);
  });
});

describe("the recording", () => {
  it("begins and pauses when the script says so, and then is the deployment's matter again", async () => {
    run();
    await telephony.answer();
    expect(telephony.request?.recordingPath).toBeUndefined();
    sessions.say({ type: "recordCall", isOn: true });
    sessions.say({ type: "recordCall", isOn: false });
    sessions.say({ type: "recordCall", isOn: true });
    sessions.say({ type: "recordCall" });
    expect(telephony.asked).toEqual([
      "record 12-1.wav",
      "record nothing",
      "record 12-1.wav",
      "record nothing",
    ]);
    expect(trace.entries.filter(({ kind }) => kind === "recording").map(({ data }) => data)).toEqual([
      { isOn: true },
      { isOn: false },
      { isOn: true },
      { isOn: false },
    ]);
  });

  it("of a deployment that records begins with the leg; a script may still pause it", async () => {
    run(claimedCall({}, { recordCalls: true }));
    await telephony.answer();
    expect(telephony.request?.recordingPath).toBe("12-1.wav");
    sessions.say({ type: "recordCall", isOn: false });
    sessions.say({ type: "recordCall" });
    expect(telephony.asked).toEqual(["record nothing", "record 12-1.wav"]);
  });

  it("of a message is asked of the leg; its end goes to the script, and to the trace without a sound", async () => {
    run();
    await telephony.answer();
    const request = {
      messageId: 1,
      hasBeep: true,
      timeoutMs: 1,
      maxTimeMs: 2,
      finalSilenceMs: 3,
      isEndedByAnyKey: true,
    };
    sessions.say({ type: "takeMessage", request });
    sessions.say({ type: "stopMessage" });
    expect(telephony.asked).toEqual(["takeMessage 1", "stopMessage"]);
    const end = { messageId: 1, ending: "key", key: "#", audio: new Uint8Array(1600) } as const;
    telephony.tell({ type: "ended", by: "callee" }, { type: "messageEnded", end });
    expect(sessions.told.at(-1)).toEqual({ type: "messageEnded", end });
    expect(trace.entries.find(({ kind }) => kind === "message-ended")?.data).toEqual({
      messageId: 1,
      ending: "key",
      key: "#",
      durationMs: 200,
    });
  });

  it("is in the report where the leg closed with one", async () => {
    const attempt = run();
    await telephony.answer();
    telephony.tell({ type: "ended", by: "callee" }, { type: "closed", recordingPath: "12-1.wav" });
    sessions.say({ type: "ended", ending: { kind: "exit" } });
    expect((await reportOf(attempt)).recordingPath).toBe("12-1.wav");
  });
});

describe("endings before the answer", () => {
  const rows: readonly (readonly [LegFailure, string])[] = [
    [{ kind: "response", status: 486, phrase: "Busy Here" }, "busy busy"],
    [{ kind: "response", status: 603, phrase: "Decline" }, "busy declined"],
    [{ kind: "response", status: 503, phrase: "Service Unavailable" }, "linefailure no-circuit"],
    [{ kind: "response", status: 404, phrase: "Not Found" }, "informationtone unreachable"],
    [{ kind: "canceled", cause: "ring-timeout" }, "noanswer no-answer"],
    [{ kind: "no-response" }, "linefailure unreachable"],
    [{ kind: "media", explanation: "worker died" }, "linefailure media-failed"],
  ];
  it.each(rows)("%j is reported as %s", async (failure, expected) => {
    const attempt = run();
    await telephony.request?.beforeInvite();
    telephony.tell({ type: "inviteSent" }, { type: "failed", failure }, { type: "closed" });
    const { outcome } = await reportOf(attempt);
    expect(`${outcome.calleeType} ${outcome.reason}`).toBe(expected);
    expect(sessions.request).toBeUndefined();
  });

  it("an INVITE that never left is unsent", async () => {
    const attempt = run();
    telephony.tell(
      { type: "failed", failure: { kind: "not-sent", explanation: "no channel is free" } },
      { type: "closed" },
    );
    expect(await attempt.ended).toEqual({ unsent: "no channel is free" });
  });

  it("an information tone hangs up after the grace, when no response comes", async () => {
    const attempt = run();
    await telephony.request?.beforeInvite();
    telephony.tell(
      { type: "inviteSent" },
      { type: "progress", status: 183, hasEarlyMedia: true },
      { type: "finding", finding: finding("sit") },
    );
    clock.advance(1999);
    expect(telephony.asked).toEqual([]);
    clock.advance(1);
    expect(telephony.asked).toEqual(["hangUp early-tone"]);
    telephony.tell(
      { type: "failed", failure: { kind: "canceled", cause: "early-tone" } },
      { type: "closed" },
    );
    expect((await reportOf(attempt)).outcome).toMatchObject({
      calleeType: "informationtone",
      reason: "information-tone",
    });
  });

  it("a doubtful tone and speech in early media decide nothing", async () => {
    const attempt = run();
    await telephony.request?.beforeInvite();
    telephony.tell(
      { type: "inviteSent" },
      { type: "progress", status: 183, hasEarlyMedia: true },
      { type: "finding", finding: finding("sit", { confidence: 0.5 }) },
    );
    telephony.decide("voice");
    clock.advance(10_000);
    expect(telephony.asked).toEqual([]);
    telephony.tell(
      { type: "failed", failure: { kind: "response", status: 480, phrase: "Gone out" } },
      { type: "closed" },
    );
    expect((await reportOf(attempt)).outcome.calleeType).toBe("noanswer");
  });

  it("a cancel from outside is told to the leg with its reason", async () => {
    const attempt = run();
    await telephony.request?.beforeInvite();
    telephony.tell({ type: "inviteSent" });
    attempt.hangUp("canceled");
    expect(telephony.asked).toEqual(["hangUp canceled"]);
    telephony.tell({ type: "failed", failure: { kind: "canceled", cause: "canceled" } }, { type: "closed" });
    expect((await reportOf(attempt)).outcome).toMatchObject({ reason: "canceled", retryable: false });
  });
});

describe("the session", () => {
  it("starts at the answer with Plum's fields and the list's further columns", async () => {
    run(
      claimedCall({
        messageReference: "ref-1",
        campaignParameters: "season=winter",
        callParameters: "name=Ann",
        variables: { city: "Boston", call_id: "not mine" },
      }),
    );
    expect(sessions.request).toBeUndefined();
    await telephony.answer();
    expect(sessions.request).toMatchObject({
      startUrl: "http://127.0.0.1/start.vxml",
      method: "POST",
      profile: "plum",
      fields: [
        ["phone_number", "tel:+16175551234"],
        ["call_id", "12"],
        ["message_reference", "ref-1"],
        ["campaign_parameters", "season=winter"],
        ["call_parameters", "name=Ann"],
        ["city", "Boston"],
      ],
    });
  });

  it("begins with the session variables of the call", async () => {
    run(claimedCall({}, { callerId: undefined }));
    await telephony.answer();
    expect(sessions.request?.variables).toEqual({
      id: "000000;034;1800000000",
      callid: 12,
      telephone: { ani: "+12025550199", dnis: "+16175551234" },
      connection: {
        local: { uri: "tel:+12025550199" },
        remote: { uri: "tel:+16175551234" },
        originator: { uri: "tel:+12025550199" },
        protocol: { name: "sip", version: "2.0" },
        callee_type: "processing",
      },
    });
  });

  it("hears keys, playback ends and the callee type; the keys are reported", async () => {
    const attempt = run();
    await telephony.answer();
    sessions.say({ type: "play", playback: { playbackId: 1, items: [] } });
    telephony.tell(
      { type: "key", key: "1", source: "rfc4733", during: "speech" },
      { type: "playbackEnded", playbackId: 1, ending: "barged" },
    );
    telephony.decide("voice");
    expect(telephony.asked).toEqual(["play 1"]);
    expect(sessions.told).toEqual([
      { type: "key", key: "1", during: "speech" },
      { type: "playbackEnded", playbackId: 1, ending: "barged" },
      { type: "variable", path: ["connection", "callee_type"], value: "voice" },
    ]);
    telephony.tell({ type: "ended", by: "callee" });
    expect(sessions.told.at(-1)).toEqual({ type: "hungUp" });
    sessions.say({ type: "ended", ending: { kind: "hangup" } });
    telephony.tell({ type: "closed", recordingPath: "call.wav" });
    const report = await reportOf(attempt);
    expect(report).toMatchObject({ keys: "1", recordingPath: "call.wav" });
    expect(report.outcome).toMatchObject({ result: "completed", calleeType: "voice", reason: "answered" });
  });

  it("learns of the beep when it is over, by variable and event", async () => {
    const attempt = run();
    await telephony.answer();
    telephony.decide("answeringmachine");
    clock.advance(5000);
    telephony.tell({ type: "finding", finding: finding("beep", { startMs: 7000, evidence: { hz: 1000 } }) });
    expect(sessions.told).toHaveLength(1);
    clock.advance(400);
    telephony.tell({
      type: "finding",
      finding: finding("beep", { startMs: 7000, endMs: 7400, evidence: { hz: 1000 } }),
    });
    clock.advance(20);
    expect(sessions.told.slice(1)).toEqual([
      { type: "variable", path: ["connection", "beep"], value: { startMs: 5000, endMs: 5400, hz: 1000 } },
      { type: "event", name: "voxdial.beep", message: "beep of 1000 Hz" },
    ]);
    sessions.say({ type: "ended", ending: { kind: "exit" } });
    telephony.tell({ type: "ended", by: "us" }, { type: "closed" });
    expect((await reportOf(attempt)).beepAtMs).toBe(5000);
  });

  it("wakes up by the beep only after the callee type that the same beep decides", async () => {
    run();
    await telephony.answer();
    telephony.tell({ type: "finding", finding: finding("beep", { startMs: 700, endMs: 900 }) });
    telephony.decide("answeringmachine");
    clock.advance(20);
    expect(
      sessions.told.map((notice) => (notice.type === "variable" ? notice.path.at(-1) : notice.type)),
    ).toEqual(["beep", "callee_type", "event"]);
  });

  it("learns at the answer of a fax machine heard through early media", async () => {
    run();
    await telephony.request?.beforeInvite();
    telephony.tell({ type: "inviteSent" }, { type: "progress", status: 183, hasEarlyMedia: true });
    telephony.decide("fax");
    expect(telephony.asked).toEqual([]);
    telephony.tell({ type: "answered", codec: "PCMU" });
    expect(sessions.told).toEqual([{ type: "variable", path: ["connection", "callee_type"], value: "fax" }]);
  });

  it("learns of a greeting's end by variable alone", async () => {
    run();
    await telephony.answer();
    clock.advance(3000);
    telephony.tell({ type: "finding", finding: finding("greeting-end", { startMs: 900, endMs: 900 }) });
    expect(sessions.told).toEqual([
      { type: "variable", path: ["connection", "greeting_end"], value: { startMs: 3000, endMs: 3000 } },
    ]);
  });

  it("a key after unknown corrects the report to voice", async () => {
    const attempt = run();
    await telephony.answer();
    clock.advance(4000);
    telephony.decide("unknown");
    clock.advance(1500);
    telephony.tell({ type: "key", key: "2", source: "rfc4733", during: "nothing" });
    telephony.decide("voice");
    sessions.say({ type: "ended", ending: { kind: "exit" } });
    telephony.tell({ type: "ended", by: "us" }, { type: "closed" });
    const { outcome, timestamps, keys } = await reportOf(attempt);
    expect(outcome.calleeType).toBe("voice");
    expect(keys).toBe("2");
    expect((timestamps.decidedAtMs ?? 0) - (timestamps.answeredAtMs ?? 0)).toBe(5500);
  });

  it("an answer nobody could classify is completed as unknown", async () => {
    const attempt = run();
    await telephony.answer();
    telephony.tell({ type: "ended", by: "callee" });
    sessions.say({ type: "ended", ending: { kind: "hangup" } });
    telephony.tell({ type: "closed" });
    expect((await reportOf(attempt)).outcome).toMatchObject({ result: "completed", calleeType: "unknown" });
  });

  it("a start URL that fails ends the call with its reason, as answered", async () => {
    const attempt = run();
    await telephony.answer();
    sessions.say({
      type: "ended",
      ending: { kind: "error", event: "error.badfetch.http.500", message: "the server answered 500" },
    });
    expect(telephony.asked).toEqual(["hangUp normal"]);
    telephony.tell({ type: "ended", by: "us" }, { type: "closed" });
    const { outcome } = await reportOf(attempt);
    expect(outcome).toMatchObject({ reason: "script-failed", calleeType: "unknown", retryable: false });
    expect(outcome.explanation).toContain("error.badfetch.http.500");
    expect(trace.entries.find((entry) => entry.kind === "session-ended")?.data).toMatchObject({
      event: "error.badfetch.http.500",
    });
  });

  it("an information tone after the answer hangs up and fails", async () => {
    const attempt = run();
    await telephony.answer();
    telephony.decide("informationtone");
    expect(telephony.asked).toEqual(["hangUp normal"]);
    telephony.tell({ type: "ended", by: "us" });
    expect(sessions.told.at(-1)).toEqual({ type: "hungUp" });
    sessions.say({ type: "ended", ending: { kind: "hangup" } });
    telephony.tell({ type: "closed" });
    expect((await reportOf(attempt)).outcome).toMatchObject({
      result: "failed",
      calleeType: "informationtone",
      reason: "information-tone",
    });
  });

  it("gets a bounded time after the callee hung up", async () => {
    const attempt = run();
    await telephony.answer();
    telephony.tell({ type: "ended", by: "callee" }, { type: "closed" });
    clock.advance(14_999);
    expect(sessions.isTerminated).toBe(false);
    clock.advance(1);
    expect(sessions.isTerminated).toBe(true);
    expect((await reportOf(attempt)).outcome.explanation).toContain("did not finish");
  });

  it("a call that lasts too long is hung up", async () => {
    run();
    await telephony.answer();
    clock.advance(4 * 60 * 60_000);
    expect(telephony.asked).toEqual(["hangUp normal"]);
  });
});

describe("what goes wrong inside", () => {
  it("a session that cannot be started ends the call as internal", async () => {
    sessions.start = () => {
      throw new Error("no dialog worker");
    };
    const attempt = run();
    await telephony.answer();
    expect(telephony.asked).toEqual(["hangUp normal"]);
    telephony.tell({ type: "ended", by: "us" });
    clock.advance(15_000);
    telephony.tell({ type: "closed" });
    const { outcome } = await reportOf(attempt);
    expect(outcome).toMatchObject({ result: "failed", reason: "internal" });
    expect(outcome.explanation).toContain("no dialog worker");
  });

  it("a telephony that throws is unsent, and nothing escapes", async () => {
    telephony.placeLeg = () => {
      throw new Error("not today");
    };
    const attempt = run();
    clock.advance(40_000);
    expect(await attempt.ended).toMatchObject({ unsent: expect.stringContaining("not today") });
  });

  it("a trace that throws does not reach the call", async () => {
    trace.write = () => {
      throw new Error("disk full");
    };
    const attempt = run();
    await telephony.answer();
    sessions.say({ type: "ended", ending: { kind: "exit" } });
    telephony.tell({ type: "ended", by: "us" }, { type: "closed" });
    expect((await reportOf(attempt)).outcome.reason).toBe("answered");
  });

  it("a leg that never ends is given up and reported", async () => {
    const attempt = run();
    await telephony.answer();
    sessions.say({ type: "ended", ending: { kind: "exit" } });
    clock.advance(40_000);
    expect((await reportOf(attempt)).outcome.reason).toBe("internal");
    expect(clock.pending).toBe(0);
  });
});

describe("what is left behind", () => {
  it("is one line with every interval and a masked number", async () => {
    const attempt = run();
    clock.advance(50);
    await telephony.request?.beforeInvite();
    telephony.tell({ type: "inviteSent" });
    clock.advance(200);
    telephony.tell({ type: "progress", status: 180, hasEarlyMedia: false });
    clock.advance(3000);
    telephony.tell({ type: "answered", codec: "PCMA" });
    clock.advance(1200);
    telephony.decide("voice");
    clock.advance(800);
    sessions.say({ type: "ended", ending: { kind: "exit" } });
    telephony.tell({ type: "ended", by: "us" }, { type: "closed" });
    const report = await reportOf(attempt);
    expect(report.timestamps).toEqual({
      claimedAtMs: 1_800_000_000_000,
      inviteAtMs: 1_800_000_000_050,
      ringingAtMs: 1_800_000_000_250,
      answeredAtMs: 1_800_000_003_250,
      decidedAtMs: 1_800_000_004_450,
      endedAtMs: 1_800_000_005_250,
    });
    const lines = log.lines.filter((line) => line.level === "info");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      message: "call ended",
      fields: {
        callId: 12,
        attempt: 1,
        deploymentId: 3,
        to: "+161******34",
        calleeType: "voice",
        queuedMs: 10_000,
        inviteMs: 50,
        ringingMs: 200,
        setupMs: 3200,
        detectionMs: 1200,
        talkMs: 2000,
        totalMs: 5250,
      },
    });
    expect(JSON.stringify(log.lines)).not.toContain("6175551234");
  });

  it("names a failed script in the log without the query of its address", async () => {
    const attempt = run();
    await telephony.answer();
    const message = "http://app/start?who=6175551234&x=1 could not be fetched";
    sessions.say({ type: "ended", ending: { kind: "error", event: "error.badfetch", message } });
    telephony.tell({ type: "ended", by: "us" }, { type: "closed" });
    expect((await reportOf(attempt)).outcome.explanation).toContain("6175551234");
    expect(JSON.stringify(log.lines)).not.toContain("6175551234");
    expect(log.lines.find((line) => line.message === "script failed")?.fields).toMatchObject({
      reason: "http://app/start?… could not be fetched",
    });
  });

  it("is a trace of states, leg events, decisions and the outcome", async () => {
    const attempt = run();
    await telephony.answer();
    telephony.tell({
      type: "trace",
      entry: { atMs: 1, source: "sip", kind: "message", data: { text: "x" } },
    });
    telephony.decide("voice");
    sessions.say({ type: "trace", entry: { atMs: 2, source: "vxml", kind: "document" } });
    sessions.say({ type: "ended", ending: { kind: "exit" } });
    telephony.tell({ type: "ended", by: "us" }, { type: "closed" });
    await attempt.ended;
    expect(trace.kinds()).toEqual([
      "call.state",
      "call.invite-sent",
      "call.state",
      "call.progress",
      "call.state",
      "call.answered",
      "call.state",
      "sip.message",
      "detection.decision",
      "vxml.document",
      "call.session-ended",
      "call.state",
      "call.ended",
      "call.state",
      "call.closed",
      "call.state",
      "call.outcome",
    ]);
  });
});
