/**
 * espeak-ng as a separate program that the user installs: many languages, a plain voice. The text goes in by
 * standard input and never into an argument; the WAV comes back by standard output.
 */
import { spawn } from "node:child_process";
import { EngineError, type Pcm, readWav } from "../../engine/index.ts";
import type { SpeechProvider, SpeechSettings, Utterance } from "./provider.ts";

// LIMIT: the program speaks hundreds of times faster than real time; one that takes longer hangs.
const MAX_RUN_MS = 20_000;
// LIMIT: 10 minutes at the program's 22.05 kHz.
const MAX_WAV_BYTES = 28 * 1024 * 1024;
// LIMIT: voices remembered as not installed; what comes after them costs one run of the program per utterance.
const MAX_UNKNOWN_VOICES = 100;
const NO_SUCH_VOICE = /voice/i;
const DEFAULT_VOICE = "en-us";

export class EspeakNgProvider implements SpeechProvider {
  readonly name = "espeak-ng";
  readonly #program: string;
  readonly #leading: readonly string[];
  readonly #defaultVoice: string;
  readonly #unknownVoices = new Set<string>();

  constructor(settings: SpeechSettings) {
    this.#program = settings.espeakProgram ?? "espeak-ng";
    this.#leading = settings.espeakArguments ?? [];
    this.#defaultVoice = voiceName(settings.voice) ?? DEFAULT_VOICE;
  }

  async synthesize(utterance: Utterance): Promise<Pcm> {
    let problem: unknown;
    for (const voice of this.#voicesFor(utterance)) {
      try {
        return readWav(await this.#run(voice, utterance.text));
      } catch (error) {
        problem ??= error;
        // Only a voice that is not there is a reason to speak with another one.
        if (voice === this.#defaultVoice || !NO_SUCH_VOICE.test(messageOf(error))) break;
        if (this.#unknownVoices.size < MAX_UNKNOWN_VOICES) this.#unknownVoices.add(voice);
      }
    }
    throw new EngineError(
      "ENGINE_SPEECH_FAILED",
      `${this.#program} could not speak the text: ${messageOf(problem)}`,
      { cause: problem, details: { voice: utterance.voice, characters: utterance.text.length } },
    );
  }

  /** The voices to try in turn: the one asked for, those of the language and its parent, the default. */
  #voicesFor({ voice, language }: Utterance): string[] {
    const wished = [voice, language, language?.split("-")[0]].flatMap((name) => voiceName(name) ?? []);
    const known = wished.filter((name) => !this.#unknownVoices.has(name));
    return [...new Set([...known, this.#defaultVoice])];
  }

  #run(voice: string, text: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, [...this.#leading, "-v", voice, "-b", "1", "--stdin", "--stdout"], {
        stdio: ["pipe", "pipe", "pipe"],
        timeout: MAX_RUN_MS,
        killSignal: "SIGKILL",
      });
      const chunks: Uint8Array[] = [];
      let length = 0;
      let complaint = "";
      child.stdout.on("data", (chunk: Uint8Array) => {
        length += chunk.length;
        if (length > MAX_WAV_BYTES) child.kill("SIGKILL");
        else chunks.push(chunk);
      });
      child.stderr.on("data", (chunk: Uint8Array) => {
        if (complaint.length < 500) complaint += Buffer.from(chunk).toString();
      });
      // A program that ends without reading would otherwise raise an unhandled EPIPE.
      child.stdin.on("error", () => {});
      child.on("error", reject);
      child.on("close", (code, signal) => {
        if (code === 0) resolve(Buffer.concat(chunks));
        else reject(new Error(`it ended with ${signal ?? code} ${complaint.trim()}`.trim()));
      });
      child.stdin.end(text);
    });
  }
}

/** A voice or language name that cannot be mistaken for an option or a path. */
function voiceName(name: string | undefined): string | undefined {
  return name !== undefined && /^[a-z][a-z0-9]*([-+_][a-z0-9]+)*$/i.test(name)
    ? name.toLowerCase()
    : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
