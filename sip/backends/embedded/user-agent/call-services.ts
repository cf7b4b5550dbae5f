/** What calls and the user agent core share. */
import type { Clock, Logger } from "../../../../engine/index.ts";
import type { LocalEndpoint } from "../dialog/local-endpoint.ts";
import type { SipRequest } from "../message/sip-message.ts";
import type { InviteServerTransaction } from "../transaction/invite-server-transaction.ts";
import type { NonInviteServerTransaction } from "../transaction/non-invite-server-transaction.ts";
import type { TransactionLayer } from "../transaction/transaction-layer.ts";
import type { MessageExchange } from "../transport/message-exchange.ts";

/** One call, found by Call-ID and our tag. */
export interface CallOwner {
  /** A request with our tag, other than INVITE, ACK and CANCEL. */
  onRequest(transaction: NonInviteServerTransaction): void;
  /** An INVITE with our tag. */
  onReinvite(transaction: InviteServerTransaction): void;
  /** An ACK with our tag. */
  onAck(request: SipRequest): void;
  /** The backend stops: the call is over without another message. */
  abandon(): void;
}

export interface CallServices {
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly exchange: MessageExchange;
  readonly transactions: TransactionLayer;
  readonly endpoint: LocalEndpoint;
  /** Makes a call findable; the returned function forgets it. */
  register(callId: string, localTag: string, owner: CallOwner): () => void;
}
