/** The Via header field: where a request came from and a response goes to (RFC 3261 §18.2, §20.42, RFC 3581). */
import { parseParameters } from "./list-values.ts";
import { writtenHost } from "./sip-uri.ts";

/** What every branch of RFC 3261 begins with (§8.1.1.7). */
export const BRANCH_COOKIE = "z9hG4bK";

export interface Via {
  /** `UDP`, `TCP`, `TLS`, … in upper case. */
  readonly transport: string;
  /** The sent-by host, an IPv6 literal without brackets. */
  readonly host: string;
  readonly port?: number;
  readonly branch?: string;
  readonly received?: string;
  /** `""` when asked for, a port when filled in. */
  readonly rport?: string;
}

const SENT =
  /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9.!%*_+`'~-]+)\s+(\[[0-9A-Fa-f:.]+\]|[^\s:;,[\]]+)(?:\s*:\s*(\d{1,5}))?\s*(?:;|$)/i;

/** Reads one Via element; `undefined` when it is malformed. */
export function parseVia(text: string): Via | undefined {
  const match = SENT.exec(text);
  if (!match) return undefined;
  const [whole, transport = "", host = "", port] = match;
  if (port !== undefined && Number(port) > 65_535) return undefined;
  const parameters = parseParameters(text, whole.length - 1);
  return {
    transport: transport.toUpperCase(),
    host: host.replace(/^\[|\]$/g, ""),
    port: port === undefined ? undefined : Number(port),
    branch: parameters.get("branch"),
    received: parameters.get("received"),
    rport: parameters.get("rport"),
  };
}

/** Writes a Via of ours; `rport` asks the peer to answer to where we send from (RFC 3581 §3). */
export function writeVia(transport: string, host: string, port: number, branch: string): string {
  return `SIP/2.0/${transport} ${writtenHost(host)}:${port};branch=${branch};rport`;
}

/**
 * Writes down on a received Via where the request really came from: `received` when it differs from sent-by or `rport`
 * was asked for, and the source port as `rport` (RFC 3261 §18.2.1, RFC 3581 §4).
 */
export function stampVia(text: string, via: Via, source: { host: string; port: number }): string {
  const asksPort = via.rport !== undefined;
  if (!asksPort && via.host === source.host) return text;
  // What the sender wrote in either parameter is not believed.
  const kept = text
    .replace(/;\s*received\s*=\s*[^;]*/gi, "")
    .replace(/;\s*rport\s*(?:=\s*[^;]*)?(?=;|$)/gi, "")
    .trim();
  return `${kept};received=${source.host}${asksPort ? `;rport=${source.port}` : ""}`;
}
