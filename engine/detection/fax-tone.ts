/**
 * The tones of fax machines: CNG, 1100 Hz for half a second, and CED (ANS), 2100 Hz, plain or with a phase reversal
 * every 450 ms. ITU-T T.30 §4, V.25 §3, V.8 §3.
 */
import { CED_HZ, CED_REVERSAL_MS, CNG_HZ } from "../media/fax-signals.ts";
import type { Finding } from "../model/finding.ts";
import { FRAME_MS, FRAME_SAMPLES, type Frame } from "../model/frame.ts";
import { goertzel, type Phasor, wrapAngle } from "./goertzel.ts";
import type { LineRun, LineTracker } from "./line-tracker.ts";

/** ±38 Hz by T.30, and the measurement. */
const CNG_TOLERANCE_HZ = 40;
/** 0.5 s ±15 %, and the measurement. */
const CNG_MIN_MS = 415;
const CNG_MAX_MS = 590;
/** ±15 Hz by T.30; recordings run further off. */
const CED_TOLERANCE_HZ = 22;
/** A first report of 2100 Hz; a beep of that frequency may last as long. */
const CED_MIN_MS = 500;
/** Plain 2100 Hz that no beep reaches; a recording of a machine may hold little more of it. */
const CED_CERTAIN_MS = 1750;
/** Reversals that no other signal has. */
const CERTAIN_REVERSALS = 2;
/** Interval between reversals, ±25 ms by V.25 and a frame on each side. */
const REVERSAL_TOLERANCE_MS = 50;
/** A phase step that is a reversal and not an offset: 180 ±65 degrees. */
const REVERSAL_ANGLE = 2;

export class FaxToneDetector {
  readonly #samples = new Float64Array(FRAME_SAMPLES);
  readonly #phasor: Phasor = { re: 0, im: 0 };
  /** Phases of the two frames before the newest. */
  #phase1: number | undefined;
  #phase2: number | undefined;
  #run: LineRun | undefined;
  #startMs = 0;
  #reversals = 0;
  #lastReversalMs = Number.NEGATIVE_INFINITY;
  #stage: "none" | "heard" | "certain" = "none";

  /** Whether 2100 Hz has been on for long enough to wait for what it becomes. */
  get isHearingCed(): boolean {
    return this.#run !== undefined && this.#stage !== "none";
  }

  frame(frameIndex: number, frame: Frame, lines: LineTracker): Finding | undefined {
    const run = lines.current;
    if (run && Math.abs(run.hz - CED_HZ) <= CED_TOLERANCE_HZ)
      return this.#follow(frameIndex, frame, run, lines);
    const ended = lines.ended;
    if (this.#run) return this.#finish(this.#run);
    if (!ended || Math.abs(ended.hz - CNG_HZ) > CNG_TOLERANCE_HZ) return undefined;
    const durationMs = ended.endMs - ended.startMs;
    if (durationMs < CNG_MIN_MS || durationMs > CNG_MAX_MS || ended.share < 0.9) return undefined;
    return {
      kind: "cng",
      startMs: Math.round(ended.startMs),
      endMs: Math.round(ended.endMs),
      confidence: Math.abs(ended.hz - CNG_HZ) <= 10 ? 0.8 : 0.6,
      evidence: { hz: Math.round(ended.hz), durationMs: Math.round(durationMs) },
    };
  }

  #follow(frameIndex: number, frame: Frame, run: LineRun, lines: LineTracker): Finding | undefined {
    if (this.#run !== run) {
      this.#run = run;
      this.#startMs = run.startMs;
      this.#reversals = 0;
      this.#lastReversalMs = Number.NEGATIVE_INFINITY;
      this.#stage = "none";
      this.#phase1 = this.#phase2 = undefined;
    }
    this.#startMs = run.startMs;
    this.#watchPhase(frameIndex, frame, run);
    const isCertain =
      (this.#reversals >= CERTAIN_REVERSALS || lines.currentMs >= CED_CERTAIN_MS) && run.share >= 0.85;
    if (isCertain && this.#stage !== "certain") {
      this.#stage = "certain";
      return this.#finding(run, 0.97);
    }
    if (this.#stage === "none" && lines.currentMs >= CED_MIN_MS) {
      this.#stage = "heard";
      return this.#finding(run, 0.6);
    }
    return undefined;
  }

  /** 2100 Hz makes exactly 42 turns in a frame: its phase stands still until it is reversed. */
  #watchPhase(frameIndex: number, frame: Frame, run: LineRun): void {
    const samples = this.#samples;
    for (let i = 0; i < FRAME_SAMPLES; i++) samples[i] = frame[i] as number;
    goertzel(samples, 0, FRAME_SAMPLES, CED_HZ, this.#phasor);
    const phase = Math.atan2(this.#phasor.im, this.#phasor.re);
    const nowMs = frameIndex * FRAME_MS;
    if (this.#phase2 !== undefined && run.frames > 3) {
      // The frame in the middle may be half one and half the other: compare the frames around it.
      const drift = 2 * Math.PI * (run.hz - CED_HZ) * ((2 * FRAME_MS) / 1000);
      const step = wrapAngle(phase - this.#phase2 - drift);
      const sinceMs = nowMs - this.#lastReversalMs;
      if (Math.abs(step) > REVERSAL_ANGLE && sinceMs > CED_REVERSAL_MS / 2) {
        const isRegular =
          this.#reversals === 0 || Math.abs(sinceMs - CED_REVERSAL_MS) <= REVERSAL_TOLERANCE_MS;
        this.#reversals = isRegular ? this.#reversals + 1 : 1;
        this.#lastReversalMs = nowMs;
      }
    }
    this.#phase2 = this.#phase1;
    this.#phase1 = phase;
  }

  #finish(run: LineRun): Finding | undefined {
    const stage = this.#stage;
    this.#run = undefined;
    this.#stage = "none";
    if (stage === "none") return undefined;
    return { ...this.#finding(run, stage === "certain" ? 0.97 : 0.6), endMs: Math.round(run.endMs) };
  }

  #finding(run: LineRun, confidence: number): Finding {
    return {
      kind: "ced",
      startMs: Math.round(this.#startMs),
      confidence,
      evidence: {
        hz: Math.round(run.hz),
        durationMs: Math.round(run.endMs - run.startMs),
        reversals: this.#reversals,
        levelDbfs: Math.round(100 * Math.log10(run.power)) / 10,
      },
    };
  }
}
