/** Slots moved by hand for an engine on real sockets: what is sent in one slot has arrived before the next. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Tick, TickSource } from "../../../sip/rtp/media-clock.ts";

export class ManualTicks implements TickSource {
  readonly #ticks = new Set<Tick>();
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  add(tick: Tick): () => void {
    this.#ticks.add(tick);
    return () => this.#ticks.delete(tick);
  }

  async slots(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.#nowMs += 20;
      for (const tick of this.#ticks) tick(0);
      // Loopback delivers while sending; the sockets are read in the next turns of the event loop.
      await nextTurn();
      await nextTurn();
    }
  }
}
