/** A peer of the backend under test that says exactly what a test wants, on the network in memory. */
import type { MemoryNetwork } from "../../../../sip/backends/embedded/transport/memory-network.ts";
import type { SipTransport } from "../../../../sip/backends/embedded/transport/transport.ts";
import type { PeerAddress } from "../../../../sip/index.ts";
import { parsed, type ResponseText, responseText } from "./wire-text.ts";

export class WirePeer {
  /** Everything heard, in order. */
  readonly heard: string[] = [];
  readonly #transport: SipTransport;
  readonly #other: PeerAddress;

  constructor(network: MemoryNetwork, address: PeerAddress, other: PeerAddress) {
    this.#transport = network.transport(address);
    this.#other = other;
  }

  async start(): Promise<void> {
    await this.#transport.start({
      onData: (data) => this.heard.push(data.toString()),
      onError: () => {},
    });
  }

  send(text: string): void {
    this.#transport.send(text, this.#other);
  }

  /** Requests heard of a method. */
  requests(method: string): string[] {
    return this.heard.filter((text) => text.startsWith(`${method} `));
  }

  /** The last request heard of a method; throws when there is none. */
  request(method: string): string {
    const last = this.requests(method).at(-1);
    if (last === undefined) throw new Error(`no ${method} was heard`);
    return last;
  }

  /** Responses heard, as `status method`. */
  get statuses(): string[] {
    return this.heard
      .map(parsed)
      .flatMap((message) =>
        message.kind === "response" ? [`${message.status} ${message.cseq.method}`] : [],
      );
  }

  /** The last response heard to a method. */
  response(method: string): string {
    const last = this.heard.findLast((text) => {
      const message = parsed(text);
      return message.kind === "response" && message.cseq.method === method;
    });
    if (last === undefined) throw new Error(`no response to ${method} was heard`);
    return last;
  }

  /** Answers the last request heard of a method. */
  respond(method: string, status: number, phrase = "Phrase", parts: ResponseText = {}): void {
    this.send(responseText(this.request(method), status, phrase, parts));
  }
}
