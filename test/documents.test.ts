/**
 * Documents that cannot drift: reference tables come from the code (`npx vitest run test/documents.test.ts -u` writes
 * them anew), and the README's commands and samples are run.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { startCarrierProcess } from "../api/cli/carrier-process.ts";
import { buildProgram } from "../api/cli/main.ts";
import { loadConfig } from "../api/config/load-config.ts";
import { settingsDocument } from "../api/config/settings-document.ts";
import { API_ERRORS } from "../api/errors.ts";
import { ENGINE_ERRORS } from "../engine/index.ts";
import { SIP_ERRORS } from "../sip/index.ts";
import { CHECK_CODES, VXML_ERRORS } from "../vxml/index.ts";
import { ACCOUNT, serveFolder, startServe } from "./support/serve-process.ts";

const ROOT = resolve(import.meta.dirname, "..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");

/** The contents of the README's fenced blocks of one language. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    (match) => match[1] ?? "",
  );
}

describe("reference documents", () => {
  it("ERRORS.md explains each error code", async () => {
    const tables = { vxml: VXML_ERRORS, engine: ENGINE_ERRORS, sip: SIP_ERRORS, api: API_ERRORS };
    const sections = Object.entries(tables).map(([room, table]) => {
      const rows = Object.entries(table).map(
        ([code, error]) =>
          `| \`${code}\` | ${error.meaning} | ${error.remedy} | ${error.retryable ? "yes" : "no"} |`,
      );
      return `## ${room}\n\n| code | what is wrong | what to do | may succeed later |\n|---|---|---|---|\n${rows.join("\n")}\n`;
    });
    const text = `# Errors\n\nHow a call ended is its outcome, not an error; these are what went wrong around calls.\n\n${sections.join("\n")}`;
    await expect(text).toMatchFileSnapshot("../ERRORS.md");
  });

  it("docs/configuration.md lists each setting", async () => {
    await expect(settingsDocument()).toMatchFileSnapshot("../docs/configuration.md");
  });
});

describe("the codes of voxdial check", () => {
  it("docs/check-codes.md explains each", async () => {
    const section = (severity: string): string =>
      Object.entries(CHECK_CODES)
        .filter(([, row]) => row.severity === severity)
        .map(([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`)
        .join("\n");
    const head = "| code | what is wrong | what to do |\n|---|---|---|\n";
    const text = `# What \`voxdial check\` finds

The codes are stable: scripts and build servers may rely on them. \`--json\` and \`--sarif\` name them as \`code\` and
\`ruleId\`.

## Errors

They keep the document from running, or end it where they are met. The exit status is 1.

${head}${section("error")}

## Warnings

They are likely mistakes. The exit status stays 0.

${head}${section("warning")}
`;
    await expect(text).toMatchFileSnapshot("../docs/check-codes.md");
  });
});

describe("the README", () => {
  it("names npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const named = [...README.matchAll(/npm (?:run )?(\w+)/g)]
      .map((match) => match[1] ?? "")
      .filter((name) => name !== "ci");
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it("names commands and options that exist", () => {
    const program = buildProgram();
    const lines = [...README.matchAll(/npx voxdial (\w+)([^`\n]*)/g)];
    expect(lines.length).toBeGreaterThanOrEqual(4);
    for (const [line, name, rest] of lines) {
      const command = program.commands.find((known) => known.name() === name);
      expect(command, line).toBeDefined();
      const options = [...(rest ?? "").matchAll(/(--[a-z-]+)/g)].map((match) => match[1] ?? "");
      const known = [...(command?.options ?? []).map((option) => option.long), "--help"];
      expect(
        options.filter((option) => !known.includes(option)),
        line,
      ).toEqual([]);
    }
  });

  it("shows a document that runs in text mode", () => {
    const folder = mkdtempSync(join(tmpdir(), "voxdial-readme-"));
    writeFileSync(join(folder, "menu.vxml"), blocks("xml")[0] ?? "");
    writeFileSync(join(folder, "keys.txt"), "1\n");
    const launcher = join(ROOT, "api/cli/voxdial.mjs");
    const run = spawnSync(process.execPath, [launcher, "run", "menu.vxml", "--input", "keys.txt"], {
      cwd: folder,
      encoding: "utf8",
    });
    rmSync(folder, { recursive: true });
    expect(run.stdout).toContain("> Press one to confirm.");
    expect(run.stdout).toContain("> You pressed 1.");
    expect(run.status).toBe(0);
  });

  it("shows a configuration that loads", () => {
    const folder = serveFolder({ host: "127.0.0.1", port: 5060 });
    const file = join(folder, "readme.yaml");
    writeFileSync(file, blocks("yaml")[0] ?? "");
    const config = loadConfig({ file, env: { CARRIER_PASSWORD: "x", REMINDERS_PIN: "1234" } });
    rmSync(folder, { recursive: true });
    expect(config.trunks.carrier?.host).toBe("sip.carrier.example");
    expect(config.accounts[0]?.pin).toBe("1234");
  });

  it("shows curl lines that queue calls", async () => {
    const carrier = await startCarrierProcess({ seed: 1 });
    const folder = serveFolder(carrier.peer);
    const serve = await startServe(folder);
    const pages = createServer((_request, response) => void response.end("<vxml/>"));
    await new Promise<void>((done) => pages.listen(0, "127.0.0.1", done));
    const pagesBase = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    try {
      const commands = blocks("sh").filter((block) => block.startsWith("curl "));
      expect(commands).toHaveLength(2);
      for (const command of commands) {
        const { url, body } = requestOf(command, (value) =>
          value
            .replace("http://127.0.0.1:8000", pagesBase)
            .replace(/^…$/, ACCOUNT.pin)
            .replace(/^(?:demo)$/, ACCOUNT.login),
        );
        const answer = await fetch(url.replace("http://127.0.0.1:8080", serve.base), {
          method: "POST",
          body,
        });
        expect(await answer.text()).toContain('status="queued"');
      }
    } finally {
      serve.kill("SIGKILL");
      await serve.exited;
      pages.closeAllConnections();
      pages.close();
      await carrier.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

/** Reads a curl line of `-d` or `-F` fields as a request; a file field gets a list of one number. */
function requestOf(
  command: string,
  change: (value: string) => string,
): { url: string; body: URLSearchParams | FormData } {
  const words = command.replaceAll("\\\n", " ").trim().split(/\s+/);
  const isMultipart = words.includes("-F");
  const body = isMultipart ? new FormData() : new URLSearchParams();
  for (const [index, word] of words.entries()) {
    if (word !== "-d" && word !== "-F") continue;
    const [name = "", value = ""] = (words[index + 1] ?? "").split(/=(.*)/s);
    if (value.startsWith("@") && body instanceof FormData)
      body.set(name, new Blob(["+12025550107\n"]), value.slice(1));
    else body.set(name, change(value));
  }
  return { url: words[1] ?? "", body };
}
