/** A transaction layer on a manual clock between a transport that writes down what is sent and a user that listens. */

import { HeaderList } from "../../../../../sip/backends/embedded/message/header-list.ts";
import type {
  OutgoingRequest,
  SipRequest,
} from "../../../../../sip/backends/embedded/message/sip-message.ts";
import type { InviteServerTransaction } from "../../../../../sip/backends/embedded/transaction/invite-server-transaction.ts";
import type { NonInviteServerTransaction } from "../../../../../sip/backends/embedded/transaction/non-invite-server-transaction.ts";
import type { ClientTransactionUser } from "../../../../../sip/backends/embedded/transaction/transaction-context.ts";
import { TransactionLayer } from "../../../../../sip/backends/embedded/transaction/transaction-layer.ts";
import { MessageExchange } from "../../../../../sip/backends/embedded/transport/message-exchange.ts";
import type {
  SipTransport,
  TransportReceiver,
} from "../../../../../sip/backends/embedded/transport/transport.ts";
import { ManualClock } from "../../../../support/manual-clock.ts";

export const PEER = { host: "192.0.2.1", port: 5060 };

export class TransactionBench {
  readonly clock = new ManualClock(0);
  /** What was sent, with the time: `0 INVITE`, `500 INVITE`, `510 200`. */
  readonly sent: string[] = [];
  readonly texts: string[] = [];
  /** What the user of client transactions heard. */
  readonly heard: string[] = [];
  readonly invites: InviteServerTransaction[] = [];
  readonly others: NonInviteServerTransaction[] = [];
  readonly acks: SipRequest[] = [];
  readonly canceled: (InviteServerTransaction | undefined)[] = [];
  readonly layer: TransactionLayer;
  /** When set, sending fails with it. */
  sendError: Error | undefined;
  #receiver: TransportReceiver | undefined;

  constructor(options: { readonly isReliable?: boolean } = {}) {
    const transport: SipTransport = {
      protocol: "UDP",
      isReliable: options.isReliable ?? false,
      local: { host: "192.0.2.2", port: 5060 },
      start: async (receiver) => {
        this.#receiver = receiver;
      },
      send: (data, _peer, onError) => {
        const text = data.toString();
        this.texts.push(text);
        const [first, second] = text.split(" ");
        this.sent.push(`${this.clock.now()} ${first === "SIP/2.0" ? second : first}`);
        if (this.sendError) onError?.(this.sendError);
      },
      resolve: async (peer) => peer,
      close: async () => {},
    };
    const exchange = new MessageExchange(transport, undefined);
    this.layer = new TransactionLayer(this.clock, exchange, {
      admits: () => true,
      onInvite: (transaction) => this.invites.push(transaction),
      onAck: (request) => this.acks.push(request),
      onCancel: (_transaction, invite) => this.canceled.push(invite),
      onOtherRequest: (transaction) => this.others.push(transaction),
    });
    exchange.start(this.layer).catch(() => {});
  }

  receive(text: string): void {
    this.#receiver?.onData(Buffer.from(text), PEER);
  }

  /** A user that writes down what it hears. */
  readonly user: ClientTransactionUser = {
    onResponse: (response) => this.heard.push(`${this.clock.now()} ${response.status}`),
    onTimeout: () => this.heard.push(`${this.clock.now()} timeout`),
    onTransportError: (error) => this.heard.push(`${this.clock.now()} ${error.message}`),
  };
}

/** A request of ours. */
export function outgoing(method: string, branch = "z9hG4bKours"): OutgoingRequest {
  const headers = new HeaderList()
    .append("Via", `SIP/2.0/UDP 192.0.2.2:5060;branch=${branch};rport`)
    .append("Max-Forwards", "70")
    .append("Route", "<sip:proxy.example.com;lr>")
    .append("From", "<sip:bob@192.0.2.2>;tag=ours")
    .append("To", "<sip:alice@192.0.2.1>")
    .append("Call-ID", "call-1")
    .append("CSeq", `1 ${method}`);
  return { method, requestUri: "sip:alice@192.0.2.1", branch, callId: "call-1", headers, body: "" };
}
