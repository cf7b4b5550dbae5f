/** The form being interpreted: its counters and what the last round of the main loop left behind. */
import type { CarriedResult } from "../completion.ts";
import { EventCounters } from "../events/event-counters.ts";
import type { Dialog, FormItem } from "../model/document.ts";

export class ActiveForm {
  readonly dialog: Dialog;
  readonly counters = new EventCounters();
  readonly #itemCounters = new Map<FormItem, EventCounters>();
  readonly #promptCounters = new Map<FormItem, number>();
  /** `<goto nextitem>` decided what is visited next. */
  nextItem: string | undefined;
  /** False after a handler that did not ask to reprompt (Appendix C, collect phase). */
  saysPrompts = true;
  /** What brought the caller here, still to be processed. */
  carried: CarriedResult | undefined;

  /** Values a subdialog was called with, held in the sandbox, by the variable they are for. */
  readonly params: ReadonlyMap<string, number> | undefined;

  constructor(
    dialog: Dialog,
    carried: CarriedResult | undefined,
    params: ReadonlyMap<string, number> | undefined = undefined,
  ) {
    this.params = params;
    this.dialog = dialog;
    this.carried = carried;
  }

  countersOf(item: FormItem): EventCounters {
    const known = this.#itemCounters.get(item);
    if (known) return known;
    const counters = new EventCounters();
    this.#itemCounters.set(item, counters);
    return counters;
  }

  /** The prompt counter of this visit; the next one is higher. */
  takePromptCounter(item: FormItem): number {
    const counter = this.#promptCounters.get(item) ?? 1;
    this.#promptCounters.set(item, counter + 1);
    return counter;
  }

  /** `<clear>` (§5.3.3). */
  resetCounters(item: FormItem): void {
    this.#promptCounters.delete(item);
    this.#itemCounters.delete(item);
  }
}
