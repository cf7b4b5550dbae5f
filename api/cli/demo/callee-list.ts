/**
 * Whom the demo calls, and what must come of each call. Numbers are from the block reserved for fiction
 * (+1 202 555 01xx); the last two digits choose the callee at the simulated carrier.
 */
import type { CalleeType } from "../../../engine/index.ts";
import { CALLEES, type CalleeName } from "../../../sip/index.ts";

/** One row of the result table, before the call. */
export interface DemoCall {
  readonly number: string;
  /** Who it really is. */
  readonly truth: string;
  readonly expected: DemoExpectation;
}

/** What must come out. */
export interface DemoExpectation {
  /** As it must arrive in the DEV result callback: a fax is `faxmachine` there. */
  readonly calleeType: Exclude<CalleeType, "fax"> | "faxmachine";
  readonly result: "Completed" | "Failed";
  readonly attempts: number;
  readonly keys: string;
  /** What is decided at first, where a key or a tone corrects it. */
  readonly decidedFirst?: CalleeType;
}

const EXPECTED: Record<CalleeName, DemoExpectation> = {
  "person-presses-1": { calleeType: "voice", result: "Completed", attempts: 1, keys: "1" },
  "person-silent-presses-2": {
    calleeType: "voice",
    result: "Completed",
    attempts: 1,
    keys: "2",
    decidedFirst: "unknown",
  },
  "person-hangs-up": { calleeType: "voice", result: "Completed", attempts: 1, keys: "" },
  "person-barges-in": { calleeType: "voice", result: "Completed", attempts: 1, keys: "1" },
  "answering-machine": { calleeType: "answeringmachine", result: "Completed", attempts: 1, keys: "" },
  fax: { calleeType: "faxmachine", result: "Completed", attempts: 1, keys: "" },
  busy: { calleeType: "busy", result: "Failed", attempts: 2, keys: "" },
  "busy-then-person": { calleeType: "voice", result: "Completed", attempts: 2, keys: "1" },
  "no-answer": { calleeType: "noanswer", result: "Failed", attempts: 2, keys: "" },
  declined: { calleeType: "busy", result: "Failed", attempts: 1, keys: "" },
  "number-changed": { calleeType: "informationtone", result: "Failed", attempts: 2, keys: "" },
  "number-unobtainable": { calleeType: "informationtone", result: "Failed", attempts: 2, keys: "" },
  "no-circuit": { calleeType: "linefailure", result: "Failed", attempts: 2, keys: "" },
};

/** The calls of the uploaded campaign: every callee of the library once. */
export const CAMPAIGN_CALLS: readonly DemoCall[] = (Object.keys(CALLEES) as CalleeName[]).map(
  (name, index) => ({
    number: `+120255501${String(index + 1).padStart(2, "0")}`,
    truth: CALLEES[name].title,
    expected: EXPECTED[name],
  }),
);

/** The single call, queued behind the campaign, whose expiration passes before its turn comes. */
export const EXPIRING_CALL: DemoCall = {
  number: "+12025550199",
  truth: "never dialed: expires in the queue",
  expected: { calleeType: "noattempt", result: "Failed", attempts: 0, keys: "" },
};
