/** `voxdial serve`: the engine, until a signal ends it. */
import { randomInt } from "node:crypto";
import { type App, startApp } from "../app.ts";
import type { Config } from "../config/config-schema.ts";
import { loadConfig } from "../config/load-config.ts";
import { openLog } from "../logging.ts";
import { type CarrierProcess, startCarrierProcess } from "./carrier-process.ts";

export interface ServeOptions {
  readonly config?: string;
  readonly trunk?: string;
  readonly data?: string;
  readonly httpPort?: number;
}

const SIMULATED_TRUNK = "simulated";

/**
 * Runs until SIGTERM or SIGINT, then drains; a second signal ends at once. SIGHUP reopens the log file. Without a
 * trunk it dials the built-in simulated carrier; without accounts it makes one for this run and prints its PIN.
 */
export async function serveCommand(options: ServeOptions): Promise<number> {
  const settings = loadConfig({
    file: options.config,
    env: process.env,
    flags: { dataFolder: options.data, "http.port": options.httpPort, "deployment.trunk": options.trunk },
  });
  const trunk = settings.deployment.trunk;
  const ownPin = settings.accounts.length === 0 ? String(randomInt(10_000_000, 99_999_999)) : undefined;
  const config: Config = ownPin ? { ...settings, accounts: [{ login: "demo", pin: ownPin }] } : settings;

  const log = openLog(config.log);
  const ending = new Ending();
  process.on("SIGHUP", () => log.reopen());
  let carrier: CarrierProcess | undefined;
  let app: App | undefined;
  try {
    if (trunk === SIMULATED_TRUNK && !config.trunks[SIMULATED_TRUNK])
      carrier = await startCarrierProcess({ seed: 1 });
    app = await startApp(config, {
      logger: log.logger,
      extraTrunks: carrier ? [{ name: SIMULATED_TRUNK, peer: carrier.peer }] : [],
    });
    greet(app, config, carrier, ownPin);
    await ending.asked;
    const drained = app.stop(config.drainSeconds * 1000);
    process.stderr.write(
      `voxdial: no new calls; waiting up to ${config.drainSeconds} s for calls under way (signal again to end at once)\n`,
    );
    await Promise.race([drained, ending.askedAgain]);
    if (ending.isUrgent) {
      // At once: whatever is still open would keep the process alive.
      log.flush();
      process.exit(1);
    }
  } finally {
    await carrier?.stop();
    log.flush();
  }
  return 0;
}

/** Counts the signals that ask for an end. */
class Ending {
  readonly asked: Promise<void>;
  readonly askedAgain: Promise<void>;
  #signals = 0;

  constructor() {
    let first = () => {};
    let second = () => {};
    this.asked = new Promise((resolve) => {
      first = resolve;
    });
    this.askedAgain = new Promise((resolve) => {
      second = resolve;
    });
    const onSignal = () => {
      this.#signals++;
      if (this.#signals === 1) first();
      else second();
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  }

  /** Asked twice. */
  get isUrgent(): boolean {
    return this.#signals > 1;
  }
}

/** Says where everything is, on standard error: standard output belongs to the log. */
function greet(
  app: App,
  config: Config,
  carrier: CarrierProcess | undefined,
  ownPin: string | undefined,
): void {
  const base = `http://${app.http.host.includes(":") ? `[${app.http.host}]` : app.http.host}:${app.http.port}`;
  const login = config.accounts[0]?.login ?? "";
  const lines = [
    `voxdial listens on ${base} (HTTP) and ${app.sip.host}:${app.sip.port} (SIP over UDP)`,
    carrier
      ? `calls go to the built-in simulated carrier at ${carrier.peer.host}:${carrier.peer.port}; the last two digits choose who answers`
      : `calls go out through the trunk ${config.deployment.trunk}`,
    `data folder ${config.dataFolder}`,
    "queue a call:",
    `  curl ${base}/webservice/queuecall.php -d login=${login} -d pin=${ownPin ?? "…"} -d phone_number=+12025550101 -d start_url=http://127.0.0.1:8000/start.vxml`,
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
}
