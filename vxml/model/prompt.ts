/** What is said: prompts and their content (VoiceXML 2.0 §4.1, SSML 1.0), as plain data. */
import type { Position } from "./xml-tree.ts";

/** Fetch attributes shared by many elements (VoiceXML 2.0 §6.1). Milliseconds and seconds. */
export interface FetchAttributes {
  readonly timeoutMs?: number;
  readonly maxAgeSeconds?: number;
  readonly maxStaleSeconds?: number;
  /** As the document has it: a relative reference, maybe. */
  readonly fetchAudio?: string;
}

export type PromptContent =
  | { readonly kind: "text"; readonly text: string }
  | ({
      readonly kind: "audio";
      readonly src?: string;
      readonly expression?: string;
      readonly fetch: FetchAttributes;
      readonly fallback: readonly PromptContent[];
    } & Position)
  | ({ readonly kind: "value"; readonly expression: string } & Position)
  | { readonly kind: "break"; readonly durationMs: number }
  /** Content of its own template; empty: the default reading. */
  | ({ readonly kind: "enumerate"; readonly template: readonly PromptContent[] } & Position)
  | ({
      readonly kind: "foreach";
      readonly item: string;
      readonly array: string;
      readonly content: readonly PromptContent[];
    } & Position)
  | ({ readonly kind: "mark"; readonly name?: string; readonly expression?: string } & Position)
  /** `interpret` says how digits, dates and the like are read. */
  | { readonly kind: "say-as"; readonly interpret: string; readonly content: readonly PromptContent[] }
  /** `<p>`, `<s>`: a pause on both sides. */
  | { readonly kind: "structure"; readonly pauseMs: number; readonly content: readonly PromptContent[] }
  /** `<voice>`, or any element with `xml:lang`. */
  | {
      readonly kind: "voice";
      readonly language?: string;
      readonly voice?: string;
      readonly content: readonly PromptContent[];
    };

/** One `<prompt>`, or the text that stands where a prompt may be left out. */
export interface Prompt extends Position {
  readonly content: readonly PromptContent[];
  readonly bargeIn?: boolean;
  readonly bargeInType?: "speech" | "hotword";
  readonly condition?: string;
  /** 1 when not given. */
  readonly count: number;
  /** The noinput timeout of the wait it leads to. */
  readonly timeoutMs?: number;
  readonly language?: string;
  /** Overrides the document's base. */
  readonly base?: string;
}
