/** The files a command works on: those named, and in folders those with the ending it reads. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export interface FileSelection {
  /** Paths as the user would write them, sorted within each folder, none twice. */
  readonly files: readonly string[];
  /** What was named and is not there. */
  readonly missing: readonly string[];
}

/** Folders are read with everything below them; what lies in `node_modules` or begins with a dot is passed over. */
export function selectFiles(paths: readonly string[], endings: readonly string[]): FileSelection {
  const files = new Set<string>();
  const missing: string[] = [];
  for (const path of paths) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) missing.push(path);
    else if (found.isDirectory()) for (const file of filesBelow(path, endings)) files.add(file);
    else files.add(path);
  }
  return { files: [...files], missing };
}

function filesBelow(folder: string, endings: readonly string[]): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
      if (entry.isDirectory()) return filesBelow(path, endings);
      return entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
    });
}
