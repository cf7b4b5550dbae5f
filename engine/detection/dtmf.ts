/**
 * Keys as in-band tones (ITU-T Q.23), received within the limits of Q.24: frequencies within ±1.5 % accepted and beyond
 * ±3.5 % rejected, twist up to +4.5/-8.5 dB, at least 40 ms accepted and up to 23 ms rejected, interruptions of 10 ms
 * bridged, one digit per press.
 *
 * Blocks of 20 ms under a Hann window every 10 ms. Two properties of that arrangement do the work: copies of the window
 * at half its length add up to one, so the sum of the blocks' amplitudes measures how long a tone lasted to a
 * millisecond or two, however it falls on the blocks; and the phase from block to block gives each frequency to a
 * few hertz.
 */

import { DTMF_HIGH_HZ, DTMF_KEYS, DTMF_LOW_HZ } from "../media/tones.ts";
import type { Finding } from "../model/finding.ts";
import { FRAME_MS, FRAME_SAMPLES, type Frame } from "../model/frame.ts";
import { goertzel, hannWindow, type Phasor, wrapAngle } from "./goertzel.ts";

const BLOCK = FRAME_SAMPLES;
const HOP = BLOCK / 2;
const HOP_MS = FRAME_MS / 2;
const FULL_SCALE = 32_768;

/** Between the 23 ms that must not and the 40 ms that must be a digit. */
const ACCEPT_HOPS = 2.75;
/** What is no key by then never becomes one: a vowel may pass through two of the frequencies. */
const REJECT_HOPS = 6;
/** A pause this long ends a press: between the 10 ms bridged and the 30 ms that must separate. */
const PAUSE_HOPS = 2;
/** Each frequency at least -38 dBFS: Q.24 accepts down to -25 dBm0, RFC 4733 calls -36 dBm0 valid. */
const MIN_LINE_POWER = 10 ** (-45 / 10);
/** The two lines' share of all power, mean over the press; speech falls short of it. */
const MIN_SHARE = 0.86;
/** A block below this share is not part of a press at all. */
const MIN_BLOCK_SHARE = 0.5;
/** High group relative to low group. Q.24: +4 to -8 dB accepted; half a decibel for the measurement. */
const MAX_TWIST = 10 ** (4.5 / 10);
const MIN_TWIST = 10 ** (-8.5 / 10);
/** Between the ±1.5 % that must and the ±3.5 % that must not be accepted. */
const MAX_DETUNE = 0.025;
/** Second harmonics, relative to their fundamental; vowels have them, generators do not. */
const MAX_HARMONIC = 10 ** (-12 / 10);

/** A Hann window of 20 ms separates lines from here on. */
const BESIDE_HZ = 160;

const window = hannWindow(BLOCK);
/** Mean square of a sine from its phasor under the window, full scale 1. */
const phasorScale = 2 / (window.reduce((sum, w) => sum + w, 0) * FULL_SCALE) ** 2;
const energyScale = 1 / (window.reduce((sum, w) => sum + w * w, 0) * FULL_SCALE * FULL_SCALE);

/** One press as it grows. */
interface Press {
  readonly low: number;
  readonly high: number;
  readonly startHop: number;
  /** Largest amplitudes so far. */
  lowPeak: number;
  highPeak: number;
  /** Sum of the blocks' amplitudes. */
  lowSum: number;
  highSum: number;
  /** Sums over blocks of the two lines' power and of all power. */
  linePowerSum: number;
  allPowerSum: number;
  blocks: number;
  /** Sum of detuning over blocks, weighted by block strength, hertz. */
  lowDetune: number;
  highDetune: number;
  detuneWeight: number;
  lowPhase: number;
  highPhase: number;
  /** Length of the pause so far, in hops. */
  pause: number;
  isReported: boolean;
  isRejected: boolean;
}

export class DtmfDetector {
  #frame = 0;
  /** The last half block of the frame before, and the newest frame. */
  readonly #samples = new Float64Array(HOP + FRAME_SAMPLES);
  readonly #previous = new Float64Array(HOP + FRAME_SAMPLES);
  readonly #block = new Float64Array(BLOCK);
  readonly #lowPhasors: readonly Phasor[] = DTMF_LOW_HZ.map(() => ({ re: 0, im: 0 }));
  readonly #highPhasors: readonly Phasor[] = DTMF_HIGH_HZ.map(() => ({ re: 0, im: 0 }));
  readonly #harmonic: Phasor = { re: 0, im: 0 };
  #press: Press | undefined;
  /** Frames still analyzed after the last one that may have held a key. */
  #open = 0;

