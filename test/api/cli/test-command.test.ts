/** `voxdial test` in a process of its own: what it prints and writes, its exit status, and the guide's example. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SaxesParser } from "saxes";
import { afterAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const LAUNCHER = join(ROOT, "api/cli/voxdial.mjs");
const temporary = mkdtempSync(join(tmpdir(), "voxdial-test-command-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** A folder with these files. */
function folder(name: string, files: Record<string, string>): string {
  for (const [file, text] of Object.entries(files)) {
    const path = join(temporary, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return join(temporary, name);
}

function run(
  args: readonly string[],
  cwd: string,
): Promise<{ status: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LAUNCHER, "test", ...args], { cwd });
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

const SAY = (text: string): string =>
  `<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form><block>${text}</block></form></vxml>`;
const mixed = folder("mixed", {
  "good.vxml": SAY("Hello."),
  "good.transcript": '> prompt "Hello."\n> end exit\n',
  "deep/bad.vxml": SAY("Hello &amp; bye."),
  "deep/bad.transcript": '> prompt "Good day."\n> end exit\n',
});

describe("voxdial test", () => {
  it("says which transcripts went as written and what differs in the others", async () => {
    const { status, out } = await run(["."], mixed);
    expect(out.split("\n")).toEqual([
      "FAILED  deep/bad.transcript",
      '        - > prompt "Good day."',
      '        + > prompt "Hello & bye."',
      "          > end exit",
      "ok      good.transcript",
      "1 passed, 1 failed",
      "",
    ]);
    expect(status).toBe(1);
  });

  it("ends with status 0 when all went as written", async () => {
    const { status, out } = await run(["good.transcript"], mixed);
    expect(out).toBe("ok      good.transcript\n1 passed, 0 failed\n");
    expect(status).toBe(0);
  });

  it("prints one JSON object per transcript", async () => {
    const { status, out } = await run(["--json", "."], mixed);
    const [bad, good] = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(bad).toMatchObject({ file: "deep/bad.transcript", passed: false });
    expect(bad.failure).toContain('+ > prompt "Hello & bye."');
    expect(good).toEqual({ file: "good.transcript", passed: true, durationMs: expect.any(Number) });
    expect(status).toBe(1);
  });

  it("writes a JUnit report", async () => {
    await run([".", "--junit", "report.xml"], mixed);
    const elements: { name: string; attributes: Record<string, string>; text: string }[] = [];
    const parser = new SaxesParser();
    parser.on("opentag", ({ name, attributes }) => elements.push({ name, attributes, text: "" }));
    parser.on("text", (text) => {
      const last = elements.at(-1);
      if (last) last.text += text;
    });
    parser.write(readFileSync(join(mixed, "report.xml"), "utf8")).close();
    expect(elements.map(({ name }) => name)).toEqual([
      "testsuites",
      "testsuite",
      "testcase",
      "failure",
      "testcase",
    ]);
    expect(elements[1]?.attributes).toMatchObject({ tests: "2", failures: "1", errors: "0" });
    expect(elements[2]?.attributes).toMatchObject({ name: "bad.transcript", classname: "deep" });
    expect(elements[3]?.text).toContain('+ > prompt "Hello & bye."');
  });

  it("takes the dialect of --profile where a transcript names none", async () => {
    const plum = folder("plum", {
      "submit.vxml": SAY('<submit next="/done"/>').replace(
        "<form>",
        '<form><field name="n" expr="1"><grammar src="builtin:digits"/></field>',
      ),
      "submit.transcript": "= status /done 500\n> fetch /done\n> event error.badfetch.http.500\n",
      "named.transcript": "= profile w3c\n= document submit.vxml\n= status /done 500\n> fetch /done n=1\n",
    });
    const failures = (out: string): string[] =>
      out.split("\n").filter((line) => /^ +[-+] > fetch/.test(line));
    expect(failures((await run([".", "--profile", "plum"], plum)).out)).toEqual([]);
    expect(failures((await run(["submit.transcript"], plum)).out)).toHaveLength(2);
  });

  it("names the lines of a transcript that mean nothing", async () => {
    const wrong = folder("wrong", { "a.vxml": SAY("A"), "a.transcript": '> prompt "A"\n< press 1\n' });
    const { status, out } = await run(["a.transcript"], wrong);
    expect(out).toContain('        line 2: "press" is nothing a caller does');
    expect(status).toBe(1);
  });

  it("ends with status 2 when there is nothing to play, or on an unknown option", async () => {
    const empty = folder("empty", { "only.vxml": SAY("A") });
    const nothing = await run(["."], empty);
    expect(nothing).toMatchObject({ status: 2, out: "" });
    expect(nothing.err).toContain("there is no .transcript file in .");
    const missing = await run(["nowhere"], empty);
    expect(missing).toMatchObject({ status: 2, err: "voxdial: there is no file or folder nowhere\n" });
    expect((await run([".", "--colour"], empty)).status).toBe(2);
    expect((await run([], empty)).status).toBe(2);
  });

  it("plays again after a change and ends when it is told to", async () => {
    const watched = folder("watched", {
      "a.vxml": SAY("One."),
      "a.transcript": '> prompt "Two."\n> end exit\n',
    });
    const child = spawn(process.execPath, [LAUNCHER, "test", ".", "--watch"], { cwd: watched });
    const ended = new Promise((resolve) => child.on("close", resolve));
    try {
      await printed(child, /0 passed, 1 failed\nWaiting for changes/);
      writeFileSync(join(watched, "a.vxml"), SAY("Two."));
      await printed(child, /1 passed, 0 failed\nWaiting for changes/);
    } finally {
      child.kill("SIGINT");
      await ended;
    }
  });
});

/** Resolves once the process has printed what matches. */
function printed(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve();
    });
    child.on("close", () => reject(new Error(`ended after: ${text}`)));
  });
}

describe("the guide to transcripts", () => {
  it("shows an example that passes", async () => {
    const guide = readFileSync(join(ROOT, "docs/transcripts.md"), "utf8");
    const block = (language: string): string[] =>
      [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
        (match) => match[1] ?? "",
      );
    const [order = "", saved = ""] = block("xml");
    const [transcript = ""] = block("transcript");
    const example = folder("guide", {
      "order.vxml": order,
      "saved.vxml": saved,
      "order.transcript": transcript,
    });
    const { status, out } = await run(["."], example);
    expect(out).toBe("ok      order.transcript\n1 passed, 0 failed\n");
    expect(status).toBe(0);
  });
});
