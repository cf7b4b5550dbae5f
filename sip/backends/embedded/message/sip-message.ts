/** SIP messages as data: those received, with the fields every layer needs already read, and those to be sent. */
import type { HeaderList } from "./header-list.ts";
import type { NameAddr } from "./name-addr.ts";
import type { Via } from "./via.ts";

/** Read from the wire. What a message must have (RFC 3261 §8.1.1) is present and well-formed. */
interface ReceivedMessage {
  readonly headers: HeaderList;
  readonly body: string;
  /** The topmost Via. */
  readonly via: Via;
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly cseq: { readonly number: number; readonly method: string };
}

export interface SipRequest extends ReceivedMessage {
  readonly kind: "request";
  readonly method: string;
  readonly requestUri: string;
}

export interface SipResponse extends ReceivedMessage {
  readonly kind: "response";
  readonly status: number;
  readonly phrase: string;
}

export type SipMessage = SipRequest | SipResponse;

/** A request of ours. Its Via carries `branch`. */
export interface OutgoingRequest {
  readonly method: string;
  readonly requestUri: string;
  readonly branch: string;
  readonly callId: string;
  readonly headers: HeaderList;
  readonly body: string;
}

/** A response of ours. */
export interface OutgoingResponse {
  readonly status: number;
  readonly phrase: string;
  readonly callId: string;
  readonly headers: HeaderList;
  readonly body: string;
}
