/** The simulated carrier as a child process: a peer that is reached over SIP and RTP only. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { CarrierEvent, PeerAddress } from "../../sip/index.ts";
import { CliError } from "./cli-error.ts";

export interface CarrierProcess {
  readonly pid: number;
  readonly peer: PeerAddress;
  stop(): Promise<void>;
}

export interface CarrierProcessOptions {
  readonly seed: number;
  /** File that gets every event of the carrier as a JSON line. */
  readonly log?: string;
  readonly onEvent?: (event: CarrierEvent) => void;
}

/** Starts `voxdial simulate` on a free loopback port; it ends with this process, whatever ends this one. */
export async function startCarrierProcess(options: CarrierProcessOptions): Promise<CarrierProcess> {
  const args = ["simulate", "--port", "0", "--seed", String(options.seed), "--exit-with-stdin"];
  if (options.log) args.push("--log", options.log);
  const child = spawn(process.execPath, [launcher(), ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
    child.once("error", () => resolve(null));
  });
  const listening = new Promise<PeerAddress>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as CarrierEvent | ({ event: "listening" } & PeerAddress);
      if (event.event === "listening") resolve({ host: event.host, port: event.port });
      else options.onEvent?.(event);
    });
  });
  const peer = await Promise.race([
    listening,
    exited.then((status) => {
      throw new CliError(`the simulated carrier did not start (exit status ${status})`);
    }),
  ]);
  return {
    pid: child.pid ?? 0,
    peer,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}

/** The program's own launcher: beside the sources in a clone, above dist/ in the package. */
function launcher(): string {
  const beside = new URL("./voxdial.mjs", import.meta.url);
  return fileURLToPath(
    existsSync(beside) ? beside : new URL("../../../api/cli/voxdial.mjs", import.meta.url),
  );
}
