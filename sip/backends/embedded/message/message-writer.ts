/** SIP messages to text, with the Content-Length that fits (RFC 3261 §7). */
import { type HeaderField, HeaderList } from "./header-list.ts";
import type { OutgoingRequest, OutgoingResponse, SipRequest } from "./sip-message.ts";

/** A request or response as it goes on the wire. */
export function writeMessage(message: OutgoingRequest | OutgoingResponse): string {
  let text =
    "method" in message
      ? `${message.method} ${message.requestUri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.phrase}\r\n`;
  for (const { name, value } of message.headers.fields) text += `${name}: ${value}\r\n`;
  const length = message.body === "" ? 0 : Buffer.byteLength(message.body, "utf8");
  return `${text}Content-Length: ${length}\r\n\r\n${message.body}`;
}

export interface ResponseParts {
  /** Added to To when the request had no tag there. */
  readonly toTag?: string;
  readonly headers?: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body?: string;
}

/** Header fields a response repeats from its request (§8.2.6.2); Record-Route too, for dialogs (§12.1.1). */
const REPEATED = new Set(["via", "from", "to", "call-id", "cseq"]);

/** A response to `request`. RFC 3261 §8.2.6. */
export function responseTo(
  request: SipRequest,
  status: number,
  phrase: string,
  parts: ResponseParts = {},
): OutgoingResponse {
  const fields: HeaderField[] = [];
  for (const field of request.headers.fields) {
    if (!REPEATED.has(field.key)) continue;
    const needsTag = field.key === "to" && parts.toTag !== undefined && !request.to.parameters.has("tag");
    fields.push(needsTag ? { ...field, value: `${field.value};tag=${parts.toTag}` } : field);
  }
  const headers = new HeaderList(fields);
  for (const [name, value] of parts.headers ?? []) headers.append(name, value);
  return { status, phrase, callId: request.callId, headers, body: parts.body ?? "" };
}

/** Keeps a header value on its own line: what comes from outside must not start another one. */
export function headerSafe(value: string): string {
  return value.replace(/[\r\n\0]+/g, " ").trim();
}
