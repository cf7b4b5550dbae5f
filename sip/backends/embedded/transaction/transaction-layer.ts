/**
 * Finds the transaction a message belongs to, and starts transactions for new requests, ours and theirs
 * (RFC 3261 §17.1.3, §17.2.3).
 */
import type { Clock } from "../../../../engine/index.ts";
import type { PeerAddress } from "../../backend.ts";
import type { OutgoingRequest, SipRequest, SipResponse } from "../message/sip-message.ts";
import { BRANCH_COOKIE } from "../message/via.ts";
import {
  type ExchangeReceiver,
  type MessageExchange,
  responseAddress,
} from "../transport/message-exchange.ts";
import { InviteClientTransaction } from "./invite-client-transaction.ts";
import { InviteServerTransaction } from "./invite-server-transaction.ts";
import { NonInviteClientTransaction } from "./non-invite-client-transaction.ts";
import { NonInviteServerTransaction } from "./non-invite-server-transaction.ts";
import type { ClientTransactionUser, TransactionContext } from "./transaction-context.ts";

/** The layer above: dialogs and user agent. */
export interface RequestReceiver {
  /** Whether a new request may have a transaction at all; false: it is dropped without an answer. */
  admits(request: SipRequest, source: PeerAddress): boolean;
  onInvite(transaction: InviteServerTransaction, data: Buffer): void;
  /** `invite`: the transaction to be canceled (§9.2), when there is one. */
  onCancel(transaction: NonInviteServerTransaction, invite: InviteServerTransaction | undefined): void;
  /** An ACK to a 2xx: it has no transaction. */
  onAck(request: SipRequest): void;
  onOtherRequest(transaction: NonInviteServerTransaction): void;
}

/** LIMIT: server transactions alive at once; 32 s of 3000 calls per second. More requests are dropped. */
const MAX_SERVER_TRANSACTIONS = 200_000;

type ClientTransaction = InviteClientTransaction | NonInviteClientTransaction;
type ServerTransaction = InviteServerTransaction | NonInviteServerTransaction;

export class TransactionLayer implements ExchangeReceiver {
  readonly #clock: Clock;
  readonly #exchange: MessageExchange;
  readonly #user: RequestReceiver;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();

  constructor(clock: Clock, exchange: MessageExchange, user: RequestReceiver) {
    this.#clock = clock;
    this.#exchange = exchange;
    this.#user = user;
  }

  /** Transactions alive, for tests and metrics. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  sendInvite(
    request: OutgoingRequest,
    peer: PeerAddress,
    user: ClientTransactionUser,
  ): InviteClientTransaction {
    const key = clientKey(request.branch, "INVITE");
    const transaction = new InviteClientTransaction(request, peer, user, this.#context(this.#clients, key));
    this.#clients.set(key, transaction);
    transaction.start();
    return transaction;
  }

  sendRequest(
    request: OutgoingRequest,
    peer: PeerAddress,
    user: ClientTransactionUser,
  ): NonInviteClientTransaction {
    const key = clientKey(request.branch, request.method);
    const transaction = new NonInviteClientTransaction(
      request,
      peer,
      user,
      this.#context(this.#clients, key),
    );
    this.#clients.set(key, transaction);
    transaction.start();
    return transaction;
  }

  onResponse(response: SipResponse, source: PeerAddress): void {
    // §17.1.3: branch and method of CSeq.
    const { branch } = response.via;
    const transaction =
      branch === undefined ? undefined : this.#clients.get(clientKey(branch, response.cseq.method));
    if (transaction) transaction.receive(response, source);
    else this.#exchange.stats.strayMessages++;
  }

  onRequest(request: SipRequest, source: PeerAddress, data: Buffer): void {
    const key = serverKey(request, request.method);
    if (request.method === "ACK") {
      const invite = this.#servers.get(serverKey(request, "INVITE"));
      if (invite instanceof InviteServerTransaction && invite.receiveAck()) return;
      this.#user.onAck(request);
      return;
    }
    const existing = this.#servers.get(key);
    if (existing) {
      existing.receiveRetransmission();
      return;
    }
    if (!this.#user.admits(request, source)) {
      this.#exchange.dropUnknownSource(source, request.method);
      return;
    }
    if (this.#servers.size >= MAX_SERVER_TRANSACTIONS) return;
    const context = this.#context(this.#servers, key);
    const responsesTo = responseAddress(request, source);
    if (request.method === "INVITE") {
      const transaction = new InviteServerTransaction(request, source, responsesTo, context);
      this.#servers.set(key, transaction);
      this.#user.onInvite(transaction, data);
      return;
    }
    const transaction = new NonInviteServerTransaction(request, source, responsesTo, context);
    this.#servers.set(key, transaction);
    if (request.method === "CANCEL") {
      // §9.2: matched as if it were the INVITE, by branch and sent-by alone.
      const invite = this.#servers.get(serverKey(request, "INVITE"));
      this.#user.onCancel(transaction, invite instanceof InviteServerTransaction ? invite : undefined);
    } else this.#user.onOtherRequest(transaction);
  }

  /** Ends every transaction without a word. */
  stop(): void {
    for (const transaction of [...this.#clients.values(), ...this.#servers.values()]) transaction.terminate();
  }

  #context(map: Map<string, unknown>, key: string): TransactionContext {
    return { clock: this.#clock, exchange: this.#exchange, onTerminated: () => map.delete(key) };
  }
}

function clientKey(branch: string, method: string): string {
  return `${branch} ${method}`;
}

/** §17.2.3: branch, sent-by and method; a branch without the cookie is of RFC 2543 and not unique by itself. */
function serverKey(request: SipRequest, method: string): string {
  const { branch, host, port } = request.via;
  if (branch?.startsWith(BRANCH_COOKIE) && branch.length > BRANCH_COOKIE.length) {
    return `${branch} ${host}:${port ?? 5060} ${method}`;
  }
  const { callId, cseq, from } = request;
  return `${callId} ${from.parameters.get("tag") ?? ""} ${cseq.number} ${host}:${port ?? 5060} ${method}`;
}
