/**
 * Every ending of an attempt to one outcome: the one place that makes outcomes. The callee types are those of
 * Plum's documentation; the SIP statuses are those of RFC 3261 §21, RFC 8197 (607), RFC 8688 (608) and RFC 8224
 * §6.2.2 (428, 436–438); the cause values are ITU-T Q.850's, carried in the Reason header (RFC 3326), and their
 * reading follows RFC 3398 §8.2.6.1.
 *
 * Order of precedence for a call that was not answered: a response that forbids dialing again; then a tone heard
 * in early media; then the Q.850 cause, which comes from the far end's exchange and is more exact; then the SIP
 * status.
 *
 * DEVIATES: a plain 404, 410, 484 or 604 without any tone is `informationtone`. Plum's table has no type of its
 * own for it and describes that one as covering disconnected and invalid numbers, which is what these say.
 */
import type { CalleeType } from "../model/callee-type.ts";
import type { Outcome, OutcomeReason } from "../model/outcome.ts";
import type { LegFailure } from "../ports.ts";

/** A tone in early media that says why the call will not be answered. */
export type EarlyTone = "informationtone" | "busy" | "linefailure";

/** How an attempt came to its end, gathered by the call machine. */
export type AttemptEnding =
  /** There was an answer. */
  | {
      readonly kind: "answered";
      /** The classifier's last decision; absent: none was made. */
      readonly decided?: CalleeType;
      /** The uncaught event and message that ended the script. */
      readonly scriptFailure?: string;
      /** Something broke around the call: a worker died, the leg never closed. */
      readonly failure?: string;
      /** Ended from outside before its own end. */
      readonly stopped?: "shutdown" | "canceled";
      /** What ended it, for the explanation: `the callee hung up`. */
      readonly endedBy?: string;
      readonly q850Cause?: number;
    }
  /** There was none. */
  | {
      readonly kind: "not-answered";
      readonly failure: LegFailure;
      readonly earlyTone?: EarlyTone;
      readonly stopped?: "shutdown" | "canceled";
    }
  /** The process ended while the attempt was open and its INVITE had left. */
  | { readonly kind: "interrupted" }
  /** Never dialed: the window closed, or the queue was canceled. */
  | { readonly kind: "never-dialed"; readonly why: "expired" | "canceled" };

/** One row: what is reported, and whether dialing again may help. */
interface Row {
  readonly calleeType: CalleeType;
  readonly reason: OutcomeReason;
  readonly retryable: boolean;
  readonly says: string;
}

const row = (calleeType: CalleeType, reason: OutcomeReason, says: string, retryable = true): Row => ({
  calleeType,
  reason,
  retryable,
  says,
});

const NEVER_AGAIN = false;

/** What each callee type means once there was an answer. */
const ANSWERED: Readonly<Record<CalleeType, Row & { readonly result: Outcome["result"] }>> = {
  voice: { result: "completed", ...row("voice", "answered", "answered by a person", NEVER_AGAIN) },
  answeringmachine: {
    result: "completed",
    ...row("answeringmachine", "answered", "answered by an answering machine", NEVER_AGAIN),
  },
  fax: { result: "completed", ...row("fax", "answered", "answered by a fax machine", NEVER_AGAIN) },
  unknown: {
    result: "completed",
    ...row("unknown", "answered", "answered, by whom could not be told", NEVER_AGAIN),
  },
  informationtone: {
    result: "failed",
    ...row("informationtone", "information-tone", "answered with an information tone"),
  },
  busy: { result: "failed", ...row("busy", "busy", "answered with a busy tone") },
  linefailure: { result: "failed", ...row("linefailure", "media-failed", "answered, but the line failed") },
  // The classifier does not decide these two about an answered call; should it, nothing more is known.
  noanswer: {
    result: "completed",
    ...row("unknown", "answered", "answered, by whom could not be told", NEVER_AGAIN),
  },
  noattempt: {
    result: "completed",
    ...row("unknown", "answered", "answered, by whom could not be told", NEVER_AGAIN),
  },
};

