/**
 * What each signalling backend provides: the embedded SIP core, drachtio, the in-memory network. Bodies are SDP text;
 * offer and answer logic is the user agent's. One shared suite tests every backend.
 */

import type { NegotiatedMedia } from "../sdp/negotiated-media.ts";

/** A header the backend adds verbatim, in order. */
export type ExtraHeader = readonly [name: string, value: string];

/** A SIP peer's address: host name or IP literal with port. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

export interface DigestCredentials {
  readonly username: string;
  readonly password: string;
}

/** One SIP message as it crossed the wire, for the trace. */
export interface WireMessage {
  readonly direction: "sent" | "received";
  readonly peer: PeerAddress;
  readonly text: string;
}

export interface SignallingBackend {
  /** Binds and listens. Rejects with a `SipError` that names the address when it cannot. */
  start(): Promise<void>;
  /** Where it listens, after `start`. */
  readonly local: PeerAddress;
  /** Sends an INVITE. Never throws; the observer hears `failed` instead. */
  invite(request: InviteRequest, observer: (event: OutboundCallEvent) => void): OutboundCall;
  /** Who gets inbound INVITEs. Without a handler they are answered 480. */
  onInvite(handler: (call: InboundCall) => void): void;
  /** Closes sockets; calls still open end as `failure`. */
  stop(): Promise<void>;
}

export interface InviteRequest {
  readonly requestUri: string;
  /** Where the request is sent; absent: taken from `requestUri`. */
  readonly proxy?: PeerAddress;
  /** `From` and `To` as name-addr without tag, e.g. `<sip:2125551234@host>`. */
  readonly from: string;
  readonly to: string;
  readonly sdpOffer: string;
  readonly credentials?: DigestCredentials;
  readonly headers?: readonly ExtraHeader[];
  /** Awaited before the first datagram leaves; a rejection ends the call as `failed` `not-sent`. */
  readonly beforeSend?: () => Promise<void>;
  readonly onMessage?: (message: WireMessage) => void;
}

/** Our side of a call we placed. Methods are idempotent. */
export interface OutboundCall {
  readonly callId: string;
  /** Before the answer: CANCEL (held until a 1xx, RFC 3261 §9.1; a 200 that crosses it is ACKed and BYEd). */
  cancel(reason?: SipReason): void;
  /** After the answer. */
  bye(reason?: SipReason): void;
}

/** Reason header (RFC 3326). */
export interface SipReason {
  readonly protocol: "SIP" | "Q.850";
  readonly cause: number;
  readonly text?: string;
}

export type OutboundCallEvent =
  | { readonly type: "sent" }
  | { readonly type: "provisional"; readonly status: number; readonly phrase: string; readonly sdp?: string }
  | { readonly type: "answered"; readonly sdp: string }
  /** The far end changed the session (hold, another address) and we agreed. */
  | { readonly type: "renegotiated"; readonly media: NegotiatedMedia }
  /** Final, before any answer. */
  | { readonly type: "failed"; readonly failure: CallFailure }
  /** Final, after the answer. */
  | { readonly type: "ended"; readonly by: "remote" | "local" | "failure"; readonly reason?: SipReason };

export type CallFailure =
  | {
      readonly kind: "response";
      readonly status: number;
      readonly phrase: string;
      readonly reason?: SipReason;
      readonly retryAfterSeconds?: number;
    }
  | { readonly kind: "canceled" }
  | { readonly kind: "timeout" }
  | { readonly kind: "not-sent"; readonly explanation: string }
  | { readonly kind: "transport"; readonly explanation: string };

/** A call somebody placed to us. Methods are idempotent; those out of order are ignored. */
export interface InboundCall {
  readonly callId: string;
  readonly source: PeerAddress;
  readonly requestUri: string;
  readonly from: string;
  readonly to: string;
  header(name: string): string | undefined;
  /** Absent: the offer is expected in our 200 (delayed offer). */
  readonly sdpOffer?: string;
  /** Sends 1xx (180, 183), with SDP as early media when given. */
  progress(status: number, sdp?: string): void;
  /** Sends 200 with our SDP, retransmitted until the ACK (RFC 3261 §13.3.1.4). */
  answer(sdp: string): void;
  /** Sends a final 3xx–6xx. */
  reject(status: number, phrase?: string, headers?: readonly ExtraHeader[]): void;
  bye(reason?: SipReason): void;
  /** Set before returning from the invite handler. */
  observe(observer: (event: InboundCallEvent) => void): void;
}

export type InboundCallEvent =
  /** The ACK; `sdpAnswer` when our 200 carried the offer (delayed offer). */
  | { readonly type: "confirmed"; readonly sdpAnswer?: string }
  | { readonly type: "renegotiated"; readonly media: NegotiatedMedia }
  /** CANCEL before our final response; 487 has been sent. */
  | { readonly type: "canceled" }
  | { readonly type: "ended"; readonly by: "remote" | "local" | "failure"; readonly reason?: SipReason }
  | { readonly type: "message"; readonly message: WireMessage };
