/** The package's version, read from its package.json, which lies above the sources and above dist/. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export function version(): string {
  for (const place of ["../../package.json", "../../../package.json"]) {
    const path = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(path)) return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
  }
  return "unknown";
}
