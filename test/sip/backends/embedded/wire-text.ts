/** SIP text for tests: lines joined as on the wire, and requests and responses with the usual fields. */
import { parseMessage } from "../../../../sip/backends/embedded/message/message-parser.ts";
import type {
  SipMessage,
  SipRequest,
  SipResponse,
} from "../../../../sip/backends/embedded/message/sip-message.ts";

/** Lines with CRLF and an empty line at the end; a body may follow. */
export function wire(lines: readonly string[], body = ""): string {
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

export function parsed(text: string): SipMessage {
  const result = parseMessage(Buffer.from(text));
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.explanation}`);
  return result.message;
}

export function parsedRequest(text: string): SipRequest {
  const message = parsed(text);
  if (message.kind !== "request") throw new Error("not a request");
  return message;
}

export function parsedResponse(text: string): SipResponse {
  const message = parsed(text);
  if (message.kind !== "response") throw new Error("not a response");
  return message;
}

export interface RequestText {
  readonly uri?: string;
  readonly branch?: string;
  readonly via?: string;
  readonly cseq?: number;
  readonly callId?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** A request as a peer at 192.0.2.1 would send it. */
export function requestText(method: string, parts: RequestText = {}): string {
  const { branch = "z9hG4bKpeer1", cseq = 1, callId = "call-1", fromTag = "peer", body = "" } = parts;
  return wire(
    [
      `${method} ${parts.uri ?? "sip:bob@192.0.2.2"} SIP/2.0`,
      `Via: ${parts.via ?? `SIP/2.0/UDP 192.0.2.1:5060;branch=${branch};rport`}`,
      `From: <sip:alice@192.0.2.1>;tag=${fromTag}`,
      `To: <sip:bob@192.0.2.2>${parts.toTag === undefined ? "" : `;tag=${parts.toTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      "Contact: <sip:alice@192.0.2.1:5060>",
      "Max-Forwards: 70",
      ...(parts.headers ?? []),
      ...(body === "" ? [] : ["Content-Type: application/sdp"]),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ],
    body,
  );
}

export interface ResponseText {
  readonly toTag?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly contact?: string;
}

/** A response to a request of ours, as text. */
export function responseText(
  request: string,
  status: number,
  phrase: string,
  parts: ResponseText = {},
): string {
  const { headers } = parsed(request);
  const { toTag = "callee", body = "" } = parts;
  const to = headers.get("To") ?? "";
  return wire(
    [
      `SIP/2.0 ${status} ${phrase}`,
      ...headers.lines("Via").map((via) => `Via: ${via}`),
      `From: ${headers.get("From")}`,
      `To: ${to}${to.includes(";tag=") || toTag === "" ? "" : `;tag=${toTag}`}`,
      `Call-ID: ${headers.get("Call-ID")}`,
      `CSeq: ${headers.get("CSeq")}`,
      `Contact: ${parts.contact ?? "<sip:alice@192.0.2.1:5060>"}`,
      ...(parts.headers ?? []),
      ...(body === "" ? [] : ["Content-Type: application/sdp"]),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ],
    body,
  );
}
