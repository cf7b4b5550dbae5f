/** The parser, by tables: what is read, what is refused and why. */
import { describe, expect, it } from "vitest";
import {
  MAX_HEADER_FIELDS,
  parseMessage,
} from "../../../../../sip/backends/embedded/message/message-parser.ts";
import { parsed, parsedRequest, parsedResponse, requestText, wire } from "../wire-text.ts";

const REQUIRED = [
  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
  "From: <sip:a@example.com>;tag=1",
  "To: <sip:b@example.com>",
  "Call-ID: 1",
  "CSeq: 1 OPTIONS",
];
const OPTIONS = ["OPTIONS sip:b@example.com SIP/2.0", ...REQUIRED];

describe("a request", () => {
  it("is read with the fields that every layer needs", () => {
    const request = parsedRequest(requestText("INVITE", { body: "v=0\r\n", cseq: 7 }));
    expect(request).toMatchObject({
      method: "INVITE",
      requestUri: "sip:bob@192.0.2.2",
      callId: "call-1",
      cseq: { number: 7, method: "INVITE" },
      body: "v=0\r\n",
      via: { transport: "UDP", host: "192.0.2.1", port: 5060, branch: "z9hG4bKpeer1", rport: "" },
    });
    expect(request.from.parameters.get("tag")).toBe("peer");
    expect(request.to.uri).toBe("sip:bob@192.0.2.2");
  });

  it("may use compact names in any case (§7.3.3)", () => {
    const request = parsed(
      wire([
        "MESSAGE sip:b@example.com SIP/2.0",
        "v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        "F: <sip:a@example.com>;tag=1",
        "t: <sip:b@example.com>",
        "i: 1",
        "cSEQ: 1 MESSAGE",
        "M: <sip:a@192.0.2.1>",
        "l: 0",
      ]),
    );
    expect(request.headers.get("Contact")).toBe("<sip:a@192.0.2.1>");
    expect(request.headers.get("content-length")).toBe("0");
  });

  it("may fold header lines (§7.3.1)", () => {
    const { headers } = parsed(wire([...OPTIONS, "Subject: one", "  two", "\tthree"]));
    expect(headers.get("Subject")).toBe("one two three");
  });

  it("may put space before the colon", () => {
    expect(parsed(wire([...OPTIONS, "Subject  : x"])).headers.get("Subject")).toBe("x");
  });

  it("may come after empty lines and with bare line feeds", () => {
    const text = `\r\n\r\n${wire(OPTIONS).replaceAll("\r\n", "\n")}body`;
    expect(parsed(text)).toMatchObject({ kind: "request", body: "body" });
  });

  it("keeps unknown header fields, their spelling and order", () => {
    const { headers } = parsed(wire([...OPTIONS, "X-Odd_Name: 1", "x-odd_name: 2"]));
    expect(headers.fields.slice(-2).map(({ name }) => name)).toEqual(["X-Odd_Name", "x-odd_name"]);
    expect(headers.lines("X-ODD_NAME")).toEqual(["1", "2"]);
  });

  it("splits lists at commas, not at those in quotes or angle brackets", () => {
    const { headers } = parsed(
      wire([...OPTIONS, 'Contact: "Smith, \\"J\\"" <sip:a,b@x>;q=1, <sip:c@x>', "Contact: sip:d@x"]),
    );
    expect(headers.elements("Contact")).toEqual(['"Smith, \\"J\\"" <sip:a,b@x>;q=1', "<sip:c@x>", "sip:d@x"]);
  });

  it("may hold several Vias in one line; the first is the top one", () => {
    const lines = [...OPTIONS];
    lines[1] = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK2";
    expect(parsed(wire(lines)).via.branch).toBe("z9hG4bK1");
  });

  it("counts its body in bytes, not characters", () => {
    const body = "größer ☎";
    const text = wire([...OPTIONS, `Content-Length: ${Buffer.byteLength(body)}`], `${body}trailing`);
    expect(parsed(text).body).toBe(body);
  });
});

