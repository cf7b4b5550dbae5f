/**
 * The beep that ends a voicemail greeting: one steady line of 400 to 2100 Hz for 0.12 to 1.6 s, alone. There is no
 * standard; the range covers the beeps of known systems and recordings with room.
 */
import { CED_HZ, CNG_HZ } from "../media/fax-signals.ts";
import type { Finding } from "../model/finding.ts";
import type { LineRun, LineTracker } from "./line-tracker.ts";

const MIN_HZ = 393;
const MAX_HZ = 2140;
const MIN_MS = 112;
const MAX_MS = 1640;
/** Share of the power one line must hold over the whole beep. */
const MIN_SHARE = 0.9;
/** Largest distance of a frame's frequency from another's, relative: ±1.5 %. */
const MAX_SPREAD = 0.03;
/** Strongest over weakest inner frame; a bell decays further, a voice swells. */
const MAX_POWER_RATIO = 10 ** (7 / 10);
/** Two tones closer than this belong to one sequence: an information tone, a melody, a busy tone. */
const ALONE_MS = 140;
/** Single frequencies of ringing, busy and congestion: a beep there is believed only where one is expected. */
const PROGRESS_MIN_HZ = 393;
const PROGRESS_MAX_HZ = 490;
/** A second burst like the first within this is a cadence. */
const CADENCE_MS = 6000;

export class BeepDetector {
  #lastEndMs = Number.NEGATIVE_INFINITY;
  #lastHz = 0;
  #held: { readonly run: LineRun; readonly untilFrame: number } | undefined;

  /**
   * A finding when a beep has just ended. `isExpected`: a greeting was heard, so what could also be the first burst of
   * a call progress tone or of an information tone is a beep.
   */
  frame(frame: number, lines: LineTracker, isExpected: boolean): Finding | undefined {
    const held = this.#held;
    if (held && lines.current) this.#held = undefined;
    else if (held && frame >= held.untilFrame) {
      this.#held = undefined;
      return findingOf(held.run);
    }
    const run = lines.ended;
    if (!run) return undefined;
    const sinceLastMs = run.startMs - this.#lastEndMs;
    const isRepeated = Math.abs(run.hz / this.#lastHz - 1) < 0.03 && sinceLastMs < CADENCE_MS;
    const isAlone = sinceLastMs > ALONE_MS && !isRepeated && !lines.current;
    if (run.frames > 2) {
      this.#lastEndMs = run.endMs;
      this.#lastHz = run.hz;
    }
    if (!isAlone || !isBeep(run) || isFaxTone(run)) return undefined;
    if (isExpected) return findingOf(run);
    if (run.hz >= PROGRESS_MIN_HZ && run.hz <= PROGRESS_MAX_HZ) return undefined;
    // An information tone's second tone may still follow within 30 ms (E.180): wait for it.
    this.#held = { run, untilFrame: frame + 1 };
    return undefined;
  }
}

function isBeep(run: LineRun): boolean {
  const durationMs = run.endMs - run.startMs;
  return (
    run.hz >= MIN_HZ &&
    run.hz <= MAX_HZ &&
    durationMs >= MIN_MS &&
    durationMs <= MAX_MS &&
    run.frames >= 4 &&
    run.share >= MIN_SHARE &&
    run.maxHz - run.minHz <= MAX_SPREAD * run.hz &&
    run.maxPower <= run.minPower * MAX_POWER_RATIO
  );
}

/** CNG and CED to the letter (T.30): a beep of exactly that frequency and length is not to be told from them. */
function isFaxTone(run: LineRun): boolean {
  const durationMs = run.endMs - run.startMs;
  if (Math.abs(run.hz - CNG_HZ) <= 6) return Math.abs(durationMs - 500) <= 80;
  return Math.abs(run.hz - CED_HZ) <= 15 && durationMs > 450;
}

function findingOf(run: LineRun): Finding {
  return {
    kind: "beep",
    startMs: Math.round(run.startMs),
    endMs: Math.round(run.endMs),
    confidence: run.share >= 0.96 ? 0.95 : 0.85,
    evidence: {
      hz: Math.round(run.hz),
      durationMs: Math.round(run.endMs - run.startMs),
      levelDbfs: Math.round(100 * Math.log10(run.power)) / 10,
      share: Math.round(100 * run.share) / 100,
      spreadHz: Math.round(run.maxHz - run.minHz),
    },
  };
}
