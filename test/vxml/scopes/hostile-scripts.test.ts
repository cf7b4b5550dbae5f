/**
 * Scripts that try to take time, memory or the host for themselves. Each runs in a sandbox of its own; afterwards a
 * neighbour's variables are as they were, and the sandbox either works on or is marked to be dropped.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readScriptEngineBytes } from "../../../api/workers/script-engine-bytes.ts";
import { VxmlError } from "../../../vxml/errors.ts";
import { ScopeChain } from "../../../vxml/scopes/scope-chain.ts";
import { prepareScripts } from "../../../vxml/scopes/script-engine.ts";

const cases = readFileSync(join(import.meta.dirname, "../../../fixtures/vxml/hostile/scripts.txt"), "utf8")
  .split(/^## /m)
  .slice(1)
  .map((part): [name: string, source: string] => {
    const end = part.indexOf("\n");
    return [part.slice(0, end), part.slice(end + 1).trim()];
  });

const engines = await prepareScripts(await readScriptEngineBytes());
const neighbourSandbox = await engines.take();
const neighbour = new ScopeChain(neighbourSandbox);
neighbour.enterRootDocument();
neighbour.runScript("document", "var mine = { count: 1 }; function next() { return ++mine.count }");
let count = 1;

describe("a hostile script", () => {
  it("comes in more than sixty kinds", () => {
    expect(cases.length).toBeGreaterThan(60);
  });

  it.each(cases)("%s is contained", async (_, source) => {
    const sandbox = await engines.take();
    const scopes = new ScopeChain(sandbox);
    scopes.enterRootDocument();
    scopes.putSession(["connection"], { callee_type: "voice" });
    const attempts = [
      () => scopes.runScript("document", source),
      () => scopes.evaluate("typeof list + typeof rope"),
      () => scopes.evaluate(`(function () { ${source}\n})()`),
    ];
    for (const attempt of attempts) expectContained(attempt);
    if (!sandbox.isPoisoned) {
      expectContained(() => scopes.evaluate("session.connection.callee_type"));
      scopes.leave("application");
    }
    expect(sandbox.memory.buffer.byteLength).toBeLessThanOrEqual(16 * 1024 * 1024);
    engines.giveBack(sandbox);
    expect(neighbour.evaluate("next()")).toBe(++count);
    expect(neighbourSandbox.isPoisoned).toBe(false);
  });

  it("leaves nothing behind for the next session in the same sandbox", async () => {
    const first = await engines.take();
    const scopes = new ScopeChain(first);
    scopes.enterRootDocument();
    scopes.runScript(
      "document",
      "leftover = 1; Object.prototype.mark = 1; Math.max = null; var list = 'secret';",
    );
    engines.giveBack(first);
    const second = engines.takeReady();
    expect(second).toBe(first);
    if (!second) return;
    const fresh = new ScopeChain(second);
    fresh.enterRootDocument();
    expect(fresh.evaluate("[typeof leftover, typeof ({}).mark, Math.max(1, 2), typeof list]")).toEqual([
      "undefined",
      "undefined",
      2,
      "undefined",
    ]);
  });
});

/** Nothing but an error of the interpreter's own may come out. */
function expectContained(attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(VxmlError);
  }
}
