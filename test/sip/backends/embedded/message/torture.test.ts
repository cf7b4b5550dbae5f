/**
 * Messages that try a parser, in the manner of RFC 4475: the file's name says whether it is to be read (`valid-`) or
 * refused (`broken-`). The files have bare line feeds; here they are sent with CRLF.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseMessage } from "../../../../../sip/backends/embedded/message/message-parser.ts";
import type { SipMessage } from "../../../../../sip/backends/embedded/message/sip-message.ts";

const FOLDER = fileURLToPath(new URL("../../../../../fixtures/sip/torture/", import.meta.url));
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".sip"));

function read(name: string) {
  const text = readFileSync(`${FOLDER}${name}.sip`, "utf8").replace(/\r?\n/g, "\r\n");
  return parseMessage(Buffer.from(text));
}

function valid(name: string): SipMessage {
  const result = read(`valid-${name}`);
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.explanation}`);
  return result.message;
}

describe("torture messages", () => {
  it.each(names.map((name) => name.replace(/\.sip$/, "")))("%s", (name) => {
    const result = read(name);
    expect(result.ok, result.ok ? "" : result.problem.explanation).toBe(name.startsWith("valid-"));
  });

  it("odd spacing and folding hide nothing", () => {
    const message = valid("long-and-odd-but-legal");
    expect(message.to.parameters.get("tag")).toBe("1918181833n");
    expect(message.from).toMatchObject({ displayName: 'J Caller \\"', uri: "sip:caller@example.net" });
    expect(message.cseq).toEqual({ number: 9, method: "INVITE" });
    expect(message.via).toMatchObject({ transport: "UDP", host: "192.0.2.15", branch: "390skdjuw" });
    expect(message.headers.elements("Via")).toHaveLength(3);
    expect(message.headers.get("Contact")).toContain("newvalue");
    expect(message.headers.get("NewFangledHeader")).toBe("newfangled value continued newfangled value");
  });

  it("every character of a token is one", () => {
    expect(valid("every-token-character").cseq.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
  });

  it("what follows the body is cut off, a body without length is whole", () => {
    expect(valid("length-shorter-than-datagram").body).toBe("body");
    expect(valid("no-length").body).toBe("all of it");
  });

  it("an IPv6 Via has its host without brackets", () => {
    expect(valid("ipv6").via).toMatchObject({ host: "2001:db8::9:1", port: 5060 });
  });
});