describe("a response", () => {
  it.each([
    ["SIP/2.0 200 OK", 200, "OK"],
    ["SIP/2.0 200", 200, ""],
    ["SIP/2.0 200 ", 200, ""],
    ["sip/2.0 404 Nicht gefunden ü", 404, "Nicht gefunden ü"],
  ])("starts with %j", (line, status, phrase) => {
    expect(parsedResponse(wire([line, ...REQUIRED]))).toMatchObject({ status, phrase });
  });
});

describe("what is refused", () => {
  const without = (name: string) => OPTIONS.filter((line) => !line.startsWith(name));
  const replaced = (name: string, line: string) => OPTIONS.map((old) => (old.startsWith(name) ? line : old));
  it.each<[string, readonly string[], string]>([
    ["no start line", ["hello world", ...REQUIRED], "start-line"],
    ["two spaces in the start line", ["OPTIONS  sip:b@x SIP/2.0", ...REQUIRED], "start-line"],
    ["angle brackets around the Request-URI", ["OPTIONS <sip:b@x> SIP/2.0", ...REQUIRED], "start-line"],
    ["another version", ["OPTIONS sip:b@x SIP/7.0", ...REQUIRED], "version"],
    ["a status beyond 699", ["SIP/2.0 4294967301 OK", ...REQUIRED], "start-line"],
    ["a status of 799", ["SIP/2.0 799 OK", ...REQUIRED], "start-line"],
    ["no Via", without("Via"), "missing-header"],
    ["no From", without("From"), "missing-header"],
    ["no To", without("To"), "missing-header"],
    ["no Call-ID", without("Call-ID"), "missing-header"],
    ["no CSeq", without("CSeq"), "missing-header"],
    ["two From", [...OPTIONS, "From: <sip:c@x>;tag=2"], "duplicate-header"],
    ["two CSeq", [...OPTIONS, "CSeq: 2 OPTIONS"], "duplicate-header"],
    ["two different lengths", [...OPTIONS, "Content-Length: 0", "l: 1"], "duplicate-header"],
    ["CSeq of another method", replaced("CSeq", "CSeq: 1 INVITE"), "cseq"],
    ["CSeq beyond 2^31", replaced("CSeq", "CSeq: 2147483648 OPTIONS"), "cseq"],
    ["CSeq without a number", replaced("CSeq", "CSeq: x OPTIONS"), "header"],
    ["a From without a URI", replaced("From", "From: Somebody"), "header"],
    ["an unclosed quote in To", replaced("To", 'To: "Bob <sip:b@x>'), "header"],
    ["an unclosed bracket in To", replaced("To", "To: <sip:b@x"), "header"],
    ["a Via of another protocol", replaced("Via", "Via: HTTP/1.1 x"), "header"],
    ["a Via port beyond 65535", replaced("Via", "Via: SIP/2.0/UDP x:70000"), "header"],
    ["a line without a colon", [...OPTIONS, "nonsense"], "header"],
    ["a header name with a space in it", [...OPTIONS, "My Header: x"], "header"],
    ["a length that is no number", [...OPTIONS, "Content-Length: many"], "content-length"],
    ["a negative length", [...OPTIONS, "Content-Length: -999"], "content-length"],
    ["a length beyond the datagram", [...OPTIONS, "Content-Length: 5"], "content-length"],
    [
      "too many header fields",
      [...OPTIONS, ...Array.from({ length: MAX_HEADER_FIELDS }, (_, n) => `X-${n}: 1`)],
      "too-large",
    ],
    ["too large a header section", [...OPTIONS, `X: ${"x".repeat(40_000)}`], "too-large"],
  ])("%s", (_what, lines, code) => {
    const result = parseMessage(Buffer.from(wire(lines)));
    expect(result).toMatchObject({ ok: false, problem: { code } });
  });

  it.each([
    ["nothing but line ends", "\r\n\r\n\r\n", "empty"],
    ["nothing at all", "", "empty"],
    ["a STUN request", Buffer.from("000100002112a4420000000000000000", "hex"), "header"],
  ])("%s", (_what, data, code) => {
    const result = parseMessage(Buffer.from(data));
    expect(result.ok).toBe(false);
    if (!result.ok && code === "empty") expect(result.problem.code).toBe("empty");
  });
});
