/**
 * `voxdial demo`: the whole chain on one machine. Starts the engine, a simulated carrier in a process of its own and a
 * small web application; queues a campaign and a single call over HTTP; shows what happens; and compares every call's
 * outcome with who was really called.
 */
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { stringify as stringifyYaml } from "yaml";
import type { TraceEntry } from "../../../engine/index.ts";
import { type App, startApp } from "../../app.ts";
import { loadConfig } from "../../config/load-config.ts";
import { openLog } from "../../logging.ts";
import { startCarrierProcess } from "../carrier-process.ts";
import { type DemoApplication, startDemoApplication } from "./application.ts";
import { CAMPAIGN_CALLS, type DemoCall, EXPIRING_CALL } from "./callee-list.ts";
import { queueCall, queueCampaign } from "./campaign-client.ts";
import { type DemoRow, resultRow, resultTable } from "./demo-result.ts";
import { createProgressView, type ProgressView } from "./progress-view.ts";

export interface DemoOptions {
  readonly seed: number;
  readonly folder?: string;
  readonly json?: boolean;
}

/** LIMIT: a demo that has not all its results by then reports what is missing. */
const LONGEST_DEMO_MS = 180_000;
/** How long after its queueing the single call expires; the campaign before it takes longer to dial. */
const SINGLE_CALL_LIFE_SECONDS = 3;

/** Runs it; resolves with the exit status: 0 when every row is as expected. */
export async function demoCommand(options: DemoOptions): Promise<number> {
  const startedAt = Date.now();
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "voxdial-demo-")));
  await mkdir(folder, { recursive: true });
  const account = { login: "demo", pin: "1234" };
  const configFile = join(folder, "voxdial.yaml");
  await writeFile(configFile, stringifyYaml(demoConfig(folder, account)));
  const config = loadConfig({ file: configFile });
  const log = openLog(config.log);

  const carrier = await startCarrierProcess({ seed: options.seed, log: join(folder, "carrier.jsonl") });
  let app: App | undefined;
  let application: DemoApplication | undefined;
  try {
    const calls = [...CAMPAIGN_CALLS, EXPIRING_CALL];
    const output = options.json ? process.stderr : process.stdout;
    const view = createProgressView(
      calls.map((call) => [call.number, call.truth]),
      output,
    );
    const numbers = new Map<number, string>();
    const progress = new CallProgress(numbers, view);
    const arrivals = new Arrivals(calls.length);
    application = await startDemoApplication((callId) => {
      arrivals.note(callId);
      const { result, callee_type: calleeType } = application?.results.get(callId) ?? {};
      const number = numbers.get(Number(callId));
      if (number) view.update(number, `reported ${result}: ${calleeType}`);
    });
    app = await startApp(config, {
      logger: log.logger,
      extraTrunks: [{ name: "simulated", peer: carrier.peer }],
      onTrace: (callId, _attemptId, entry) => progress.note(callId, entry),
    });
    const ids = await queueAll(app, application, account);
    for (const [number, callId] of ids) numbers.set(callId, number);

    await arrivals.complete(LONGEST_DEMO_MS);
    view.finish();
    const rows: DemoRow[] = [];
    for (const call of calls) rows.push(await rowOf(app, application, call, ids.get(call.number) ?? 0));
    await exportTraces(app, [...ids.values()], join(folder, "traces"));
    report(rows, folder, app, Date.now() - startedAt, options.json === true);
    return rows.every((row) => row.differences.length === 0) ? 0 : 1;
  } finally {
    await app?.stop(0);
    await application?.stop();
    await carrier.stop();
    log.flush();
  }
}

/** The operator's own limits are lowered, so that retries and ring time fit into a minute; Plum's stay the defaults. */
function demoConfig(folder: string, account: { login: string; pin: string }): object {
  return {
    dataFolder: join(folder, "data"),
    http: { port: 0 },
    sip: { port: 0 },
    accounts: [account],
    deployment: { recordCalls: true, ringTimeoutSeconds: 6, callerId: "+12025550100" },
    limits: { minRetryIntervalSeconds: 1 },
    dialer: { callsPerSecond: 2 },
    recording: { minFreeBytes: 0 },
    traces: { minFreeBytes: 0 },
    log: { file: join(folder, "voxdial.log") },
  };
}

