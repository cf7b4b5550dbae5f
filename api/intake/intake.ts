/**
 * From a request or an uploaded list to queued calls. A request is checked whole, fields, rows and both URLs, and
 * either everything is queued or nothing is.
 */
import type { Clock } from "../../engine/index.ts";
import type { Account, Store, UploadRow, UploadSettings } from "../store/store.ts";
import {
  type FormFields,
  type IntakeLimits,
  MAX_CAMPAIGN_NAME_CHARS,
  MAX_PARAMETERS_CHARS,
  MAX_REFERENCE_CHARS,
  readDestination,
  readSettings,
  readText,
} from "./call-fields.ts";
import { readContactList } from "./contact-list.ts";
import { type FieldProblem, ProblemList } from "./field-problem.ts";
import type { UrlProbe } from "./url-probe.ts";

export interface IntakeOptions {
  readonly store: Pick<Store, "enqueue" | "beginUpload" | "addUploadRows" | "finishUpload" | "dropUpload">;
  readonly clock: Clock;
  readonly probe: UrlProbe;
  readonly limits: IntakeLimits;
  /** Told how many calls were queued, once they are on disk: time to wake the dialer. Must not throw. */
  readonly onQueued: (calls: number) => void;
}

export type Refusal = { readonly queued: false; readonly problems: readonly FieldProblem[] };

export type QueuedCall = { readonly queued: true; readonly callId: number };

export type QueuedUpload = {
  readonly queued: true;
  readonly campaignId: number;
  readonly campaignName: string;
  /** In the order of the list. */
  readonly calls: ReadonlyArray<{ readonly callId: number; readonly phoneNumber: string }>;
};

// LIMIT: rows per message to the store.
const ROWS_PER_PIECE = 500;

export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Queues one call in the account's default campaign. */
  async queueCall(account: Account, fields: FormFields): Promise<QueuedCall | Refusal> {
    const { store, clock, limits, onQueued } = this.#options;
    const problems = new ProblemList();
    const destination = readDestination(fields.phone_number, "phone_number", problems);
    const messageReference = readText(fields, "message_reference", MAX_REFERENCE_CHARS, problems);
    const callParameters = readText(fields, "call_parameters", MAX_PARAMETERS_CHARS, problems);
    const settings = readSettings(fields, clock.now(), limits, problems);
    await this.#probe(settings, problems);
    if (!destination || !problems.isEmpty) return { queued: false, problems: problems.list() };
    const callId = await store.enqueue(account.defaultCampaignId, {
      ...settings,
      destination,
      ...(messageReference === undefined ? {} : { messageReference }),
      ...(callParameters === undefined ? {} : { callParameters }),
      variables: {},
    });
    onQueued(1);
    return { queued: true, callId };
  }

  /** Queues a list as a campaign of its own. */
  async queueList(
    account: Account,
    fields: FormFields,
    file: Uint8Array | undefined,
  ): Promise<QueuedUpload | Refusal> {
    const { clock, limits } = this.#options;
    const problems = new ProblemList();
    const nowMs = clock.now();
    const settings = readSettings(fields, nowMs, limits, problems);
    const name =
      readText(fields, "campaign_name", MAX_CAMPAIGN_NAME_CHARS, problems) ??
      `upload ${new Date(nowMs).toISOString()}`;
    const probed = this.#probe(settings, problems);
    const rows = file ? await readContactList(file, limits.maxUploadRows, problems) : [];
    if (!file) problems.add("phone_number_list", "is missing; upload a file as multipart/form-data");
    await probed;
    if (!problems.isEmpty) return { queued: false, problems: problems.list() };
    return this.#upload(account, name, settings, rows);
  }

  async #upload(
    account: Account,
    campaignName: string,
    settings: UploadSettings,
    rows: readonly UploadRow[],
  ): Promise<QueuedUpload> {
    const { store, onQueued } = this.#options;
    const { deploymentId } = account;
    const campaignId = await store.beginUpload({ deploymentId, name: campaignName, settings });
    const calls: { callId: number; phoneNumber: string }[] = [];
    try {
      for (let start = 0; start < rows.length; start += ROWS_PER_PIECE) {
        const piece = rows.slice(start, start + ROWS_PER_PIECE);
        const firstCallId = await store.addUploadRows(campaignId, piece);
        for (const [index, row] of piece.entries()) {
          calls.push({ callId: firstCallId + index, phoneNumber: row.destination.original });
        }
      }
      await store.finishUpload(campaignId);
    } catch (error) {
      // Nothing of it can be claimed; what cannot be removed now is dropped at the next start.
      await store.dropUpload(campaignId).catch(() => undefined);
      throw error;
    }
    onQueued(calls.length);
    return { queued: true, campaignId, campaignName, calls };
  }

  async #probe(settings: UploadSettings, problems: ProblemList): Promise<void> {
    const { probe } = this.#options;
    const [start, result] = await Promise.all([
      settings.startUrl === "" ? undefined : probe(settings.startUrl),
      settings.resultUrl === undefined ? undefined : probe(settings.resultUrl),
    ]);
    if (start !== undefined) problems.add("start_url", start);
    if (result !== undefined) problems.add("result_url", result);
  }
}
