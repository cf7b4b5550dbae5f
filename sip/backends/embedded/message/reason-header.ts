/** The Reason header field (RFC 3326): why a call was refused or ended, in SIP's or ISDN's terms. */
import type { SipReason } from "../../backend.ts";
import type { HeaderList } from "./header-list.ts";
import { parseParameters } from "./list-values.ts";

/** The most telling reason: Q.850 before SIP, since it comes from the telephone network. */
export function readReason(headers: HeaderList): SipReason | undefined {
  const reasons = headers.elements("Reason").flatMap((value) => parseReason(value) ?? []);
  return reasons.find((reason) => reason.protocol === "Q.850") ?? reasons[0];
}

export function writeReason(reason: SipReason): string {
  const text = reason.text === undefined ? "" : `;text="${reason.text.replace(/[\\"]/g, "\\$&")}"`;
  return `${reason.protocol};cause=${reason.cause}${text}`;
}

function parseReason(value: string): SipReason | undefined {
  const semicolon = value.indexOf(";");
  const protocol = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toUpperCase();
  if (protocol !== "SIP" && protocol !== "Q.850") return undefined;
  const parameters = parseParameters(value);
  const cause = parameters.get("cause") ?? "";
  if (!/^\d{1,3}$/.test(cause)) return undefined;
  const text = parameters.get("text");
  return text === undefined ? { protocol, cause: Number(cause) } : { protocol, cause: Number(cause), text };
}
