#!/usr/bin/env node
// Starts the command line: from the TypeScript sources in a clone, from dist/ in the installed package.
// Plain JavaScript that an older Node can read, so that it can say what is needed or switch to the bundled one.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
const isNewEnough = major > 22 || (major === 22 && minor >= 19);

if (isNewEnough) {
  const source = new URL("./main.ts", import.meta.url);
  const built = new URL("../../dist/api/cli/main.js", import.meta.url);
  const { main } = await import((existsSync(source) ? source : built).href);
  await main(process.argv.slice(2));
} else {
  const bundled = bundledNode();
  if (!bundled) {
    process.stderr.write(
      `voxdial needs Node 22.19 or newer; this is ${process.version} at ${process.execPath}.\n` +
        "Install Node 22, or run `npm ci` on Linux with glibc, which brings one along.\n",
    );
    process.exit(1);
  }
  const child = spawn(bundled, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // A terminal signals the whole group; a supervisor only this process.
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {});
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function bundledNode() {
  const require = createRequire(import.meta.url);
  try {
    return require.resolve(`node-linux-${process.arch}/bin/node`);
  } catch {
    return undefined;
  }
}
