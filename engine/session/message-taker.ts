/**
 * One message of a caller, between the leg that takes it and the keys and events that may end it (VoiceXML 2.0
 * §2.3.6). The leg has the clock and the ear; grammars are matched here, where they are known.
 */
import type { CollectResult, RecordEffect } from "../../vxml/index.ts";
import type { MessageEnd, SessionCommand } from "../ports.ts";
import type { InputCollector } from "./input-collector.ts";

/** How a message ended. */
export interface TakenMessage {
  /** What ended it, where that was not the leg. */
  readonly input?: CollectResult;
  readonly end: MessageEnd;
}

export class MessageTaker {
  readonly #input: InputCollector;
  readonly #tell: (command: SessionCommand) => void;
  #lastId = 0;
  #waiting: ((end: MessageEnd) => void) | undefined;

  constructor(input: InputCollector, tell: (command: SessionCommand) => void) {
    this.#input = input;
    this.#tell = tell;
  }

  /** Asks the leg for a message, to begin when what it plays has been heard; resolves when it has ended there. */
  async take(effect: RecordEffect): Promise<TakenMessage> {
    const { timing, events, isEndedByAnyKey } = effect;
    const ended = new Promise<MessageEnd>((resolve) => {
      this.#waiting = resolve;
    });
    this.#lastId += 1;
    this.#tell({
      type: "takeMessage",
      request: {
        messageId: this.#lastId,
        hasBeep: effect.beep,
        timeoutMs: timing.timeoutMs,
        maxTimeMs: effect.maxTimeMs,
        finalSilenceMs: effect.finalSilenceMs,
        isEndedByAnyKey,
      },
    });
    const input = await new Promise<CollectResult | undefined>((resolve) => {
      void ended.then(() => resolve(undefined));
      // Where any key ends it the leg does that, before any grammar is asked.
      const grammars = isEndedByAnyKey ? [] : effect.grammars;
      this.#input.begin({ grammars, timing, events, wantsMatchAlone: true }, resolve);
    });
    this.#input.abandon();
    if (!input) return { end: await ended };
    // After a hang-up the leg ends it by itself, with what was said until then.
    if (input.type !== "hangup") this.#tell({ type: "stopMessage" });
    return { input, end: await ended };
  }

  /** The leg says that a message has ended; one that nobody waits for is passed over. */
  ended(end: MessageEnd): void {
    if (end.messageId !== this.#lastId) return;
    this.#waiting?.(end);
    this.#waiting = undefined;
  }

  /** Forgets the message under way. */
  abandon(): void {
    this.#waiting = undefined;
  }
}
