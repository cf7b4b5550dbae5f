/**
 * Non-INVITE client transaction (RFC 3261 §17.1.2, figure 6).
 *
 * ```
 *  timer E ┌─ trying ──1xx──► proceeding ─┐ timer E every T2
 *  resend  └──►  │                │   └───┘
 *                │ 200–699        │ 200–699
 *                └────────────────┴──────► completed ── timer K ──► terminated
 *   timer F, transport error: trying, proceeding ─────────────────► terminated
 * ```
 */
import type { PeerAddress } from "../../backend.ts";
import type { OutgoingRequest, SipResponse } from "../message/sip-message.ts";
import type { PreparedMessage } from "../transport/message-exchange.ts";
import { Retransmission } from "./retransmission.ts";
import { T2_MS, T4_MS, TRANSACTION_TIMEOUT_MS } from "./timers.ts";
import type { ClientTransactionUser, TransactionContext } from "./transaction-context.ts";

export type NonInviteClientState = "trying" | "proceeding" | "completed" | "terminated";

export class NonInviteClientTransaction {
  readonly request: OutgoingRequest;
  readonly peer: PeerAddress;
  state: NonInviteClientState = "trying";
  readonly #user: ClientTransactionUser;
  readonly #context: TransactionContext;
  readonly #prepared: PreparedMessage;
  #timerE: Retransmission | undefined;
  /** Timer F, then K. */
  #cancelTimer: () => void;

  constructor(
    request: OutgoingRequest,
    peer: PeerAddress,
    user: ClientTransactionUser,
    context: TransactionContext,
  ) {
    this.request = request;
    this.peer = peer;
    this.#user = user;
    this.#context = context;
    this.#prepared = context.exchange.prepare(request);
    // §17.1.2.2: timer F ends the waiting, timer E repeats over unreliable transports, at most every T2.
    this.#cancelTimer = context.clock.after(TRANSACTION_TIMEOUT_MS, () => {
      this.terminate();
      this.#user.onTimeout();
    });
    if (!context.exchange.transport.isReliable) {
      this.#timerE = new Retransmission(context.clock, () => this.#send(), T2_MS);
    }
  }

  /** Sends the request for the first time. */
  start(): void {
    this.#send();
  }

  receive(response: SipResponse, source: PeerAddress): void {
    switch (this.state) {
      case "trying":
      case "proceeding":
        if (response.status < 200) {
          // §17.1.2.2: retransmission goes on in Proceeding, every T2.
          this.state = "proceeding";
          this.#timerE?.slowDown();
        } else {
          this.state = "completed";
          this.#timerE?.stop();
          this.#cancelTimer();
          // Timer K absorbs retransmitted responses for T4, not at all on reliable transports.
          const forMs = this.#context.exchange.transport.isReliable ? 0 : T4_MS;
          this.#cancelTimer = this.#context.clock.after(forMs, () => this.terminate());
        }
        this.#user.onResponse(response, source);
        return;
      case "completed":
      case "terminated":
        return;
    }
  }

  /** Ends at once, without a word to the user. */
  terminate(): void {
    if (this.state === "terminated") return;
    this.state = "terminated";
    this.#timerE?.stop();
    this.#cancelTimer();
    this.#context.onTerminated();
  }

  #send(): void {
    this.#context.exchange.send(this.#prepared, this.peer, (error) => {
      // §17.1.4.
      if (this.state !== "trying") return;
      this.terminate();
      this.#user.onTransportError(error);
    });
  }
}
