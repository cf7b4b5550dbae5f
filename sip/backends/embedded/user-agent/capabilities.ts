/** What we can do, as our messages say it (RFC 3261 §11.2, §20.5, §20.37). */
import type { ExtraHeader } from "../../backend.ts";
import type { LocalEndpoint } from "../dialog/local-endpoint.ts";
import type { HeaderList } from "../message/header-list.ts";

export const ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO";
export const SDP_TYPE = "application/sdp";

/** Headers of every request and response that concerns a dialog. */
export function dialogHeaders(endpoint: LocalEndpoint): ExtraHeader[] {
  return [
    ["Contact", endpoint.contact],
    ["Allow", ALLOW],
    // No extension is supported; an empty list says so (§20.37).
    ["Supported", ""],
  ];
}

/** The answer to OPTIONS. §11.2. */
export function optionsHeaders(endpoint: LocalEndpoint): ExtraHeader[] {
  return [
    ["Allow", ALLOW],
    ["Accept", SDP_TYPE],
    ["Supported", ""],
    ["Server", endpoint.userAgentName],
  ];
}

/** The body, when it is a session description. A body without a type is taken for one (§7.4.1 makes it a must). */
export function sdpOf(message: { readonly headers: HeaderList; readonly body: string }): string | undefined {
  if (message.body === "") return undefined;
  const type = message.headers.get("Content-Type")?.split(";")[0]?.trim().toLowerCase();
  return type === undefined || type === SDP_TYPE ? message.body : undefined;
}
