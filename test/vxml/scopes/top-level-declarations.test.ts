/** Scripts before and after the rewriting, run in a real sandbox: what they declare is the scope's. */
import { describe, expect, it } from "vitest";
import { readScriptEngineBytes } from "../../../api/workers/script-engine-bytes.ts";
import { ScopeChain } from "../../../vxml/scopes/scope-chain.ts";
import { prepareScripts } from "../../../vxml/scopes/script-engine.ts";
import { scopeDeclarations } from "../../../vxml/scopes/top-level-declarations.ts";

const engines = await prepareScripts(await readScriptEngineBytes());

async function run(source: string, ...expressions: string[]): Promise<unknown[]> {
  const sandbox = await engines.take();
  const scopes = new ScopeChain(sandbox);
  scopes.enterRootDocument();
  scopes.runScript("document", source);
  const values = expressions.map((expression) => scopes.evaluate(expression));
  engines.giveBack(sandbox);
  return values;
}

describe("top-level declarations", () => {
  it.each([
    ["var a = 1, b, c = a + 1", ["document.a", "document.b", "document.c"], [1, undefined, 2]],
    ["let {x, y: [z]} = {x: 1, y: [2]}", ["document.x", "document.z"], [1, 2]],
    ["const [p, ...q] = [1, 2, 3];", ["document.p", "document.q"], [1, [2, 3]]],
    ["class A { get v() { return 7 } }\nvar w = new A().v", ["document.w"], [7]],
    ["for (var i = 0, n = 2; i < n; i++) {}", ["document.i", "document.n"], [2, 2]],
    ["for (var k in {only: 1}) {}", ["document.k"], ["only"]],
    ["for (const v of [5]) {}", ["typeof document.v"], ["undefined"]],
    ["if (true) { var inner = 3 }", ["document.inner"], [3]],
    ["function f() { var local = 1; return local }", ["f()", "typeof document.local"], [1, "undefined"]],
    ["var first = hoisted(); function hoisted() { return 'yes' }", ["first"], ["yes"]],
    ["try { var t = 1 } catch (e) { var u = 2 }", ["document.t", "document.u"], [1, undefined]],
    ["var a = 1\nvar b = 2\n;[3].forEach(n => b += n)", ["a", "b"], [1, 5]],
    ["switch (1) { case 1: var s = 's' }", ["document.s"], ["s"]],
    ["lbl: for (var j = 0; ; j++) { if (j > 3) break lbl }", ["j"], [4]],
    ["<!-- an old comment\nvar old = 1", ["old"], [1]],
    ["var g = function () { return this === undefined ? 0 : typeof this }", ["g()"], ["object"]],
    ["global1 = 4", ["global1", "typeof document.global1"], [4, "undefined"]],
  ])("%s", async (source, expressions, values) => {
    expect(await run(source, ...expressions)).toEqual(values);
  });

  it("names the position of a syntax error", () => {
    expect(() => scopeDeclarations("var a = ;")).toThrow(/SyntaxError: .*\(1:8\)/);
  });
});
