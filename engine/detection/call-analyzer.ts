/**
 * All detectors on one leg: a frame goes in every 20 ms from early media to the end, findings and decisions come out.
 * One spectrum per frame serves every detector; the costlier ones run only when it leaves them a chance.
 *
 * Order within a frame: tones first, then voice activity (to which tones are not speech), then the classifier.
 */
import type { CalleeDecision, DetectionSettings, Finding } from "../model/finding.ts";
import { FRAME_MS, FRAME_SAMPLES, type Frame } from "../model/frame.ts";
import { BeepDetector } from "./beep.ts";
import { CallProgressDetector } from "./call-progress.ts";
import { CalleeClassifier, type LineState } from "./callee-classifier.ts";
import { DtmfDetector } from "./dtmf.ts";
import { FaxToneDetector } from "./fax-tone.ts";
import { InformationToneDetector } from "./information-tone.ts";
import { LineTracker } from "./line-tracker.ts";
import { FrameSpectrum, SILENT_DBFS } from "./spectrum.ts";
import { V21PreambleDetector } from "./v21-preamble.ts";
import { VoiceActivity } from "./voice-activity.ts";

/** What comes out of the analyzer, in order. */
export type AnalyzerOutput =
  | { readonly type: "finding"; readonly finding: Finding }
  | { readonly type: "decision"; readonly decision: CalleeDecision };

/** The settings a leg has when nothing else is said. */
export const DEFAULT_DETECTION_SETTINGS: DetectionSettings = {
  mode: "accurate",
  silenceTimeoutMs: 4000,
  totalTimeoutMs: 10_000,
};

/** Without a packet for this long after the answer the line has failed. */
const NO_MEDIA_FRAMES = 5000 / FRAME_MS;
/** Silence after a machine's greeting that ends it when no beep does. */
const GREETING_SILENCE_FRAMES = 2000 / FRAME_MS;
/** Frames of one steady line that make it a tone and not a vowel. */
const TONE_FRAMES = 6;
/** Share of the power that a key's two groups hold at least. */
const MIN_KEY_SHARE = 0.55;
/** Speech this soon after a ringing burst may be the burst's own edge. */
const RINGING_EDGE_MS = 150;
/** An in-band key this soon after the same key as an event is the same press. */
const SAME_PRESS_FRAMES = 25;

const SILENT_FRAME: Frame = new Int16Array(FRAME_SAMPLES);

/** One leg's detectors. Its only clock is the number of `frame` calls, 20 ms each. */
export class CallAnalyzer {
  readonly #spectrum = new FrameSpectrum();
  readonly #lines = new LineTracker();
  readonly #dtmf = new DtmfDetector();
  readonly #fax = new FaxToneDetector();
  readonly #v21 = new V21PreambleDetector();
  readonly #sit = new InformationToneDetector();
  readonly #progress: CallProgressDetector;
  readonly #beep = new BeepDetector();
  readonly #voice = new VoiceActivity();
  readonly #classifier: CalleeClassifier;
  #output: AnalyzerOutput[] = [];
  readonly #lastFrame: Frame = new Int16Array(FRAME_SAMPLES);
  #frame = 0;
  #answerFrame: number | undefined;
  #toneEndFrame = 0;
  #framesWithoutMedia = 0;
  #hasMedia = false;
  #isNoMediaReported = false;
  #isGreetingOver = false;
  #lastKey = { key: "", frame: Number.NEGATIVE_INFINITY };
  /** Made between two frames, handed out with the next. */
  #keyDecision: CalleeDecision | undefined;

  constructor(settings: DetectionSettings) {
    this.#progress = new CallProgressDetector(settings.country);
    this.#classifier = new CalleeClassifier(settings);
  }

  /** Takes the next 20 ms; undefined when no media arrived in them. Never throws. */
  frame(frame: Frame | undefined): AnalyzerOutput[] {
    this.#output = [];
    this.#analyze(this.#takeMedia(frame));
    this.#frame++;
    this.#watchMedia();
    this.#take(this.#classifier.onFrame(this.#state()));
    this.#watchGreeting();
    return this.#output;
  }

