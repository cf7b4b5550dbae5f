/**
 * Call progress tones by cadence: busy, reorder, ringback, dial tone (ITU-T E.180). A burst is a stretch in which the
 * band of 330 to 680 Hz holds nearly all of the power at a steady frequency; bursts of equal frequency and strength
 * make a cadence, and `cadence.ts` says what it means. A burst too long for any busy tone is ringback, and one that
 * does not end a dial tone.
 */
import type { Finding, FindingKind } from "../model/finding.ts";
import { FRAME_MS, type Frame } from "../model/frame.ts";
import { type CadenceMeaning, isDialTone, meaningOf } from "./cadence.ts";
import { LINES_FRAMES, ProgressLines } from "./progress-lines.ts";
import { BIN_HZ, type FrameSpectrum } from "./spectrum.ts";

const LOW_HZ = 330;
const HIGH_HZ = 680;
const MIN_SHARE = 0.85;
const MIN_POWER = 10 ** (-52 / 10);
/** Below the burst's mean by this much it is off; modulated ringback swings by 10 dB within a burst. */
const OFF_RATIO = 10 ** (-13 / 10);
/** Frames off that end a burst: longer than the dips of modulation, shorter than any pause. */
const FRAMES_TO_END = 3;
const MIN_BURST_MS = 55;
/** Longer than any busy tone's burst (750 ms): ringback, or a tone that does not stop. */
const LONG_BURST_MS = 860;
/** Longer than the longest ringback burst (2 s) and number-unobtainable burst (2.5 s). */
const CONTINUOUS_MS = 3200;
/** Deviation of the band's centre of power within a long burst; voices move further. */
const MAX_CENTRE_DEVIATION_HZ = 9;
/** The pause of ringback lasts 4 s (5 in E.180's older range). */
const RINGBACK_PAUSE_MS = 5300;
/** A cadence is over when nothing comes for this long. */
const FORGET_MS = 6000;
/** Periods shorter than this must be seen twice: syllables come that fast. */
const FAST_PERIOD_MS = 620;
/** Durations kept: three bursts and their pauses. */
const MAX_DURATIONS = 7;

interface Burst {
  startMs: number;
  endMs: number;
  frames: number;
  power: number;
  centreSum: number;
  centreSquares: number;
  hz: readonly number[];
}

const FINDING_OF = {
  busy: "busy-tone",
  reorder: "reorder-tone",
  ringback: "ringback",
  dial: "dial-tone",
  unobtainable: "reorder-tone",
} as const satisfies Record<CadenceMeaning["kind"], FindingKind>;

export class CallProgressDetector {
  readonly #country: string | undefined;
  readonly #lines = new ProgressLines();
  #burst: Burst | undefined;
  #last: Burst | undefined;
  #off = 0;
  /** On, off, on, … of bursts alike, the newest last. */
  #durationsMs: number[] = [];
  #reported = new Set<FindingKind>();
  #ringbackUntilMs = Number.NEGATIVE_INFINITY;

  /** `country`: ISO 3166 code of the tone plan, lower case. */
  constructor(country?: string) {
    this.#country = country;
  }

  /** Whether a burst has lasted long enough not to be speech. */
  get isToneOn(): boolean {
    const burst = this.#burst;
    return burst !== undefined && burst.frames >= 10 && deviationOf(burst) <= MAX_CENTRE_DEVIATION_HZ;
  }

  /** End of the newest burst that had a place in a cadence; milliseconds of audio. */
  get lastBurstEndMs(): number {
    return this.#burst?.endMs ?? this.#last?.endMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether ringing was heard and its next burst may still come. */
  isRinging(nowMs: number): boolean {
    return nowMs <= this.#ringbackUntilMs;
  }

  /** Forgets everything heard; at the answer, since early media says nothing about what follows. */
  reset(): void {
    this.#burst = undefined;
    this.#forget();
    this.#ringbackUntilMs = Number.NEGATIVE_INFINITY;
  }

  frame(frameIndex: number, frame: Frame, spectrum: FrameSpectrum, noisePower: number): Finding | undefined {
    this.#lines.push(frame);
    const nowMs = (frameIndex + 1) * FRAME_MS;
    const band = spectrum.isAbove(noisePower) ? spectrum.powerBetween(LOW_HZ, HIGH_HZ) : 0;
    const burst = this.#burst;
    const isOn =
      band > 0 &&
      band >= MIN_SHARE * Math.max(band, spectrum.bandPower - noisePower) &&
      spectrum.meanSquare >= MIN_POWER &&
      (burst === undefined || spectrum.meanSquare >= burst.power * OFF_RATIO);
    if (isOn) {
      if (!burst) {
        this.#begin(frameIndex, spectrum);
        return undefined;
      }
      this.#off = 0;
      return this.#extend(burst, nowMs, spectrum, band);
    }
    if (burst) {
      this.#off++;
      if (this.#off >= FRAMES_TO_END) return this.#end(burst);
    } else if (this.#last && nowMs - this.#last.endMs > FORGET_MS) this.#forget();
    return undefined;
  }

  #begin(frameIndex: number, spectrum: FrameSpectrum): void {
    this.#off = 0;
    this.#burst = {
      startMs: frameIndex * FRAME_MS,
      endMs: (frameIndex + 1) * FRAME_MS,
      frames: 1,
      power: spectrum.meanSquare,
      centreSum: 0,
      centreSquares: 0,
      hz: [],
    };
  }

  #extend(burst: Burst, nowMs: number, spectrum: FrameSpectrum, band: number): Finding | undefined {
    const centre = centreOf(spectrum, band);
    if (burst.frames === 1) {
      // How much of its first frame the burst filled.
      const filled = Math.min(1, burst.power / spectrum.meanSquare);
      burst.startMs += (1 - filled) * FRAME_MS;
      burst.power = spectrum.meanSquare;
    }
    burst.frames++;
    burst.centreSum += centre;
    burst.centreSquares += centre * centre;
    burst.power += (spectrum.meanSquare - burst.power) / Math.min(burst.frames, 50);
    burst.endMs = nowMs;
    if (burst.frames === LINES_FRAMES + 2) burst.hz = this.#lines.measure();
    const durationMs = nowMs - burst.startMs;
    if (durationMs < LONG_BURST_MS || deviationOf(burst) > MAX_CENTRE_DEVIATION_HZ) return undefined;
    if (durationMs >= CONTINUOUS_MS || isDialTone(burst.hz)) {
      this.#ringbackUntilMs = Number.NEGATIVE_INFINITY;
      return this.#report("dial-tone", burst, { tone: "continuous" }, 0.85);
    }
    this.#ringbackUntilMs = nowMs + RINGBACK_PAUSE_MS;
    return this.#report("ringback", burst, {}, 0.75);
  }

