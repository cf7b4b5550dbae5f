/**
 * Keys as in-band tones (ITU-T Q.23), received within the limits of Q.24: frequencies within ±1.5 % accepted and beyond
 * ±3.5 % rejected, twist of +4 to -8 dB, at least 40 ms accepted and up to 23 ms rejected, interruptions of 10 ms
 * bridged, one digit per press. How a press is measured is in `key-press.ts`.
 */
import { DTMF_HIGH_HZ, DTMF_LOW_HZ } from "../media/tones.ts";
import type { Finding } from "../model/finding.ts";
import { FRAME_SAMPLES, type Frame } from "../model/frame.ts";
import { goertzel, hannWindow, type Phasor } from "./goertzel.ts";
import { type KeyBlock, KeyPress, MAX_TWIST, MIN_KEY_LINE_POWER, MIN_TWIST } from "./key-press.ts";

const BLOCK = FRAME_SAMPLES;
const HOP = BLOCK / 2;
const FULL_SCALE = 32_768;

/** Between the 23 ms that must not and the 40 ms that must be a digit, in hops of 10 ms. */
const ACCEPT_HOPS = 2.75;
/** What is no key by then never becomes one: a vowel may pass through two of the frequencies. */
const REJECT_HOPS = 6;
/** A pause this long ends a press: between the 10 ms bridged and the 30 ms that must separate. */
const PAUSE_HOPS = 2;
/** A block whose lines hold less of the power is not part of a press at all. */
const MIN_BLOCK_SHARE = 0.5;
/** A block that holds only the edge of a press is this much weaker. */
const EDGE_POWER = 0.03;
/** Second harmonics, relative to their fundamental; vowels have them, generators do not. */
const MAX_HARMONIC = 10 ** (-12 / 10);
/** A Hann window of 20 ms separates lines from here on, hertz. */
const SEPARATE_HZ = 160;
/** Frames still analyzed after the last one that may have held a key: a pause must be seen to end the press. */
const OPEN_FRAMES = 4;

const window = hannWindow(BLOCK);
/** Mean square of a sine from its phasor under the window, full scale 1. */
const phasorScale = 2 / (window.reduce((sum, w) => sum + w, 0) * FULL_SCALE) ** 2;
const energyScale = 1 / (window.reduce((sum, w) => sum + w * w, 0) * FULL_SCALE * FULL_SCALE);

export class DtmfDetector {
  #frame = 0;
  /** The newest frame after half a block of the one before; and the same, one frame earlier. */
  readonly #samples = new Float64Array(HOP + FRAME_SAMPLES);
  readonly #previous = new Float64Array(HOP + FRAME_SAMPLES);
  readonly #block = new Float64Array(BLOCK);
  readonly #lowPhasors: readonly Phasor[] = DTMF_LOW_HZ.map(() => ({ re: 0, im: 0 }));
  readonly #highPhasors: readonly Phasor[] = DTMF_HIGH_HZ.map(() => ({ re: 0, im: 0 }));
  readonly #harmonic: Phasor = { re: 0, im: 0 };
  #press: KeyPress | undefined;
  #open = 0;

  /** Whether a key is down or about to be decided. */
  get isPressed(): boolean {
    const press = this.#press;
    return press !== undefined && press.state !== "rejected" && press.hops >= 2;
  }

