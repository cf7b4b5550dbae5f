/** How long the whole demo takes, from the command to its result table. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LAUNCHER = join(import.meta.dirname, "../api/cli/voxdial.mjs");

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "voxdial-bench-demo-"));
  const startedAt = performance.now();
  const { status } = spawnSync(process.execPath, [LAUNCHER, "demo", "--json", "--folder", folder]);
  const seconds = (performance.now() - startedAt) / 1000;
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`the demo ended with status ${status}`);
  console.log(`demo: ${seconds.toFixed(1)} s`);
}
