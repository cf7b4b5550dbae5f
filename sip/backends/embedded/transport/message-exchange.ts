/**
 * Messages over a transport: parses what comes in, counts and drops what is none, stamps Via, routes responses, and
 * shows each message to whoever follows its call (RFC 3261 §18).
 */
import type { Logger } from "../../../../engine/index.ts";
import type { PeerAddress, WireMessage } from "../../backend.ts";
import { firstElement, parseMessage } from "../message/message-parser.ts";
import { writeMessage } from "../message/message-writer.ts";
import type {
  OutgoingRequest,
  OutgoingResponse,
  SipMessage,
  SipRequest,
  SipResponse,
} from "../message/sip-message.ts";
import { stampVia } from "../message/via.ts";
import { SourceLog } from "./source-log.ts";
import type { SipTransport } from "./transport.ts";

/** What came and went, counted since the start. */
export interface SipStats {
  datagramsReceived: number;
  /** CRLF and other keep-alives of at most four bytes (RFC 5626 §3.5.1). */
  keepAlives: number;
  messagesReceived: number;
  messagesSent: number;
  /** Datagrams that are no SIP message. */
  garbage: number;
  /** Requests outside a call from sources that are not allowed, dropped without an answer. */
  fromUnknownSources: number;
  /** Responses and ACKs that belong to nothing. */
  strayMessages: number;
  /** Inbound INVITEs refused because `maxCalls` are open. */
  refusedAtLimit: number;
  sendErrors: number;
}

export interface ExchangeReceiver {
  /** `data` is the request as it arrived. */
  onRequest(request: SipRequest, source: PeerAddress, data: Buffer): void;
  onResponse(response: SipResponse, source: PeerAddress): void;
}

/** A message made ready: the same bytes are sent again by each retransmission. */
export interface PreparedMessage {
  readonly callId: string;
  readonly text: string;
}

/** LIMIT: no keep-alive is longer: CRLF, double CRLF, or a few NULs. */
const MAX_KEEP_ALIVE_BYTES = 4;

export class MessageExchange {
  readonly transport: SipTransport;
  readonly stats: SipStats = {
    datagramsReceived: 0,
    keepAlives: 0,
    messagesReceived: 0,
    messagesSent: 0,
    garbage: 0,
    fromUnknownSources: 0,
    strayMessages: 0,
    refusedAtLimit: 0,
    sendErrors: 0,
  };
  readonly #logger: Logger | undefined;
  readonly #sources = new SourceLog();
  readonly #followers = new Map<string, (message: WireMessage) => void>();

  constructor(transport: SipTransport, logger: Logger | undefined) {
    this.transport = transport;
    this.#logger = logger;
  }

  async start(receiver: ExchangeReceiver): Promise<void> {
    await this.transport.start({
      onData: (data, source) => this.#receive(data, source, receiver),
      onError: (error) => this.#logger?.warn({ error }, "sip socket error"),
    });
  }

  /** Shows every message of a call, retransmissions too, until the returned function is called. */
  follow(callId: string, follower: (message: WireMessage) => void): () => void {
    this.#followers.set(callId, follower);
    return () => {
      if (this.#followers.get(callId) === follower) this.#followers.delete(callId);
    };
  }

  /** Writes a message down once. */
  prepare(message: OutgoingRequest | OutgoingResponse): PreparedMessage {
    return { callId: message.callId, text: writeMessage(message) };
  }

  send(message: PreparedMessage, peer: PeerAddress, onError?: (error: Error) => void): void {
    this.stats.messagesSent++;
    this.#show(message.callId, { direction: "sent", peer, text: message.text });
    this.transport.send(message.text, peer, (error) => {
      this.stats.sendErrors++;
      onError?.(error);
    });
  }

  /** Counts and, once per source, logs what was dropped without an answer. */
  dropUnknownSource(source: PeerAddress, method: string): void {
    this.stats.fromUnknownSources++;
    if (this.#sources.isFirst(`unknown ${source.host}`)) {
      this.#logger?.info({ source: source.host, method }, "sip request from unknown source dropped");
    }
  }

  #receive(data: Buffer, source: PeerAddress, receiver: ExchangeReceiver): void {
    this.stats.datagramsReceived++;
    if (data.length <= MAX_KEEP_ALIVE_BYTES) {
      this.stats.keepAlives++;
      return;
    }
    const result = parseMessage(data);
    if (!result.ok) {
      this.stats.garbage++;
      if (this.#sources.isFirst(`garbage ${source.host}`)) {
        // The explanation may quote the message, and with it a phone number: it stays out of the log.
        const { code } = result.problem;
        this.#logger?.warn({ source: source.host, code, bytes: data.length }, "not a sip message");
      }
      return;
    }
    this.stats.messagesReceived++;
    const { message } = result;
    const follower = this.#followers.get(message.callId);
    if (follower) this.#show(message.callId, { direction: "received", peer: source, text: data.toString() });
    try {
      this.#deliver(message, source, data, receiver);
    } catch (error) {
      // A mistake in one call's handling must not reach its neighbours through the socket.
      this.#logger?.error({ error, callId: message.callId }, "sip message handling failed");
    }
  }

  #deliver(message: SipMessage, source: PeerAddress, data: Buffer, receiver: ExchangeReceiver): void {
    if (message.kind === "response") {
      receiver.onResponse(message, source);
      return;
    }
    const line = message.headers.get("Via") ?? "";
    const first = firstElement(line);
    const rest = line.slice(line.indexOf(first) + first.length);
    message.headers.replaceFirst("Via", stampVia(first, message.via, source) + rest);
    receiver.onRequest(message, source, data);
  }

  #show(callId: string, message: WireMessage): void {
    try {
      this.#followers.get(callId)?.(message);
    } catch (error) {
      this.#logger?.error({ error, callId }, "sip message follower failed");
    }
  }
}

/**
 * Where the responses to a request go: its source address, at the source port when `rport` was asked for, otherwise
 * at the sent-by port (RFC 3261 §18.2.2, RFC 3581 §4).
 *
 * DEVIATES: `maddr` is ignored; it would let a stranger direct our answers at somebody else.
 */
export function responseAddress(request: SipRequest, source: PeerAddress): PeerAddress {
  if (request.via.rport !== undefined) return source;
  return { host: source.host, port: request.via.port ?? 5060 };
}