const INVALID_NUMBER = row("informationtone", "unreachable", "the number is not in service");
const NO_ANSWER = row("noanswer", "no-answer", "nobody answered");
const BUSY = row("busy", "busy", "the line is busy");
const DECLINED = row("busy", "declined", "the callee declined the call", NEVER_AGAIN);
const NO_CIRCUIT = row("linefailure", "no-circuit", "the network has no free circuit");
const UNREACHABLE = row("linefailure", "unreachable", "the destination cannot be reached");
const REJECTED = row("linefailure", "rejected", "the network refused the call");
const BAD_SIGNALLING = row("linefailure", "signalling-failed", "the signalling failed");
const NO_COMMON_MEDIA = row("linefailure", "media-failed", "no common media format");
const IDENTITY_REFUSED = row(
  "linefailure",
  "rejected",
  "the caller's identity was not accepted",
  NEVER_AGAIN,
);

const STATUS: Readonly<Record<number, Row>> = {
  400: BAD_SIGNALLING,
  401: REJECTED,
  402: REJECTED,
  403: REJECTED,
  404: INVALID_NUMBER,
  406: NO_COMMON_MEDIA,
  407: REJECTED,
  408: NO_ANSWER,
  410: INVALID_NUMBER,
  415: NO_COMMON_MEDIA,
  428: IDENTITY_REFUSED,
  436: IDENTITY_REFUSED,
  437: IDENTITY_REFUSED,
  438: IDENTITY_REFUSED,
  480: NO_ANSWER,
  481: BAD_SIGNALLING,
  482: BAD_SIGNALLING,
  483: BAD_SIGNALLING,
  484: INVALID_NUMBER,
  486: BUSY,
  487: NO_ANSWER,
  488: NO_COMMON_MEDIA,
  491: BAD_SIGNALLING,
  500: BAD_SIGNALLING,
  502: UNREACHABLE,
  503: NO_CIRCUIT,
  504: UNREACHABLE,
  600: BUSY,
  603: DECLINED,
  604: INVALID_NUMBER,
  606: NO_COMMON_MEDIA,
  607: DECLINED,
  608: DECLINED,
};

/** A status without a row of its own is read as its class's x00 (RFC 3261 §8.1.3.2), a refusal for 4xx. */
const STATUS_CLASS: Readonly<Record<number, Row>> = {
  3: UNREACHABLE,
  4: REJECTED,
  5: BAD_SIGNALLING,
  6: BUSY,
};

/** Causes that say nothing (16 normal, 31 unspecified, 127 interworking) have no row: the status decides. */
const Q850: Readonly<Record<number, Row>> = {
  1: INVALID_NUMBER,
  2: UNREACHABLE,
  3: UNREACHABLE,
  17: BUSY,
  18: NO_ANSWER,
  19: NO_ANSWER,
  20: NO_ANSWER,
  21: DECLINED,
  22: INVALID_NUMBER,
  26: INVALID_NUMBER,
  27: UNREACHABLE,
  28: INVALID_NUMBER,
  29: REJECTED,
  34: NO_CIRCUIT,
  38: UNREACHABLE,
  41: UNREACHABLE,
  42: NO_CIRCUIT,
  43: UNREACHABLE,
  44: NO_CIRCUIT,
  47: NO_CIRCUIT,
  50: REJECTED,
  55: REJECTED,
  57: REJECTED,
  58: UNREACHABLE,
  63: REJECTED,
  65: NO_COMMON_MEDIA,
  79: REJECTED,
  88: NO_COMMON_MEDIA,
  102: UNREACHABLE,
};

const EARLY_TONE: Readonly<Record<EarlyTone, Row>> = {
  informationtone: row("informationtone", "information-tone", "an information tone was heard"),
  busy: row("busy", "busy", "a busy tone was heard"),
  linefailure: row("linefailure", "no-circuit", "a congestion tone was heard"),
};

const LEG_FAILURE = {
  "no-response": row("linefailure", "unreachable", "the trunk did not respond"),
  transport: row("linefailure", "signalling-failed", "the trunk could not be reached"),
  media: row("linefailure", "media-failed", "the media could not be set up"),
  sdp: row("linefailure", "media-failed", "the media could not be agreed"),
  internal: row("unknown", "internal", "an internal error ended the call"),
  "not-sent": row("noattempt", "internal", "the INVITE never left"),
} as const satisfies Partial<Record<LegFailure["kind"], Row>>;

/** Whether an answered call of this type is over at once: there is nobody to talk to. */
export function endsTheCall(calleeType: CalleeType): calleeType is EarlyTone {
  return calleeType === "informationtone" || calleeType === "busy" || calleeType === "linefailure";
}

