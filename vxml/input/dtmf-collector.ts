/**
 * Collects keys until they match a grammar or cannot: VoiceXML 2.0 Appendix D.1 and §6.3.3, without a clock.
 * The host owns one timer and the type-ahead; it feeds keys, the end of the prompts and the timer's firing, and
 * does what each step says.
 *
 *   no key yet ──(prompts ended)──► timeout ──► noinput
 *   key: grammar can go on ────────► interdigittimeout ──► match when complete, nomatch when not
 *   key: complete, cannot go on ───► at once, or termtimeout when a termchar may follow
 *   key: no grammar allows it ─────► further keys until termchar or interdigittimeout, then nomatch
 */
import type { ActiveGrammar, CollectResult, InputTiming } from "../effects.ts";
import { Matcher } from "../grammars/matcher.ts";
import { MAX_UTTERANCE_TOKENS } from "../limits.ts";
import type { Grammar } from "../model/grammar.ts";

/** What the host does next. */
export type CollectorStep =
  /** Re-arm the one timer; without `timeoutMs`: no timer runs. */
  | { readonly type: "wait"; readonly timeoutMs?: number }
  | { readonly type: "result"; readonly result: CollectResult };

/** One grammar that still listens. */
interface Listener {
  readonly id: string;
  readonly matcher: Matcher;
}

/** For one `collect`; not used again after its result. */
export class DtmfCollector {
  readonly #timing: InputTiming;
  readonly #hasGrammars: boolean;
  #listeners: Listener[];
  #keys = "";
  #promptsEnded = false;

  /** Voice grammars are ignored. Order is precedence. */
  constructor(grammars: readonly ActiveGrammar[], timing: InputTiming) {
    this.#timing = timing;
    this.#listeners = grammars
      .filter((grammar) => grammar.mode === "dtmf")
      .map((grammar) => ({ id: grammar.id, matcher: new Matcher(grammar.rules as Grammar) }));
    this.#hasGrammars = this.#listeners.length > 0;
  }

  /** The keys so far, termchar excluded. */
  get keys(): string {
    return this.#keys;
  }

  /** One key was pressed: `0-9`, `*`, `#`, `A-D`. */
  key(key: string): CollectorStep {
    const pressed = key.toUpperCase();
    // No grammar listens to keys: pressing them is no input (the mode is not active).
    if (!this.#hasGrammars) return this.#idle();
    const next = this.#listeners.filter((listener) => listener.matcher.push(pressed));
    if (pressed === this.#timing.termChar) {
      // DEVIATES: Appendix D does not say what a termchar does that a grammar also names; the grammar is asked
      // first, so that a menu can offer `#`.
      if (next.length === 0) return this.#finish();
    }
    this.#keys += pressed;
    this.#listeners = next;
    if (this.#keys.length >= MAX_UTTERANCE_TOKENS) return this.#finish();
    const isComplete = next.some((listener) => listener.matcher.isComplete);
    const canContinue = next.some((listener) => listener.matcher.canContinue);
    if (isComplete && !canContinue) {
      const mayTerminate = this.#timing.termChar !== "" && this.#timing.termTimeoutMs > 0;
      return mayTerminate ? { type: "wait", timeoutMs: this.#timing.termTimeoutMs } : this.#finish();
    }
    return { type: "wait", timeoutMs: this.#timing.interDigitTimeoutMs };
  }

  /** The last prompt has been heard: from now on silence counts. */
  promptsEnded(): CollectorStep {
    this.#promptsEnded = true;
    if (this.#keys === "") return this.#idle();
    return { type: "wait", timeoutMs: this.#timing.interDigitTimeoutMs };
  }

  /** The timer fired. */
  timeout(): CollectorStep {
    if (this.#keys === "") return { type: "result", result: { type: "noinput" } };
    return this.#finish();
  }

  #idle(): CollectorStep {
    return this.#promptsEnded ? { type: "wait", timeoutMs: this.#timing.timeoutMs } : { type: "wait" };
  }

  #finish(): CollectorStep {
    const matched = this.#listeners.filter((listener) => listener.matcher.isComplete);
    const result: CollectResult =
      matched.length > 0
        ? {
            type: "match",
            mode: "dtmf",
            utterance: this.#keys,
            grammarIds: matched.map((listener) => listener.id),
            confidence: 1,
          }
        : { type: "nomatch", mode: "dtmf", utterance: this.#keys };
    return { type: "result", result };
  }
}
