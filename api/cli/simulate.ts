/** `voxdial simulate`: the simulated carrier as a process of its own, with its log as JSON lines. */
import { createWriteStream } from "node:fs";
import { pino } from "pino";
import { startCarrier } from "../carrier.ts";
import { SpeechClient } from "../workers/speech-client.ts";
import { directoryByLastDigits, readCalleeDirectory } from "./callee-directory.ts";

export interface SimulateOptions {
  readonly bind: string;
  readonly port: number;
  readonly seed: number;
  readonly log?: string;
  readonly exitWithStdin?: boolean;
}

/**
 * Answers calls until SIGINT or SIGTERM. Standard output carries one JSON line per event, the first one
 * `{"event":"listening","host":…,"port":…}`; `--log` appends the same lines to a file.
 */
export async function simulateCommand(file: string | undefined, options: SimulateOptions): Promise<number> {
  const findCallee = file ? readCalleeDirectory(file) : directoryByLastDigits();
  const log = options.log ? createWriteStream(options.log, { flags: "a" }) : undefined;
  const print = (event: object) => {
    const line = `${JSON.stringify(event)}\n`;
    process.stdout.write(line);
    log?.write(line);
  };
  const logger = pino({ level: "warn" }, pino.destination(2));
  const speech = new SpeechClient({ settings: { provider: "flite" }, logger });
  speech.warmUp();
  const carrier = await startCarrier({
    bindAddress: options.bind,
    port: options.port,
    seed: options.seed,
    findCallee,
    onEvent: print,
    speech,
    logger,
  });
  print({ event: "listening", ...carrier.local });

  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
    if (options.exitWithStdin) process.stdin.resume().once("end", resolve).once("close", resolve);
  });
  await carrier.stop();
  await speech.close();
  if (log) await new Promise<void>((resolve) => log.end(resolve));
  return 0;
}