  /** Whether a key is down or about to be decided. */
  get isPressed(): boolean {
    return this.#press !== undefined && !this.#press.isRejected && this.#press.lowSum >= 2;
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
      this.#open = 4;
    } else if (this.#open > 0) this.#open--;
    if (this.#open > 0) this.#analyze(samples, this.#frame, findings);
    else this.#press = undefined;
    this.#frame++;
    return findings;
  }

  #analyze(samples: Float64Array, frame: number, findings: Finding[]): void {
    this.#hop(samples, 0, 2 * frame - 1, findings);
    this.#hop(samples, HOP, 2 * frame, findings);
  }

  #hop(samples: Float64Array, offset: number, hop: number, findings: Finding[]): void {
    const block = this.#block;
    let energy = 0;
    for (let i = 0; i < BLOCK; i++) {
      const sample = (samples[offset + i] as number) * (window[i] as number);
      block[i] = sample;
      energy += sample * sample;
    }
    const low = strongest(block, DTMF_LOW_HZ, this.#lowPhasors);
    const high = strongest(block, DTMF_HIGH_HZ, this.#highPhasors);
    const lowPhasor = this.#lowPhasors[low] as Phasor;
    const highPhasor = this.#highPhasors[high] as Phasor;
    const lowPower = squareOf(lowPhasor) * phasorScale;
    const highPower = squareOf(highPhasor) * phasorScale;
    const allPower = energy * energyScale;
    const share = energy > 0 ? (lowPower + highPower) / allPower : 0;
    const isCandidate =
      lowPower >= MIN_LINE_POWER * 0.03 &&
      highPower >= MIN_LINE_POWER * 0.03 &&
      share >= MIN_BLOCK_SHARE &&
      highPower <= lowPower * MAX_TWIST * 2 &&
      highPower >= lowPower * MIN_TWIST * 0.5;
    let press = this.#press;
    if (press) {
      const isSame = isCandidate && press.low === low && press.high === high;
      const hasSameLines = press.low === low && press.high === high;
      const filled = hasSameLines ? Math.min(1, Math.sqrt(lowPower) / press.lowPeak) : 0;
      if (press.isReported || press.isRejected) {
        press.pause = filled > 0.9 ? 0 : press.pause + 1 - filled;
        if (press.pause >= PAUSE_HOPS || (isCandidate && !isSame && filled < 0.1 && press.pause >= 1)) {
          this.#press = undefined;
          press = undefined;
        } else return;
      } else if (!isSame) {
        // Not long enough to be a key, or broken before it was.
        press.pause += 1;
        if (press.pause >= PAUSE_HOPS || isCandidate) {
          this.#press = undefined;
          press = undefined;
        } else return;
      }
    }
    if (!isCandidate) return;
    if (!press) {
      press = {
        low,
        high,
        startHop: hop,
        lowPeak: 0,
        highPeak: 0,
        lowSum: 0,
        highSum: 0,
        linePowerSum: 0,
        allPowerSum: 0,
        blocks: 0,
        lowDetune: 0,
        highDetune: 0,
        detuneWeight: 0,
        lowPhase: 0,
        highPhase: 0,
        pause: 0,
        isReported: false,
        isRejected: false,
      };
      this.#press = press;
    }
    this.#grow(press, lowPower, highPower, allPower, lowPhasor, highPhasor);
    const hops = Math.min(press.lowSum / press.lowPeak, press.highSum / press.highPeak);
    if (hops < ACCEPT_HOPS) return;
    if (this.#isKey(press, block, lowPhasor, highPhasor)) {
      press.isReported = true;
      findings.push(findingOf(press, hop, hops));
    } else if (hops > REJECT_HOPS) press.isRejected = true;
  }

  #grow(
    press: Press,
    lowPower: number,
    highPower: number,
    allPower: number,
    lowPhasor: Phasor,
    highPhasor: Phasor,
  ): void {
    const lowAmplitude = Math.sqrt(lowPower);
    const highAmplitude = Math.sqrt(highPower);
    const lowPhase = Math.atan2(lowPhasor.im, lowPhasor.re);
    const highPhase = Math.atan2(highPhasor.im, highPhasor.re);
    if (press.blocks > 0) {
      // The phase a block starts with advances by the frequency over 10 ms; what is left over is the detuning.
      const weight = lowAmplitude * highAmplitude;
      const seconds = HOP_MS / 1000;
      const lowHz = DTMF_LOW_HZ[press.low] as number;
      const highHz = DTMF_HIGH_HZ[press.high] as number;
      press.lowDetune +=
        (weight * wrapAngle(lowPhase - press.lowPhase - 2 * Math.PI * lowHz * seconds)) /
        (2 * Math.PI * seconds);
      press.highDetune +=
        (weight * wrapAngle(highPhase - press.highPhase - 2 * Math.PI * highHz * seconds)) /
        (2 * Math.PI * seconds);
      press.detuneWeight += weight;
    }
    press.lowPhase = lowPhase;
    press.highPhase = highPhase;
    press.lowPeak = Math.max(press.lowPeak, lowAmplitude);
    press.highPeak = Math.max(press.highPeak, highAmplitude);
    press.lowSum += lowAmplitude;
    press.highSum += highAmplitude;
    press.linePowerSum += lowPower + highPower;
    press.allPowerSum += allPower;
    press.blocks++;
    press.pause = 0;
  }

