/** Findings in words: what was heard, with its measures. */
import type { Finding } from "../model/finding.ts";
import { seconds } from "./answering-machine.ts";

/** One sentence about a tone, for a decision's `why`. */
export function describeFinding(finding: Finding): string {
  const { evidence } = finding;
  const hz = Array.isArray(evidence.hz) ? evidence.hz.join(" and ") : String(evidence.hz ?? "");
  switch (finding.kind) {
    case "sit":
      return `A special information tone of ${hz} Hz: ${String(evidence.meaning)}.`;
    case "busy-tone":
    case "reorder-tone":
      return `A ${String(evidence.tone)} tone of ${hz} Hz with the cadence ${String(evidence.cadenceMs)} ms.`;
    case "dial-tone":
      return `A continuous tone of ${hz} Hz.`;
    case "cng":
      return `The calling tone of a fax machine, ${hz} Hz, again and again.`;
    case "ced":
      return `A fax answering tone of ${hz} Hz with ${String(evidence.reversals)} phase reversals.`;
    case "v21":
      return `The preamble of a fax machine: ${String(evidence.flags)} V.21 flags in a row.`;
    case "beep":
      return `A beep of ${hz} Hz for ${seconds(Number(evidence.durationMs))}.`;
    default:
      return `A ${finding.kind} was heard.`;
  }
}
