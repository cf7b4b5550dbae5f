/** What a leg does with the audio it hears: the engine's analyzer, or keys alone where no callee is to be detected. */
import type { CalleeDecision, DetectionSettings, Finding, Frame } from "../../engine/index.ts";

export type LegAnalyzerOutput =
  | { readonly type: "finding"; readonly finding: Finding }
  | { readonly type: "decision"; readonly decision: CalleeDecision };

/** Fed once per 20 ms slot from the beginning of the leg's media. */
export interface LegAnalyzer {
  /** Undefined: no media arrived in this slot. */
  frame(frame: Frame | undefined): readonly LegAnalyzerOutput[];
  markAnswered(): void;
  /** An RFC 4733 key arrived. */
  key(key: string): void;
}

const NOTHING: readonly LegAnalyzerOutput[] = [];

/** Without `settings` only in-band keys are found. */
export function createLegAnalyzer(_settings: DetectionSettings | undefined): LegAnalyzer {
  return { frame: () => NOTHING, markAnswered() {}, key() {} };
}
