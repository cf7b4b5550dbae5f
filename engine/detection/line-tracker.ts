/**
 * Follows a single spectral line from frame to frame: a run begins when one line holds nearly all of the power, and
 * ends when it has been gone, drowned or moved for 40 ms. Beeps, CNG, CED and information tones are all runs; each
 * detector judges their frequency, length and steadiness.
 */
import { FRAME_MS } from "../model/frame.ts";
import type { FrameSpectrum } from "./spectrum.ts";

/** Share of a frame's power, noise taken off, that a line must hold. */
const MIN_LINE_SHARE = 0.8;
/** Largest distance from the run's mean, relative; a sung note wanders further. */
const MAX_DRIFT = 0.015;
/** A frame this much weaker than the run no longer belongs to it. */
const MIN_RELATIVE_POWER = 10 ** (-6.5 / 10);
/** Weakest line followed: -50 dBFS. */
const MIN_LINE_POWER = 10 ** (-50 / 10);
/** Lines below are a voice's fundamental, which a flat voice holds as steady as any generator. */
const MIN_LINE_HZ = 310;
/** Frames without the line that end a run; one is bridged, for a lost packet. */
const FRAMES_TO_END = 2;
/** The same while the power is still there: a phase reversal smears a line over two frames. */
const FRAMES_TO_END_AT_POWER = 3;
const SAME_POWER = 10 ** (-3 / 10);

/** A line that was, or still is, there. */
export interface LineRun {
  /** Milliseconds of audio; from the energy at the edges, exact to a few ms when silence surrounds the tone. */
  startMs: number;
  endMs: number;
  /** First and last frame in which the line held. */
  startFrame: number;
  endFrame: number;
  /** Frames in which the line held. */
  frames: number;
  /** Mean frequency. */
  hz: number;
  minHz: number;
  maxHz: number;
  /** Mean square of the line, mean over the run. */
  power: number;
  /** Weakest and strongest frame inside the run, its first and last frame not counted. */
  minPower: number;
  maxPower: number;
  /** Mean share of the line in the frame's power, noise taken off. */
  share: number;
}

export class LineTracker {
  /** The run under way. */
  current: LineRun | undefined;
  /** The run that ended with the newest frame. */
  ended: LineRun | undefined;
  #sumHz = 0;
  #sumPower = 0;
  #sumShare = 0;
  #missing = 0;
  /** The newest three frames' mean squares and lines, for the edges of runs. */
  readonly #recentPower = [0, 0, 0];
  #previousHz = 0;
  /** Power in the frame before the run and in its first one. */
  #before = 0;
  #first = 0;
  #previousLinePower = 0;

