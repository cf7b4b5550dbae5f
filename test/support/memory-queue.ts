/** The queue in memory, with the store's rules in a few lines, and switches to make it fail: for dialer tests. */
import type { AttemptReport, Call, CallQueue, ClaimedCall, Deployment } from "../../engine/index.ts";

export interface MemoryCall {
  readonly call: Call;
  state: "queued" | "dialing" | "done";
  nextAtMs: number;
  attempts: number;
  lastReport?: AttemptReport;
  expired?: boolean;
}

export class MemoryQueue implements CallQueue {
  readonly calls: MemoryCall[] = [];
  readonly deployments = new Map<number, Deployment>();
  /** How often each method was called. */
  readonly asked: Record<string, number> = {};
  /** Throws from this method while set. */
  failing: keyof CallQueue | "all" | undefined;
  #attempts = new Map<number, MemoryCall>();
  #nextAttemptId = 1;

  add(deploymentId: number, fields: Partial<Call> & { queuedAtMs: number }): MemoryCall {
    const call: Call = {
      callId: this.calls.length + 1,
      deploymentId,
      campaignId: deploymentId,
      destination: { number: "16175551234", original: "16175551234" },
      startUrl: "http://app.example/",
      variables: {},
      maxAttempts: 1,
      retryIntervalMs: 60_000,
      ...fields,
    };
    const nextAtMs = Math.max(call.queuedAtMs, call.scheduledAtMs ?? 0);
    const added: MemoryCall = { call, state: "queued", nextAtMs, attempts: 0 };
    this.calls.push(added);
    return added;
  }

  addDeployment(deploymentId: number, settings: Partial<Deployment> = {}): void {
    this.deployments.set(deploymentId, {
      deploymentId,
      name: `deployment ${deploymentId}`,
      trunk: "main",
      ringTimeoutMs: 45_000,
      maxChannels: 1_000,
      redialDeclined: false,
      recordCalls: false,
      startMethod: "POST",
      profile: "plum",
      ...settings,
    });
  }

  async claim(deploymentId: number, nowMs: number): Promise<ClaimedCall | undefined> {
    this.#ask("claim");
    const deployment = this.deployments.get(deploymentId);
    const next = this.calls
      .filter((one) => one.call.deploymentId === deploymentId && isDue(one, nowMs))
      .sort((a, b) => a.nextAtMs - b.nextAtMs || a.call.callId - b.call.callId)[0];
    if (!next || !deployment) return undefined;
    next.state = "dialing";
    const attemptId = this.#nextAttemptId++;
    this.#attempts.set(attemptId, next);
    return { call: next.call, deployment, attemptId, attemptNumber: next.attempts + 1, claimedAtMs: nowMs };
  }

  async deploymentsWithDueCalls(nowMs: number): Promise<readonly number[]> {
    this.#ask("deploymentsWithDueCalls");
    const due = this.calls.filter((one) => isDue(one, nowMs)).map((one) => one.call.deploymentId);
    return [...new Set(due)].sort((a, b) => a - b);
  }

  async nextDueAt(nowMs: number): Promise<number | undefined> {
    this.#ask("nextDueAt");
    const times = this.calls
      .filter((one) => one.state === "queued")
      .flatMap((one) => [one.nextAtMs, one.call.expiresAtMs ?? 0])
      .filter((atMs) => atMs > nowMs);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  async recordInviteSent(attemptId: number): Promise<void> {
    this.#ask("recordInviteSent");
    const call = this.#attempts.get(attemptId);
    if (call) call.attempts++;
  }

  async settle(
    attemptId: number,
    report: AttemptReport,
    next: { readonly retryAtMs: number } | "done",
  ): Promise<void> {
    this.#ask("settle");
    const call = this.#take(attemptId);
    call.lastReport = report;
    call.state = next === "done" ? "done" : "queued";
    if (next !== "done") call.nextAtMs = next.retryAtMs;
  }

  async release(attemptId: number): Promise<void> {
    this.#ask("release");
    this.#take(attemptId).state = "queued";
  }

  async expire(nowMs: number): Promise<number> {
    this.#ask("expire");
    const expired = this.calls.filter(
      (one) => one.state === "queued" && (one.call.expiresAtMs ?? Infinity) <= nowMs,
    );
    for (const call of expired) {
      call.state = "done";
      call.expired = true;
    }
    return expired.length;
  }

  #take(attemptId: number): MemoryCall {
    const call = this.#attempts.get(attemptId);
    if (!call) throw new Error(`attempt ${attemptId} is not open`);
    this.#attempts.delete(attemptId);
    return call;
  }

  #ask(method: keyof CallQueue): void {
    this.asked[method] = (this.asked[method] ?? 0) + 1;
    if (this.failing === method || this.failing === "all") throw new Error("the queue is broken");
  }
}

function isDue(one: MemoryCall, nowMs: number): boolean {
  return one.state === "queued" && one.nextAtMs <= nowMs && (one.call.expiresAtMs ?? Infinity) > nowMs;
}
