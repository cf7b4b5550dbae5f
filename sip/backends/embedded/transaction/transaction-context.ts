/** What every transaction works with. */
import type { Clock } from "../../../../engine/index.ts";
import type { PeerAddress } from "../../backend.ts";
import type { SipResponse } from "../message/sip-message.ts";
import type { MessageExchange } from "../transport/message-exchange.ts";

export interface TransactionContext {
  readonly clock: Clock;
  readonly exchange: MessageExchange;
  /** The transaction is over and forgotten. */
  readonly onTerminated: () => void;
}

/** Whoever started a client transaction. */
export interface ClientTransactionUser {
  onResponse(response: SipResponse, source: PeerAddress): void;
  /** No final response within 64·T1 (timers B, F). */
  onTimeout(): void;
  onTransportError(error: Error): void;
}
