/** Queueing: single calls, and uploads whose rows arrive in pieces and become claimable all at once. */
import type { Database } from "better-sqlite3";
import { ApiError } from "../errors.ts";
import { type Row, wholeMs } from "./call-rows.ts";
import type { NewCall, UploadRow, UploadSettings } from "./store.ts";

// LIMIT: rows of one message; about 5 ms of the store's time, the longest a claim waits for an upload.
export const MAX_ROWS_PER_CHUNK = 1_000;

export function enqueueOperations(database: Database) {
  const insertCall = database.prepare(`
    INSERT INTO calls (campaign_id, deployment_id, destination, number, ani, post_digits, start_url, result_url,
      message_reference, call_parameters, campaign_parameters, variables, max_attempts, retry_interval_ms, queued_at,
      scheduled_at, expires_at, state, next_at)
    VALUES (:campaignId, :deploymentId, :destination, :number, :ani, :postDigits, :startUrl, :resultUrl,
      :messageReference, :callParameters, :campaignParameters, :variables, :maxAttempts, :retryIntervalMs, :queuedAt,
      :scheduledAt, :expiresAt, 'queued', :nextAt)`);
  const insertUpload = database.prepare(`
    INSERT INTO campaigns (deployment_id, name, state, created_at, settings) VALUES (?, ?, 'loading', ?, ?)`);
  const selectCampaign = database.prepare(
    "SELECT deployment_id, state, settings FROM campaigns WHERE campaign_id = ?",
  );
  const addQueued = database.prepare("UPDATE campaigns SET queued = queued + ? WHERE campaign_id = ?");
  const openUpload = database.prepare(
    "UPDATE campaigns SET state = 'open', settings = NULL WHERE campaign_id = ? AND state = 'loading'",
  );
  const deleteSomeCalls = database.prepare(`
    DELETE FROM calls WHERE call_id IN (SELECT call_id FROM calls WHERE campaign_id = ? LIMIT ${MAX_ROWS_PER_CHUNK})`);
  const deleteUpload = database.prepare("DELETE FROM campaigns WHERE campaign_id = ? AND state = 'loading'");

  function insert(campaignId: number, deploymentId: number, call: NewCall): number {
    const { destination } = call;
    return Number(
      insertCall.run({
        campaignId,
        deploymentId,
        destination: destination.original,
        number: destination.number,
        ani: destination.ani ?? null,
        postDigits: destination.postDigits ?? null,
        startUrl: call.startUrl,
        resultUrl: call.resultUrl ?? null,
        messageReference: call.messageReference ?? null,
        callParameters: call.callParameters ?? null,
        campaignParameters: call.campaignParameters ?? null,
        variables: Object.keys(call.variables).length > 0 ? JSON.stringify(call.variables) : null,
        maxAttempts: call.maxAttempts,
        retryIntervalMs: wholeMs(call.retryIntervalMs),
        queuedAt: wholeMs(call.queuedAtMs),
        scheduledAt: wholeMs(call.scheduledAtMs),
        expiresAt: wholeMs(call.expiresAtMs),
        nextAt: wholeMs(Math.max(call.queuedAtMs, call.scheduledAtMs ?? 0)),
      }).lastInsertRowid,
    );
  }

  function loading(campaignId: number): Row {
    const campaign = selectCampaign.get(campaignId) as Row | undefined;
    if (campaign?.state !== "loading") {
      throw new ApiError("API_UPLOAD_UNKNOWN", `Campaign ${campaignId} is not being uploaded`);
    }
    return campaign;
  }

  return {
    enqueue(campaignId: number, call: NewCall): number {
      const campaign = selectCampaign.get(campaignId) as Row | undefined;
      if (!campaign || campaign.state === "loading") {
        throw new ApiError("API_UPLOAD_UNKNOWN", `Campaign ${campaignId} takes no single calls`);
      }
      const callId = insert(campaignId, Number(campaign.deployment_id), call);
      addQueued.run(1, campaignId);
      return callId;
    },

    beginUpload(upload: {
      readonly deploymentId: number;
      readonly name: string;
      readonly settings: UploadSettings;
    }): number {
      const { deploymentId, name, settings } = upload;
      const campaign = insertUpload.run(
        deploymentId,
        name,
        wholeMs(settings.queuedAtMs),
        JSON.stringify(settings),
      );
      return Number(campaign.lastInsertRowid);
    },

    addUploadRows(campaignId: number, rows: readonly UploadRow[]): number {
      const campaign = loading(campaignId);
      const settings = JSON.parse(String(campaign.settings)) as UploadSettings;
      let firstCallId = 0;
      for (const row of rows) {
        const callId = insert(campaignId, Number(campaign.deployment_id), { ...settings, ...row });
        firstCallId ||= callId;
      }
      addQueued.run(rows.length, campaignId);
      return firstCallId;
    },

    finishUpload(campaignId: number): void {
      loading(campaignId);
      openUpload.run(campaignId);
    },

    /** Removes some of an unfinished upload; false once nothing is left of it. */
    dropSomeOfUpload(campaignId: number): boolean {
      loading(campaignId);
      if (deleteSomeCalls.run(campaignId).changes > 0) return true;
      deleteUpload.run(campaignId);
      return false;
    },
  };
}
