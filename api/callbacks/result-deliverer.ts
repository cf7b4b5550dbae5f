/**
 * Delivers results to `result_url`, at least once. What is due is kept in the store, so that a restart loses nothing;
 * this takes from it, host by host in turn, so that a server that hangs occupies its own few places and nobody else's.
 *
 * A try that was under way when the process ended is made again: a client may be told twice, never not at all.
 */
import type { Clock, Logger, TraceSink } from "../../engine/index.ts";
import type { AddressRule } from "../fetching/address-guard.ts";
import type { Delivery, Store } from "../store/store.ts";
import { afterFailedTry, type DeliverySchedule } from "./delivery-schedule.ts";
import { createResultAgent, postResult } from "./result-request.ts";

export interface ResultDelivererOptions {
  readonly store: Pick<
    Store,
    "hostsWithDueDeliveries" | "nextDeliveryAt" | "takeDeliveries" | "recordDelivery"
  >;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly schedule: DeliverySchedule;
  readonly timeoutMs: number;
  /** Simultaneous requests to one host, and to all. */
  readonly perHost: number;
  readonly total: number;
  /** Which addresses results may be sent to; default: any. */
  readonly addressRule?: AddressRule;
  /** Every try, in the call's trace. */
  readonly trace?: TraceSink;
  readonly onTry?: (result: "delivered" | "retried" | "abandoned") => void;
  /** 0 to below 1. Default `Math.random`. */
  readonly random?: () => number;
}

const STORE_BACKOFF_MS = 1_000;
const MAX_SLEEP_MS = 3_600_000;

export class ResultDeliverer {
  readonly #options: ResultDelivererOptions;
  readonly #agent;
  readonly #abort = new AbortController();
  readonly #underWay = new Map<string, number>();
  #total = 0;
  #state: "idle" | "running" | "stopped" = "idle";
  #isPassing = false;
  #passAgain = false;
  #cancelTimer: (() => void) | undefined;
  readonly #idleWaiters: (() => void)[] = [];

  constructor(options: ResultDelivererOptions) {
    this.#options = options;
    this.#agent = createResultAgent(options.timeoutMs, options.addressRule);
  }

  start(): void {
    if (this.#state !== "idle") return;
    this.#state = "running";
    this.#pass();
  }

  /** Tells that a call was done. */
  wake(): void {
    this.#pass();
  }

  /** Takes nothing more, and waits for the tries under way; after `graceMs` they are cut off, to be made again. */
  async stop(graceMs: number): Promise<void> {
    this.#state = "stopped";
    this.#cancelTimer?.();
    if (this.#total > 0) {
      const cancel = this.#options.clock.after(graceMs, () => this.#abort.abort());
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
      cancel();
    }
    await this.#agent.destroy();
  }

  #pass(): void {
    if (this.#state !== "running") return;
    if (this.#isPassing) {
      this.#passAgain = true;
      return;
    }
    this.#isPassing = true;
    void this.#passes();
  }

  async #passes(): Promise<void> {
    do {
      this.#passAgain = false;
      try {
        await this.#takeAll();
      } catch (error) {
        this.#options.logger.warn({ error: String(error) }, "due results not read, trying again");
        this.#arm(this.#options.clock.now() + STORE_BACKOFF_MS);
      }
    } while (this.#passAgain);
    this.#isPassing = false;
  }

  async #takeAll(): Promise<void> {
    const { store, clock, perHost, total } = this.#options;
    const nowMs = clock.now();
    for (const host of await store.hostsWithDueDeliveries(nowMs)) {
      const room = Math.min(perHost - (this.#underWay.get(host) ?? 0), total - this.#total);
      if (room <= 0 || this.#state !== "running") continue;
      for (const delivery of await store.takeDeliveries(host, nowMs, room)) {
        this.#underWay.set(host, (this.#underWay.get(host) ?? 0) + 1);
        this.#total++;
        void this.#deliver(delivery);
      }
    }
    // What is due and found no room is taken when a place becomes free.
    this.#arm(await store.nextDeliveryAt(nowMs));
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { host } = delivery;
    try {
      await this.#try(delivery);
    } catch (error) {
      this.#options.logger.error(
        { callId: delivery.call.callId, error: String(error) },
        "delivery of a result not written",
      );
    }
    const left = (this.#underWay.get(host) ?? 1) - 1;
    if (left === 0) this.#underWay.delete(host);
    else this.#underWay.set(host, left);
    this.#total--;
    if (this.#total === 0) for (const waiter of this.#idleWaiters.splice(0)) waiter();
    this.#pass();
  }

  async #try({ deliveryId, url, tries, call }: Delivery): Promise<void> {
    const { store, clock, logger, schedule, timeoutMs, trace, onTry, random = Math.random } = this.#options;
    const { signal } = this.#abort;
    const answer = await postResult(url, call, { dispatcher: this.#agent, timeoutMs, signal });
    // Cut off by the end of the process: not the client's failure, and made again at the next start.
    if (signal.aborted && answer.error !== undefined) return;
    const atMs = clock.now();
    const made = tries + 1;
    const next = answer.error === undefined ? "delivered" : afterFailedTry(made, atMs, schedule, random());
    const result = typeof next === "string" ? next : "retried";
    trace?.write(call.callId, 0, {
      atMs,
      source: "http",
      kind: "result-delivery",
      data: { url: withoutCredentials(url), try: made, result, ...answer },
    });
    const fields = { callId: call.callId, try: made, status: answer.status, error: answer.error };
    if (result === "abandoned") logger.warn(fields, "result given up");
    else logger.info(fields, result === "delivered" ? "result delivered" : "result not delivered yet");
    await this.#record(() => store.recordDelivery(deliveryId, { atMs, ...answer }, next));
    onTry?.(result);
  }

  /** A store that fails for a moment must not leave the delivery marked as being sent. */
  async #record(write: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await write();
      } catch (error) {
        if (tries >= 5 || this.#state === "stopped") throw error;
        await new Promise<void>((resolve) => {
          this.#options.clock.after(STORE_BACKOFF_MS, resolve);
        });
      }
    }
  }

  #arm(atMs: number | undefined): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (atMs === undefined || this.#state !== "running") return;
    const { clock } = this.#options;
    const delayMs = Math.min(Math.max(0, atMs - clock.now()), MAX_SLEEP_MS);
    this.#cancelTimer = clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#pass();
    });
  }
}

/** A URL as a trace may show it. */
function withoutCredentials(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return url;
  parsed.username = "";
  parsed.password = "";
  return parsed.href;
}
