/** An attempt runner whose attempts end when the test says so, and that remembers what was placed when. */
import type {
  AttemptReport,
  AttemptRunner,
  CallQueue,
  ClaimedCall,
  Clock,
  RunningAttempt,
} from "../../engine/index.ts";

export interface PlacedAttempt {
  readonly claimed: ClaimedCall;
  readonly atMs: number;
  readonly hungUp: ("shutdown" | "canceled")[];
  end(report: AttemptReport | { readonly unsent: string }): void;
}

export class ScriptedRunner implements AttemptRunner {
  readonly placed: PlacedAttempt[] = [];
  readonly #clock: Clock;
  readonly #queue: CallQueue;
  /** Decides at once how an attempt ends; undefined: the test ends it. */
  ending: ((attempt: PlacedAttempt) => AttemptReport | { readonly unsent: string } | undefined) | undefined;
  mostAtOnce = 0;
  #underWay = 0;

  constructor(clock: Clock, queue: CallQueue) {
    this.#clock = clock;
    this.#queue = queue;
  }

  run(claimed: ClaimedCall): RunningAttempt {
    const hungUp: ("shutdown" | "canceled")[] = [];
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#underWay);
    let end: PlacedAttempt["end"] = () => undefined;
    const ended = new Promise<AttemptReport | { readonly unsent: string }>((resolve) => {
      end = async (report) => {
        this.#underWay--;
        if (!("unsent" in report)) await this.#queue.recordInviteSent(claimed.attemptId, this.#clock.now());
        resolve(report);
      };
    });
    const attempt: PlacedAttempt = { claimed, atMs: this.#clock.now(), hungUp, end };
    this.placed.push(attempt);
    const now = this.ending?.(attempt);
    if (now) attempt.end(now);
    return { ended, hangUp: (reason) => hungUp.push(reason) };
  }
}
