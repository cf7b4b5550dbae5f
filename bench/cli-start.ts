/** How long the command line takes to start and do nothing: `voxdial --version`, from the sources of a clone. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const RUNS = 15;
const LAUNCHER = join(import.meta.dirname, "../api/cli/voxdial.mjs");

/** Prints the median. */
export async function run(): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < RUNS; n++) {
    const startedAt = performance.now();
    const { status } = spawnSync(process.execPath, [LAUNCHER, "--version"]);
    if (status !== 0) throw new Error(`voxdial --version ended with ${status}`);
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  console.log(`command line start: ${Math.round(times[RUNS >> 1] ?? 0)} ms`);
}
