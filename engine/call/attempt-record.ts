/** What is gathered about one attempt for its report and for the one log line at its end. */
import { maskNumber } from "../ids.ts";
import { MAX_REPORTED_KEYS } from "../limits.ts";
import type { ClaimedCall } from "../model/call.ts";
import type { AttemptReport, Outcome } from "../model/outcome.ts";
import type { LegEvent } from "../ports.ts";

/** When the callee's beep sounded, milliseconds after the answer; what scripts read in `session.connection.beep`. */
export interface HeardBeep {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 when the detector did not say. */
  readonly hz: number;
}

export class AttemptRecord {
  readonly #claimed: ClaimedCall;
  #inviteAtMs: number | undefined;
  #ringingAtMs: number | undefined;
  #answeredAtMs: number | undefined;
  #decidedAtMs: number | undefined;
  #endedAtMs: number | undefined;
  #beepAtMs: number | undefined;
  #recordingPath: string | undefined;
  #keys = "";

  constructor(claimed: ClaimedCall) {
    this.#claimed = claimed;
  }

  get isAnswered(): boolean {
    return this.#answeredAtMs !== undefined;
  }

  /** Whether the first datagram left. */
  get isInviteSent(): boolean {
    return this.#inviteAtMs !== undefined;
  }

  /** Notes times, keys and the recording. */
  note(event: LegEvent): void {
    switch (event.type) {
      case "inviteSent":
        this.#inviteAtMs ??= event.atMs;
        break;
      case "progress":
        // 100 only says that the next hop has the request.
        if (event.status > 100) this.#ringingAtMs ??= event.atMs;
        break;
      case "answered":
        this.#answeredAtMs ??= event.atMs;
        break;
      case "decision":
        // The last decision counts, so its time does too.
        this.#decidedAtMs = event.atMs;
        break;
      case "key":
        if (this.isAnswered && this.#keys.length < MAX_REPORTED_KEYS) this.#keys += event.key;
        break;
      case "failed":
      case "ended":
        this.#endedAtMs ??= event.atMs;
        break;
      case "closed":
        this.#recordingPath = event.recordingPath;
        break;
      case "finding":
      case "playbackEnded":
      case "trace":
        break;
    }
  }

  /**
   * Places a finding on the call's axis, milliseconds after the answer; undefined before it. A finding counts audio
   * from the start of the media, which began before the answer; what is known of both axes is when it was told,
   * which is at its end.
   */
  placeOnCall(
    event: Extract<LegEvent, { type: "finding" }>,
  ): { readonly startMs: number; readonly endMs: number } | undefined {
    if (this.#answeredAtMs === undefined) return undefined;
    const { startMs, endMs } = event.finding;
    const toldMs = Math.max(0, event.atMs - this.#answeredAtMs);
    const lengthMs = endMs === undefined ? 0 : Math.max(0, endMs - startMs);
    return { startMs: Math.max(0, toldMs - lengthMs), endMs: toldMs };
  }

  /** Notes a beep; the last one counts. */
  noteBeep(event: Extract<LegEvent, { type: "finding" }>): HeardBeep | undefined {
    const place = this.placeOnCall(event);
    if (!place) return undefined;
    const { hz } = event.finding.evidence;
    this.#beepAtMs = place.startMs;
    return { ...place, hz: typeof hz === "number" ? hz : 0 };
  }

  /** The report, once the outcome is known. */
  report(outcome: Outcome, nowMs: number): AttemptReport {
    return {
      outcome,
      timestamps: {
        claimedAtMs: this.#claimed.claimedAtMs,
        inviteAtMs: this.#inviteAtMs,
        ringingAtMs: this.#ringingAtMs,
        answeredAtMs: this.#answeredAtMs,
        decidedAtMs: this.#decidedAtMs,
        endedAtMs: this.#endedAtMs ?? nowMs,
      },
      keys: this.#keys,
      beepAtMs: this.#beepAtMs,
      recordingPath: this.#recordingPath,
    };
  }
}

/** The fields of the log line at the end of a call: every interval, the number masked. */
export function endOfCallFields(claimed: ClaimedCall, report: AttemptReport): Record<string, unknown> {
  const { outcome, timestamps: at } = report;
  const { call } = claimed;
  const between = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? undefined : Math.max(0, to - from);
  return {
    to: maskNumber(call.destination.number),
    result: outcome.result,
    calleeType: outcome.calleeType,
    reason: outcome.reason,
    explanation: withoutQueries(outcome.explanation),
    sipStatus: outcome.sipStatus,
    queuedMs: between(call.queuedAtMs, at.claimedAtMs),
    inviteMs: between(at.claimedAtMs, at.inviteAtMs),
    ringingMs: between(at.inviteAtMs, at.ringingAtMs),
    setupMs: between(at.inviteAtMs, at.answeredAtMs),
    detectionMs: between(at.answeredAtMs, at.decidedAtMs),
    talkMs: between(at.answeredAtMs, at.endedAtMs),
    totalMs: between(at.claimedAtMs, at.endedAtMs),
    keyCount: report.keys.length,
  };
}

/**
 * A text for the log without what stands behind the `?` of the addresses in it: applications put numbers and names
 * of callees there. The trace keeps them.
 */
export function withoutQueries(text: string): string {
  return text.replace(/(\bhttps?:\/\/[^\s?"'<>]*)\?[^\s"'<>]*/g, "$1?…");
}
