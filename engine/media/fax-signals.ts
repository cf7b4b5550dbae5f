/**
 * What fax machines and modems send: CNG, CED (ANS) with phase reversals or amplitude modulation, and the V.21 control
 * channel's preamble. ITU-T T.30 §4 and §5, V.25, V.8, V.21.
 */
import { type Pcm, SAMPLE_RATE_HZ } from "../model/frame.ts";
import { amplitudeOf } from "./levels.ts";
import { concatenate, samplesOf, silence, tone } from "./tones.ts";

export const CNG_HZ = 1100;
export const CED_HZ = 2100;
/** Interval of the 180 degree phase reversals that disable echo cancellers (V.25, ±25 ms). */
export const CED_REVERSAL_MS = 450;
export const V21_BITS_PER_SECOND = 300;
/** Channel 2, the answering side: mark is a one, space a zero (V.21 §3). */
export const V21_MARK_HZ = 1650;
export const V21_SPACE_HZ = 1850;

/** The calling fax: 0.5 s of 1100 Hz every 3.5 s. */
export function cng(bursts: number, level: number): Pcm {
  const parts: Pcm[] = [];
  for (let burst = 0; burst < bursts; burst++) {
    parts.push(tone(CNG_HZ, 500, level));
    if (burst < bursts - 1) parts.push(silence(3000));
  }
  return concatenate(...parts);
}

export interface CedOptions {
  /** Phase reversals every 450 ms. Default true. */
  readonly hasReversals?: boolean;
  /** 15 Hz amplitude modulation of V.8's ANSam. Default false. */
  readonly isModulated?: boolean;
  /** Default 2100. */
  readonly hz?: number;
}

/** The answering tone. T.30: 2.6 to 4.0 s. */
export function ced(durationMs: number, level: number, options: CedOptions = {}): Pcm {
  const { hasReversals = true, isModulated = false, hz = CED_HZ } = options;
  const pcm = new Int16Array(samplesOf(durationMs));
  const peak = amplitudeOf(level) * Math.SQRT2;
  const reversalSamples = samplesOf(CED_REVERSAL_MS);
  for (let i = 0; i < pcm.length; i++) {
    const t = (2 * Math.PI * i) / SAMPLE_RATE_HZ;
    const sign = hasReversals && Math.floor(i / reversalSamples) % 2 === 1 ? -1 : 1;
    const envelope = isModulated ? 1 + 0.2 * Math.sin(15 * t) : 1;
    pcm[i] = Math.round(sign * envelope * peak * Math.sin(hz * t));
  }
  return pcm;
}

/** Bits on V.21 channel 2, with continuous phase. */
export function v21(bits: readonly number[], level: number): Pcm {
  const samplesPerBit = SAMPLE_RATE_HZ / V21_BITS_PER_SECOND;
  const pcm = new Int16Array(Math.round(bits.length * samplesPerBit));
  const peak = amplitudeOf(level) * Math.SQRT2;
  let phase = 0;
  for (let i = 0; i < pcm.length; i++) {
    pcm[i] = Math.round(peak * Math.sin(phase));
    const bit = bits[Math.min(bits.length - 1, Math.floor(i / samplesPerBit))];
    phase += (2 * Math.PI * (bit === 1 ? V21_MARK_HZ : V21_SPACE_HZ)) / SAMPLE_RATE_HZ;
  }
  return pcm;
}

/** HDLC flags, 0x7E, for `durationMs`: what precedes every T.30 command (1 s ±15 %). */
export function v21Preamble(durationMs: number, level: number): Pcm {
  const flags = Math.ceil((durationMs * V21_BITS_PER_SECOND) / 8000);
  const bits: number[] = [];
  for (let flag = 0; flag < flags; flag++) bits.push(0, 1, 1, 1, 1, 1, 1, 0);
  return v21(bits, level);
}

/** A fax machine's answer: CED with reversals, 75 ms of silence, then the preamble. */
export function faxAnswer(cedMs: number, preambleMs: number, level: number): Pcm {
  return concatenate(ced(cedMs, level), silence(75), v21Preamble(preambleMs, level));
}
