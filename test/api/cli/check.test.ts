/** `voxdial check` in a process of its own: text, JSON lines, SARIF, and its exit status. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CHECK_CODES } from "../../../vxml/index.ts";

const LAUNCHER = join(import.meta.dirname, "../../../api/cli/voxdial.mjs");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "voxdial-check-")));
afterAll(() => rmSync(folder, { recursive: true }));

const DOCUMENT = (content: string): string =>
  `<?xml version="1.0"?>\n<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">\n  ${content}\n</vxml>\n`;
mkdirSync(join(folder, "menus and more"));
writeFileSync(
  join(folder, "good.vxml"),
  DOCUMENT('<form><block><goto next="other.vxml#there"/></block></form>'),
);
writeFileSync(join(folder, "other.vxml"), DOCUMENT('<form id="here"/><form id="there"/>'));
writeFileSync(
  join(folder, "menus and more", "bad.vxml"),
  DOCUMENT('<form id="a"><block cond="x =="><goto next="#b"/><log>x</log></block></form>'),
);

function run(args: readonly string[]): Promise<{ status: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LAUNCHER, "check", ...args], { cwd: folder });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, out, err }));
  });
}

describe("voxdial check", () => {
  it("shows every problem with its place and ends with status 1", async () => {
    const { status, out } = await run(["menus and more/bad.vxml"]);
    const source = '    3 |   <form id="a"><block cond="x =="><goto next="#b"/><log>x</log></block></form>';
    const marks = (column: number, length: number): string =>
      `      | ${" ".repeat(column - 1)}${"^".repeat(length)}`;
    expect(out.split("\n")).toEqual([
      "menus and more/bad.vxml:3:33: error script-syntax: cond of <block>: the end is unexpected",
      source,
      marks(33, 1),
      'menus and more/bad.vxml:3:47: error target-unknown: the document has no dialog with id "b"',
      source,
      marks(47, 2),
      "menus and more/bad.vxml:3:52: warning content-unreachable: this never runs: the <goto> in line 3 is always taken",
      source,
      marks(52, 4),
      "2 errors, 1 warning in 1 of 1 document",
      "",
    ]);
    expect(status).toBe(1);
  });

  it("checks documents together, and ends with status 0 on warnings alone", async () => {
    expect(await run(["good.vxml", "other.vxml"])).toMatchObject({
      status: 0,
      out: "2 documents: no problems\n",
    });
    const alone = await run(["other.vxml"]);
    expect(alone.out).toContain(
      'other.vxml:3:20: warning dialog-unreached: nothing leads to the form "there"',
    );
    expect(alone.status).toBe(0);
  });

  it("prints one JSON object per problem", async () => {
    const { status, out } = await run([".", "--json"]);
    const problems = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(problems).toHaveLength(3);
    expect(problems[1]).toEqual({
      file: join("menus and more", "bad.vxml"),
      code: "target-unknown",
      severity: "error",
      message: 'the document has no dialog with id "b"',
      line: 3,
      column: 47,
      endColumn: 49,
    });
    expect(status).toBe(1);
  });

  it("prints SARIF with a rule for each code", async () => {
    const { status, out } = await run([".", "--sarif"]);
    const log = JSON.parse(out);
    expect(log.version).toBe("2.1.0");
    const [{ tool, results, artifacts, originalUriBaseIds }] = log.runs;
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(Object.keys(CHECK_CODES));
    expect(originalUriBaseIds.SRCROOT.uri).toMatch(/^file:\/\/.*\/$/);
    expect(artifacts).toHaveLength(3);
    expect(results).toHaveLength(3);
    for (const { ruleId, ruleIndex, level } of results) {
      expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(tool.driver.rules[ruleIndex].defaultConfiguration.level).toBe(level);
    }
    expect(results[1]).toMatchObject({
      ruleId: "target-unknown",
      level: "error",
      message: { text: 'the document has no dialog with id "b"' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "menus%20and%20more/bad.vxml", uriBaseId: "SRCROOT" },
            region: { startLine: 3, startColumn: 47, endLine: 3, endColumn: 49 },
          },
        },
      ],
    });
    expect(status).toBe(1);
  });

  it("reads documents in the dialect of --profile", async () => {
    const plum = join(folder, "plum.vxml");
    writeFileSync(plum, DOCUMENT('<form><block><submit next="a" method="raw" rawexpr="1"/></block></form>'));
    expect((await run(["plum.vxml", "--profile", "plum"])).status).toBe(0);
    const w3c = await run(["plum.vxml"]);
    rmSync(plum);
    expect(w3c.out).toContain("error attribute-unknown: <submit> has no attribute rawexpr");
    expect(w3c.status).toBe(1);
  });

  it("ends with status 2 on wrong use", async () => {
    const missing = await run(["nowhere.vxml", "good.vxml"]);
    expect(missing).toMatchObject({
      status: 2,
      err: "voxdial: there is no file or folder nowhere.vxml\n",
    });
    expect(missing.out).toBe("1 document: no problems\n");
    expect((await run([])).status).toBe(2);
    expect((await run(["good.vxml", "--json", "--sarif"])).status).toBe(2);
    expect((await run(["good.vxml", "--profile", "vxml3"])).status).toBe(2);
  });
});
