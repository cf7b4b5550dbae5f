/**
 * Input of one voice session over time: keys pressed ahead of a question, platform events nobody has asked for
 * yet, and the collect under way with its one timer on the `Clock`.
 *
 * Type-ahead (VoiceXML 2.0 §4.1.8): keys are kept until a collect reads them; a prompt that cannot be barged into
 * discards them when it begins to play, and keys pressed while it plays do not count.
 *
 * Platform events such as `voxdial.beep` reach a script only in a collect whose `events` name them. One that comes
 * earlier waits, so that a script still fetching its document when the beep sounds does not miss it.
 */
import type { ActiveGrammar, CollectResult, InputTiming } from "../../vxml/index.ts";
import { MAX_PENDING_EVENTS, MAX_TYPE_AHEAD_KEYS } from "../limits.ts";
import type { Clock } from "../ports.ts";
import type { CreateKeyCollector, KeyCollector, KeyCollectorStep } from "./interpreter-port.ts";

/** What one collect listens to. */
export interface Listening {
  readonly grammars: readonly ActiveGrammar[];
  readonly timing: InputTiming;
  readonly events: readonly string[];
  /** Keys that match nothing are ignored, and silence is somebody else's matter: of a recording (§2.3.6). */
  readonly wantsMatchAlone?: boolean;
}

/** What was playing when a key was pressed. */
export type KeyDuring = "speech" | "hotword" | "none" | "nothing";

interface Collection {
  readonly listening: Listening;
  readonly hearsKeys: boolean;
  readonly finish: (result: CollectResult) => void;
  collector: KeyCollector;
  hasKeys: boolean;
  promptsHaveEnded: boolean;
}

export class InputCollector {
  readonly #clock: Clock;
  readonly #createCollector: CreateKeyCollector;
  #typeAhead: string[] = [];
  readonly #pendingEvents = new Map<string, string | undefined>();
  #current: Collection | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, createCollector: CreateKeyCollector) {
    this.#clock = clock;
    this.#createCollector = createCollector;
  }

  /** Whether keys wait to be read. */
  get hasTypeAhead(): boolean {
    return this.#typeAhead.length > 0;
  }

  /** Takes the oldest key that waits to be read. */
  takeKey(): string | undefined {
    return this.#typeAhead.shift();
  }

  /** A prompt that cannot be barged into begins to play. */
  discardTypeAhead(): void {
    this.#typeAhead = [];
  }

  /** Takes the oldest waiting event that `names` contains. */
  takeEvent(names: readonly string[]): (CollectResult & { type: "event" }) | undefined {
    for (const [name, message] of this.#pendingEvents) {
      if (!names.includes(name)) continue;
      this.#pendingEvents.delete(name);
      return { type: "event", name, message };
    }
    return undefined;
  }

  /**
   * Begins to collect; `finish` is called exactly once, possibly before this returns. Keys pressed ahead are read
   * first. Call `promptsEnded` when the prompts have been heard.
   */
  begin(listening: Listening, finish: (result: CollectResult) => void): void {
    this.#current = {
      listening,
      hearsKeys: listening.grammars.some((grammar) => grammar.mode === "dtmf"),
      finish,
      collector: this.#createCollector(listening.grammars, listening.timing),
      hasKeys: false,
      promptsHaveEnded: false,
    };
    const event = this.takeEvent(listening.events);
    if (event) {
      this.#finish(event);
      return;
    }
    while (this.#current?.hearsKeys) {
      const key = this.#typeAhead.shift();
      if (key === undefined) break;
      this.#feed(this.#current, key, "nothing");
    }
  }

  /** The last prompt of this collect has been heard, or was barged into. */
  promptsEnded(): void {
    const current = this.#current;
    if (!current || current.promptsHaveEnded) return;
    current.promptsHaveEnded = true;
    // Once keys came, the time between digits runs, not the wait for the first.
    if (!current.hasKeys) this.#step(current, current.collector.promptsEnded(), "nothing");
  }

  /** A key was pressed. */
  press(key: string, during: KeyDuring): void {
    // bargein="false": what is pressed while it plays is not input.
    if (during === "none") return;
    const current = this.#current;
    if (current) {
      if (current.hearsKeys) this.#feed(current, key, during);
      return;
    }
    if (this.#typeAhead.length < MAX_TYPE_AHEAD_KEYS) this.#typeAhead.push(key);
  }

  /** A platform event happened. */
  raise(name: string, message: string | undefined): void {
    const current = this.#current;
    if (current?.listening.events.includes(name)) {
      this.#finish({ type: "event", name, message });
      return;
    }
    if (this.#pendingEvents.size < MAX_PENDING_EVENTS) this.#pendingEvents.set(name, message);
  }

  /** Ends the collect under way, if any, with this result: the caller hung up. */
  interrupt(result: CollectResult): void {
    if (this.#current) this.#finish(result);
  }

  /** Forgets the collect under way without a result. */
  abandon(): void {
    this.#stopTimer();
    this.#current = undefined;
  }

  #feed(current: Collection, key: string, during: KeyDuring): void {
    current.hasKeys = true;
    this.#step(current, current.collector.key(key), during);
  }

  #step(current: Collection, step: KeyCollectorStep, during: KeyDuring): void {
    this.#stopTimer();
    if (step.type === "wait") {
      if (step.timeoutMs === undefined) return;
      this.#cancelTimer = this.#clock.after(step.timeoutMs, () => {
        this.#step(current, current.collector.timeout(), during);
      });
      return;
    }
    // bargeintype="hotword" (VoiceXML 2.0 §4.1.5.1): input that matches nothing is ignored and the prompt goes on.
    const isIgnorable =
      current.listening.wantsMatchAlone || (during === "hotword" && !current.promptsHaveEnded);
    if (isIgnorable && step.result.type !== "match") {
      current.collector = this.#createCollector(current.listening.grammars, current.listening.timing);
      current.hasKeys = false;
      return;
    }
    this.#finish(step.result);
  }

  #finish(result: CollectResult): void {
    const current = this.#current;
    this.#stopTimer();
    this.#current = undefined;
    current?.finish(result);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
