/**
 * Pure generators of telephone sounds as PCM at 8 kHz: tones, keys, cadences, noise, and the arithmetic to join them.
 * Levels are dBFS as in `levels.ts`: root mean square against 32768, so the strongest sine is -3 dBFS. ITU-T levels in
 * dBm0 convert with `dbfsOfDbm0` (G.711: a full-scale sine is +3.14 dBm0).
 */
import { type Pcm, SAMPLE_RATE_HZ } from "../model/frame.ts";
import { amplitudeOf, levelDbfs } from "./levels.ts";

/** dBm0 of a signal that measures 0 dBFS on a G.711 line (ITU-T G.711 §5: A-law's virtual level of +3.14 dBm0). */
const DBM0_OF_FULL_SCALE = 6.15;

/** Level in dBFS of what a standard gives in dBm0. */
export function dbfsOfDbm0(dbm0: number): number {
  return dbm0 - DBM0_OF_FULL_SCALE;
}

/** Number of samples that last `durationMs`, rounded. */
export function samplesOf(durationMs: number): number {
  return Math.round((durationMs * SAMPLE_RATE_HZ) / 1000);
}

/** Digital silence. */
export function silence(durationMs: number): Pcm {
  return new Int16Array(samplesOf(durationMs));
}

/** One sine of a tone. */
export interface ToneLine {
  readonly hz: number;
  /** Of this line alone. */
  readonly levelDbfs: number;
}

/** The sum of sines, each with its own level. */
export function toneOf(lines: readonly ToneLine[], durationMs: number): Pcm {
  const sum = new Float64Array(samplesOf(durationMs));
  for (const line of lines) {
    const peak = amplitudeOf(line.levelDbfs) * Math.SQRT2;
    const step = (2 * Math.PI * line.hz) / SAMPLE_RATE_HZ;
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + peak * Math.sin(step * i);
  }
  return toPcm(sum);
}

/** One or several sines of equal strength that together measure `level` dBFS. */
export function tone(hz: number | readonly number[], durationMs: number, level: number): Pcm {
  const all = typeof hz === "number" ? [hz] : hz;
  const each = level - 10 * Math.log10(Math.max(1, all.length));
  return toneOf(
    all.map((one) => ({ hz: one, levelDbfs: each })),
    durationMs,
  );
}

/** A carrier whose amplitude follows 1 + `depth` * cos at `byHz`; the carrier alone measures `level` dBFS. */
export function modulatedTone(
  hz: number,
  byHz: number,
  depth: number,
  durationMs: number,
  level: number,
): Pcm {
  const peak = amplitudeOf(level) * Math.SQRT2;
  const sum = new Float64Array(samplesOf(durationMs));
  for (let i = 0; i < sum.length; i++) {
    const t = (2 * Math.PI * i) / SAMPLE_RATE_HZ;
    sum[i] = peak * (1 + depth * Math.cos(byHz * t)) * Math.sin(hz * t);
  }
  return toPcm(sum);
}

// LIMIT: milliseconds over which a beep rises and falls: short against any beep, long enough not to click.
const BEEP_RAMP_MS = 4;

/** The tone that ends a voicemail greeting: one sine with soft edges. */
export function beep(hz: number, durationMs: number, level: number): Pcm {
  const pcm = tone(hz, durationMs, level);
  const ramp = Math.min(samplesOf(BEEP_RAMP_MS), pcm.length >> 1);
  for (let i = 0; i < ramp; i++) {
    const gain = 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / ramp);
    const last = pcm.length - 1 - i;
    pcm[i] = Math.round((pcm[i] as number) * gain);
    pcm[last] = Math.round((pcm[last] as number) * gain);
  }
  return pcm;
}

/** The 16 keys' frequencies, low group by row and high group by column (ITU-T Q.23). */
export const DTMF_LOW_HZ = [697, 770, 852, 941] as const;
export const DTMF_HIGH_HZ = [1209, 1336, 1477, 1633] as const;
/** Keys in reading order: the key of row `r` and column `c` is at `4 * r + c`. */
export const DTMF_KEYS = "123A456B789C*0#D";

