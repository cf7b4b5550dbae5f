/** The HTTP server over a real store in a fresh folder, with a probe that tests set, for injection or listening. */
import { loadConfig } from "../../api/config/load-config.ts";
import { createHttpServer } from "../../api/http-server.ts";
import { saveConfiguredAccounts } from "../../api/intake/configured-accounts.ts";
import type { UrlProbe } from "../../api/intake/url-probe.ts";
import { createMetrics } from "../../api/metrics/metrics.ts";
import { openStore } from "../../api/store/open-store.ts";
import { ManualClock } from "./manual-clock.ts";
import { recordingLogger } from "./silent-logger.ts";

export const START = "http://app.example/start";

export async function httpHarness(
  dataFolder: string,
  options: { probe?: UrlProbe; flags?: Record<string, unknown>; clock?: ManualClock } = {},
) {
  const clock = options.clock ?? new ManualClock();
  const config = loadConfig({
    flags: { accounts: [{ login: "acme", pinEnv: "PIN" }], ...options.flags },
    env: { PIN: "1234" },
  });
  const store = await openStore({ dataFolder, nowMs: clock.now() });
  const [account] = await saveConfiguredAccounts(store, config, clock.now());
  if (!account) throw new Error("no account");
  const logger = recordingLogger();
  const metrics = createMetrics({ counts: () => store.counts() });
  const checks: Record<string, string> = { store: "ok" };
  let wakes = 0;
  const server = await createHttpServer({
    store,
    config,
    clock,
    probe: options.probe ?? (async () => undefined),
    dialerWake: () => wakes++,
    health: { check: async () => checks },
    metrics,
    logger,
  });
  return {
    clock,
    store,
    account,
    server,
    logger,
    checks,
    wakes: () => wakes,
    resetWakes() {
      wakes = 0;
    },
    async close() {
      await server.close();
      await store.close();
    },
  };
}

export type HttpHarness = Awaited<ReturnType<typeof httpHarness>>;
