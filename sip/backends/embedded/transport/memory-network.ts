/**
 * A network in memory on a chosen clock: endpoints with addresses, a delay, and loss decided per packet. Behaves like
 * UDP, so whole calls with every retransmission run in no time.
 */
import type { Clock } from "../../../../engine/index.ts";
import type { PeerAddress } from "../../backend.ts";
import type { SipTransport, TransportReceiver } from "./transport.ts";

/** One datagram on its way. */
export interface MemoryPacket {
  readonly from: PeerAddress;
  readonly to: PeerAddress;
  readonly text: string;
}

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  /** One-way delay in milliseconds, default 1. */
  readonly delayMs?: number;
}

export class MemoryNetwork {
  /** Every packet sent, lost ones too. */
  readonly packets: MemoryPacket[] = [];
  /** Which packets get lost; default none. */
  loses: (packet: MemoryPacket) => boolean = () => false;
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #receivers = new Map<string, TransportReceiver>();

  constructor(options: MemoryNetworkOptions) {
    this.#clock = options.clock;
    this.#delayMs = options.delayMs ?? 1;
  }

  /** A transport at `address`, to be started by its owner. */
  transport(address: PeerAddress): SipTransport {
    const key = keyOf(address);
    return {
      protocol: "UDP",
      isReliable: false,
      local: address,
      start: async (receiver) => {
        this.#receivers.set(key, receiver);
      },
      send: (data, peer) => this.#send({ from: address, to: peer, text: data.toString() }),
      resolve: async (peer) => peer,
      close: async () => {
        this.#receivers.delete(key);
      },
    };
  }

  #send(packet: MemoryPacket): void {
    this.packets.push(packet);
    if (this.loses(packet)) return;
    this.#clock.after(this.#delayMs, () => {
      this.#receivers.get(keyOf(packet.to))?.onData(Buffer.from(packet.text), packet.from);
    });
  }
}

function keyOf(address: PeerAddress): string {
  return `${address.host}:${address.port}`;
}
