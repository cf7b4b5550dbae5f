/** What came of transcripts, for people, for programs (JSON lines) and for build servers (JUnit XML). */
import { diffLines, printDiff } from "./line-diff.ts";
import type { TranscriptRun } from "./transcript-player.ts";

export interface TranscriptResult {
  /** As the user named it, or below the folder the user named. */
  readonly file: string;
  readonly passed: boolean;
  readonly durationMs: number;
  /** Why it failed, line by line; empty when it passed. */
  readonly failure: readonly string[];
}

/** Judges a run. */
export function resultOf(file: string, durationMs: number, run: TranscriptRun): TranscriptResult {
  const failure =
    run.faults.length > 0
      ? run.faults.map(({ line, message }) => `line ${line}: ${message}`)
      : differs(run)
        ? printDiff(diffLines(run.expected, run.actual))
        : [];
  return { file, passed: failure.length === 0, durationMs, failure };
}

function differs({ expected, actual }: TranscriptRun): boolean {
  return expected.length !== actual.length || expected.some((line, index) => line !== actual[index]);
}

/** `ok` or `FAILED` with the name, and below it what differs. */
export function printResult(result: TranscriptResult): string[] {
  const { file, passed, failure } = result;
  if (passed) return [`ok      ${file}`];
  return [`FAILED  ${file}`, ...failure.map((line) => `        ${line}`)];
}

export function printSummary(results: readonly TranscriptResult[]): string {
  const failed = results.filter(({ passed }) => !passed).length;
  return `${results.length - failed} passed, ${failed} failed`;
}

/** One object per transcript. */
export function resultAsJson(result: TranscriptResult): string {
  const { file, passed, durationMs, failure } = result;
  return JSON.stringify({ file, passed, durationMs: Math.round(durationMs), ...(passed ? {} : { failure }) });
}

/** The JUnit form that build servers read: one suite, one case per transcript. */
export function junitReport(results: readonly TranscriptResult[]): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  const total = seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const failed = results.filter(({ passed }) => !passed).length;
  const cases = results.map(({ file, passed, durationMs, failure }) => {
    const [name = file, ...folders] = file.split("/").reverse();
    const open = `    <testcase name="${escaped(name)}" classname="${escaped(folders.reverse().join(".") || "transcripts")}" file="${escaped(file)}" time="${seconds(durationMs)}"`;
    if (passed) return `${open}/>`;
    const text = escaped(failure.join("\n"));
    return `${open}>\n      <failure message="the run differs from the transcript">${text}</failure>\n    </testcase>`;
  });
  const counts = `tests="${results.length}" failures="${failed}" errors="0" time="${total}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="voxdial test" skipped="0" ${counts}>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** Characters that XML 1.0 cannot hold become the replacement character. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