  /**
   * One finding per press, at the press's 40th millisecond or soon after. `mayHoldKey` false says that a cheaper look
   * has excluded a key, and saves the work.
   */
  frame(frame: Frame, mayHoldKey = true): Finding[] {
    const findings: Finding[] = [];
    this.#previous.set(this.#samples);
    const samples = this.#samples;
    samples.copyWithin(0, FRAME_SAMPLES);
    for (let i = 0; i < FRAME_SAMPLES; i++) samples[HOP + i] = frame[i] as number;
    if (mayHoldKey) {
      // The first frame of a press may hold too little of it to be noticed: take it in now.
      if (this.#open === 0) this.#analyze(this.#previous, this.#frame - 1, findings);
      this.#open = OPEN_FRAMES;
    } else if (this.#open > 0) this.#open--;
    if (this.#open > 0) this.#analyze(samples, this.#frame, findings);
    else this.#press = undefined;
    this.#frame++;
    return findings;
  }

  #analyze(samples: Float64Array, frame: number, findings: Finding[]): void {
    for (const half of [0, 1]) {
      const finding = this.#hop(samples, half * HOP, 2 * frame - 1 + half);
      if (finding) findings.push(finding);
    }
  }

  /** One block of 20 ms, the `hop`th of all. */
  #hop(samples: Float64Array, offset: number, hop: number): Finding | undefined {
    let energy = 0;
    for (let i = 0; i < BLOCK; i++) {
      const sample = (samples[offset + i] as number) * (window[i] as number);
      this.#block[i] = sample;
      energy += sample * sample;
    }
    const low = strongest(this.#block, DTMF_LOW_HZ, this.#lowPhasors);
    const high = strongest(this.#block, DTMF_HIGH_HZ, this.#highPhasors);
    const lowPhasor = this.#lowPhasors[low] as Phasor;
    const highPhasor = this.#highPhasors[high] as Phasor;
    const block: KeyBlock = {
      lowPhasor,
      highPhasor,
      lowPower: squareOf(lowPhasor) * phasorScale,
      highPower: squareOf(highPhasor) * phasorScale,
      allPower: energy * energyScale,
    };
    const isCandidate = mayBelongToPress(block);
    const press = this.#continued(low, high, block.lowPower, isCandidate);
    if (!isCandidate || (press && press.state !== "open")) return undefined;
    const growing = press ?? new KeyPress(low, high);
    this.#press = growing;
    growing.grow(block);
    if (growing.hops < ACCEPT_HOPS) return undefined;
    if (growing.isKey && !this.#hasHarmonics(growing, block)) {
      growing.state = "reported";
      return growing.finding(hop);
    }
    if (growing.hops > REJECT_HOPS) growing.state = "rejected";
    return undefined;
  }

  /** The press under way, unless this block ends it. */
  #continued(low: number, high: number, lowPower: number, isCandidate: boolean): KeyPress | undefined {
    const press = this.#press;
    if (!press) return undefined;
    const hasSameLines = press.low === low && press.high === high;
    if (press.state === "open") {
      if (isCandidate && hasSameLines) return press;
      // Not long enough to be a key, or broken before it was one.
      press.pause += 1;
      if (press.pause >= PAUSE_HOPS || isCandidate) this.#press = undefined;
    } else {
      const filled = hasSameLines ? press.filledBy(lowPower) : 0;
      press.pause = filled > 0.9 ? 0 : press.pause + 1 - filled;
      const isOther = isCandidate && !hasSameLines && press.pause >= 1;
      if (press.pause >= PAUSE_HOPS || isOther) this.#press = undefined;
    }
    return this.#press;
  }

  #hasHarmonics(press: KeyPress, block: KeyBlock): boolean {
    const lowHz = DTMF_LOW_HZ[press.low] as number;
    const highHz = DTMF_HIGH_HZ[press.high] as number;
    // A harmonic that falls beside the other line cannot be told from it.
    const isApart = Math.abs(2 * lowHz - highHz) >= SEPARATE_HZ;
    return (
      (isApart && this.#harmonicOf(2 * lowHz, block.lowPhasor) > MAX_HARMONIC) ||
      this.#harmonicOf(2 * highHz, block.highPhasor) > MAX_HARMONIC
    );
  }

  #harmonicOf(hz: number, fundamental: Phasor): number {
    goertzel(this.#block, 0, BLOCK, hz, this.#harmonic);
    return squareOf(this.#harmonic) / squareOf(fundamental);
  }
}

function mayBelongToPress({ lowPower, highPower, allPower }: KeyBlock): boolean {
  return (
    lowPower >= MIN_KEY_LINE_POWER * EDGE_POWER &&
    highPower >= MIN_KEY_LINE_POWER * EDGE_POWER &&
    lowPower + highPower >= MIN_BLOCK_SHARE * allPower &&
    highPower <= lowPower * MAX_TWIST * 2 &&
    highPower >= (lowPower * MIN_TWIST) / 2
  );
}

function strongest(block: Float64Array, frequencies: readonly number[], phasors: readonly Phasor[]): number {
  let best = 0;
  let bestSquare = -1;
  for (let i = 0; i < frequencies.length; i++) {
    const phasor = phasors[i] as Phasor;
    goertzel(block, 0, BLOCK, frequencies[i] as number, phasor);
    const square = squareOf(phasor);
    if (square > bestSquare) {
      best = i;
      bestSquare = square;
    }
  }
  return best;
}

function squareOf(phasor: Phasor): number {
  return phasor.re * phasor.re + phasor.im * phasor.im;
}
