/** The runner of VoiceXML cases, on cases of its own that a local server offers. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseInput, readVoiceXmlCases, type VoiceXmlCase } from "./voicexml-cases.ts";
import { runVoiceXmlCases } from "./voicexml-run.ts";

const PASS = '<log label="conf:result">pass</log><exit/>';
const FAIL = '<log label="conf:result">fail</log><exit/>';
const GRAMMAR =
  '<grammar version="1.0" root="r"><rule id="r"><one-of><item>tea</item><item>black coffee</item></one-of></rule></grammar>';

const DOCUMENTS: Record<string, string> = {
  "/pages/speech.vxml": `<form><field name="f"><prompt>Drink?</prompt>${GRAMMAR}
    <filled><prompt>Size?</prompt><if cond="f=='black coffee'"><goto next="#size"/><else/>${FAIL}</if></filled></field></form>
    <form id="size"><field name="n" type="digits"><filled><if cond="n=='12'">${PASS}<else/>${FAIL}</if></filled></field></form>`,
  "/pages/silence.vxml": `<form><field name="f">${GRAMMAR}<noinput>${PASS}</noinput><nomatch>${FAIL}</nomatch></field></form>`,
  "/pages/nomatch.vxml": `<form><field name="f">${GRAMMAR}<nomatch>${PASS}</nomatch><filled>${FAIL}</filled></field></form>`,
  "/pages/hangup.vxml": `<form><catch event="connection.disconnect.hangup">${PASS}</catch><field name="f">${GRAMMAR}</field></form>`,
  "/pages/record.vxml": `<form><record name="r"><filled><if cond="r$.duration==4000">${PASS}<else/>${FAIL}</if></filled></record></form>`,
  "/pages/transfer.vxml": `<form><transfer name="t" dest="tel:+1555" bridge="true"><prompt>Calling.</prompt>
    <grammar mode="dtmf" version="1.0" root="r"><rule id="r">9</rule></grammar>
    <filled><if cond="t=='near_end_disconnect'">${PASS}<else/>${FAIL}</if></filled></transfer></form>`,
  "/pages/busy.vxml": `<form><transfer name="t" dest="tel:+1555" bridge="true">
    <filled><if cond="t=='busy'">${PASS}<else/>${FAIL}</if></filled></transfer></form>`,
  "/pages/exit.vxml": `<form><block><prompt>Good <audio src="gone.wav">evening</audio></prompt><log>all done</log><exit/></block></form>`,
  "/pages/uncaught.vxml": "<form><block><throw event='error.own'/></block></form>",
  "/pages/fails.vxml": `<form><block>${FAIL}</block></form>`,
  "/pages/nothing.vxml": "<form><block>Nothing.</block></form>",
};

let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const body = DOCUMENTS[new URL(request.url ?? "/", "http://h").pathname];
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/voicexml+xml" });
    response.end(
      body && `<vxml version="2.1" xml:lang="en-US" xmlns="http://www.w3.org/2001/vxml">${body}</vxml>`,
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pages`;
});

afterAll(() => new Promise((closed) => server.close(closed)));

function auto(page: string, more: Partial<VoiceXmlCase> = {}): VoiceXmlCase {
  return { id: page, start: `${page}.vxml`, inputs: [], expect: "pass", checks: [], ...more };
}

async function failureOf(testCase: VoiceXmlCase): Promise<string | undefined> {
  const [result] = await runVoiceXmlCases([testCase], { base, profile: "w3c" });
  return result?.failure;
}

describe("VoiceXML cases", () => {
  it.each<[string, VoiceXmlCase]>([
    [
      "words and keys where they are asked for",
      auto("speech", {
        inputs: [
          { after: "Drink", type: "speech", value: "Black coffee" },
          { after: "Size", type: "dtmf", value: "1 2" },
        ],
      }),
    ],
    ["silence where nothing fits", auto("silence", { inputs: [{ after: "never said", type: "hangup" }] })],
    ["words no grammar knows", auto("nomatch", { inputs: [{ after: "", type: "speech", value: "milk" }] })],
    [
      "words that are not to be known",
      auto("nomatch", { inputs: [{ after: "", type: "speech", value: "tea", nomatch: true }] }),
    ],
    ["a caller who hangs up", auto("hangup", { inputs: [{ after: "", type: "hangup" }] })],
    ["a recording", auto("record", { inputs: [{ after: "", type: "recording", duration: 4 }] })],
    ["a transfer that fails", auto("busy", { inputs: [{ after: "", type: "transfer", value: "busy" }] })],
    [
      "a key in a transfer that was answered",
      auto("transfer", {
        inputs: [
          { after: "Calling", type: "transfer", value: "answered" },
          { after: "", type: "dtmf", value: "9", during: "transfer" },
        ],
      }),
    ],
    [
      "an exit, by what was heard, logged and fetched",
      auto("exit", {
        expect: "exit",
        checks: [{ prompt: "^Good evening$" }, { log: "^all done$" }, { fetch: "gone\\.wav$" }],
      }),
    ],
  ])("plays %s", async (_, testCase) => {
    expect(await failureOf(testCase)).toBeUndefined();
  });

  it.each<[string, VoiceXmlCase, string]>([
    ["the result fail", auto("fails"), 'the result is "fail"'],
    ["the result fail at an exit", auto("fails", { expect: "exit" }), 'the result is "fail"'],
    ["no result", auto("nothing"), "no result; the session ended by exit"],
    ["an event nobody caught", auto("uncaught", { expect: "exit" }), "error.own"],
    ["a document that is not there", auto("missing"), "error.badfetch.http.404"],
    [
      "a check that does not hold",
      auto("exit", { expect: "exit", checks: [{ log: "something else" }] }),
      "no log matches",
    ],
  ])("fails for %s", async (_, testCase, reason) => {
    expect(await failureOf(testCase)).toContain(reason);
  });
});

describe("cases.json", () => {
  it("gives the automatic cases, whatever else it says", () => {
    const text = JSON.stringify([
      { id: "a", start: "a.vxml", inputs: [], expect: "pass", status: "auto", section: "5.2" },
      { id: "b", start: "b.vxml", expect: "exit", status: "manual" },
    ]);
    expect(readVoiceXmlCases(text)).toEqual([auto("a", { id: "a", start: "a.vxml" })]);
  });

  it("lets the input answer whose text was heard last", () => {
    const inputs = [
      { after: "one", type: "dtmf", value: "1" },
      { after: "two", type: "dtmf", value: "2" },
      { after: "", type: "hangup" },
    ] as const;
    const value = (heard: string) => chooseInput(inputs, heard, ["dtmf", "hangup"]);
    expect(value("one, then two")?.value).toBe("2");
    expect(value("one, two, and one again")?.value).toBe("1");
    expect(value("three")?.type).toBe("hangup");
    expect(chooseInput(inputs.slice(0, 2), "three", ["dtmf"])).toBeUndefined();
  });
});
