/**
 * From findings to a decision about the callee. Tones come first: an information tone, a busy tone or a fax signal
 * decides whenever it is heard, before the answer too. Speech decides only after the answer, and only between person
 * and machine.
 *
 * ```
 * waiting ── sit ─────────────────► informationtone      decided ── key ────────────► voice
 *    │   ── busy, reorder ────────► busy                 (unknown   speech timing ──► voice | answeringmachine
 *    │   ── certain ced, v21 ─────► fax                  may be     beep ───────────► answeringmachine
 *    │   ── key, short greeting ──► voice                 corrected  fax, sit, busy ► fax, …)
 *    │   ── long speech, beep ────► answeringmachine
 *    │   ── silence ──────────────► unknown
 *    └── no media ────────────────► linefailure
 * ```
 */
import type { CalleeType } from "../model/callee-type.ts";
import type { CalleeDecision, DetectionSettings, Finding } from "../model/finding.ts";
import { FRAME_MS } from "../model/frame.ts";
import {
  ACCURATE_TIMING,
  FAST_TIMING,
  guessFromSpeech,
  judgeSpeech,
  measureSpeech,
  type SpeechMeasures,
  type SpeechTiming,
  type SpeechVerdict,
  seconds,
} from "./answering-machine.ts";
import { describeFinding } from "./describe-finding.ts";
import type { SpeechView } from "./voice-activity.ts";

// LIMIT: findings kept as evidence; a call has a handful before it is decided.
const MAX_EVIDENCE = 20;
/** A beep believed without a verdict must follow this much speech. */
const SPEECH_BEFORE_BEEP_MS = 1000;
/** After a decision for a person, a beep corrects it only this soon: later ones are the caller's own world. */
const LATE_BEEP_MS = 20_000;
/** Confidence from which 2100 Hz is a fax machine's. */
const CERTAIN = 0.9;
/** A calling fax repeats its tone; one burst may be a beep. */
const CNG_BURSTS = 2;

/** What the analyzer knows at a frame. */
export interface LineState {
  readonly view: Readonly<SpeechView>;
  /** The number of the frame that comes next. */
  readonly nextFrame: number;
  /** Ringing heard after the answer whose next burst may still come. */
  readonly isRinging: boolean;
  /** 2100 Hz, or V.21 flags, that are not yet certain. */
  readonly isFaxLikely: boolean;
  /** A steady line sounds: a beep perhaps, and no pause in which somebody waits. */
  readonly isToneOn: boolean;
  /** The frame after the last one of any tone. */
  readonly toneEndFrame: number;
  /** Media has arrived since the answer. */
  readonly hasMedia: boolean;
}

export class CalleeClassifier {
  readonly #settings: DetectionSettings;
  readonly #timing: SpeechTiming;
  readonly #evidence: Finding[] = [];
  #answerFrame: number | undefined;
  #decision: CalleeDecision | undefined;
  #hasKey = false;
  #hasDecided = false;

  constructor(settings: DetectionSettings) {
    this.#settings = settings;
    this.#timing = settings.mode === "fast" ? FAST_TIMING : ACCURATE_TIMING;
  }

  /** The decision that stands. */
  get decision(): CalleeDecision | undefined {
    return this.#decision;
  }

  /** Whether speech may still decide: nothing is known yet, or only that nothing was heard. */
  get isListening(): boolean {
    return this.#answerFrame !== undefined && this.#settings.mode !== "off" && this.#isOpen;
  }

  get isMachine(): boolean {
    return this.#decision?.calleeType === "answeringmachine";
  }

