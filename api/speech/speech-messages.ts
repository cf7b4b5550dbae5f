/** What the main thread and the speech worker say to each other: one utterance at a time. */
import type { Pcm } from "../../engine/index.ts";
import type { Utterance } from "./provider.ts";

/** To the worker. */
export interface SpeechJob {
  readonly id: number;
  readonly utterance: Utterance;
}

/** From the worker. */
export type SpeechAnswer =
  | { readonly id: number; readonly ok: true; readonly audio: Pcm }
  | { readonly id: number; readonly ok: false; readonly message: string };
