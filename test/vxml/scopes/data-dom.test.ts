/** The DOM of `<data>` at its bounds: what is fetched may be large, what it costs is bounded (VoiceXML 2.1 §5). */
import { describe, expect, it } from "vitest";
import { readScriptEngineBytes } from "../../../api/workers/script-engine-bytes.ts";
import { MAX_DATA_CHARACTERS, MAX_DATA_NODES } from "../../../vxml/limits.ts";
import { readXmlData } from "../../../vxml/resources/xml-data.ts";
import { ScopeChain } from "../../../vxml/scopes/scope-chain.ts";
import { prepareScripts } from "../../../vxml/scopes/script-engine.ts";

const scripts = await prepareScripts(await readScriptEngineBytes());

/** Scopes in a sandbox of their own, with one variable that is the DOM. */
async function withData(xml: string): Promise<ScopeChain> {
  const scopes = new ScopeChain(await scripts.take());
  scopes.enterRootDocument();
  scopes.enterDialog();
  const reading = readXmlData(xml);
  if (!reading.ok) throw new Error(reading.reason);
  scopes.putData("dialog", "data", reading.tree);
  return scopes;
}

describe("the DOM of fetched data", () => {
  it("holds the longest text that is allowed", async () => {
    const text = "x".repeat(MAX_DATA_CHARACTERS - 7);
    const scopes = await withData(`<a>${text}</a>`);
    expect(scopes.evaluate("data.documentElement.firstChild.length")).toBe(text.length);
  });

  it("holds as many nodes as are allowed, and finds the last", async () => {
    const count = MAX_DATA_NODES - 1;
    const scopes = await withData(`<a>${"<b/>".repeat(count)}</a>`);
    expect(scopes.evaluate("data.documentElement.childNodes.length")).toBe(count);
    expect(scopes.evaluate(`data.documentElement.childNodes.item(${count - 1}).nodeName`)).toBe("b");
  });

  it("is searched within the bounds of one expression, however large it is", async () => {
    const scopes = await withData(`<a>${"<b><c/></b>".repeat(9_000)}</a>`);
    expect(scopes.evaluate("data.getElementsByTagName('c').length")).toBe(9_000);
    expect(scopes.evaluate("data.getElementsByTagName('*').item(18000).parentNode.nodeName")).toBe("b");
    expect(scopes.evaluate("data.documentElement.childNodes[7].getElementsByTagName('c').length")).toBe(1);
    expect(
      scopes.evaluate("data.documentElement.firstChild.cloneNode(true).getElementsByTagName('c').length"),
    ).toBe(1);
    expect(
      scopes.evaluate("data.getElementsByTagNameNS('', 'c').item(3) === data.getElementsByTagName('c')[3]"),
    ).toBe(true);
    expect(
      scopes.evaluate(
        "data.getElementsByTagName('__proto__').length + data.getElementsByTagNameNS('urn:x', 'c').length",
      ),
    ).toBe(0);
  });

  it("cannot be altered by a script that replaced the built-ins first", async () => {
    const scopes = new ScopeChain(await scripts.take());
    scopes.enterRootDocument();
    scopes.runScript(
      "document",
      "Object.create = function () { return {}; }; eval = null; JSON.parse = null;",
    );
    const reading = readXmlData("<a/>");
    if (!reading.ok) throw new Error(reading.reason);
    // The author broke the session's own engine: an error of that session, or a DOM all the same.
    expect(() => {
      try {
        scopes.putData("document", "data", reading.tree);
      } catch (error) {
        expect((error as { code?: string }).code).toBe("VXML_SCRIPT_FAILED");
      }
    }).not.toThrow();
  });
});

describe("data that is not read", () => {
  it.each([
    ["longer than allowed", `<a>${"x".repeat(MAX_DATA_CHARACTERS)}</a>`, "longer than"],
    ["of more nodes than allowed", `<a>${"<b/>".repeat(MAX_DATA_NODES)}</a>`, "more than"],
    ["nested too deeply", `${"<a>".repeat(150)}${"</a>".repeat(150)}`, "deeper than"],
    ["with an entity of its own", '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "not well-formed"],
    ["cut off", "<a><b>", "not well-formed"],
    ["empty", "", "not well-formed"],
  ])("is %s", (_, xml, reason) => {
    const reading = readXmlData(xml);
    expect(reading).toMatchObject({ ok: false });
    expect(reading.ok ? "" : reading.reason).toContain(reason);
  });
});