/** How keys are sent in-band. Q.24's sender: at least 50 ms on and 50 ms off. */
export interface DtmfShape {
  readonly onMs?: number;
  readonly offMs?: number;
  /** Of the stronger frequency. Default -16 dBFS (about -10 dBm0). */
  readonly levelDbfs?: number;
  /** High group relative to low group, dB. Default 0. */
  readonly twistDb?: number;
}

/** Keys as tones, each followed by its pause; characters that are no key are skipped. */
export function dtmf(keys: string, shape: DtmfShape = {}): Pcm {
  const { onMs = 90, offMs = 70, levelDbfs: level = -16, twistDb = 0 } = shape;
  const parts: Pcm[] = [];
  for (const key of keys) {
    const index = DTMF_KEYS.indexOf(key.toUpperCase());
    if (index < 0) continue;
    const low = { hz: DTMF_LOW_HZ[index >> 2] as number, levelDbfs: level - Math.max(0, twistDb) };
    const high = { hz: DTMF_HIGH_HZ[index & 3] as number, levelDbfs: level + Math.min(0, twistDb) };
    parts.push(toneOf([low, high], onMs), silence(offMs));
  }
  return concatenate(...parts);
}

/** Independent samples of equal strength at every frequency; the same seed gives the same noise. */
export function whiteNoise(durationMs: number, level: number, seed: number): Pcm {
  const noise = new Float64Array(samplesOf(durationMs));
  const random = seededNormal(seed);
  for (let i = 0; i < noise.length; i++) noise[i] = random();
  return scaledTo(noise, level);
}

/** Noise that falls by 3 dB per octave, as rooms and streets do; the same seed gives the same noise. */
export function pinkNoise(durationMs: number, level: number, seed: number): Pcm {
  const noise = new Float64Array(samplesOf(durationMs));
  const random = seededNormal(seed);
  // Three first-order sections (Paul Kellet's economy filter), within 0.5 dB of -3 dB per octave over our band.
  let slow = 0;
  let middle = 0;
  let fast = 0;
  for (let i = 0; i < noise.length; i++) {
    const white = random();
    slow = 0.99765 * slow + white * 0.099046;
    middle = 0.963 * middle + white * 0.2965164;
    fast = 0.57 * fast + white * 1.0526913;
    noise[i] = slow + middle + fast + white * 0.1848;
  }
  return scaledTo(noise, level);
}

/** One after the other. */
export function concatenate(...parts: readonly Pcm[]): Pcm {
  const joined = new Int16Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** All at once, from the same start; as long as the longest, clipped at full scale. */
export function mix(...parts: readonly Pcm[]): Pcm {
  const sum = new Float64Array(parts.reduce((longest, part) => Math.max(longest, part.length), 0));
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) sum[i] = (sum[i] as number) + (part[i] as number);
  }
  return toPcm(sum);
}

/** Louder or softer by `db`, clipped at full scale. */
export function withGain(pcm: Pcm, db: number): Pcm {
  const factor = 10 ** (db / 20);
  return Int16Array.from(pcm, (sample) => clip(sample * factor));
}

/** Scaled so that the whole measures `level` dBFS; digital silence stays what it is. */
export function atLevel(pcm: Pcm, level: number): Pcm {
  return pcm.some((sample) => sample !== 0) ? withGain(pcm, level - levelDbfs(pcm)) : pcm.slice();
}

/** `pcm` again and again until `durationMs` is full, the last time cut off. */
export function repeatFor(pcm: Pcm, durationMs: number): Pcm {
  const all = new Int16Array(samplesOf(durationMs));
  if (pcm.length === 0) return all;
  for (let offset = 0; offset < all.length; offset += pcm.length) {
    all.set(pcm.subarray(0, Math.min(pcm.length, all.length - offset)), offset);
  }
  return all;
}

function toPcm(samples: Float64Array): Pcm {
  return Int16Array.from(samples, clip);
}

function scaledTo(samples: Float64Array, level: number): Pcm {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  if (energy === 0) return toPcm(samples);
  const factor = amplitudeOf(level) / Math.sqrt(energy / samples.length);
  return toPcm(samples.map((sample) => sample * factor));
}

function clip(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample)));
}

/** Standard normal numbers by Box and Muller over mulberry32. */
function seededNormal(seed: number): () => number {
  let state = seed | 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
