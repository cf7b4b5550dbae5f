import { describe, expect, it } from "vitest";
import { type AttemptEnding, outcomeOf } from "../../../engine/call/outcome-table.ts";
import { CALLEE_TYPES } from "../../../engine/model/callee-type.ts";
import type { LegFailure } from "../../../engine/ports.ts";

const short = (ending: AttemptEnding): string => {
  const { result, calleeType, reason, retryable } = outcomeOf(ending);
  return `${result} ${calleeType} ${reason} ${retryable ? "again" : "never again"}`;
};

const response = (
  status: number,
  more: { q850Cause?: number; earlyTone?: "informationtone" | "busy" | "linefailure" } = {},
): AttemptEnding => ({
  kind: "not-answered",
  failure: { kind: "response", status, phrase: "Phrase", q850Cause: more.q850Cause },
  earlyTone: more.earlyTone,
});

describe("a final response before the answer", () => {
  it.each([
    [300, "failed linefailure unreachable again"],
    [400, "failed linefailure signalling-failed again"],
    [401, "failed linefailure rejected again"],
    [403, "failed linefailure rejected again"],
    [404, "failed informationtone unreachable again"],
    [406, "failed linefailure media-failed again"],
    [407, "failed linefailure rejected again"],
    [408, "failed noanswer no-answer again"],
    [410, "failed informationtone unreachable again"],
    [422, "failed linefailure rejected again"],
    [428, "failed linefailure rejected never again"],
    [436, "failed linefailure rejected never again"],
    [437, "failed linefailure rejected never again"],
    [438, "failed linefailure rejected never again"],
    [480, "failed noanswer no-answer again"],
    [484, "failed informationtone unreachable again"],
    [486, "failed busy busy again"],
    [487, "failed noanswer no-answer again"],
    [488, "failed linefailure media-failed again"],
    [500, "failed linefailure signalling-failed again"],
    [502, "failed linefailure unreachable again"],
    [503, "failed linefailure no-circuit again"],
    [504, "failed linefailure unreachable again"],
    [599, "failed linefailure signalling-failed again"],
    [600, "failed busy busy again"],
    [603, "failed busy declined never again"],
    [604, "failed informationtone unreachable again"],
    [606, "failed linefailure media-failed again"],
    [607, "failed busy declined never again"],
    [608, "failed busy declined never again"],
    [699, "failed busy busy again"],
  ])("%i is %s", (status, expected) => {
    expect(short(response(status))).toBe(expected);
    expect(outcomeOf(response(status)).sipStatus).toBe(status);
  });
});

describe("a Q.850 cause beside the status", () => {
  it.each([
    [480, 1, "failed informationtone unreachable again"],
    [480, 17, "failed busy busy again"],
    [503, 19, "failed noanswer no-answer again"],
    [403, 21, "failed busy declined never again"],
    [500, 27, "failed linefailure unreachable again"],
    [480, 34, "failed linefailure no-circuit again"],
    [500, 38, "failed linefailure unreachable again"],
    [500, 41, "failed linefailure unreachable again"],
    [500, 42, "failed linefailure no-circuit again"],
    // Nothing said.
    [480, 16, "failed noanswer no-answer again"],
    [404, 127, "failed informationtone unreachable again"],
    // A busy line stays busy; a refusal stays a refusal.
    [486, 19, "failed busy busy again"],
    [603, 17, "failed busy declined never again"],
  ])("%i with cause %i is %s", (status, q850Cause, expected) => {
    expect(short(response(status, { q850Cause }))).toBe(expected);
    expect(outcomeOf(response(status, { q850Cause })).q850Cause).toBe(q850Cause);
  });
});

describe("a tone in early media", () => {
  it.each([
    ["informationtone", 404, "failed informationtone information-tone again"],
    ["informationtone", 503, "failed informationtone information-tone again"],
    ["busy", 480, "failed busy busy again"],
    ["linefailure", 500, "failed linefailure no-circuit again"],
    // Who declined is not dialed again, whatever was played.
    ["busy", 603, "failed busy declined never again"],
  ] as const)("%s wins over %i: %s", (earlyTone, status, expected) => {
    expect(short(response(status, { earlyTone }))).toBe(expected);
  });

  it("decides when we hang up because of it", () => {
    const failure: LegFailure = { kind: "canceled", cause: "early-tone" };
    expect(short({ kind: "not-answered", failure, earlyTone: "informationtone" })).toBe(
      "failed informationtone information-tone again",
    );
    expect(short({ kind: "not-answered", failure, earlyTone: "busy" })).toBe("failed busy busy again");
  });
});

