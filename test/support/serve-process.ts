/** `voxdial serve` as a process of its own, for tests of what a signal or a crash does. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { stringify as stringifyYaml } from "yaml";
import type { PeerAddress } from "../../sip/index.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../api/cli/voxdial.mjs");

export const ACCOUNT = { login: "tester", pin: "4321" };

export interface ServeProcess {
  readonly base: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Standard error so far. */
  stderr(): string;
  /** Resolves with exit status or signal. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  kill(signal: NodeJS.Signals): void;
}

/** A folder with a configuration that dials `carrier` and keeps its data there. */
export function serveFolder(carrier: PeerAddress, change: Record<string, unknown> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "voxdial-serve-"));
  const config = {
    dataFolder: join(folder, "data"),
    http: { port: 0 },
    sip: { port: 0 },
    trunks: { carrier: { host: carrier.host, port: carrier.port, callerId: "+12025550100" } },
    accounts: [ACCOUNT],
    deployment: { trunk: "carrier", ringTimeoutSeconds: 4 },
    limits: { minRetryIntervalSeconds: 1 },
    dialer: { callsPerSecond: 10 },
    callbacks: { firstRetrySeconds: 0.2 },
    recording: { minFreeBytes: 0 },
    traces: { minFreeBytes: 0 },
    log: { file: join(folder, "voxdial.log") },
    ...change,
  };
  writeFileSync(join(folder, "voxdial.yaml"), stringifyYaml(config));
  return folder;
}

/**
 * Starts it, with the configuration in `folder` or with other arguments in that folder, and waits until it has said
 * all it says at the start. Rejects with its standard error when it ends before.
 */
export async function startServe(
  folder: string,
  args: readonly string[] = ["--config", join(folder, "voxdial.yaml")],
  env: Readonly<Record<string, string>> = {},
): Promise<ServeProcess> {
  const child = spawn(process.execPath, [LAUNCHER, "serve", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_ENV: "test", ...env },
    cwd: folder,
  });
  const lines: string[] = [];
  const exited = new Promise<number | NodeJS.Signals | null>((done) => {
    child.once("exit", (status, signal) => done(status ?? signal));
  });
  const base = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      if (!line.includes("curl ")) return;
      done(/listens on (http:\S+)/.exec(lines.join("\n"))?.[1] ?? "");
    });
    void exited.then((status) => fail(new Error(`serve ended with ${status}:\n${lines.join("\n")}`)));
  });
  return {
    base,
    pid: child.pid ?? 0,
    child,
    stderr: () => lines.join("\n"),
    exited,
    kill: (signal) => void child.kill(signal),
  };
}
