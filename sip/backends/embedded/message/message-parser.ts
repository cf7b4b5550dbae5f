/**
 * Bytes to a SIP message (RFC 3261 §7, §25.1). Hand-written: one pass over the lines, only the fields that every layer
 * needs are looked into. Lenient where the standard's own torture messages ask for it (folding, space before the
 * colon, compact forms, any case), strict about what would make two readers disagree (duplicates, lengths, CSeq).
 *
 * Never throws: what cannot be read comes back as a problem.
 */
import { type HeaderField, HeaderList } from "./header-list.ts";
import { headerKey } from "./header-names.ts";
import { type NameAddr, parseNameAddr } from "./name-addr.ts";
import type { SipMessage } from "./sip-message.ts";
import { parseVia, type Via } from "./via.ts";

/** LIMIT: largest header section in bytes; INVITEs with every optional field stay below 5 kB. */
export const MAX_HEADER_BYTES = 32_768;
/** LIMIT: most header field lines; long routes have some dozens of Via and Record-Route. */
export const MAX_HEADER_FIELDS = 200;

export type ParseResult =
  | { readonly ok: true; readonly message: SipMessage }
  | { readonly ok: false; readonly problem: ParseProblem };

export interface ParseProblem {
  readonly code:
    | "empty"
    | "too-large"
    | "start-line"
    | "version"
    | "header"
    | "missing-header"
    | "duplicate-header"
    | "cseq"
    | "content-length";
  /** What is wrong, with the offending text shortened. */
  readonly explanation: string;
}

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const STATUS_LINE = /^SIP\/(\d+\.\d+) +(\d{3})(?: (.*))?$/i;
const REQUEST_LINE = /^([A-Za-z0-9\-.!%*_+`'~]+) ([^\s<>"]+) SIP\/(\d+\.\d+)$/i;
const CSEQ = /^(\d{1,10})\s+([A-Za-z0-9\-.!%*_+`'~]+)$/;
const MAX_CSEQ = 2 ** 31;

/** Reads one message that fills a datagram. */
export function parseMessage(data: Buffer): ParseResult {
  let start = 0;
  // §7.5: empty lines before the start line are ignored.
  while (start < data.length && (data[start] === 0x0d || data[start] === 0x0a)) start++;
  if (start === data.length) return problem("empty", "no message, only line ends");

  const { headEnd, bodyStart } = findBody(data, start);
  if (headEnd - start > MAX_HEADER_BYTES) {
    return problem("too-large", `the header section exceeds ${MAX_HEADER_BYTES} bytes`);
  }
  const head = data.toString("utf8", start, headEnd);
  const lineEnd = endOfLine(head, 0);
  const startLine = head.slice(0, lineEnd.end);

  const fields: HeaderField[] = [];
  const fieldProblem = readFields(head, lineEnd.next, fields);
  if (fieldProblem) return fieldProblem;

  const required = readRequired(fields);
  if ("problem" in required) return { ok: false, problem: required.problem };
  const bodyEnd = findBodyEnd(required.contentLength, bodyStart, data.length);
  if (bodyEnd === undefined) {
    return problem("content-length", `Content-Length ${shorten(required.contentLength ?? "")} is wrong`);
  }
  const common = {
    headers: new HeaderList(fields),
    body: bodyStart === bodyEnd ? "" : data.toString("utf8", bodyStart, bodyEnd),
    via: required.via,
    from: required.from,
    to: required.to,
    callId: required.callId,
    cseq: required.cseq,
  };

  const status = STATUS_LINE.exec(startLine);
  if (status) {
    const [, version, code, phrase = ""] = status;
    if (version !== "2.0") return problem("version", `SIP version ${shorten(version ?? "")}`);
    const number = Number(code);
    if (number < 100 || number > 699) return problem("start-line", `status ${number}`);
    return { ok: true, message: { kind: "response", status: number, phrase, ...common } };
  }
  const request = REQUEST_LINE.exec(startLine);
  if (!request) return problem("start-line", `not a SIP start line: ${shorten(startLine)}`);
  const [, method = "", requestUri = "", version] = request;
  if (version !== "2.0") return problem("version", `SIP version ${shorten(version ?? "")}`);
  if (common.cseq.method !== method) {
    return problem("cseq", `CSeq method ${shorten(common.cseq.method)} is not ${shorten(method)}`);
  }
  return { ok: true, message: { kind: "request", method, requestUri, ...common } };
}

/** The empty line that ends the header section; bare line feeds are accepted as line ends. */
function findBody(data: Buffer, start: number): { headEnd: number; bodyStart: number } {
  const crlf = data.indexOf("\r\n\r\n", start, "latin1");
  const lf = data.indexOf("\n\n", start, "latin1");
  if (lf >= 0 && (crlf < 0 || lf < crlf)) return { headEnd: lf, bodyStart: lf + 2 };
  if (crlf >= 0) return { headEnd: crlf, bodyStart: crlf + 4 };
  return { headEnd: data.length, bodyStart: data.length };
}

function endOfLine(text: string, from: number): { end: number; next: number } {
  const feed = text.indexOf("\n", from);
  if (feed < 0) {
    const end = text.charCodeAt(text.length - 1) === 0x0d ? text.length - 1 : text.length;
    return { end: Math.max(end, from), next: text.length };
  }
  return { end: feed > from && text.charCodeAt(feed - 1) === 0x0d ? feed - 1 : feed, next: feed + 1 };
}

/** Reads header field lines into `fields`; a problem when one is not a field. */
function readFields(head: string, from: number, fields: HeaderField[]): ParseResult | undefined {
  let at = from;
  while (at < head.length) {
    let { end, next } = endOfLine(head, at);
    let line = head.slice(at, end);
    // §7.3.1: a line that begins with space continues the one before, as a single space.
    while (next < head.length && isBlank(head.charCodeAt(next))) {
      const continuation = endOfLine(head, next);
      line = `${line.trimEnd()} ${head.slice(next, continuation.end).trimStart()}`;
      ({ end, next } = continuation);
    }
    at = next;
    const colon = line.indexOf(":");
    if (colon <= 0) return problem("header", `not a header field: ${shorten(line)}`);
    const name = isBlank(line.charCodeAt(colon - 1)) ? line.slice(0, colon).trimEnd() : line.slice(0, colon);
    if (!TOKEN.test(name)) return problem("header", `not a header name: ${shorten(name)}`);
    if (fields.length >= MAX_HEADER_FIELDS) {
      return problem("too-large", `more than ${MAX_HEADER_FIELDS} header fields`);
    }
    fields.push({ name, key: headerKey(name), value: line.slice(colon + 1).trim() });
  }
  return undefined;
}

interface Required {
  readonly via: Via;
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly cseq: { readonly number: number; readonly method: string };
  readonly contentLength: string | undefined;
}

/** §8.1.1: what every message has, each once. */
function readRequired(fields: readonly HeaderField[]): Required | { readonly problem: ParseProblem } {
  let viaText: string | undefined;
  const single: Record<string, string | undefined> = {};
  for (const { key, name, value } of fields) {
    switch (key) {
      case "via":
        viaText ??= value;
        break;
      case "from":
      case "to":
      case "call-id":
      case "cseq":
      case "content-length":
        if (single[key] !== undefined && !(key === "content-length" && single[key] === value)) {
          return { problem: { code: "duplicate-header", explanation: `${name} occurs more than once` } };
        }
        single[key] = value;
        break;
    }
  }
  const via = viaText === undefined ? undefined : parseVia(firstElement(viaText));
  if (!via) return missing("Via", viaText);
  const from = single.from === undefined ? undefined : parseNameAddr(single.from);
  if (!from) return missing("From", single.from);
  const to = single.to === undefined ? undefined : parseNameAddr(single.to);
  if (!to) return missing("To", single.to);
  const callId = single["call-id"];
  if (!callId || /\s/.test(callId)) return missing("Call-ID", callId);
  const cseq = CSEQ.exec(single.cseq ?? "");
  if (!cseq) return missing("CSeq", single.cseq);
  const number = Number(cseq[1]);
  // §8.1.1.5: below 2**31.
  if (number >= MAX_CSEQ) {
    return { problem: { code: "cseq", explanation: `CSeq ${number} is out of range` } };
  }
  return {
    via,
    from,
    to,
    callId,
    cseq: { number, method: cseq[2] ?? "" },
    contentLength: single["content-length"],
  };
}

/** A Via line may hold several; no quoted comma can come before the end of the first one's branch in practice. */
export function firstElement(value: string): string {
  let inQuotes = false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 0x5c && inQuotes) at++;
    else if (code === 0x22) inQuotes = !inQuotes;
    else if (code === 0x2c && !inQuotes) return value.slice(0, at).trim();
  }
  return value;
}

/** §18.3: over datagrams a missing length means the rest; a length beyond the end is an error, less is cut. */
function findBodyEnd(
  contentLength: string | undefined,
  bodyStart: number,
  dataEnd: number,
): number | undefined {
  if (contentLength === undefined) return dataEnd;
  if (!/^\d{1,9}$/.test(contentLength)) return undefined;
  const end = bodyStart + Number(contentLength);
  return end > dataEnd ? undefined : end;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function missing(name: string, value: string | undefined): { readonly problem: ParseProblem } {
  return value === undefined
    ? { problem: { code: "missing-header", explanation: `${name} is missing` } }
    : { problem: { code: "header", explanation: `${name} is malformed: ${shorten(value)}` } };
}

function problem(code: ParseProblem["code"], explanation: string): ParseResult {
  return { ok: false, problem: { code, explanation } };
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
