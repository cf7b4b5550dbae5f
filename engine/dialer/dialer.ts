/**
 * The dialer: takes due calls from the queue, has them placed, and settles what came of them.
 *
 * One pass does three things. *Refresh*, only when something changed (a wake-up, the time at which the next call is
 * due, a failure): end expired calls and ask which deployments have due calls. *Assign*: while the engine, a trunk and
 * a deployment have a free channel and a free start, claim for the deployment whose turn it is. *Arm*: set one timer
 * for the earliest moment at which a pass can do more. Between passes nothing runs.
 *
 * States:
 *
 *     idle ──start()──► claiming ──stopClaiming()──► draining ──last attempt settled──► stopped
 *
 * A failure of the queue never ends the dialer: claims back off and go on, and an attempt's end is written again until
 * it is written. What cannot be written before the process ends is recovered from the queue's own record of the INVITE.
 */
import { CodedError } from "../../vxml/index.ts";
import type { ClaimedCall, Deployment } from "../model/call.ts";
import type { AttemptReport } from "../model/outcome.ts";
import type { AttemptRunner, CallQueue, Clock, Logger, RunningAttempt } from "../ports.ts";
import { ChannelLimits, type Limits } from "./channel-limits.ts";
import { nextTurn } from "./fair-queue.ts";
import { decideRetry, type RetryDecision } from "./retry-rule.ts";

export interface DialerOptions {
  readonly queue: CallQueue;
  readonly runner: AttemptRunner;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A deployment's present settings; undefined: it does not exist, its calls wait. */
  readonly deployment: (deploymentId: number) => Promise<Deployment | undefined>;
  /** Caps over everything. Default: none. */
  readonly limits?: Limits;
  /** Caps of one trunk. Default: none. */
  readonly trunkLimits?: (trunk: string) => Limits;
  /** Told after each attempt is settled, for metrics and to wake the callbacks. Must not throw. */
  readonly onSettled?: (claimed: ClaimedCall, report: AttemptReport, next: RetryDecision) => void;
  /** Told how many calls have expired, for the same. Must not throw. */
  readonly onExpired?: (calls: number) => void;
}

type AttemptEnd = AttemptReport | { readonly unsent: string };

export type DialerState = "idle" | "claiming" | "draining" | "stopped";

// LIMIT: enough for claims to share a commit, few enough that a failing queue is not flooded.
const MAX_CLAIMS_UNDER_WAY = 8;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;
/** After an INVITE that could not leave, its deployment rests this long, doubling. */
const FIRST_REST_MS = 1_000;
const MAX_REST_MS = 30_000;
// LIMIT: after this many tries the end of an attempt is left to recovery at the next start.
const MAX_SETTLE_TRIES = 50;
/** How long hung-up attempts may take to end before a drain gives up on them. */
const HANG_UP_GRACE_MS = 5_000;
/** One timer sleeps no longer than this, since timers of the platform overflow after 24 days. */
const MAX_SLEEP_MS = 3_600_000;

export class Dialer {
  readonly #options: DialerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: ChannelLimits;
  #state: DialerState = "idle";
  readonly #active = new Map<number, RunningAttempt | undefined>();
  readonly #idleWaiters = new Set<() => void>();

  /** Deployments believed to have a due call. */
  #due = new Set<number>();
  #deployments = new Map<number, Deployment>();
  #nextDueMs: number | undefined;
  #isStale = true;
  #refreshes = 0;
  #lastServed: number | undefined;
  #claimsUnderWay = 0;
  readonly #rests = new Map<number, { untilMs: number; count: number }>();
  #failures = 0;
  #backoffUntilMs = 0;

