/** Plays PCM to a call analyzer, as a leg would, and keeps what it says. */
import { CallAnalyzer, DEFAULT_DETECTION_SETTINGS } from "../../engine/detection/call-analyzer.ts";
import type { CalleeDecision, DetectionSettings, Finding, FindingKind } from "../../engine/model/finding.ts";
import { FRAME_MS, type Pcm } from "../../engine/model/frame.ts";
import { framesOf } from "./flite-speech.ts";

export interface Listening {
  /** Heard before the answer. */
  readonly early?: Pcm;
  /** Heard after the answer; absent: never answered. */
  readonly after?: Pcm;
  readonly settings?: Partial<DetectionSettings>;
  /** Keys as events, by milliseconds after the answer. */
  readonly keys?: Readonly<Record<number, string>>;
  /** Frames after the answer that never arrive. */
  readonly isLost?: (frame: number) => boolean;
}

/** A finding with the moment at which it came out; milliseconds of audio. */
export interface Heard {
  readonly finding: Finding;
  readonly emittedAtMs: number;
}

export interface ListeningResult {
  readonly heard: readonly Heard[];
  readonly findings: readonly Finding[];
  readonly decisions: readonly CalleeDecision[];
  /** The last decision's callee type. */
  readonly calleeType: string | undefined;
  of(kind: FindingKind): readonly Finding[];
}

/** Runs it all; a frame's outputs count as emitted at its end. */
export function listen(listening: Listening): ListeningResult {
  const analyzer = new CallAnalyzer({ ...DEFAULT_DETECTION_SETTINGS, ...listening.settings });
  const heard: Heard[] = [];
  const decisions: CalleeDecision[] = [];
  let frames = 0;
  const take = (frame: Int16Array | undefined): void => {
    const outputs = analyzer.frame(frame);
    frames++;
    for (const output of outputs) {
      if (output.type === "decision") decisions.push(output.decision);
      else heard.push({ finding: output.finding, emittedAtMs: frames * FRAME_MS });
    }
  };
  for (const frame of framesOf(listening.early ?? new Int16Array(0))) take(frame);
  if (listening.after) {
    analyzer.markAnswered();
    let index = 0;
    for (const frame of framesOf(listening.after)) {
      const key = listening.keys?.[index * FRAME_MS];
      if (key) analyzer.key(key);
      take(listening.isLost?.(index) ? undefined : frame);
      index++;
    }
  }
  const findings = heard.map((one) => one.finding);
  return {
    heard,
    findings,
    decisions,
    calleeType: decisions.at(-1)?.calleeType,
    of: (kind) => findings.filter((finding) => finding.kind === kind),
  };
}
