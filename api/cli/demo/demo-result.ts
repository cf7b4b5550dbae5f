/** One row of the demo's result table: what came of a call, and how it differs from what must have come. */
import type { CalleeDecision } from "../../../engine/index.ts";
import type { AttemptRecord, TraceRow } from "../../store/store.ts";
import type { ResultCallback } from "./application.ts";
import type { DemoCall } from "./callee-list.ts";
import { textTable } from "./text-table.ts";

/** What is known of a call after the demo. */
export interface CallEvidence {
  /** What `result_url` received. */
  readonly callback: ResultCallback | undefined;
  /** What the callee answered the script. */
  readonly answer: string | undefined;
  /** Attempts that sent an INVITE, in order. */
  readonly attempts: readonly AttemptRecord[];
  readonly trace: readonly TraceRow[];
}

export interface DemoRow {
  readonly number: string;
  readonly truth: string;
  readonly calleeType: string;
  /** What was decided first, when it was corrected later. */
  readonly decidedFirst?: string;
  readonly result: string;
  /** Answer to decision, seconds; negative on early media. Absent: signalling alone decided. */
  readonly decidedAfterSeconds?: number;
  readonly sipEnding: string;
  readonly attempts: number;
  readonly keys: string;
  readonly hasCallback: boolean;
  /** Empty when all is as expected. */
  readonly differences: readonly string[];
}

export function resultRow(call: DemoCall, evidence: CallEvidence): DemoRow {
  const { callback, attempts } = evidence;
  const last = attempts.at(-1);
  const keys = last?.keys ?? "";
  const decisions = decisionsOf(last, evidence.trace);
  const row = {
    number: call.number,
    truth: call.truth,
    calleeType: callback?.callee_type ?? "",
    decidedFirst: decisions.length > 1 ? decisions[0]?.calleeType : undefined,
    result: callback?.result ?? "",
    // A later correction does not make the first decision slower.
    decidedAfterSeconds: decisions[0] && decisions[0].decidedAtMs / 1000,
    sipEnding: sipEnding(last, evidence.trace),
    attempts: attempts.length,
    keys,
    hasCallback: callback !== undefined,
  };
  const { expected } = call;
  const differences = [
    ...(row.hasCallback ? [] : ["no result callback came"]),
    ...compare("callee type", row.calleeType, expected.calleeType),
    ...compare("first decision", row.decidedFirst ?? "", expected.decidedFirst ?? ""),
    ...compare("result", row.result, expected.result),
    ...compare("attempts", row.attempts, expected.attempts),
    ...compare("attempts in the callback", Number(callback?.attempts ?? Number.NaN), expected.attempts),
    ...compare("keys", row.keys, expected.keys),
    ...compare("answer to the script", evidence.answer ?? "", expected.keys),
    ...messageDifferences(call, evidence.trace),
  ];
  return { ...row, differences };
}

export function resultTable(rows: readonly DemoRow[]): string {
  return textTable(
    [
      "number",
      "who it really was",
      "found",
      "result",
      "decided after",
      "SIP ending",
      "attempts",
      "keys",
      "callback",
      "",
    ],
    rows.map((row) => [
      row.number,
      row.truth,
      row.decidedFirst ? `${row.decidedFirst}, then ${row.calleeType}` : row.calleeType,
      row.result,
      row.decidedAfterSeconds === undefined
        ? "–"
        : row.decidedAfterSeconds < 0
          ? "early media"
          : `${row.decidedAfterSeconds.toFixed(1)} s`,
      row.sipEnding,
      String(row.attempts),
      row.keys || "–",
      row.hasCallback ? "yes" : "no",
      row.differences.length === 0 ? "ok" : "WRONG",
    ]),
  );
}

function compare(what: string, found: string | number, expected: string | number): string[] {
  return found === expected ? [] : [`${what} is ${found || "missing"}, must be ${expected || "none"}`];
}

/** What the last attempt's detectors decided, in order. */
function decisionsOf(
  last: AttemptRecord | undefined,
  trace: readonly TraceRow[],
): readonly Pick<CalleeDecision, "calleeType" | "decidedAtMs">[] {
  return trace
    .filter((row) => row.attemptId === last?.attemptId && row.entry.kind === "decision")
    .map((row) => row.entry.data?.decision as CalleeDecision);
}

function sipEnding(last: AttemptRecord | undefined, trace: readonly TraceRow[]): string {
  if (!last) return "–";
  const entries = trace.filter((row) => row.attemptId === last.attemptId).map((row) => row.entry);
  const ended = entries.find((entry) => entry.kind === "ended")?.data as { by?: string } | undefined;
  if (last.answeredAtMs !== undefined)
    return ended?.by === "callee" ? "200, BYE from callee" : "200, BYE from us";
  if (last.sipStatus !== undefined) return String(last.sipStatus);
  return last.reason === "no-answer" ? "CANCEL, 487" : (last.reason ?? "");
}

/** On a machine the message begins after the beep has ended. */
function messageDifferences(call: DemoCall, trace: readonly TraceRow[]): string[] {
  if (call.expected.calleeType !== "answeringmachine") return [];
  const beepAt = trace.findIndex(
    ({ entry }) =>
      entry.kind === "finding" && (entry.data?.finding as { kind?: string } | undefined)?.kind === "beep",
  );
  if (beepAt < 0) return ["the beep was not heard"];
  const after = trace.slice(beepAt).some(({ entry }) => entry.source === "vxml" && entry.kind === "prompt");
  return after ? [] : ["no message was left after the beep"];
}
