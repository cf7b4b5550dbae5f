/**
 * The conformance runs: `npm run conformance` judges the W3C's SRGS cases and writes `docs/conformance.md`;
 * `npm run conformance -- --cases DIR/cases.json --base http://127.0.0.1:PORT/` judges a folder of VoiceXML cases.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readSkips, readSrgsCases } from "./srgs-cases.ts";
import { judge, readText } from "./srgs-judge.ts";
import { printReport, type SrgsOutcome } from "./srgs-report.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SKIPS = join(import.meta.dirname, "srgs-skips.txt");
const REPORT = join(ROOT, "docs/conformance.md");
const PUBLISHED = "https://www.w3.org/Voice/2003/srgs-ir/";

const { values } = parseArgs({
  options: {
    srgs: { type: "string" },
    cases: { type: "string" },
    base: { type: "string" },
    profile: { type: "string", default: "w3c" },
    only: { type: "string" },
  },
});

process.exitCode = values.cases === undefined ? runSrgs() : await runCases(values.cases);

function runSrgs(): number {
  const folder = resolve(values.srgs ?? join(dirname(ROOT), "shared/conformance/srgs10"));
  if (!existsSync(folder)) {
    console.log(`The W3C's SRGS cases are not at ${folder}.`);
    console.log(`The W3C publishes them at ${PUBLISHED}; name their folder by --srgs DIR.`);
    return 0;
  }
  const skips = readSkips(SKIPS);
  const outcomes = readSrgsCases(folder, readText).map((testCase): SrgsOutcome => {
    const reason = skips.get(testCase.id);
    const { isPassed, found } = judge(folder, testCase);
    if (reason === undefined) return { testCase, result: isPassed ? "passed" : "failed", note: found };
    return { testCase, result: isPassed ? "wrongly skipped" : "skipped", note: reason };
  });
  for (const { testCase, result, note } of outcomes)
    if (result === "failed")
      console.log(`failed: ${testCase.id}\n  expected ${testCase.expected}\n  found    ${note}`);
    else if (result === "wrongly skipped")
      console.log(`passes now, and must leave the skip file: ${testCase.id} (${note})`);
  const judged = outcomes.filter(({ result }) => result !== "skipped");
  const passed = judged.filter(({ result }) => result === "passed");
  const unknown = [...skips.keys()].filter((id) => !outcomes.some(({ testCase }) => testCase.id === id));
  for (const id of unknown) console.log(`the skip file names a case that is not there: ${id}`);
  if (values.srgs === undefined) writeIfChanged(REPORT, printReport(outcomes));
  console.log(`conformance passed: ${passed.length} of ${judged.length}`);
  console.log(`SRGS 1.0, XML form; skipped with reasons: ${outcomes.length - judged.length}`);
  return passed.length === judged.length && unknown.length === 0 ? 0 : 1;
}

async function runCases(path: string): Promise<number> {
  const { profile, base, only } = values;
  if (base === undefined || !/^https?:\/\//.test(base)) {
    console.error("--cases needs --base, the URL the cases are served from, such as http://127.0.0.1:8080/");
    return 2;
  }
  if (profile !== "w3c" && profile !== "plum") {
    console.error(`--profile ${profile}: it must be w3c or plum`);
    return 2;
  }
  const { readVoiceXmlCases } = await import("./voicexml-cases.ts");
  const { runVoiceXmlCases } = await import("./voicexml-run.ts");
  const cases = readVoiceXmlCases(readFileSync(path, "utf8")).filter(
    ({ id }) => only === undefined || id.includes(only),
  );
  console.log(`profile: ${profile}`);
  const results = await runVoiceXmlCases(cases, { base, profile });
  const failures = results.filter(({ failure }) => failure !== undefined);
  for (const { id, failure } of failures) console.log(`failed: ${id}: ${failure}`);
  console.log(`conformance passed: ${results.length - failures.length} of ${results.length}`);
  return failures.length === 0 ? 0 : 1;
}

function writeIfChanged(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}
