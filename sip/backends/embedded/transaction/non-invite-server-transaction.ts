/**
 * Non-INVITE server transaction (RFC 3261 §17.2.2, figure 8).
 *
 * ```
 *  request ─► trying ──1xx──► proceeding ──200–699──► completed ── timer J ──► terminated
 *               └──────────────200–699───────────────────▲ (request: response again)
 * ```
 */
import type { PeerAddress } from "../../backend.ts";
import type { OutgoingResponse, SipRequest } from "../message/sip-message.ts";
import type { PreparedMessage } from "../transport/message-exchange.ts";
import { TRANSACTION_TIMEOUT_MS } from "./timers.ts";
import type { TransactionContext } from "./transaction-context.ts";

export type NonInviteServerState = "trying" | "proceeding" | "completed" | "terminated";

export class NonInviteServerTransaction {
  readonly request: SipRequest;
  readonly source: PeerAddress;
  state: NonInviteServerState = "trying";
  readonly #responsesTo: PeerAddress;
  readonly #context: TransactionContext;
  #last: PreparedMessage | undefined;
  #cancelTimer = () => {};

  constructor(
    request: SipRequest,
    source: PeerAddress,
    responsesTo: PeerAddress,
    context: TransactionContext,
  ) {
    this.request = request;
    this.source = source;
    this.#responsesTo = responsesTo;
    this.#context = context;
  }

  /** The same request again. */
  receiveRetransmission(): void {
    // §17.2.2: dropped in Trying; otherwise the last response is sent again.
    if (this.#last) this.#context.exchange.send(this.#last, this.#responsesTo);
  }

  /** Sends a response of the user's. Ignored after a final one. */
  respond(response: OutgoingResponse): void {
    if (this.state === "completed" || this.state === "terminated") return;
    this.#last = this.#context.exchange.prepare(response);
    this.#context.exchange.send(this.#last, this.#responsesTo);
    if (response.status < 200) {
      this.state = "proceeding";
      return;
    }
    this.state = "completed";
    // Timer J: 64·T1 on unreliable transports, none on reliable ones.
    const forMs = this.#context.exchange.transport.isReliable ? 0 : TRANSACTION_TIMEOUT_MS;
    this.#cancelTimer = this.#context.clock.after(forMs, () => this.terminate());
  }

  /** Ends at once, without a word to the user. */
  terminate(): void {
    if (this.state === "terminated") return;
    this.state = "terminated";
    this.#cancelTimer();
    this.#context.onTerminated();
  }
}
