/** What the layers above need of a transport: bytes out, bytes in, where it is bound. RFC 3261 §18. */
import type { PeerAddress } from "../../backend.ts";

export interface SipTransport {
  /** As written in Via. */
  readonly protocol: "UDP" | "TCP" | "TLS" | "WS" | "WSS";
  /** Whether it repeats lost data itself: switches retransmission timers off. */
  readonly isReliable: boolean;
  /** Where it is bound, after `start`. */
  readonly local: PeerAddress;
  /** Binds; rejects with a `SipError` `SIP_BIND_FAILED`. */
  start(receiver: TransportReceiver): Promise<void>;
  /** Sends one message. Never throws; a failure is told to `onError` if at all. */
  send(data: string | Buffer, peer: PeerAddress, onError?: (error: Error) => void): void;
  /**
   * The address that `peer` stands for, so that every message of a transaction goes to the same one (RFC 3261 §9.1,
   * §17.1.1.3). Rejects when the name is unknown.
   */
  resolve(peer: PeerAddress): Promise<PeerAddress>;
  close(): Promise<void>;
}

export interface TransportReceiver {
  /** One message, whole. `data` is the receiver's to keep. */
  onData(data: Buffer, source: PeerAddress): void;
  /** Something is wrong with the transport as a whole; it goes on as well as it can. */
  onError(error: Error): void;
}