  /** `noisePower`: mean square of the steady noise under everything. */
  update(frame: number, spectrum: FrameSpectrum, noisePower: number): void {
    this.ended = undefined;
    const recent = this.#recentPower;
    recent[2] = recent[1] as number;
    recent[1] = recent[0] as number;
    recent[0] = Math.max(0, spectrum.meanSquare - noisePower);
    const signal = Math.max(spectrum.linePower, spectrum.bandPower - noisePower);
    const share = signal > 0 ? spectrum.linePower / signal : 0;
    const isLine =
      share >= MIN_LINE_SHARE &&
      spectrum.lineHz >= MIN_LINE_HZ &&
      spectrum.linePower >= MIN_LINE_POWER &&
      spectrum.isAbove(noisePower);
    const run = this.current;
    if (run) {
      if (isLine && this.#belongs(run, spectrum)) this.#extend(run, frame, spectrum, share);
      else if (isLine && run.frames === 1 && this.#isEdgeOf(spectrum)) this.#begin(frame, spectrum, share);
      else {
        this.#missing++;
        const isElsewhere = isLine && Math.abs(spectrum.lineHz / run.hz - 1) > 2 * MAX_DRIFT;
        const isAtPower = spectrum.meanSquare >= run.power * SAME_POWER;
        if (isElsewhere || this.#missing >= (isAtPower ? FRAMES_TO_END_AT_POWER : FRAMES_TO_END)) {
          this.#end(run);
          if (isElsewhere && spectrum.meanSquare >= spectrum.linePower / 4)
            this.#begin(frame, spectrum, share);
        }
      }
    } else if (isLine && spectrum.meanSquare >= spectrum.linePower / 4) this.#begin(frame, spectrum, share);
    this.#previousHz = spectrum.lineHz;
    this.#previousLinePower = spectrum.linePower;
  }

  /** How long the run under way has lasted, 0 without one. */
  get currentMs(): number {
    const run = this.current;
    return run ? (run.endFrame + 1) * FRAME_MS - run.startMs : 0;
  }

  #belongs(run: LineRun, spectrum: FrameSpectrum): boolean {
    if (Math.abs(spectrum.lineHz - run.hz) > Math.max(MAX_DRIFT * run.hz, 6)) return false;
    // The frame's own samples decide, since the spectrum still sees 12 ms of the frame before.
    return spectrum.meanSquare >= run.power * MIN_RELATIVE_POWER;
  }

  /** Whether the frame before held the edge of the same line: cut off, its frequency is not yet exact. */
  #isEdgeOf(spectrum: FrameSpectrum): boolean {
    return Math.abs(this.#previousHz / spectrum.lineHz - 1) < 0.1;
  }

  #begin(frame: number, spectrum: FrameSpectrum, share: number): void {
    this.#before = this.#isEdgeOf(spectrum) ? (this.#recentPower[1] as number) : 0;
    this.#first = this.#recentPower[0] as number;
    this.#missing = 0;
    this.#sumHz = spectrum.lineHz;
    this.#sumPower = spectrum.linePower;
    this.#sumShare = share;
    this.current = {
      startMs: frame * FRAME_MS,
      endMs: (frame + 1) * FRAME_MS,
      startFrame: frame,
      endFrame: frame,
      frames: 1,
      hz: spectrum.lineHz,
      minHz: spectrum.lineHz,
      maxHz: spectrum.lineHz,
      power: spectrum.linePower,
      minPower: Number.POSITIVE_INFINITY,
      maxPower: 0,
      share,
    };
  }

  #extend(run: LineRun, frame: number, spectrum: FrameSpectrum, share: number): void {
    if (run.frames === 1) {
      // The first frame's line was still growing into the window; it does not count for the means.
      this.#sumHz = 0;
      this.#sumPower = 0;
      this.#sumShare = 0;
      run.minHz = spectrum.lineHz;
      run.maxHz = spectrum.lineHz;
    } else {
      // So is the frame before this one an inner frame of the run.
      run.minPower = Math.min(run.minPower, this.#previousLinePower);
      run.maxPower = Math.max(run.maxPower, this.#previousLinePower);
    }
    this.#missing = 0;
    run.frames++;
    run.endFrame = frame;
    this.#sumHz += spectrum.lineHz;
    this.#sumPower += spectrum.linePower;
    this.#sumShare += share;
    const counted = run.frames - 1;
    run.hz = this.#sumHz / counted;
    run.power = this.#sumPower / counted;
    run.share = this.#sumShare / counted;
    run.minHz = Math.min(run.minHz, spectrum.lineHz);
    run.maxHz = Math.max(run.maxHz, spectrum.lineHz);
    run.startMs =
      (run.startFrame + 1) * FRAME_MS -
      FRAME_MS * (Math.min(1, this.#first / run.power) + Math.min(1, this.#before / run.power));
    run.endMs = (frame + 1) * FRAME_MS;
  }

  #end(run: LineRun): void {
    // The missing frames' own energy says how far into them the tone went on.
    let tail = 0;
    for (let back = 0; back < this.#missing; back++) {
      tail = Math.max(tail, Math.min(1, (this.#recentPower[back] as number) / run.power));
    }
    run.endMs = (run.endFrame + 1) * FRAME_MS + (tail < 0.3 ? tail * FRAME_MS : 0);
    this.ended = run;
    this.current = undefined;
    this.#missing = 0;
  }
}
