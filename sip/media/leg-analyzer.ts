/** What a leg does with the audio it hears: all of the engine's detectors, or keys alone where nobody is to be told apart. */
import {
  type AnalyzerOutput,
  CallAnalyzer,
  type DetectionSettings,
  DtmfDetector,
  type Frame,
} from "../../engine/index.ts";

/** Fed once per 20 ms slot from the beginning of the leg's media. */
export interface LegAnalyzer {
  /** Undefined: no media arrived in this slot. */
  frame(frame: Frame | undefined): readonly AnalyzerOutput[];
  markAnswered(): void;
  /** An RFC 4733 key arrived. */
  key(key: string): void;
}

const NOTHING: readonly AnalyzerOutput[] = [];

/** Without `settings` only in-band keys are found. */
export function createLegAnalyzer(settings: DetectionSettings | undefined): LegAnalyzer {
  return settings ? new CallAnalyzer(settings) : new KeyAnalyzer();
}

class KeyAnalyzer implements LegAnalyzer {
  readonly #keys = new DtmfDetector();

  frame(frame: Frame | undefined): readonly AnalyzerOutput[] {
    if (!frame) return NOTHING;
    const findings = this.#keys.frame(frame);
    return findings.length === 0 ? NOTHING : findings.map((finding) => ({ type: "finding", finding }));
  }

  markAnswered(): void {}

  key(): void {}
}
