/**
 * The queue: rows per second through the CSV upload over real HTTP (multipart, authentication, validation, probe,
 * durable commit, answer with every call id), single calls per second, and claims per second with the INVITE recorded
 * and the attempt settled.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../api/config/load-config.ts";
import { createHttpServer } from "../api/http-server.ts";
import { saveConfiguredAccounts } from "../api/intake/configured-accounts.ts";
import { createMetrics } from "../api/metrics/metrics.ts";
import { openStore } from "../api/store/open-store.ts";
import type { Store } from "../api/store/store.ts";
import { systemClock } from "../api/system-clock.ts";
import type { AttemptReport, Logger } from "../engine/index.ts";

const ROWS = 100_000;
const SINGLE_CALLS = 2_000;
const CLAIMS = 10_000;
/** Claims under way at once, as the dialer has them. */
const AT_ONCE = 8;

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** Prints its figures as `name: value unit`. */
export async function run(): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), "voxdial-bench-"));
  const store = await openStore({ dataFolder });
  const config = loadConfig({ flags: { accounts: [{ login: "bench", pin: "1234" }] } });
  const [account] = await saveConfiguredAccounts(store, config, Date.now());
  const server = await createHttpServer({
    store,
    config,
    clock: systemClock,
    probe: async () => undefined,
    dialerWake: () => undefined,
    health: { check: async () => ({}) },
    metrics: createMetrics(),
    logger: silent,
  });
  const base = await server.listen({ host: "127.0.0.1", port: 0 });
  try {
    await benchUpload(base, store, account?.deploymentId ?? 0);
    await benchSingleCalls(base);
    await benchClaims(store, account?.deploymentId ?? 0);
  } finally {
    await server.close();
    await store.close();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

const SHARED = { login: "bench", pin: "1234", start_url: "http://127.0.0.1:9/start" };

async function benchUpload(base: string, store: Store, deploymentId: number): Promise<void> {
  const lines = Array.from(
    { length: ROWS },
    (_, index) => `1617${String(5_000_000 + index)},ref-${index},a=${index}`,
  );
  const form = new FormData();
  for (const [name, value] of Object.entries(SHARED)) form.set(name, value);
  form.set("phone_number_list", new Blob([lines.join("\n")]), "list.csv");

  // Somebody else dials meanwhile: how long does the longest claim wait?
  let isUploading = true;
  let longestClaimMs = 0;
  const others = (async () => {
    while (isUploading) {
      const startMs = performance.now();
      await store.claim(deploymentId + 1, Date.now());
      longestClaimMs = Math.max(longestClaimMs, performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const startMs = performance.now();
  const answer = await (
    await fetch(`${base}/webservice/queuecalls.php`, { method: "POST", body: form })
  ).text();
  const seconds = (performance.now() - startMs) / 1000;
  isUploading = false;
  await others;
  if (!answer.includes(`calls="${ROWS}"`)) throw new Error(`upload refused: ${answer.slice(0, 500)}`);
  print("enqueue csv upload", ROWS / seconds, "rows/s");
  print("longest claim during the upload", longestClaimMs, "ms");
}

async function benchSingleCalls(base: string): Promise<void> {
  const startMs = performance.now();
  let left = SINGLE_CALLS;
  const client = async () => {
    while (left-- > 0) {
      const body = new URLSearchParams({ ...SHARED, phone_number: "16175551234" });
      await (await fetch(`${base}/webservice/queuecall.php`, { method: "POST", body })).text();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  print("enqueue single calls", SINGLE_CALLS / ((performance.now() - startMs) / 1000), "calls/s");
}

async function benchClaims(store: Store, deploymentId: number): Promise<void> {
  let left = CLAIMS;
  const startMs = performance.now();
  const channel = async () => {
    while (left-- > 0) {
      const nowMs = Date.now();
      const claimed = await store.claim(deploymentId, nowMs);
      if (!claimed) throw new Error("the queue is empty");
      await store.recordInviteSent(claimed.attemptId, nowMs);
      await store.settle(claimed.attemptId, report(nowMs), "done");
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, channel));
  print("claim, INVITE recorded, settled", CLAIMS / ((performance.now() - startMs) / 1000), "calls/s");
}

function report(nowMs: number): AttemptReport {
  return {
    outcome: {
      result: "completed",
      calleeType: "voice",
      reason: "answered",
      explanation: "A person answered.",
      retryable: false,
    },
    timestamps: { claimedAtMs: nowMs, inviteAtMs: nowMs, answeredAtMs: nowMs, endedAtMs: nowMs },
    keys: "",
  };
}

function print(name: string, value: number, unit: string): void {
  console.log(`${name}: ${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`);
}

if (import.meta.main) await run();
