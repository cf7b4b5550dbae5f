/** Puts the configured accounts into the store, with the deployment settings they share. */
import type { CallingWindow } from "../../engine/index.ts";
import type { Config } from "../config/config-schema.ts";
import type { Account, DeploymentSettings, Store } from "../store/store.ts";
import { hashPin, isPin } from "./credentials.ts";

/**
 * Creates or updates every account of the configuration, and locks those that are no longer in it; to be called at each
 * start.
 */
export async function saveConfiguredAccounts(
  store: Pick<Store, "findAccount" | "saveAccount" | "lockOtherAccounts">,
  config: Config,
  nowMs: number,
): Promise<readonly Account[]> {
  const deployment = deploymentSettings(config);
  const saved: Account[] = [];
  for (const { login, pin = "" } of config.accounts) {
    const known = await store.findAccount(login);
    const pinHash = known && (await isPin(pin, known.pinHash)) ? known.pinHash : await hashPin(pin);
    saved.push(await store.saveAccount({ login, pinHash, deployment, nowMs }));
  }
  await store.lockOtherAccounts(config.accounts.map((account) => account.login));
  return saved;
}

/** The settings of the deployment that configured accounts share. */
export function deploymentSettings(config: Config): DeploymentSettings {
  const { deployment } = config;
  const callerId = deployment.callerId ?? config.trunks[deployment.trunk]?.callerId;
  const callingWindow = windowOf(deployment.callingHours);
  return {
    trunk: deployment.trunk,
    ...(callerId === undefined ? {} : { callerId }),
    ringTimeoutMs: deployment.ringTimeoutSeconds * 1000,
    maxChannels: deployment.maxChannels,
    redialDeclined: deployment.redialDeclined,
    recordCalls: deployment.recordCalls,
    startMethod: deployment.startMethod,
    profile: deployment.profile,
    ...(callingWindow === undefined ? {} : { callingWindow }),
  };
}

function windowOf(hours: Config["deployment"]["callingHours"]): CallingWindow | undefined {
  if (!hours) return undefined;
  const { timeZone, days } = hours;
  return { timeZone, days, fromMinute: minuteOf(hours.from), toMinute: minuteOf(hours.to) };
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
}
