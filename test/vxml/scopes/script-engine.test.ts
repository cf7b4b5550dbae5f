/** The sandbox itself: preparation, metering, the pool, and what crosses its border. */
import { describe, expect, it } from "vitest";
import { readScriptEngineBytes } from "../../../api/workers/script-engine-bytes.ts";
import { VxmlError } from "../../../vxml/errors.ts";
import { injectFuel } from "../../../vxml/scopes/fuel-injection.ts";
import { ScopeChain } from "../../../vxml/scopes/scope-chain.ts";
import { prepareScripts } from "../../../vxml/scopes/script-engine.ts";

const bytes = await readScriptEngineBytes();
const engines = await prepareScripts(bytes);
const LIMITS = { initialPages: 96, maximumPages: 256 };

async function withScopes(work: (scopes: ScopeChain) => void): Promise<void> {
  const sandbox = await engines.take();
  const scopes = new ScopeChain(sandbox);
  scopes.enterRootDocument();
  work(scopes);
  engines.giveBack(sandbox);
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof VxmlError ? error.code : String(error);
  }
}

describe("fuel injection", () => {
  it("adds a check per loop and keeps the module valid", () => {
    const metered = injectFuel(bytes, LIMITS);
    expect(metered.length).toBeGreaterThan(bytes.length);
    expect(metered.length).toBeLessThan(bytes.length * 1.1);
  });

  it.each([
    ["text", new TextEncoder().encode("not a module at all")],
    ["nothing", new Uint8Array()],
    ["half a module", bytes.subarray(0, 5000)],
  ])("refuses %s", (_, wrong) => {
    expect(codeOf(() => injectFuel(wrong, LIMITS))).toBe("VXML_SANDBOX_UNSUITABLE");
  });
});

describe("values", () => {
  it.each<[string, unknown]>([
    ["1 + 1", 2],
    ["'a\\u0000b\\u2028'", "a\u0000b\u2028"],
    ["undefined", undefined],
    ["null", null],
    ["function () {}", undefined],
    ["NaN", null],
    ["({a: [1, {b: 'ü'}]})", { a: [1, { b: "ü" }] }],
    ["1 // a comment", 1],
    ["this === globalThis", true],
    ["typeof arguments", "undefined"],
  ])("%s is %j outside", async (expression, value) => {
    await withScopes((scopes) => expect(scopes.evaluate(expression)).toEqual(value));
  });

  it.each(["1) ; (2", "1 +", "}", "var a", "/*", "nowhere", "null.x", "throw 1"])(
    "%s fails as a script",
    async (expression) => {
      await withScopes((scopes) =>
        expect(codeOf(() => scopes.evaluate(expression))).toBe("VXML_SCRIPT_FAILED"),
      );
    },
  );

  it("refuses cyclic values, and values too long to hand out", async () => {
    await withScopes((scopes) => {
      scopes.runScript("document", "var loop = {}; loop.loop = loop; var long = 'x'.repeat(1100000)");
      expect(codeOf(() => scopes.evaluate("loop"))).toBe("VXML_SCRIPT_FAILED");
      expect(codeOf(() => scopes.evaluate("long"))).toBe("VXML_SCRIPT_EXHAUSTED");
      expect(scopes.evaluate("long.length")).toBe(1_100_000);
    });
  });
});

describe("session variables", () => {
  it("change under a reference a script holds", async () => {
    await withScopes((scopes) => {
      scopes.putSession(["connection"], { callee_type: "processing", list: [{ a: 1 }] });
      scopes.runScript("document", "var held = session.connection");
      scopes.putSession(["connection", "callee_type"], "voice");
      expect(scopes.evaluate("[held.callee_type, connection.callee_type, held.list.length]")).toEqual([
        "voice",
        "voice",
        1,
      ]);
    });
  });

  it.each([
    "session.connection.callee_type = 'x'",
    "delete session.connection.callee_type",
    "connection = 1",
    "session.connection.list[0].a = 2",
    "session.connection.list.push(1)",
    "Object.defineProperty(session.connection, 'callee_type', {value: 'x'})",
    "Object.setPrototypeOf(session.connection, null)",
  ])("withstand %s", async (attempt) => {
    await withScopes((scopes) => {
      scopes.putSession(["connection"], { callee_type: "voice", list: [{ a: 1 }] });
      codeOf(() => scopes.runScript("document", attempt));
      expect(scopes.evaluate("session.connection")).toEqual({ callee_type: "voice", list: [{ a: 1 }] });
    });
  });

  it("can be enumerated and printed", async () => {
    await withScopes((scopes) => {
      scopes.putSession(["a"], { b: 1, c: 2 });
      scopes.putSession(["d", "e"], true);
      expect(scopes.evaluate("Object.keys(session.a)")).toEqual(["b", "c"]);
      expect(scopes.evaluate("JSON.stringify(session)")).toBe('{"a":{"b":1,"c":2},"d":{"e":true}}');
    });
  });
});

describe("the pool", () => {
  it("gives a wiped sandbox to the next session and never a poisoned one", async () => {
    const sandbox = await engines.take();
    const scopes = new ScopeChain(sandbox);
    scopes.enterRootDocument();
    expect(codeOf(() => scopes.evaluate('new Array(1e9) + ""'))).toBe("VXML_SCRIPT_EXHAUSTED");
    expect(sandbox.isPoisoned).toBe(true);
    const ready = engines.readyCount;
    engines.giveBack(sandbox);
    expect(engines.readyCount).toBe(ready);
  });

  it("draws different random numbers for each session", async () => {
    const draws: unknown[] = [];
    for (const seed of [1, 2])
      await withScopes((scopes) => {
        scopes.seedRandom(seed);
        draws.push(scopes.evaluate("Math.random()"));
      });
    expect(draws[0]).not.toBe(draws[1]);
    expect(draws.every((draw) => typeof draw === "number" && draw >= 0 && draw < 1)).toBe(true);
  });

  it("forgets compiled expressions before they fill it", async () => {
    await withScopes((scopes) => {
      for (let index = 0; index < 4100; index++) scopes.evaluate(`${index} + 0`);
      expect(scopes.evaluate("1 + 0")).toBe(1);
    });
  });
});
