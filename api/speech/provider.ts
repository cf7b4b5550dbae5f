/** What a speech provider is, and the choice among those that are configured. */
import type { Pcm } from "../../engine/index.ts";

/** Text to speak, checked and within its limits. */
export interface Utterance {
  readonly text: string;
  /** As the document says: `en-US`. */
  readonly language?: string;
  /** The provider's voice name; one it does not know is replaced by its default. */
  readonly voice?: string;
}

/** One synthesizer. Runs in the speech worker, which it may occupy. */
export interface SpeechProvider {
  readonly name: "flite" | "espeak-ng";
  /** Rejects with an `EngineError` `ENGINE_SPEECH_FAILED`. 8 kHz mono. */
  synthesize(utterance: Utterance): Promise<Pcm>;
}

/** Which provider speaks, and how: plain data, handed to the worker. */
export interface SpeechSettings {
  readonly provider: SpeechProvider["name"];
  /** Default voice; absent: the provider's own default. */
  readonly voice?: string;
  /** The espeak-ng program: a path, or a name looked up in PATH. Default `espeak-ng`. */
  readonly espeakProgram?: string;
  /** Arguments before ours, for a program that wraps another. */
  readonly espeakArguments?: readonly string[];
}
