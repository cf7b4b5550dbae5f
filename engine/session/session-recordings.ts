/**
 * The messages callers left to one voice session, by their id: what scripts call `recording:ID` is here, to be sent
 * to a server or played back. Gone with the session; the oldest give way when there are too many.
 */

import type { Recording } from "../../vxml/index.ts";
import { MAX_SESSION_MESSAGE_BYTES } from "../limits.ts";
import { decodeG711 } from "../media/g711.ts";
import type { MessageFormat } from "../media/message-formats.ts";
import { type Pcm, SAMPLE_RATE_HZ } from "../model/frame.ts";

const URI_SCHEME = "recording:";
/** A recording's name within other text; only known ids count. */
const NAMES_IN_TEXT = /(recording:r\d+)/;

/** A message as it is sent: VoiceXML 2.0 §5.3.8. */
export interface RecordingFile {
  readonly contentType: string;
  readonly fileName: string;
  /** Made anew each time it is read. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Kept {
  /** µ-law. */
  readonly audio: Uint8Array;
  readonly format: MessageFormat;
}

export class SessionRecordings {
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;
  #nextNumber = 1;

  /** Keeps µ-law audio in this format; without a sample there is nothing to keep, and the id names nothing. */
  keep(audio: Uint8Array, format: MessageFormat): Recording {
    const recordingId = `r${this.#nextNumber++}`;
    const durationMs = Math.round((audio.length * 1000) / SAMPLE_RATE_HZ);
    if (audio.length === 0) return { recordingId, durationMs, sizeBytes: 0 };
    this.#kept.set(recordingId, { audio, format });
    this.#bytes += audio.length;
    for (const [oldest, kept] of this.#kept) {
      if (this.#bytes <= MAX_SESSION_MESSAGE_BYTES) break;
      this.#kept.delete(oldest);
      this.#bytes -= kept.audio.length;
    }
    return { recordingId, durationMs, sizeBytes: format.headerBytes + audio.length * format.bytesPerSample };
  }

  fileOf(recordingId: string): RecordingFile | undefined {
    const kept = this.#kept.get(recordingId);
    if (!kept) return undefined;
    const { audio, format } = kept;
    return {
      contentType: format.contentType,
      fileName: `${recordingId}.${format.extension}`,
      get bytes() {
        return format.encode(audio);
      },
    };
  }

  /** What `recording:ID` sounds like; undefined: the URI names no message of this session. */
  soundOf(uri: string): Pcm | undefined {
    const id = uri.startsWith(URI_SCHEME) ? uri.slice(URI_SCHEME.length) : "";
    const kept = this.#kept.get(id);
    return kept && decodeG711("PCMU", kept.audio);
  }

  /** Text cut at the names of messages, as `<value>` puts them there; pieces in order, none empty. */
  split(text: string): string[] {
    if (this.#kept.size === 0) return [text];
    return text.split(NAMES_IN_TEXT).filter((piece) => piece.trim() !== "");
  }
}
