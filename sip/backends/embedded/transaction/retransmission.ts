/** Sends again at growing intervals until stopped: timers A, E, G and the 2xx of RFC 3261 §13.3.1.4. */
import type { Clock } from "../../../../engine/index.ts";
import { T1_MS } from "./timers.ts";

export class Retransmission {
  readonly #clock: Clock;
  readonly #send: () => void;
  readonly #capMs: number;
  #intervalMs = T1_MS;
  #cancel: () => void;

  /** Calls `send` after T1, then after twice as long each time, at most every `capMs`, until stopped. */
  constructor(clock: Clock, send: () => void, capMs = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#send = send;
    this.#capMs = capMs;
    this.#cancel = clock.after(this.#intervalMs, () => this.#fire());
  }

  /** The other side is working on it: every later interval is the longest one (§17.1.2.2, Proceeding). */
  slowDown(): void {
    this.#intervalMs = this.#capMs;
  }

  stop(): void {
    this.#cancel();
  }

  #fire(): void {
    this.#intervalMs = Math.min(this.#intervalMs * 2, this.#capMs);
    this.#cancel = this.#clock.after(this.#intervalMs, () => this.#fire());
    this.#send();
  }
}
