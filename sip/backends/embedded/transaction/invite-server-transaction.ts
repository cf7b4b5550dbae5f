/**
 * INVITE server transaction (RFC 3261 §17.2.1, figure 7, with the Accepted state of RFC 6026 §7.1).
 *
 * ```
 *            INVITE received
 *  INVITE ┌─ proceeding ── 300–699 ──► completed ──ACK──► confirmed ── timer I ──► terminated
 *  resend └──► │  100 after 200 ms      timer G resends                                ▲
 *  1xx         │                        timer H ──────────────────────────────────────►│
 *              └── 2xx ──► accepted (the user resends 2xx; ACK to the user) ─ timer L ─┘
 * ```
 */
import type { PeerAddress } from "../../backend.ts";
import { responseTo } from "../message/message-writer.ts";
import type { OutgoingResponse, SipRequest } from "../message/sip-message.ts";
import type { PreparedMessage } from "../transport/message-exchange.ts";
import { Retransmission } from "./retransmission.ts";
import { T2_MS, T4_MS, TRANSACTION_TIMEOUT_MS, TRYING_DELAY_MS } from "./timers.ts";
import type { TransactionContext } from "./transaction-context.ts";

export type InviteServerState = "proceeding" | "completed" | "accepted" | "confirmed" | "terminated";

export class InviteServerTransaction {
  readonly request: SipRequest;
  /** Where the request came from. */
  readonly source: PeerAddress;
  state: InviteServerState = "proceeding";
  readonly #responsesTo: PeerAddress;
  readonly #context: TransactionContext;
  /** The last response sent. */
  #last: PreparedMessage | undefined;
  #cancelTrying: () => void;
  #timerG: Retransmission | undefined;
  /** Timer H, I or L. */
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
    // §17.2.1: 100 unless another response goes out within 200 ms; it stops the client's retransmission.
    this.#cancelTrying = context.clock.after(TRYING_DELAY_MS, () => this.#sendTrying());
  }

  /** The same INVITE again. */
  receiveRetransmission(): void {
    switch (this.state) {
      case "proceeding":
        // §17.2.1: the most recent provisional response is sent again; before any, this is the time for 100.
        if (this.#last) this.#sendLast();
        else this.#sendTrying();
        return;
      case "completed":
        // §17.2.1: the final response is sent again.
        this.#sendLast();
        return;
      case "accepted": // RFC 6026 §7.1: absorbed; the user repeats its 2xx on its own timer.
      case "confirmed": // §17.2.1: absorbed.
      case "terminated":
        return;
    }
  }

  /** An ACK with this transaction's branch. False: not for a non-2xx response, so the user has to look at it. */
  receiveAck(): boolean {
    if (this.state === "completed") {
      // §17.2.1: timer I absorbs further ACKs for T4.
      this.#timerG?.stop();
      this.#enter("confirmed", this.#context.exchange.transport.isReliable ? 0 : T4_MS);
      return true;
    }
    return this.state === "confirmed";
  }

  /** Sends a response of the user's. Ignored after a final one. */
  respond(response: OutgoingResponse): void {
    if (this.state !== "proceeding") return;
    this.#cancelTrying();
    this.#last = this.#context.exchange.prepare(response);
    if (response.status >= 300) {
      // §17.2.1: timer G repeats the response, timer H gives up waiting for the ACK.
      if (!this.#context.exchange.transport.isReliable) {
        this.#timerG = new Retransmission(this.#context.clock, () => this.#sendLast(), T2_MS);
      }
      this.#enter("completed", TRANSACTION_TIMEOUT_MS);
    } else if (response.status >= 200) {
      // RFC 6026 §7.1: timer L keeps the transaction to absorb INVITEs.
      this.#enter("accepted", TRANSACTION_TIMEOUT_MS);
    }
    this.#sendLast();
  }

  /** Repeats the 2xx; the user's timer decides when (§13.3.1.4). */
  repeatAccepted(): void {
    if (this.state === "accepted") this.#sendLast();
  }

  /** Ends at once, without a word to the user. */
  terminate(): void {
    if (this.state === "terminated") return;
    this.state = "terminated";
    this.#cancelTrying();
    this.#timerG?.stop();
    this.#cancelTimer();
    this.#context.onTerminated();
  }

  #enter(state: InviteServerState, forMs: number): void {
    this.state = state;
    this.#cancelTimer();
    this.#cancelTimer = this.#context.clock.after(forMs, () => this.terminate());
  }

  #sendTrying(): void {
    this.#cancelTrying();
    // §8.2.6.1: 100 carries the request's Timestamp back.
    const timestamp = this.request.headers.get("Timestamp");
    const headers = timestamp === undefined ? [] : [["Timestamp", timestamp] as const];
    this.#last = this.#context.exchange.prepare(responseTo(this.request, 100, "Trying", { headers }));
    this.#sendLast();
  }

  #sendLast(): void {
    if (this.#last) this.#context.exchange.send(this.#last, this.#responsesTo);
  }
}