  #isKey(press: Press, block: Float64Array, lowPhasor: Phasor, highPhasor: Phasor): boolean {
    const lowHz = DTMF_LOW_HZ[press.low] as number;
    const highHz = DTMF_HIGH_HZ[press.high] as number;
    const lowDetune = press.lowDetune / press.detuneWeight;
    const highDetune = press.highDetune / press.detuneWeight;
    if (Math.abs(lowDetune) > MAX_DETUNE * lowHz || Math.abs(highDetune) > MAX_DETUNE * highHz) return false;
    // Beside its centre the window sees less of a line than there is.
    const lowPower = press.lowPeak ** 2 / windowGain(lowDetune);
    const highPower = press.highPeak ** 2 / windowGain(highDetune);
    if (lowPower < MIN_LINE_POWER || highPower < MIN_LINE_POWER) return false;
    if (highPower > lowPower * MAX_TWIST || highPower < lowPower * MIN_TWIST) return false;
    const seen = (press.lowPeak ** 2 + press.highPeak ** 2) / (lowPower + highPower);
    if (press.linePowerSum / press.allPowerSum / seen < MIN_SHARE) return false;
    return (
      // A harmonic that falls beside the other line cannot be told from it.
      (Math.abs(2 * lowHz - highHz) < BESIDE_HZ ||
        this.#harmonicShare(block, 2 * lowHz, lowPhasor) <= MAX_HARMONIC) &&
      this.#harmonicShare(block, 2 * highHz, highPhasor) <= MAX_HARMONIC
    );
  }

  #harmonicShare(block: Float64Array, hz: number, fundamental: Phasor): number {
    goertzel(block, 0, BLOCK, hz, this.#harmonic);
    return squareOf(this.#harmonic) / squareOf(fundamental);
  }
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

/** Power that the window's response leaves of a line `hz` beside its centre. */
function windowGain(hz: number): number {
  const bins = Math.abs(hz) * (FRAME_MS / 1000);
  if (bins < 0.01) return 1;
  return (Math.sin(Math.PI * bins) / (Math.PI * bins) / (1 - bins * bins)) ** 2;
}

function squareOf(phasor: Phasor): number {
  return phasor.re * phasor.re + phasor.im * phasor.im;
}

function findingOf(press: Press, hop: number, hops: number): Finding {
  const lowPower = press.lowPeak ** 2;
  const highPower = press.highPeak ** 2;
  const hz = (nominal: number, detune: number): number =>
    Math.round(10 * (nominal + detune / press.detuneWeight)) / 10;
  // The newest block ends 20 ms after its hop begins; the press began `hops` before that, less the unfilled edge.
  const startMs = Math.max(0, Math.round((hop + 2 - hops - 0.5) * HOP_MS));
  return {
    kind: "dtmf",
    startMs,
    confidence: 0.98,
    evidence: {
      digit: DTMF_KEYS[4 * press.low + press.high] as string,
      hz: [
        hz(DTMF_LOW_HZ[press.low] as number, press.lowDetune),
        hz(DTMF_HIGH_HZ[press.high] as number, press.highDetune),
      ],
      levelDbfs: Math.round(100 * Math.log10(lowPower + highPower)) / 10,
      twistDb: Math.round(100 * Math.log10(highPower / lowPower)) / 10,
      share: Math.round((100 * press.linePowerSum) / press.allPowerSum) / 100,
    },
  };
}