async function queueAll(
  app: App,
  application: DemoApplication,
  account: { login: string; pin: string },
): Promise<Map<string, number>> {
  const base = `http://${app.http.host}:${app.http.port}`;
  const urls = { start_url: application.startUrl, result_url: application.resultUrl };
  const csv = [
    "destination,callee",
    ...CAMPAIGN_CALLS.map((call) => `${call.number},"${call.truth}"`),
    "",
  ].join("\n");
  const ids = await queueCampaign(
    base,
    { ...account, ...urls, campaign_name: "demo", max_retries: "1", retry_interval: "2" },
    csv,
  );
  const expiration = Math.floor(Date.now() / 1000) + SINGLE_CALL_LIFE_SECONDS;
  const single = await queueCall(base, {
    ...account,
    ...urls,
    phone_number: EXPIRING_CALL.number,
    expiration_timestamp: String(expiration),
  });
  return ids.set(EXPIRING_CALL.number, single);
}

async function rowOf(
  app: App,
  application: DemoApplication,
  call: DemoCall,
  callId: number,
): Promise<DemoRow> {
  return resultRow(call, {
    callback: application.results.get(String(callId)),
    answer: application.answers.get(String(callId)),
    attempts: (await app.store.attempts(callId)).filter((attempt) => attempt.inviteSentAtMs !== undefined),
    trace: await app.readTrace(callId),
  });
}

async function exportTraces(app: App, callIds: readonly number[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const callId of callIds) {
    const file = createWriteStream(join(folder, `${callId}.jsonl`));
    for (const { attemptId, entry } of await app.readTrace(callId))
      file.write(`${JSON.stringify({ callId, attemptId, ...entry })}\n`);
    file.end();
    await finished(file);
  }
}

function report(rows: readonly DemoRow[], folder: string, app: App, tookMs: number, asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ folder, tookMs, rows }, null, 2)}\n`);
    return;
  }
  const wrong = rows.filter((row) => row.differences.length > 0);
  const lines = [
    "",
    resultTable(rows),
    "",
    ...wrong.flatMap((row) =>
      row.differences.map((difference) => `NOT AS EXPECTED ${row.number}: ${difference}`),
    ),
    `recordings (left what we sent, right what we heard): ${app.recordingsFolder}`,
    `traces (JSON lines): ${join(folder, "traces")}`,
    `carrier's log: ${join(folder, "carrier.jsonl")}; engine's log: ${join(folder, "voxdial.log")}`,
    wrong.length === 0
      ? `all ${rows.length} calls ended as expected, in ${(tookMs / 1000).toFixed(1)} s`
      : `${wrong.length} of ${rows.length} calls did not end as expected`,
  ];
  console.log(lines.join("\n"));
}

/** Turns trace entries into words for the progress view. */
class CallProgress {
  readonly #numbers: ReadonlyMap<number, string>;
  readonly #view: ProgressView;

  constructor(numbers: ReadonlyMap<number, string>, view: ProgressView) {
    this.#numbers = numbers;
    this.#view = view;
  }

  note(callId: number, entry: TraceEntry): void {
    const number = this.#numbers.get(callId);
    const words = wordsFor(entry);
    if (number && words) this.#view.update(number, words);
  }
}

function wordsFor(entry: TraceEntry): string | undefined {
  const data = (entry.data ?? {}) as Record<string, Record<string, unknown> & string>;
  switch (entry.kind) {
    case "invite-sent":
      return "dialing";
    case "progress":
      return `ringing (${data.status})`;
    case "answered":
      return "answered";
    case "decision":
      return `it is ${data.decision?.calleeType}`;
    case "key":
      return `pressed ${data.key}`;
    case "outcome":
      return `${data.result}: ${data.explanation}`;
    default:
      return undefined;
  }
}

/** Waits until every call's result has come back. */
class Arrivals {
  readonly #missing: number;
  readonly #seen = new Set<string>();
  #done = () => {};

  constructor(missing: number) {
    this.#missing = missing;
  }

  note(callId: string): void {
    this.#seen.add(callId);
    if (this.#seen.size >= this.#missing) this.#done();
  }

  async complete(timeoutMs: number): Promise<void> {
    if (this.#seen.size >= this.#missing) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
  }
}
