/**
 * The fax control channel: V.21 channel 2, 300 bit/s, 1650 Hz for a one and 1850 Hz for a zero, beginning with HDLC
 * flags (0x7E) for a second (T.30 §5.3). The flags alone say fax, since a gateway may take the 2100 Hz tone away.
 *
 * A flag is six ones between zeros, so a preamble is a train of 20 ms at 1650 Hz and 3.3 or 6.7 ms at 1850 Hz.
 */
import { V21_BITS_PER_SECOND, V21_MARK_HZ, V21_SPACE_HZ } from "../media/fax-signals.ts";
import type { Finding } from "../model/finding.ts";
import { FRAME_MS, FRAME_SAMPLES, type Frame, SAMPLE_RATE_HZ } from "../model/frame.ts";
import type { FrameSpectrum } from "./spectrum.ts";

const BIT_SAMPLES = SAMPLE_RATE_HZ / V21_BITS_PER_SECOND;
/** A correlator as long as one bit hears one tone and not the other. */
const WINDOW = 27;
/** Flags in a row: 8 of the 37 of a preamble, a quarter of a second. */
const FLAGS_TO_REPORT = 8;
/** Share of the power in the channel's band. */
const MIN_BAND_SHARE = 0.8;
/** Frames without the band's power after which all is forgotten. */
const FRAMES_TO_CLOSE = 2;

export class V21PreambleDetector {
  /** The last 27 products with each carrier, and their running sums. */
  readonly #history = new Float64Array(4 * WINDOW);
  readonly #sums = new Float64Array(4);
  readonly #phases = new Float64Array(2);
  #at = 0;
  #bit = 1;
  #runSamples = 0;
  #marksBefore = 0;
  #flags = 0;
  #startMs = 0;
  #closing = 0;
  #isReported = false;

  /** Whether flags are being received. */
  get isReceiving(): boolean {
    return this.#flags >= 3;
  }

  frame(frameIndex: number, frame: Frame, spectrum: FrameSpectrum, noisePower: number): Finding | undefined {
    const band = spectrum.isAbove(noisePower) ? spectrum.powerBetween(1500, 2000) : 0;
    const isOpen = band > 0 && band >= MIN_BAND_SHARE * Math.max(band, spectrum.bandPower - noisePower);
    if (isOpen) this.#closing = FRAMES_TO_CLOSE;
    else if (this.#closing === 0) return undefined;
    else if (--this.#closing === 0) {
      this.#reset();
      return undefined;
    }
    for (let i = 0; i < FRAME_SAMPLES; i++) this.#sample(frame[i] as number, frameIndex);
    if (this.#flags < FLAGS_TO_REPORT || this.#isReported) return undefined;
    this.#isReported = true;
    return {
      kind: "v21",
      startMs: this.#startMs,
      confidence: 0.99,
      evidence: {
        flags: this.#flags,
        hz: [V21_MARK_HZ, V21_SPACE_HZ],
        levelDbfs: Math.round(spectrum.levelDbfs),
      },
    };
  }

  #sample(sample: number, frameIndex: number): void {
    const sums = this.#sums;
    const history = this.#history;
    const at = 4 * this.#at;
    for (let carrier = 0; carrier < 2; carrier++) {
      const phase = this.#phases[carrier] as number;
      const cosine = sample * Math.cos(phase);
      const sine = sample * Math.sin(phase);
      const j = 2 * carrier;
      sums[j] = (sums[j] as number) + cosine - (history[at + j] as number);
      sums[j + 1] = (sums[j + 1] as number) + sine - (history[at + j + 1] as number);
      history[at + j] = cosine;
      history[at + j + 1] = sine;
      const hz = carrier === 0 ? V21_MARK_HZ : V21_SPACE_HZ;
      const next = phase + (2 * Math.PI * hz) / SAMPLE_RATE_HZ;
      this.#phases[carrier] = next > Math.PI ? next - 2 * Math.PI : next;
    }
    this.#at = (this.#at + 1) % WINDOW;
    const mark = (sums[0] as number) ** 2 + (sums[1] as number) ** 2;
    const space = (sums[2] as number) ** 2 + (sums[3] as number) ** 2;
    const bit = mark >= space ? 1 : 0;
    this.#runSamples++;
    if (bit === this.#bit) return;
    this.#onRun(this.#bit, this.#runSamples / BIT_SAMPLES, frameIndex);
    this.#bit = bit;
    this.#runSamples = 0;
  }

  /** A run of equal bits has ended. */
  #onRun(bit: number, bits: number, frameIndex: number): void {
    if (bit === 1) {
      this.#marksBefore = bits;
      return;
    }
    // Six ones and then one or two zeros: a flag, or two that share a zero.
    const isFlag = Math.abs(this.#marksBefore - 6) < 0.7 && bits > 0.4 && bits < 2.6;
    if (!isFlag) this.#flags = 0;
    else if (++this.#flags === 1) this.#startMs = Math.max(0, (frameIndex - 1) * FRAME_MS);
  }

  #reset(): void {
    this.#history.fill(0);
    this.#sums.fill(0);
    this.#flags = 0;
    this.#runSamples = 0;
    this.#marksBefore = 0;
    this.#isReported = false;
  }
}