  /** A tone heard before an answer is no longer why: somebody answered, and it is asked anew who. */
  answered(frame: number): void {
    this.#answerFrame = frame;
    if (this.#decision?.calleeType !== "fax") this.#decision = undefined;
  }

  /** Whether a beep now would be the end of a greeting. */
  isBeepExpected(view: Readonly<SpeechView>): boolean {
    if (this.#answerFrame === undefined || this.#hasKey) return false;
    if (this.isMachine) return true;
    return view.speechFrames * FRAME_MS >= SPEECH_BEFORE_BEEP_MS;
  }

  /** A tone or a beep was found. */
  onFinding(finding: Finding, state: LineState): CalleeDecision | undefined {
    if (finding.kind === "dtmf" || finding.kind === "speech") return undefined;
    this.#evidence.push(finding);
    if (this.#evidence.length > MAX_EVIDENCE) this.#evidence.shift();
    const type = this.#typeOf(finding);
    if (type) return this.#decide(type, finding.confidence, state, [describeFinding(finding)]);
    if (finding.kind === "beep" && this.#isEndOfGreeting(state)) {
      const measures = this.#measure(state);
      return this.#decide("answeringmachine", 0.95, state, [
        describeFinding(finding),
        `It followed ${seconds(measures.speechMs)} of speech.`,
      ]);
    }
    return undefined;
  }

  /** The callee pressed a key: machines do not. */
  onKey(key: string, state: LineState): CalleeDecision | undefined {
    if (this.#answerFrame === undefined) return undefined;
    this.#hasKey = true;
    const type = this.#decision?.calleeType;
    const hasBeep = this.#evidence.some((finding) => finding.kind === "beep");
    if (this.#settings.mode === "off" && type === undefined) return undefined;
    if (type !== undefined && type !== "unknown" && !(type === "answeringmachine" && !hasBeep))
      return undefined;
    return this.#decide("voice", 0.97, state, [`The callee pressed the key ${key}.`]);
  }

  /** Time passes: speech timing and silence. */
  onFrame(state: LineState): CalleeDecision | undefined {
    if (!this.isListening || this.#answerFrame === undefined) return undefined;
    const sinceAnswerMs = (state.nextFrame - this.#answerFrame) * FRAME_MS;
    const isUndecided = this.#decision === undefined;
    const isTimeUp = isUndecided && sinceAnswerMs >= this.#settings.totalTimeoutMs;
    // Ringing holds the decision: whoever speaks comes after it. So does a tone until it is known what it is.
    if ((state.isRinging || state.isFaxLikely || state.isToneOn) && !isTimeUp) return undefined;
    const { speechFrames } = state.view;
    if (speechFrames > 0) {
      const measures = this.#measure(state);
      const verdict =
        judgeSpeech(measures, this.#timing) ??
        (isTimeUp ? guessFromSpeech(measures, this.#timing) : undefined);
      if (verdict) return this.#decideBySpeech(verdict, state);
    }
    if (!isUndecided) return undefined;
    if (isTimeUp) {
      const why = state.isRinging
        ? "It still rings after the answer."
        : `Nothing clear within ${seconds(sinceAnswerMs)} of the answer.`;
      return this.#decide("unknown", 0.4, state, [why]);
    }
    if (speechFrames === 0 && state.hasMedia && sinceAnswerMs >= this.#settings.silenceTimeoutMs) {
      return this.#decide("unknown", 0.7, state, [
        "silence, but media flows",
        `No speech within ${seconds(sinceAnswerMs)} of the answer.`,
      ]);
    }
    return undefined;
  }

  /** No packet has arrived for five seconds. */
  onNoMedia(finding: Finding, state: LineState): CalleeDecision | undefined {
    this.#evidence.push(finding);
    if (!this.isListening && this.#settings.mode !== "off") return undefined;
    if (this.#decision?.calleeType === "linefailure" || this.#answerFrame === undefined) return undefined;
    if (this.#decision && state.hasMedia) return undefined;
    return this.#decide("linefailure", 0.9, state, ["No media arrived for 5.0 s after the answer."]);
  }

  /** What a tone alone says about the callee, if anything. */
  #typeOf(finding: Finding): CalleeType | undefined {
    switch (finding.kind) {
      case "sit":
        return "informationtone";
      case "v21":
        return "fax";
      case "ced":
        return finding.confidence >= CERTAIN ? "fax" : undefined;
      case "cng":
        return this.#evidence.filter((other) => other.kind === "cng").length >= CNG_BURSTS
          ? "fax"
          : undefined;
      case "busy-tone":
      case "reorder-tone":
        // At the end of a conversation a busy tone says only that the other side hung up.
        if (!this.#isOpen) return undefined;
        return finding.evidence.tone === "unobtainable" ? "linefailure" : "busy";
      case "dial-tone":
        return this.#isOpen && this.#answerFrame !== undefined ? "linefailure" : undefined;
      default:
        return undefined;
    }
  }

  /** Nothing is known yet, or only that nothing was heard. */
  get #isOpen(): boolean {
    const type = this.#decision?.calleeType;
    return type === undefined || type === "unknown" || type === "linefailure";
  }

  #isEndOfGreeting(state: LineState): boolean {
    if (this.#settings.mode === "off" || this.#answerFrame === undefined || this.#hasKey) return false;
    const type = this.#decision?.calleeType;
    const sinceAnswerMs = (state.nextFrame - this.#answerFrame) * FRAME_MS;
    const isOpen =
      type === undefined || type === "unknown" || (type === "voice" && sinceAnswerMs <= LATE_BEEP_MS);
    return isOpen && this.#measure(state).speechMs >= SPEECH_BEFORE_BEEP_MS;
  }

  #measure(state: LineState): SpeechMeasures {
    const answerFrame = this.#answerFrame ?? state.nextFrame;
    return measureSpeech(state.view, answerFrame, state.nextFrame, state.toneEndFrame);
  }

  #decideBySpeech(verdict: SpeechVerdict, state: LineState): CalleeDecision | undefined {
    const { onsetMs, utteranceMs, speechMs, pauseMs, stretches } = verdict.evidence;
    const startMs = (this.#answerFrame ?? 0) * FRAME_MS + onsetMs;
    this.#evidence.push({
      kind: "speech",
      startMs,
      endMs: startMs + utteranceMs,
      confidence: verdict.confidence,
      evidence: { onsetMs, utteranceMs, speechMs, pauseMs, stretches },
    });
    const type = verdict.who === "person" ? "voice" : "answeringmachine";
    return this.#decide(type, verdict.confidence, state, verdict.why);
  }

  #decide(
    calleeType: CalleeType,
    confidence: number,
    state: LineState,
    why: readonly string[],
  ): CalleeDecision | undefined {
    const before = this.#decision;
    if (before?.calleeType === calleeType) return undefined;
    // What a fax or the network said is not taken back by a later tone of the same leg.
    if (before && before.calleeType === "fax") return undefined;
    const answerFrame = this.#answerFrame;
    // Before the answer nobody knows how long it still takes: one frame before stands for it.
    const framesAfter = answerFrame === undefined ? -1 : state.nextFrame - answerFrame;
    this.#decision = {
      calleeType,
      confidence,
      decidedAtMs: framesAfter * FRAME_MS,
      why,
      evidence: this.#evidence.slice(),
      isCorrection: this.#hasDecided,
    };
    this.#hasDecided = true;
    return this.#decision;
  }
}
