/**
 * Who may start an attempt now: channels and pace of the whole engine, of each trunk and of each deployment, counted
 * in one place. Reserving comes before the claim, so that claims under way count too.
 */
import type { Deployment } from "../model/call.ts";
import { isWindowOpen, nextOpening } from "./calling-window.ts";
import { afterStart, earliestStart, type Pace, UNUSED_PACE, withoutStart } from "./pacing.ts";

/** A cap on simultaneous attempts and on their rate. Absent: no cap. */
export interface Limits {
  readonly maxChannels?: number;
  readonly callsPerSecond?: number;
}

interface Usage {
  channels: number;
  pace: Pace;
}

/**
 * Whether a deployment may start an attempt: now; not before a time; or not until a channel is given back
 * (`untilMs` undefined).
 */
export type Admission = { readonly admitted: true } | { readonly admitted: false; readonly untilMs?: number };

export class ChannelLimits {
  readonly #engine: Limits;
  readonly #trunkLimits: (trunk: string) => Limits;
  readonly #total: Usage = { channels: 0, pace: UNUSED_PACE };
  readonly #trunks = new Map<string, Usage>();
  readonly #deployments = new Map<number, Usage>();

  constructor(engine: Limits, trunkLimits: (trunk: string) => Limits) {
    this.#engine = engine;
    this.#trunkLimits = trunkLimits;
  }

  /** Channels in use or reserved by claims under way. */
  get channelsInUse(): number {
    return this.#total.channels;
  }

  /** Whether the engine as a whole has a free channel and a free start; asked before any deployment is. */
  admitAny(nowMs: number): Admission {
    return admit(this.#total, this.#engine, nowMs);
  }

  /** Whether this deployment may start an attempt, the engine's own caps left aside. */
  admitDeployment(deployment: Deployment, nowMs: number): Admission {
    if (!isWindowOpen(deployment.callingWindow, nowMs)) {
      return { admitted: false, untilMs: nextOpening(deployment.callingWindow, nowMs) };
    }
    const own = usageOf(this.#deployments, deployment.deploymentId);
    if (own.channels >= deployment.maxChannels) return { admitted: false };
    return admit(usageOf(this.#trunks, deployment.trunk), this.#trunkLimits(deployment.trunk), nowMs);
  }

  /** Takes a channel and a start. The result gives the channel back; with `unused` the start too. Idempotent. */
  reserve(deployment: Deployment, nowMs: number): (ending?: "unused") => void {
    const trunk = usageOf(this.#trunks, deployment.trunk);
    const own = usageOf(this.#deployments, deployment.deploymentId);
    const trunkRate = this.#trunkLimits(deployment.trunk).callsPerSecond;
    const engineRate = this.#engine.callsPerSecond;
    const usages = [this.#total, trunk, own];
    for (const usage of usages) usage.channels++;
    this.#total.pace = afterStart(this.#total.pace, nowMs, engineRate);
    trunk.pace = afterStart(trunk.pace, nowMs, trunkRate);
    let isHeld = true;
    return (ending) => {
      if (!isHeld) return;
      isHeld = false;
      for (const usage of usages) usage.channels--;
      if (ending === "unused") {
        this.#total.pace = withoutStart(this.#total.pace, engineRate);
        trunk.pace = withoutStart(trunk.pace, trunkRate);
      }
    };
  }
}

function admit(usage: Usage, limits: Limits, nowMs: number): Admission {
  if (limits.maxChannels !== undefined && usage.channels >= limits.maxChannels) return { admitted: false };
  const startMs = earliestStart(usage.pace, nowMs, limits.callsPerSecond);
  return startMs <= nowMs ? { admitted: true } : { admitted: false, untilMs: startMs };
}

function usageOf<Key>(usages: Map<Key, Usage>, key: Key): Usage {
  let usage = usages.get(key);
  if (!usage) {
    usage = { channels: 0, pace: UNUSED_PACE };
    usages.set(key, usage);
  }
  return usage;
}
