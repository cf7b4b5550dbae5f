/**
 * INVITE client transaction (RFC 3261 §17.1.1, figure 5, with the Accepted state of RFC 6026 §7.2).
 *
 * ```
 *            INVITE sent
 *                │           timer B, transport error
 *  timer A ┌─ calling ──────────────────────────────► terminated
 *  resend  └──►  │ 1xx                                    ▲
 *                ├────────► proceeding ┐ 1xx to user      │
 *                │              │   └──┘                  │
 *                │ 300–699      │ 300–699, ACK            │ timer D
 *                ├──────────────┴───────► completed ──────┤
 *                │ 2xx          │ 2xx     (ACK again)     │ timer M
 *                └──────────────┴───────► accepted ───────┘
 *                                         (2xx to user)
 * ```
 */
import type { PeerAddress } from "../../backend.ts";
import { HeaderList } from "../message/header-list.ts";
import type { OutgoingRequest, SipResponse } from "../message/sip-message.ts";
import type { PreparedMessage } from "../transport/message-exchange.ts";
import { Retransmission } from "./retransmission.ts";
import { TIMER_D_MS, TRANSACTION_TIMEOUT_MS } from "./timers.ts";
import type { ClientTransactionUser, TransactionContext } from "./transaction-context.ts";

export type InviteClientState = "calling" | "proceeding" | "completed" | "accepted" | "terminated";

export class InviteClientTransaction {
  readonly request: OutgoingRequest;
  readonly peer: PeerAddress;
  state: InviteClientState = "calling";
  readonly #user: ClientTransactionUser;
  readonly #context: TransactionContext;
  readonly #prepared: PreparedMessage;
  #ack: PreparedMessage | undefined;
  #timerA: Retransmission | undefined;
  /** Timer B, then D or M. */
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
    // §17.1.1.2: timer A repeats the request over unreliable transports, timer B ends the waiting.
    this.#cancelTimer = context.clock.after(TRANSACTION_TIMEOUT_MS, () => {
      this.terminate();
      this.#user.onTimeout();
    });
    if (!context.exchange.transport.isReliable) {
      this.#timerA = new Retransmission(context.clock, () => this.#send());
    }
  }

  /** Sends the request for the first time. */
  start(): void {
    this.#send();
  }

  receive(response: SipResponse, source: PeerAddress): void {
    switch (this.state) {
      case "calling":
      case "proceeding":
        this.#timerA?.stop();
        if (response.status < 200) {
          // §17.1.1.2: a provisional response stops retransmission and is passed up; timer B no longer matters.
          if (this.state === "calling") this.#cancelTimer();
          this.state = "proceeding";
        } else if (response.status < 300) {
          // RFC 6026 §7.2: stay for 64·T1 to pass retransmissions and forks' 2xx to the user, who acknowledges.
          this.#enter("accepted", TRANSACTION_TIMEOUT_MS);
        } else {
          // §17.1.1.2: the transaction acknowledges 300–699 itself, and waits to do so again.
          this.#ack = this.#context.exchange.prepare(ackFor(this.request, response));
          this.#enter("completed", this.#context.exchange.transport.isReliable ? 0 : TIMER_D_MS);
          this.#context.exchange.send(this.#ack, this.peer);
        }
        this.#user.onResponse(response, source);
        return;
      case "completed":
        // §17.1.1.2: retransmitted final responses are acknowledged again, not passed up.
        if (response.status >= 300 && this.#ack) this.#context.exchange.send(this.#ack, this.peer);
        return;
      case "accepted":
        // RFC 6026 §7.2: only 2xx go up; others cannot follow a 2xx.
        if (response.status >= 200 && response.status < 300) this.#user.onResponse(response, source);
        return;
      case "terminated":
        return;
    }
  }

  /** Ends at once, without a word to the user. */
  terminate(): void {
    if (this.state === "terminated") return;
    this.state = "terminated";
    this.#timerA?.stop();
    this.#cancelTimer();
    this.#context.onTerminated();
  }

  #enter(state: InviteClientState, forMs: number): void {
    this.state = state;
    this.#cancelTimer();
    this.#cancelTimer = this.#context.clock.after(forMs, () => this.terminate());
  }

  #send(): void {
    this.#context.exchange.send(this.#prepared, this.peer, (error) => {
      // §17.1.4: a transport error in the calling state ends the transaction.
      if (this.state !== "calling") return;
      this.terminate();
      this.#user.onTransportError(error);
    });
  }
}

/** The ACK to a 300–699 response: the INVITE's own identity with the response's To. RFC 3261 §17.1.1.3. */
export function ackFor(invite: OutgoingRequest, response: SipResponse): OutgoingRequest {
  const headers = new HeaderList();
  for (const { name, key, value } of invite.headers.fields) {
    if (key === "via" || key === "from" || key === "call-id" || key === "route" || key === "max-forwards") {
      headers.append(name, value);
    } else if (key === "to") headers.append(name, response.headers.get("To") ?? value);
    else if (key === "cseq") headers.append(name, value.replace(/\S+$/, "ACK"));
  }
  return { ...invite, method: "ACK", headers, body: "" };
}
