/** `sip:`, `sips:` and `tel:` URIs (RFC 3261 §19.1, RFC 3966). */
import { parseParameters } from "./list-values.ts";

export interface SipUri {
  readonly scheme: "sip" | "sips";
  /** Undecoded, with user parameters taken off: `+12125551234` of `+12125551234;phone-context=x`. */
  readonly user?: string;
  /** Parameters inside the user part, as in `sip:+12125551234;npdi;rn=+12125550000@host` (RFC 3261 §19.1.6). */
  readonly userParameters: ReadonlyMap<string, string>;
  readonly password?: string;
  /** Host name or IP literal, an IPv6 one without brackets. */
  readonly host: string;
  readonly port?: number;
  readonly parameters: ReadonlyMap<string, string>;
  /** What follows the question mark, undecoded. */
  readonly headers?: string;
}

export interface TelUri {
  readonly scheme: "tel";
  readonly number: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const HOST_PORT = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;

/** Reads a URI; `undefined` when it is of another scheme or malformed. */
export function parseUri(text: string): SipUri | TelUri | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  const scheme = text.slice(0, colon).toLowerCase();
  const rest = text.slice(colon + 1);
  if (scheme === "sip" || scheme === "sips") return parseSipUri(scheme, rest);
  return scheme === "tel" ? parseTelUri(rest) : undefined;
}

/** A URI of scheme `sip` or `sips`, or `undefined`. */
export function parseSip(text: string): SipUri | undefined {
  const uri = parseUri(text);
  return uri && uri.scheme !== "tel" ? uri : undefined;
}

/** A host as it is written in a URI or Via: an IPv6 literal in brackets. */
export function writtenHost(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

function parseSipUri(scheme: "sip" | "sips", rest: string): SipUri | undefined {
  // The user part may hold ; and ? (§19.1.1), so it is taken off first.
  const at = rest.lastIndexOf("@", headerStart(rest));
  const userInfo = at < 0 ? undefined : rest.slice(0, at);
  let hostPart = rest.slice(at + 1);
  const question = hostPart.indexOf("?");
  const headers = question < 0 ? undefined : hostPart.slice(question + 1);
  if (question >= 0) hostPart = hostPart.slice(0, question);
  const semicolon = hostPart.indexOf(";");
  const hostPort = HOST_PORT.exec(semicolon < 0 ? hostPart : hostPart.slice(0, semicolon));
  if (!hostPort) return undefined;
  const port = hostPort[2] === undefined ? undefined : Number(hostPort[2]);
  if (port !== undefined && port > 65_535) return undefined;
  const host = (hostPort[1] ?? "").replace(/^\[|\]$/g, "");
  const user = splitUserInfo(userInfo);
  if (user === undefined) return undefined;
  return {
    scheme,
    ...user,
    host,
    port,
    parameters: semicolon < 0 ? NO_PARAMETERS : parseParameters(hostPart, semicolon),
    headers,
  };
}

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

/** Where URI headers begin, so that an `@` inside them is not taken for the user's; −1 + length when there are none. */
function headerStart(rest: string): number {
  const firstAt = rest.indexOf("@");
  const question = rest.indexOf("?", firstAt < 0 ? 0 : firstAt);
  return question < 0 ? rest.length : question;
}

function splitUserInfo(
  userInfo: string | undefined,
): Pick<SipUri, "user" | "userParameters" | "password"> | undefined {
  if (userInfo === undefined) return { userParameters: NO_PARAMETERS };
  if (userInfo === "" || /[\s<>"@]/.test(userInfo)) return undefined;
  const colon = userInfo.indexOf(":");
  const password = colon < 0 ? undefined : userInfo.slice(colon + 1);
  const withParameters = colon < 0 ? userInfo : userInfo.slice(0, colon);
  const semicolon = withParameters.indexOf(";");
  if (semicolon < 0) return { user: withParameters, userParameters: NO_PARAMETERS, password };
  return {
    user: withParameters.slice(0, semicolon),
    userParameters: parseParameters(withParameters, semicolon),
    password,
  };
}

function parseTelUri(rest: string): TelUri | undefined {
  const semicolon = rest.indexOf(";");
  const number = semicolon < 0 ? rest : rest.slice(0, semicolon);
  if (!/^\+?[0-9A-Fa-f*#().-]+$/.test(number)) return undefined;
  return {
    scheme: "tel",
    number,
    parameters: semicolon < 0 ? NO_PARAMETERS : parseParameters(rest, semicolon),
  };
}
