/** A 2xx to INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4). */
import type { Clock } from "../../../../engine/index.ts";
import type { InviteServerTransaction } from "../transaction/invite-server-transaction.ts";
import { Retransmission } from "../transaction/retransmission.ts";
import { T2_MS, TRANSACTION_TIMEOUT_MS } from "../transaction/timers.ts";

export class AcceptedResponse {
  readonly cseqNumber: number;
  readonly #repetition: Retransmission;
  readonly #cancelTimeout: () => void;

  /** Starts repeating what `transaction` has just sent; `onTimeout` after 64·T1 without an ACK. */
  constructor(clock: Clock, transaction: InviteServerTransaction, onTimeout: () => void) {
    this.cseqNumber = transaction.request.cseq.number;
    // Repeated over every transport: a proxy on the way may use an unreliable one.
    this.#repetition = new Retransmission(clock, () => transaction.repeatAccepted(), T2_MS);
    this.#cancelTimeout = clock.after(TRANSACTION_TIMEOUT_MS, () => {
      this.stop();
      onTimeout();
    });
  }

  stop(): void {
    this.#repetition.stop();
    this.#cancelTimeout();
  }
}
