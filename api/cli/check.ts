/**
 * `voxdial check FILE…`: reads VoiceXML documents and reports every problem at once, with its place; nothing runs.
 * Documents named together are checked together: transitions between them count. The codes are explained in
 * `docs/check-codes.md`.
 *
 * Exit status: 0 no errors, though perhaps warnings; 1 errors; 2 a file cannot be read, or there is none.
 */
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { checkDocuments, type ProfileName } from "../../vxml/index.ts";
import { linesOf, printCheckSummary, printProblem } from "./check-report/problem-text.ts";
import { sarifLog } from "./check-report/sarif.ts";
import { selectFiles } from "./file-selection.ts";
import { version } from "./version.ts";

export interface CheckOptions {
  readonly profile?: string;
  /** One JSON object per problem instead of text. */
  readonly json?: boolean;
  readonly sarif?: boolean;
}

/** Checks the files; returns the exit status. */
export async function checkCommand(paths: readonly string[], options: CheckOptions): Promise<number> {
  const profile: ProfileName = options.profile === "plum" ? "plum" : "w3c";
  const { files, missing } = selectFiles(paths, [".vxml"]);
  const unreadable = missing.map((path) => `there is no file or folder ${path}`);
  if (files.length === 0 && missing.length === 0)
    unreadable.push(`there is no .vxml file in ${paths.join(", ")}`);
  const sources: { file: string; uri: string; text: string }[] = [];
  for (const file of files) {
    try {
      sources.push({ file, uri: pathToFileURL(file).href, text: await readFile(file, "utf8") });
    } catch (cause) {
      unreadable.push(`cannot read ${file}: ${cause instanceof Error ? cause.message : cause}`);
    }
  }
  const found = checkDocuments(sources, profile);
  const results = sources.map((source, index) => ({ ...source, problems: found[index] ?? [] }));
  if (options.sarif) console.log(JSON.stringify(sarifLog(results, version(), process.cwd()), null, 2));
  else if (options.json) {
    for (const { file, problems } of results)
      for (const problem of problems) console.log(JSON.stringify({ file, ...problem }));
  } else {
    for (const { file, text, problems } of results) {
      const lines = problems.length > 0 ? linesOf(text) : [];
      for (const problem of problems)
        for (const line of printProblem(file, problem, lines)) console.log(line);
    }
    if (results.length > 0) console.log(printCheckSummary(found));
  }
  for (const message of unreadable) process.stderr.write(`voxdial: ${message}\n`);
  if (unreadable.length > 0) return 2;
  return found.flat().some(({ severity }) => severity === "error") ? 1 : 0;
}
