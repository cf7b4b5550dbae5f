/**
 * Prompts already rendered, least recently used dropped first when the byte budget is full. The samples lie in
 * shared memory, so that a prompt heard by a thousand callees exists once, whatever thread plays it.
 */
import type { Pcm } from "../../engine/index.ts";

// LIMIT: about an hour of prompts; a campaign's standing texts are a few minutes.
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

export class RenderedPromptCache {
  readonly #maxBytes: number;
  readonly #prompts = new Map<string, Pcm>();
  #bytes = 0;

  constructor(options: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  get bytes(): number {
    return this.#bytes;
  }

  find(key: string): Pcm | undefined {
    const prompt = this.#prompts.get(key);
    if (!prompt) return undefined;
    this.#prompts.delete(key);
    this.#prompts.set(key, prompt);
    return prompt;
  }

  /** Keeps a prompt, unless it alone would take a quarter of the budget. */
  keep(key: string, prompt: Pcm): void {
    if (prompt.byteLength > this.#maxBytes / 4 || this.#prompts.has(key)) return;
    this.#prompts.set(key, prompt);
    this.#bytes += prompt.byteLength;
    for (const [oldest, dropped] of this.#prompts) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#prompts.delete(oldest);
      this.#bytes -= dropped.byteLength;
    }
  }
}

/** Everything that changes the sound. */
export function promptKey(provider: string, voice: string, language: string, text: string): string {
  return JSON.stringify([provider, voice, language, text]);
}

/** A copy of the samples that every thread can read without another copy. */
export function inSharedMemory(pcm: Pcm): Pcm {
  const shared = new Int16Array(new SharedArrayBuffer(pcm.byteLength));
  shared.set(pcm);
  return shared;
}
