/** The SRGS runner, on a small set of its own in a folder of the test's. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSkips, readSrgsCases } from "./srgs-cases.ts";
import { judge, readText } from "./srgs-judge.ts";
import { printReport } from "./srgs-report.ts";

const folder = mkdtempSync(join(tmpdir(), "srgs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = 'xmlns="http://www.w3.org/2001/06/grammar" version="1.0" xml:lang="en" root="r"';
writeFileSync(
  join(folder, "token-own.grxml"),
  `<grammar ${HEAD}>
  <meta name="in.1" content="a &quot;b&quot;"/><meta name="out.1" content='$r["a",$x["b",{!{&lt;t&gt;}!}]]'/>
  <meta name="in.2" content="a"/><meta content = 'REJECT' name="out.2"/>
  <meta name="in.3" content="c"/><meta name="out.3" content='$x["b"]'/>
  <rule id="r">a <ruleref uri="#x"/></rule><rule id="x">b <tag>&lt;t&gt;</tag></rule></grammar>`,
);
writeFileSync(
  join(folder, "ruleref-own.grxml"),
  `<grammar ${HEAD}><meta name="in.1" content="a b"/><meta name="out.1" content='$r[$&lt;./token-own.grxml>["a",$x["b",{!{&lt;t>}!}]]]'/>
  <rule id="r"><ruleref uri="token-own.grxml"/></rule></grammar>`,
);
writeFileSync(join(folder, "skips.txt"), "# why\ntoken-own.grxml in.3: a reason: with a colon\n");

describe("SRGS cases", () => {
  const cases = readSrgsCases(folder, readText);

  it("are read from the grammars themselves, and judged by their trees", () => {
    expect(cases.map((testCase) => [testCase.id, judge(folder, testCase).isPassed])).toEqual([
      ["ruleref-own.grxml in.1", true],
      ["token-own.grxml in.1", true],
      ["token-own.grxml in.2", true],
      ["token-own.grxml in.3", false],
    ]);
  });

  it("are skipped only with a reason", () => {
    const skips = join(folder, "skips.txt");
    expect([...readSkips(skips)]).toEqual([["token-own.grxml in.3", "a reason: with a colon"]]);
    writeFileSync(join(folder, "bad.txt"), "token-own.grxml in.3\n");
    expect(() => readSkips(join(folder, "bad.txt"))).toThrow("no reason");
  });

  it("are counted by section", () => {
    const outcomes = cases.map((testCase) => ({ testCase, result: "passed", note: "" }) as const);
    const report = printReport(outcomes);
    expect(report).toContain("| 2.1 Tokens | 3 | 3 | 0 | 0 |");
    expect(report).toContain("| **All** | 4 | 4 | 0 | 0 |");
  });
});
