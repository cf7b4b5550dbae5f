/** Prompts wait here until the interpreter waits for the caller, or the call ends (VoiceXML 2.0 §4.1.8). */
import type { ProfileName, QueuedPrompt } from "../effects.ts";
import { VxmlError } from "../errors.ts";
import { MAX_QUEUED_PROMPTS } from "../limits.ts";
import { profileDoes } from "../profiles.ts";

export class PromptQueue {
  readonly #profile: ProfileName;
  #prompts: QueuedPrompt[] = [];
  #timeoutMs: number | undefined;

  constructor(profile: ProfileName) {
    this.#profile = profile;
  }

  /** Pushing more throws. */
  get isFull(): boolean {
    return this.#prompts.length >= MAX_QUEUED_PROMPTS;
  }

  /** `timeoutMs`: the prompt's own noinput timeout; the last one queued counts (§4.1.7). */
  push(prompt: QueuedPrompt, timeoutMs: number | undefined): void {
    this.#timeoutMs = timeoutMs;
    if (prompt.segments.length === 0) return;
    if (this.isFull)
      throw new VxmlError("VXML_SCRIPT_EXHAUSTED", `more than ${MAX_QUEUED_PROMPTS} prompts are queued`);
    this.#prompts.push(prompt);
  }

  /** Everything queued, in order, and the noinput timeout of the last prompt; empties the queue. */
  drain(): { prompts: readonly QueuedPrompt[]; timeoutMs: number | undefined } {
    const prompts = profileDoes(this.#profile, "bargeInSpreads") ? spread(this.#prompts) : this.#prompts;
    const timeoutMs = this.#timeoutMs;
    this.#prompts = [];
    this.#timeoutMs = undefined;
    return { prompts, timeoutMs };
  }

  /** How many wait. */
  get length(): number {
    return this.#prompts.length;
  }

  /** Puts prompts back in front: nobody heard them. */
  putBack(prompts: readonly QueuedPrompt[]): void {
    this.#prompts.unshift(...prompts);
  }

  /** The prompts at the front that nothing can interrupt; what follows them stays queued. */
  takeUninterruptible(): readonly QueuedPrompt[] {
    const end = this.#prompts.findIndex((prompt) => prompt.bargeIn !== "none");
    return this.#prompts.splice(0, end < 0 ? this.#prompts.length : end);
  }
}

/** From the first prompt that can be interrupted on, all can. */
function spread(prompts: readonly QueuedPrompt[]): readonly QueuedPrompt[] {
  let bargeIn: QueuedPrompt["bargeIn"] = "none";
  return prompts.map((prompt) => {
    if (prompt.bargeIn !== "none") bargeIn = prompt.bargeIn;
    return bargeIn === prompt.bargeIn ? prompt : { ...prompt, bargeIn };
  });
}
