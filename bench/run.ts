/**
 * Every benchmark, or those named: `npm run bench`, `npm run bench -- rtp sip`. Each runs in a process of its own, so
 * that one's heap and workers do not weigh on the next; all figures are printed once more at the end, as
 * `name: value unit` lines.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A figure: `sip calls per second: 1523 calls/s`. */
const FIGURE = /^[a-z0-9][^:{]*: -?[\d.,]+ \S.*$/i;

const [mode, only] = process.argv.slice(2);
if (mode === "--one" && only) {
  const { run } = (await import(pathToFileURL(only).href)) as { run: () => Promise<void> };
  await run();
} else {
  await runAll(process.argv.slice(2));
}

async function runAll(wanted: readonly string[]): Promise<void> {
  const benches = readdirSync(import.meta.dirname)
    .filter((file) => /-(?:setup|load|cost|turn|match|enqueue|start)\.ts$/.test(file))
    .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)));

  if (benches.length === 0) {
    console.error(`no benchmark begins with ${wanted.join(" or ")}`);
    process.exit(2);
  }

  const figures: string[] = [];
  let failures = 0;
  for (const file of benches) {
    console.log(`== ${file}`);
    const { status, lines } = await runBench(join(import.meta.dirname, file));
    if (status !== 0) {
      failures++;
      console.log(`== ${file} failed with status ${status}`);
    }
    figures.push(...lines.filter((line) => FIGURE.test(line)));
  }
  console.log("== figures");
  for (const figure of figures) console.log(figure);
  process.exitCode = failures === 0 ? 0 : 1;
}

async function runBench(path: string): Promise<{ status: number | null; lines: string[] }> {
  // This file again: options such as -e would be handed on to the processes that a benchmark forks.
  const child = spawn(process.execPath, ["--expose-gc", import.meta.filename, "--one", path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  const status = await new Promise<number | null>((done) => child.once("close", done));
  return { status, lines: text.split("\n") };
}
