/** A SIP peer that places our calls: where it is, as whom we call, with which credentials. */
import type { DialString } from "../engine/index.ts";
import type { DigestCredentials, PeerAddress } from "./backends/backend.ts";

export interface Trunk {
  readonly name: string;
  readonly peer: PeerAddress;
  readonly credentials?: DigestCredentials;
  /** Caller ID when neither the dial string nor the deployment has one. */
  readonly callerId?: string;
  /** Host part of our From; absent: our own advertised address. */
  readonly fromDomain?: string;
}

/** The addresses of one INVITE. */
export interface InviteAddresses {
  readonly requestUri: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Request-URI, From and To of a call through `trunk` (RFC 3261 §8.1.1): the dialed number at the trunk, from the
 * caller ID at our domain. Without any caller ID the From is anonymous (RFC 3323 §4.1.1.3).
 */
export function inviteAddresses(
  destination: DialString,
  trunk: Trunk,
  callerId: string | undefined,
  ownDomain: string,
): InviteAddresses {
  const host = trunk.peer.port === 5060 ? trunk.peer.host : `${trunk.peer.host}:${trunk.peer.port}`;
  const requestUri = `sip:${destination.number}@${host}`;
  const caller = destination.ani ?? callerId ?? trunk.callerId;
  const from = caller
    ? `<sip:${caller}@${trunk.fromDomain ?? ownDomain}>`
    : '"Anonymous" <sip:anonymous@anonymous.invalid>';
  return { requestUri, from, to: `<${requestUri}>` };
}
