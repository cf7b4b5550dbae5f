/**
 * `voxdial test DIR|FILE…`: plays transcripts against their documents and says which runs went as written
 * (`docs/transcripts.md`). Nothing is dialed, nothing is fetched from elsewhere, and no time passes.
 *
 * Exit status: 0 all went as written; 1 some did not; 2 there is nothing to play.
 */
import { statSync, watch } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, resolve as resolvePath } from "node:path";
import type { ProfileName, ScriptEngines } from "../../vxml/index.ts";
import { prepareScripts } from "../../vxml/index.ts";
import { readScriptEngineBytes } from "../workers/script-engine-bytes.ts";
import { CliError } from "./cli-error.ts";
import { selectFiles } from "./file-selection.ts";
import { playTranscript } from "./transcript/transcript-player.ts";
import {
  junitReport,
  printResult,
  printSummary,
  resultAsJson,
  resultOf,
  type TranscriptResult,
} from "./transcript/transcript-results.ts";

export interface TestOptions {
  /** Dialect of transcripts that name none. */
  readonly profile?: string;
  /** One JSON object per transcript instead of text. */
  readonly json?: boolean;
  /** Where the JUnit report goes. */
  readonly junit?: string;
  /** Plays again whenever a file beside a transcript changes; ends with the process. */
  readonly watch?: boolean;
}

/** A change is often several events; they are one when they come closer together than this. */
const SETTLE_MS = 100;

/** Plays the transcripts; returns the exit status. With `watch` it returns only when watching fails. */
export async function testCommand(paths: readonly string[], options: TestOptions): Promise<number> {
  const scripts = await prepareScripts(await readScriptEngineBytes());
  const { files, missing } = selectFiles(paths, [".transcript"]);
  for (const path of missing) process.stderr.write(`voxdial: there is no file or folder ${path}\n`);
  if (missing.length > 0) return 2;
  if (files.length === 0 && !options.watch) {
    process.stderr.write(`voxdial: there is no .transcript file in ${paths.join(", ")}\n`);
    return 2;
  }
  if (options.watch) {
    await watchAndPlay(paths, scripts, options);
    return 1;
  }
  const results = await playAll(files, scripts, options);
  return results.every(({ passed }) => passed) ? 0 : 1;
}

async function playAll(
  files: readonly string[],
  scripts: ScriptEngines,
  options: TestOptions,
): Promise<TranscriptResult[]> {
  const profile: ProfileName = options.profile === "plum" ? "plum" : "w3c";
  const results: TranscriptResult[] = [];
  for (const file of files) {
    const startMs = performance.now();
    const result = await playOne(file, scripts, profile, startMs);
    results.push(result);
    for (const line of options.json ? [resultAsJson(result)] : printResult(result)) console.log(line);
  }
  if (!options.json) console.log(printSummary(results));
  if (options.junit !== undefined) await writeReport(options.junit, junitReport(results));
  return results;
}

async function playOne(
  file: string,
  scripts: ScriptEngines,
  profile: ProfileName,
  startMs: number,
): Promise<TranscriptResult> {
  try {
    const run = await playTranscript(file, scripts, profile);
    return resultOf(file, performance.now() - startMs, run);
  } catch (cause) {
    const failure = [`cannot be read: ${cause instanceof Error ? cause.message : cause}`];
    return { file, passed: false, durationMs: performance.now() - startMs, failure };
  }
}

async function writeReport(path: string, report: string): Promise<void> {
  try {
    await writeFile(path, report);
  } catch (cause) {
    throw new CliError(`cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** Plays all, and all anew after each change; one run at a time. Resolves, with a message, when watching fails. */
function watchAndPlay(paths: readonly string[], scripts: ScriptEngines, options: TestOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let isPlaying = false;
    let isStale = false;
    const play = async (): Promise<void> => {
      isStale = true;
      if (isPlaying) return;
      isPlaying = true;
      while (isStale) {
        isStale = false;
        await playAll(selectFiles(paths, [".transcript"]).files, scripts, options);
        if (!options.json) console.log("Waiting for changes; end with Ctrl-C.");
      }
      isPlaying = false;
    };
    const report = options.junit === undefined ? undefined : resolvePath(options.junit);
    // Watched before the first run, so that no change falls between.
    for (const [folder, recursive] of watchedFolders(paths))
      watch(folder, { recursive }, (_event, name) => {
        if (name !== null && resolvePath(folder, name) === report) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          play().catch(reject);
        }, SETTLE_MS);
      }).on("error", (error) => {
        process.stderr.write(`voxdial: cannot watch any longer: ${error.message}\n`);
        resolve();
      });
    play().catch(reject);
  });
}

/** The folders named, with all below them, and those that the files named lie in: the documents are there. */
function watchedFolders(paths: readonly string[]): Map<string, boolean> {
  const folders = new Map<string, boolean>();
  for (const path of paths) {
    const isFolder = statSync(path).isDirectory();
    const folder = isFolder ? path : dirname(path);
    folders.set(folder, isFolder || folders.get(folder) === true);
  }
  return folders;
}