  #isPassing = false;
  #passAgain = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: DialerOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#limits = new ChannelLimits(options.limits ?? {}, options.trunkLimits ?? (() => ({})));
  }

  get state(): DialerState {
    return this.#state;
  }

  /** Attempts under way, from claim to settlement. */
  get activeAttempts(): number {
    return this.#active.size;
  }

  /** Channels in use, with those reserved by claims under way. */
  get channelsInUse(): number {
    return this.#limits.channelsInUse;
  }

  /** Begins to claim. */
  start(): void {
    if (this.#state !== "idle") return;
    this.#state = "claiming";
    this.#pass();
  }

  /** Tells that calls were queued, or that a deployment's settings changed. Cheap; call it freely. */
  wake(): void {
    this.#isStale = true;
    this.#deployments.clear();
    this.#pass();
  }

  /** No further claims; attempts under way go on. A claim that arrives late is given back. */
  stopClaiming(): void {
    if (this.#state === "idle") this.#state = "stopped";
    if (this.#state !== "claiming") return;
    this.#state = "draining";
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#noteEnd();
  }

  /**
   * Stops claiming and waits until every attempt is settled. After `timeoutMs` the rest is hung up (`shutdown`); what
   * has not ended soon after is left to recovery. Never rejects.
   */
  async drained(timeoutMs: number): Promise<void> {
    this.stopClaiming();
    if (!(await this.#idleWithin(timeoutMs))) {
      this.hangUpAll();
      if (!(await this.#idleWithin(HANG_UP_GRACE_MS))) {
        this.#logger.warn({ attempts: this.#active.size }, "attempts did not end in time");
      }
    }
    this.#state = "stopped";
  }

  /** Ends every attempt under way: CANCEL before the answer, BYE after it. */
  hangUpAll(): void {
    this.stopClaiming();
    for (const running of this.#active.values()) running?.hangUp("shutdown");
  }

  // ------------------------------------------------------------------------------------------- passes

  #pass(): void {
    if (this.#state !== "claiming") return;
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
        await this.#refreshIfStale();
        this.#arm(this.#assign());
      } catch (error) {
        this.#noteQueueFailure(error, "queue refresh failed");
        this.#arm(this.#backoffUntilMs);
      }
    } while (this.#passAgain);
    this.#isPassing = false;
  }

  async #refreshIfStale(): Promise<void> {
    const nowMs = this.#clock.now();
    if (this.#nextDueMs !== undefined && this.#nextDueMs <= nowMs) this.#isStale = true;
    if (!this.#isStale || nowMs < this.#backoffUntilMs) return;
    const { queue } = this.#options;
    this.#isStale = false;
    this.#refreshes++;
    const expired = await queue.expire(nowMs);
    if (expired > 0) {
      this.#logger.info({ calls: expired }, "calls expired");
      this.#tell(this.#logger, () => this.#options.onExpired?.(expired));
    }
    const due = new Set(await queue.deploymentsWithDueCalls(nowMs));
    this.#nextDueMs = await queue.nextDueAt(nowMs);
    const unknown = [...due].filter((id) => !this.#deployments.has(id));
    await Promise.all(
      unknown.map(async (id) => {
        const deployment = await this.#options.deployment(id);
        if (deployment) this.#deployments.set(id, deployment);
        else this.#logger.warn({ deploymentId: id }, "due calls of an unknown deployment");
      }),
    );
    this.#due = due;
    // With calls due the claims will show whether the queue works.
    if (due.size === 0) this.#failures = 0;
  }

  /** Claims for as many deployments as may start now. Returns when the next pass can do more; undefined: on an event. */
  #assign(): number | undefined {
    const nowMs = this.#clock.now();
    if (nowMs < this.#backoffUntilMs) return this.#backoffUntilMs;
    while (this.#state === "claiming" && this.#claimsUnderWay < MAX_CLAIMS_UNDER_WAY) {
      const any = this.#limits.admitAny(nowMs);
      if (!any.admitted) return any.untilMs;
      const { candidates, untilMs } = this.#candidates(nowMs);
      const id = nextTurn(candidates, this.#lastServed);
      const deployment = id === undefined ? undefined : this.#deployments.get(id);
      if (!deployment) return untilMs;
      this.#lastServed = deployment.deploymentId;
      void this.#claimAndRun(deployment, nowMs);
    }
    // All claims are under way: the next answer starts a pass.
    return undefined;
  }

  /** Deployments that may start an attempt now, and when the next of the others may. */
  #candidates(nowMs: number): { candidates: number[]; untilMs: number | undefined } {
    const candidates: number[] = [];
    let untilMs: number | undefined;
    for (const id of this.#due) {
      const deployment = this.#deployments.get(id);
      if (!deployment) continue;
      const restUntilMs = this.#rests.get(id)?.untilMs ?? 0;
      const admission =
        restUntilMs > nowMs
          ? { admitted: false, untilMs: restUntilMs }
          : this.#limits.admitDeployment(deployment, nowMs);
      if (admission.admitted) candidates.push(id);
      else untilMs = earlier(untilMs, "untilMs" in admission ? admission.untilMs : undefined);
    }
    return { candidates, untilMs };
  }

  /** Sets the timer for the next pass: at `atMs`, or when the next call is due. */
  #arm(atMs: number | undefined): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#state !== "claiming") return;
    const wakeMs = earlier(atMs, this.#isStale ? this.#backoffUntilMs : this.#nextDueMs);
    if (wakeMs === undefined) return;
    const delayMs = Math.min(Math.max(0, wakeMs - this.#clock.now()), MAX_SLEEP_MS);
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#pass();
    });
  }

  // ----------------------------------------------------------------------------------------- attempts

  async #claimAndRun(deployment: Deployment, nowMs: number): Promise<void> {
    const { queue, runner } = this.#options;
    const id = deployment.deploymentId;
    const giveBack = this.#limits.reserve(deployment, nowMs);
    const refresh = this.#refreshes;
    this.#claimsUnderWay++;
    let claimed: ClaimedCall | undefined;
    try {
      claimed = await queue.claim(id, nowMs);
      this.#failures = 0;
    } catch (error) {
      giveBack("unused");
      this.#noteQueueFailure(error, "claim failed");
    } finally {
      this.#claimsUnderWay--;
    }
    if (!claimed) {
      // A refresh that began after this claim knows better.
      if (refresh === this.#refreshes) this.#due.delete(id);
      giveBack("unused");
      this.#pass();
      this.#noteEnd();
      return;
    }
    this.#active.set(claimed.attemptId, undefined);
    this.#deployments.set(id, claimed.deployment);
    const end =
      this.#state === "claiming"
        ? await this.#carryOut(runner, claimed)
        : { unsent: "the dialer stopped claiming" };
    giveBack("unsent" in end ? "unused" : undefined);
    this.#pass();
    await this.#finish(claimed, end);
    this.#active.delete(claimed.attemptId);
    this.#pass();
    this.#noteEnd();
  }

  async #carryOut(runner: AttemptRunner, claimed: ClaimedCall): Promise<AttemptEnd> {
    this.#pass();
    try {
      const running = runner.run(claimed);
      this.#active.set(claimed.attemptId, running);
      return await running.ended;
    } catch (error) {
      // A mistake in the runner ends this call, not its neighbours.
      this.#logger.error({ callId: claimed.call.callId, error: String(error) }, "attempt runner failed");
      return internalReport(claimed, this.#clock.now(), error);
    }
  }

  async #finish(claimed: ClaimedCall, end: AttemptEnd): Promise<void> {
    const { queue } = this.#options;
    const { call, deployment, attemptId, attemptNumber } = claimed;
    const nowMs = this.#clock.now();
    const log = this.#logger.child({ callId: call.callId, attempt: attemptNumber });
    if ("unsent" in end) {
      log.warn({ reason: end.unsent }, "call given back");
      const count = (this.#rests.get(deployment.deploymentId)?.count ?? 0) + 1;
      const restMs = Math.min(FIRST_REST_MS * 2 ** (count - 1), MAX_REST_MS);
      this.#rests.set(deployment.deploymentId, { untilMs: nowMs + restMs, count });
      await this.#persist(log, () => queue.release(attemptId, end.unsent));
      this.#isStale = true;
      return;
    }
    this.#rests.delete(deployment.deploymentId);
    const next = decideRetry({ outcome: end.outcome, attemptsMade: attemptNumber, call, deployment, nowMs });
    const isWritten = await this.#persist(log, () => queue.settle(attemptId, end, next));
    if (!isWritten) return;
    if (next !== "done") this.#nextDueMs = earlier(this.#nextDueMs, next.retryAtMs);
    this.#tell(log, () => this.#options.onSettled?.(claimed, end, next));
  }

  #tell(log: Logger, listener: () => void): void {
    try {
      listener();
    } catch (error) {
      log.error({ error: String(error) }, "listener failed");
    }
  }

  /** Repeats a write until it is done, with back-off; false when it never can be. */
  async #persist(log: Logger, write: () => Promise<void>): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        await write();
        return true;
      } catch (error) {
        const isHopeless = (error instanceof CodedError && !error.retryable) || tries >= MAX_SETTLE_TRIES;
        if (isHopeless) {
          log.error({ tries, error: String(error) }, "attempt's end could not be written");
          return false;
        }
        log.warn({ tries, error: String(error) }, "attempt's end not written, trying again");
        await this.#sleep(Math.min(FIRST_BACKOFF_MS * 2 ** (tries - 1), MAX_BACKOFF_MS));
      }
    }
  }

  #noteQueueFailure(error: unknown, message: string): void {
    this.#isStale = true;
    const nowMs = this.#clock.now();
    // Claims that failed together are one failure.
    if (nowMs < this.#backoffUntilMs) return;
    this.#failures++;
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failures - 1), MAX_BACKOFF_MS);
    this.#backoffUntilMs = nowMs + backoffMs;
    this.#logger.error({ failures: this.#failures, backoffMs, error: String(error) }, message);
  }

  // -------------------------------------------------------------------------------------------- drain

  get #isIdle(): boolean {
    return this.#active.size === 0 && this.#claimsUnderWay === 0;
  }

  #noteEnd(): void {
    if (this.#state === "claiming" || !this.#isIdle) return;
    if (this.#state === "draining") this.#state = "stopped";
    for (const waiter of this.#idleWaiters) waiter();
    this.#idleWaiters.clear();
  }

  #idleWithin(timeoutMs: number): Promise<boolean> {
    if (this.#isIdle) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = () => {
        cancel();
        resolve(true);
      };
      const cancel = this.#clock.after(timeoutMs, () => {
        this.#idleWaiters.delete(waiter);
        resolve(false);
      });
      this.#idleWaiters.add(waiter);
    });
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(delayMs, resolve);
    });
  }
}

function internalReport(claimed: ClaimedCall, nowMs: number, error: unknown): AttemptReport {
  return {
    outcome: {
      result: "failed",
      calleeType: "unknown",
      reason: "internal",
      explanation: `The attempt ended by a mistake inside: ${String(error)}`,
      retryable: true,
    },
    timestamps: { claimedAtMs: claimed.claimedAtMs, endedAtMs: nowMs },
    keys: "",
  };
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}
