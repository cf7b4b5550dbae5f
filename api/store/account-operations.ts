/** Accounts with their deployments and default campaigns: the statements behind `Store.saveAccount` and its kin. */
import type { Database } from "better-sqlite3";
import type { Deployment } from "../../engine/index.ts";
import { deploymentFromRow, type Row, wholeMs } from "./call-rows.ts";
import type { Account, DeploymentSettings } from "./store.ts";

export function accountOperations(database: Database) {
  const selectAccount = database.prepare(`
    SELECT a.account_id, a.login, a.pin_hash, d.deployment_id, d.default_campaign_id
    FROM accounts a JOIN deployments d ON d.deployment_id = a.default_deployment_id
    WHERE a.login = ?`);
  const insertAccount = database.prepare(
    "INSERT INTO accounts (login, pin_hash, created_at) VALUES (?, ?, ?)",
  );
  const updatePin = database.prepare("UPDATE accounts SET pin_hash = ? WHERE account_id = ?");
  // No pin has an empty hash.
  const lockOthers = database.prepare(`
    UPDATE accounts SET pin_hash = '' WHERE pin_hash <> '' AND login NOT IN (SELECT value FROM json_each(?))`);
  const setDefaultDeployment = database.prepare(
    "UPDATE accounts SET default_deployment_id = ? WHERE account_id = ?",
  );
  const insertDeployment = database.prepare(`
    INSERT INTO deployments (account_id, name, trunk, caller_id, ring_timeout_ms, max_channels, redial_declined,
      record_calls, start_method, profile, calling_window)
    VALUES (:accountId, :name, :trunk, :callerId, :ringTimeoutMs, :maxChannels, :redialDeclined, :recordCalls,
      :startMethod, :profile, :callingWindow)`);
  const updateDeployment = database.prepare(`
    UPDATE deployments SET trunk = :trunk, caller_id = :callerId, ring_timeout_ms = :ringTimeoutMs,
      max_channels = :maxChannels, redial_declined = :redialDeclined, record_calls = :recordCalls,
      start_method = :startMethod, profile = :profile, calling_window = :callingWindow
    WHERE deployment_id = :deploymentId`);
  const insertCampaign = database.prepare(
    "INSERT INTO campaigns (deployment_id, name, state, created_at) VALUES (?, ?, 'open', ?)",
  );
  const setDefaultCampaign = database.prepare(
    "UPDATE deployments SET default_campaign_id = ? WHERE deployment_id = ?",
  );
  const selectDeployment = database.prepare("SELECT * FROM deployments WHERE deployment_id = ?");

  function findAccount(login: string): Account | undefined {
    const row = selectAccount.get(login) as Row | undefined;
    if (!row) return undefined;
    return {
      accountId: Number(row.account_id),
      login: String(row.login),
      pinHash: String(row.pin_hash),
      deploymentId: Number(row.deployment_id),
      defaultCampaignId: Number(row.default_campaign_id),
    };
  }

  return {
    findAccount,

    saveAccount(account: {
      readonly login: string;
      readonly pinHash: string;
      readonly deployment: DeploymentSettings;
      readonly nowMs: number;
    }): Account {
      const { login, pinHash, nowMs } = account;
      const settings = deploymentParameters(account.deployment);
      const known = findAccount(login);
      if (known) {
        updatePin.run(pinHash, known.accountId);
        updateDeployment.run({ ...settings, deploymentId: known.deploymentId });
        return { ...known, pinHash };
      }
      const accountId = Number(insertAccount.run(login, pinHash, wholeMs(nowMs)).lastInsertRowid);
      const deploymentId = Number(
        insertDeployment.run({ ...settings, accountId, name: "default" }).lastInsertRowid,
      );
      const defaultCampaignId = Number(
        insertCampaign.run(deploymentId, "default", wholeMs(nowMs)).lastInsertRowid,
      );
      setDefaultCampaign.run(defaultCampaignId, deploymentId);
      setDefaultDeployment.run(deploymentId, accountId);
      return { accountId, login, pinHash, deploymentId, defaultCampaignId };
    },

    lockOtherAccounts(logins: readonly string[]): number {
      return lockOthers.run(JSON.stringify(logins)).changes;
    },

    deployment(deploymentId: number): Deployment | undefined {
      const row = selectDeployment.get(deploymentId) as Row | undefined;
      return row && deploymentFromRow(row);
    },
  };
}

function deploymentParameters(settings: DeploymentSettings): Record<string, string | number | null> {
  return {
    trunk: settings.trunk,
    callerId: settings.callerId ?? null,
    ringTimeoutMs: wholeMs(settings.ringTimeoutMs),
    maxChannels: settings.maxChannels,
    redialDeclined: settings.redialDeclined ? 1 : 0,
    recordCalls: settings.recordCalls ? 1 : 0,
    startMethod: settings.startMethod,
    profile: settings.profile,
    callingWindow: settings.callingWindow ? JSON.stringify(settings.callingWindow) : null,
  };
}