/** The outcome of an attempt that ended like this. */
export function outcomeOf(ending: AttemptEnding): Outcome {
  switch (ending.kind) {
    case "answered":
      return answeredOutcome(ending);
    case "not-answered":
      return unansweredOutcome(ending);
    case "interrupted":
      // It counts as made; whether anybody was reached is not known, so the retry rule decides as for any failure.
      return failed(
        row("unknown", "interrupted", "the engine stopped during the call; how it ended is not known"),
      );
    case "never-dialed":
      return failed(
        ending.why === "expired"
          ? row("noattempt", "expired", "the expiration passed before the call could be dialed", NEVER_AGAIN)
          : row("noattempt", "canceled", "canceled before the call was dialed", NEVER_AGAIN),
      );
  }
}

function answeredOutcome(ending: Extract<AttemptEnding, { kind: "answered" }>): Outcome {
  const found = ANSWERED[ending.decided ?? "unknown"];
  const says = ending.endedBy ? `${found.says}; ${ending.endedBy}` : found.says;
  const base: Outcome = {
    result: found.result,
    calleeType: found.calleeType,
    reason: found.reason,
    explanation: sentence(says),
    ...(ending.q850Cause === undefined ? {} : { q850Cause: ending.q850Cause }),
    retryable: found.retryable,
  };
  // A tone after the answer is the stronger fact: the script had nobody to talk to, whatever became of it.
  if (found.result === "failed") return base;
  // From here on somebody was reached, so the same number is never dialed again for our own trouble.
  if (ending.failure !== undefined) {
    return {
      ...base,
      result: "failed",
      reason: "internal",
      explanation: sentence(`${found.says}; ${ending.failure}`),
    };
  }
  if (ending.stopped !== undefined) {
    const why = ending.stopped === "shutdown" ? "the engine was shut down" : "the call was canceled";
    return {
      ...base,
      result: "failed",
      reason: ending.stopped,
      explanation: sentence(`${found.says}; ${why}`),
    };
  }
  if (ending.scriptFailure !== undefined) {
    return {
      ...base,
      reason: "script-failed",
      explanation: sentence(`${found.says}; the script failed: ${ending.scriptFailure}`),
    };
  }
  return base;
}

function unansweredOutcome(ending: Extract<AttemptEnding, { kind: "not-answered" }>): Outcome {
  const { failure, earlyTone, stopped } = ending;
  if (failure.kind === "response") {
    const particulars = {
      sipStatus: failure.status,
      ...(failure.q850Cause === undefined ? {} : { q850Cause: failure.q850Cause }),
    };
    const detail = `${failure.status} ${failure.reasonText ?? failure.phrase}`.trim();
    const byStatus =
      STATUS[failure.status] ?? STATUS_CLASS[Math.floor(failure.status / 100)] ?? BAD_SIGNALLING;
    if (!byStatus.retryable) return failed(byStatus, detail, particulars);
    if (earlyTone) return failed(EARLY_TONE[earlyTone], detail, particulars);
    // Our own CANCEL is answered by 487: then what we wanted decides, not the response.
    if (failure.status === 487 && stopped) return failed(stoppedRow(stopped), detail, particulars);
    const byCause = failure.q850Cause === undefined ? undefined : Q850[failure.q850Cause];
    // A busy line stays busy whatever the exchange adds; elsewhere the exchange knows better than the gateway.
    return failed(byStatus === BUSY ? BUSY : (byCause ?? byStatus), detail, particulars);
  }
  if (earlyTone) return failed(EARLY_TONE[earlyTone]);
  if (failure.kind === "canceled") {
    if (stopped) return failed(stoppedRow(stopped));
    switch (failure.cause) {
      case "ring-timeout":
        return failed(NO_ANSWER, "the ring time is over");
      case "canceled":
      case "shutdown":
        return failed(stoppedRow(failure.cause));
      case "normal":
      case "early-tone":
        return failed(NO_ANSWER);
    }
  }
  const detail = "explanation" in failure ? failure.explanation : undefined;
  return failed(LEG_FAILURE[failure.kind], detail);
}

function stoppedRow(stopped: "shutdown" | "canceled"): Row {
  return stopped === "shutdown"
    ? row("noanswer", "shutdown", "the engine was shut down before an answer")
    : row("noanswer", "canceled", "canceled before an answer", NEVER_AGAIN);
}

function failed(
  found: Row,
  detail?: string,
  particulars: { sipStatus?: number; q850Cause?: number } = {},
): Outcome {
  return {
    result: "failed",
    calleeType: found.calleeType,
    reason: found.reason,
    explanation: sentence(detail ? `${found.says} (${detail})` : found.says),
    ...particulars,
    retryable: found.retryable,
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
