/** How scripts name a recording: in `<audio expr>` it is a URI, submitted as multipart it is the audio (§2.3.6). */
import type { Recording } from "../effects.ts";

const SCHEME = "recording:";

export function nameOfRecording({ recordingId }: Pick<Recording, "recordingId">): string {
  return SCHEME + recordingId;
}

/** The id in a text that is such a name; undefined when it is none. */
export function recordingIdIn(text: string): string | undefined {
  return text.startsWith(SCHEME) ? text.slice(SCHEME.length) : undefined;
}