describe("no final response", () => {
  const rows: readonly (readonly [LegFailure, string])[] = [
    [{ kind: "canceled", cause: "ring-timeout" }, "failed noanswer no-answer again"],
    [{ kind: "canceled", cause: "normal" }, "failed noanswer no-answer again"],
    [{ kind: "canceled", cause: "canceled" }, "failed noanswer canceled never again"],
    [{ kind: "canceled", cause: "shutdown" }, "failed noanswer shutdown again"],
    [{ kind: "no-response" }, "failed linefailure unreachable again"],
    [{ kind: "transport", explanation: "x" }, "failed linefailure signalling-failed again"],
    [{ kind: "media", explanation: "x" }, "failed linefailure media-failed again"],
    [{ kind: "sdp", explanation: "x" }, "failed linefailure media-failed again"],
    [{ kind: "internal", explanation: "x" }, "failed unknown internal again"],
    [{ kind: "not-sent", explanation: "x" }, "failed noattempt internal again"],
  ];
  it.each(rows)("%j is %s", (failure, expected) => {
    expect(short({ kind: "not-answered", failure })).toBe(expected);
  });

  it("487 to our own CANCEL is told by what we wanted", () => {
    const failure: LegFailure = { kind: "response", status: 487, phrase: "Request Terminated" };
    expect(short({ kind: "not-answered", failure, stopped: "canceled" })).toBe(
      "failed noanswer canceled never again",
    );
    expect(short({ kind: "not-answered", failure, stopped: "shutdown" })).toBe(
      "failed noanswer shutdown again",
    );
  });
});

describe("an answer", () => {
  it.each([
    ["voice", "completed voice answered never again"],
    ["answeringmachine", "completed answeringmachine answered never again"],
    ["fax", "completed fax answered never again"],
    ["unknown", "completed unknown answered never again"],
    [undefined, "completed unknown answered never again"],
    ["informationtone", "failed informationtone information-tone again"],
    ["busy", "failed busy busy again"],
    ["linefailure", "failed linefailure media-failed again"],
  ] as const)("decided %s is %s", (decided, expected) => {
    expect(short({ kind: "answered", decided })).toBe(expected);
  });

  it("with a failed script keeps the callee type and is not dialed again", () => {
    const scriptFailure = "error.badfetch.http.500: the server answered 500";
    expect(short({ kind: "answered", decided: "voice", scriptFailure })).toBe(
      "completed voice script-failed never again",
    );
    expect(outcomeOf({ kind: "answered", scriptFailure }).explanation).toContain(scriptFailure);
  });

  it("that something broke is failed as internal and not dialed again", () => {
    expect(short({ kind: "answered", decided: "voice", failure: "the media worker died" })).toBe(
      "failed voice internal never again",
    );
  });

  it("stopped from outside says by what", () => {
    expect(short({ kind: "answered", decided: "voice", stopped: "shutdown" })).toBe(
      "failed voice shutdown never again",
    );
    expect(short({ kind: "answered", stopped: "canceled" })).toBe("failed unknown canceled never again");
  });

  it("with a tone afterwards is the tone, whatever became of the script", () => {
    expect(short({ kind: "answered", decided: "informationtone", scriptFailure: "error.badfetch" })).toBe(
      "failed informationtone information-tone again",
    );
  });
});

describe("what never had its own end", () => {
  it.each([
    [{ kind: "interrupted" }, "failed unknown interrupted again"],
    [{ kind: "never-dialed", why: "expired" }, "failed noattempt expired never again"],
    [{ kind: "never-dialed", why: "canceled" }, "failed noattempt canceled never again"],
  ] as const)("%j is %s", (ending, expected) => {
    expect(short(ending)).toBe(expected);
  });
});

it("every explanation is one sentence", () => {
  const endings: AttemptEnding[] = [
    ...CALLEE_TYPES.map((decided) => ({ kind: "answered", decided, endedBy: "the callee hung up" }) as const),
    ...[404, 486, 503, 603].map((status) => response(status)),
    { kind: "interrupted" },
  ];
  for (const ending of endings) expect(outcomeOf(ending).explanation).toMatch(/^[A-Z][^.]*\.$/);
});