  /** The call was answered: what comes from the next frame on is the callee's. Once. */
  markAnswered(): void {
    if (this.#answerFrame !== undefined) return;
    this.#answerFrame = this.#frame;
    this.#framesWithoutMedia = 0;
    this.#voice.restart(this.#frame);
    this.#progress.reset();
    this.#classifier.answered(this.#frame);
  }

  /** A key arrived as an RFC 4733 event. Its decision, if any, comes out with the next frame. */
  key(key: string): void {
    this.#lastKey = { key, frame: this.#frame };
    this.#keyDecision = this.#classifier.onKey(key, this.#state()) ?? this.#keyDecision;
  }

  /** The frame to analyze: one lost frame is replaced by the one before, more are silence. */
  #takeMedia(frame: Frame | undefined): Frame {
    if (!frame || frame.length < FRAME_SAMPLES) {
      this.#framesWithoutMedia++;
      return this.#framesWithoutMedia === 1 ? this.#lastFrame : SILENT_FRAME;
    }
    this.#framesWithoutMedia = 0;
    this.#isNoMediaReported = false;
    if (this.#answerFrame !== undefined) this.#hasMedia = true;
    this.#lastFrame.set(frame.length === FRAME_SAMPLES ? frame : frame.subarray(0, FRAME_SAMPLES));
    return frame;
  }

  #analyze(frame: Frame): void {
    this.#take(this.#keyDecision);
    this.#keyDecision = undefined;
    const spectrum = this.#spectrum;
    const index = this.#frame;
    spectrum.analyze(frame);
    const noisePower = 10 ** (this.#voice.floorDbfs / 10);
    this.#lines.update(index, spectrum, noisePower);

    for (const finding of this.#dtmf.frame(frame, this.#mayHoldKey())) this.#onInBandKey(finding);
    this.#report(this.#fax.frame(index, frame, this.#lines));
    this.#report(this.#v21.frame(index, frame, spectrum, noisePower));
    this.#report(this.#sit.frame(this.#lines));
    this.#report(this.#progress.frame(index, frame, spectrum, noisePower));
    const isBeepExpected = this.#classifier.isBeepExpected(this.#voice.view);
    const beep = this.#beep.frame(index, this.#lines, isBeepExpected);
    if (beep && isBeepExpected) {
      this.#report(beep);
      this.#endGreeting("beep", beep.endMs ?? index * FRAME_MS);
    }

    const level = spectrum.isAudible ? 10 * Math.log10(spectrum.bandPower) : spectrum.levelDbfs;
    const lineShare = spectrum.isAudible ? spectrum.linePower / spectrum.bandPower : 0;
    const toneFrames = this.#toneFrames();
    if (toneFrames > 0) this.#toneEndFrame = index + 1;
    this.#voice.update(Math.max(SILENT_DBFS, level), lineShare, toneFrames);
    const closed = this.#voice.closed;
    if (closed) {
      this.#push({
        kind: "speech",
        startMs: closed.startFrame * FRAME_MS,
        endMs: closed.endFrame * FRAME_MS,
        confidence: 0.9,
        evidence: { floorDbfs: Math.round(this.#voice.floorDbfs) },
      });
    }
  }

  /** How many of the newest frames are a tone. */
  #toneFrames(): number {
    const run = this.#lines.current;
    if (run && run.frames >= TONE_FRAMES) return this.#frame - run.startFrame + 2;
    if (this.#dtmf.isPressed) return 4;
    if (this.#v21.isReceiving || this.#progress.isToneOn) return 12;
    return 0;
  }

  #mayHoldKey(): boolean {
    const spectrum = this.#spectrum;
    if (!spectrum.isAudible) return false;
    const low = spectrum.strongestBetween(650, 985);
    const high = spectrum.strongestBetween(1160, 1690);
    // The weaker line must reach the twist limit of 8.5 dB, with room for edges and noise.
    return (
      low + high >= MIN_KEY_SHARE * spectrum.bandPower && Math.min(low, high) >= 0.06 * Math.max(low, high)
    );
  }

  #onInBandKey(finding: Finding): void {
    const digit = String(finding.evidence.digit);
    const isSamePress = this.#lastKey.key === digit && this.#frame - this.#lastKey.frame <= SAME_PRESS_FRAMES;
    if (isSamePress) return;
    this.#push(finding);
    this.#take(this.#classifier.onKey(digit, this.#state()));
  }

  #watchMedia(): void {
    if (this.#answerFrame === undefined || this.#isNoMediaReported) return;
    if (this.#framesWithoutMedia < NO_MEDIA_FRAMES) return;
    this.#isNoMediaReported = true;
    const finding: Finding = {
      kind: "no-media",
      startMs: (this.#frame - this.#framesWithoutMedia) * FRAME_MS,
      confidence: 1,
      evidence: { durationMs: this.#framesWithoutMedia * FRAME_MS },
    };
    this.#push(finding);
    this.#take(this.#classifier.onNoMedia(finding, this.#state()));
  }

  #watchGreeting(): void {
    if (!this.#classifier.isMachine || this.#isGreetingOver) return;
    const { view } = this.#voice;
    const quietSince = Math.max(view.lastFrame, this.#answerFrame ?? 0);
    if (this.#frame - quietSince >= GREETING_SILENCE_FRAMES && !this.#lines.current) {
      this.#endGreeting("silence", quietSince * FRAME_MS);
    }
  }

  #endGreeting(by: "beep" | "silence", atMs: number): void {
    if (this.#isGreetingOver || !this.#classifier.isMachine) return;
    this.#isGreetingOver = true;
    this.#push({
      kind: "greeting-end",
      startMs: Math.round(atMs),
      endMs: this.#frame * FRAME_MS,
      confidence: by === "beep" ? 0.95 : 0.7,
      evidence: { by },
    });
  }

  #report(finding: Finding | undefined): void {
    if (!finding) return;
    this.#push(finding);
    this.#take(this.#classifier.onFinding(finding, this.#state()));
  }

  #push(finding: Finding): void {
    this.#output.push({ type: "finding", finding });
  }

  #take(decision: CalleeDecision | undefined): void {
    if (decision) this.#output.push({ type: "decision", decision });
  }

  /** Ringing is over when somebody speaks after its last burst. */
  #isRinging(): boolean {
    if (!this.#progress.isRinging(this.#frame * FRAME_MS)) return false;
    const { view } = this.#voice;
    return (
      view.speechFrames === 0 || view.lastFrame * FRAME_MS <= this.#progress.lastBurstEndMs + RINGING_EDGE_MS
    );
  }

  #state(): LineState {
    return {
      view: this.#voice.view,
      nextFrame: this.#frame,
      isRinging: this.#isRinging(),
      isFaxLikely: this.#fax.isHearingCed || this.#v21.isReceiving,
      toneEndFrame: this.#toneEndFrame,
      isToneOn: (this.#lines.current?.frames ?? 0) >= TONE_FRAMES,
      hasMedia: this.#hasMedia,
    };
  }
}
