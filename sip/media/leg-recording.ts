/**
 * The recording of one leg, which may begin, pause and go on at any slot. There is one file for the leg's life; it
 * begins when recording first starts, and what passes in a pause is left out of it.
 */
import { CallRecorder, type Frame } from "../../engine/index.ts";
import { RecordingFile, type RecordingFileOptions } from "./recording-file.ts";

export class LegRecording {
  readonly #options: Omit<RecordingFileOptions, "path">;
  #isOn = false;
  #recorder: CallRecorder | undefined;
  #file: RecordingFile | undefined;

  constructor(options: Omit<RecordingFileOptions, "path">) {
    this.#options = options;
  }

  /** Starts, or goes on in the file of the first start, whatever `path` says then. Undefined pauses. */
  record(path: string | undefined): void {
    this.#isOn = path !== undefined;
    if (path === undefined || this.#file) return;
    const file = new RecordingFile({ ...this.#options, path });
    this.#file = file;
    this.#recorder = new CallRecorder((block) => file.write(block));
  }

  /** One slot: left what we sent, right what we heard. */
  frame(sent: Frame | undefined, heard: Frame | undefined): void {
    if (this.#isOn) this.#recorder?.frame(sent, heard);
  }

  /** Finishes the file. Resolves with its path, or undefined when nothing was recorded. */
  async close(): Promise<string | undefined> {
    this.#isOn = false;
    this.#recorder?.flush();
    return this.#file?.close();
  }
}
