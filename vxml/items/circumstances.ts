/** What is known of an input beside its words: marks reached (VoiceXML 2.1 §4), the utterance's recording (§7). */
import type { InputCircumstances } from "../effects.ts";
import { nameOfRecording } from "./recording-name.ts";

/** For `application.lastresult$` and shadow variables; empty where nothing is known. `keep` notes a recording. */
export function circumstancesOf(
  { mark, utteranceRecording }: InputCircumstances,
  keep: (recordingId: string) => void,
): Readonly<Record<string, unknown>> {
  if (utteranceRecording) keep(utteranceRecording.recordingId);
  return {
    ...(mark ? { markname: mark.name, marktime: mark.elapsedMs } : {}),
    ...(utteranceRecording
      ? {
          recording: nameOfRecording(utteranceRecording),
          recordingsize: utteranceRecording.sizeBytes,
          recordingduration: utteranceRecording.durationMs,
        }
      : {}),
  };
}