  #end(burst: Burst): Finding | undefined {
    this.#burst = undefined;
    const durationMs = burst.endMs - burst.startMs;
    if (durationMs < MIN_BURST_MS || deviationOf(burst) > 2 * MAX_CENTRE_DEVIATION_HZ) return undefined;
    if (burst.hz.length === 0) burst.hz = [Math.round(burst.centreSum / Math.max(1, burst.frames - 1))];
    const last = this.#last;
    this.#last = burst;
    if (last && isAlike(last, burst) && burst.startMs - last.endMs < FORGET_MS) {
      this.#durationsMs.push(Math.round(burst.startMs - last.endMs), Math.round(durationMs));
      if (this.#durationsMs.length > MAX_DURATIONS) this.#durationsMs.splice(0, 2);
    } else {
      const isRingbackReported = durationMs >= LONG_BURST_MS && this.#reported.has("ringback");
      this.#reported.clear();
      if (isRingbackReported) this.#reported.add("ringback");
      this.#durationsMs = [Math.round(durationMs)];
      return undefined;
    }
    const durations = this.#durationsMs;
    const meaning = meaningOf({ hz: burst.hz, durationsMs: durations }, this.#country);
    if (!meaning) return undefined;
    const [on = 0, off = 0] = durations;
    if (meaning.kind !== "ringback" && on + off < FAST_PERIOD_MS && durations.length < 5) return undefined;
    if (meaning.kind === "ringback") this.#ringbackUntilMs = burst.endMs + RINGBACK_PAUSE_MS;
    else this.#ringbackUntilMs = Number.NEGATIVE_INFINITY;
    return this.#report(
      FINDING_OF[meaning.kind],
      burst,
      { tone: meaning.kind, plans: meaning.countries.join(" ") },
      meaning.confidence,
    );
  }

  /** Once per cadence and kind. */
  #report(
    kind: FindingKind,
    burst: Burst,
    evidence: Readonly<Record<string, string>>,
    confidence: number,
  ): Finding | undefined {
    if (this.#reported.has(kind)) return undefined;
    this.#reported.add(kind);
    const durations = this.#durationsMs;
    const heardMs = durations.reduce((sum, ms) => sum + ms, 0);
    return {
      kind,
      startMs: Math.round(durations.length > 1 ? burst.endMs - heardMs : burst.startMs),
      confidence,
      evidence: {
        hz: burst.hz,
        cadenceMs: durations.length > 1 ? [...durations] : [Math.round(burst.endMs - burst.startMs)],
        levelDbfs: Math.round(100 * Math.log10(burst.power)) / 10,
        ...evidence,
      },
    };
  }

  #forget(): void {
    this.#last = undefined;
    this.#durationsMs = [];
    this.#reported.clear();
  }
}

/** The band's centre of power, hertz. */
function centreOf(spectrum: FrameSpectrum, band: number): number {
  let sum = 0;
  for (let bin = Math.round(LOW_HZ / BIN_HZ); bin <= Math.round(HIGH_HZ / BIN_HZ); bin++) {
    sum += (spectrum.power[bin] as number) * bin;
  }
  return (sum / band) * BIN_HZ;
}

function deviationOf(burst: Burst): number {
  const count = burst.frames - 1;
  if (count < 2) return 0;
  const mean = burst.centreSum / count;
  return Math.sqrt(Math.max(0, burst.centreSquares / count - mean * mean));
}

function isAlike(one: Burst, other: Burst): boolean {
  const centre = (burst: Burst): number => burst.centreSum / Math.max(1, burst.frames - 1);
  return (
    Math.abs(centre(one) - centre(other)) <= 12 && Math.abs(10 * Math.log10(one.power / other.power)) <= 4
  );
}
