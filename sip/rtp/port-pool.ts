/**
 * A warm pool of bound UDP port pairs: an even port for RTP and the odd one after it for RTCP (RFC 3550 §11).
 *
 * Binding 600 sockets at once stalls a thread for 40 to 250 ms, which every call in it would hear; so pairs are
 * bound ahead of need, a few at a time with the event loop let go between. A pair is closed after use and never
 * handed out again, since packets of its last call may still be on their way to it.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SipError } from "../errors.ts";

/** What a leg gets its packets from. Set before connecting; both are called for each datagram. */
export interface PortListener {
  rtp(datagram: Buffer, source: RemoteInfo): void;
  rtcp(datagram: Buffer, source: RemoteInfo): void;
}

/** Two bound sockets. Sending is fire and forget: a datagram that cannot be sent is lost like any other. */
export interface PortPair {
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** Socket errors so far, such as a port that is closed at the far end. */
  readonly errors: number;
  listen(listener: PortListener): void;
  sendRtp(datagram: Uint8Array, port: number, address: string): void;
  sendRtcp(datagram: Uint8Array, port: number, address: string): void;
  /** Idempotent. */
  close(): void;
}

export interface PortPoolOptions {
  /** Address of this machine, IPv4 or IPv6 literal. */
  readonly bindAddress: string;
  /** Inclusive; RTP takes the even ports. Absent: ports the system picks. */
  readonly range?: { readonly min: number; readonly max: number };
  /** Pairs kept bound ahead of need. Default 16. */
  readonly warmPairs?: number;
}

// Pairs bound before the event loop is let go. One pair takes about 0.3 ms.
const BATCH_PAIRS = 4;
// LIMIT: tries to find an even port with a free neighbour among those the system picks.
const EPHEMERAL_TRIES = 50;
const DEFAULT_WARM_PAIRS = 16;

export class PortPool {
  readonly #options: PortPoolOptions;
  readonly #warm: BoundPair[] = [];
  #refilling: Promise<void> | undefined;
  #isClosed = false;
  #next: number;

  constructor(options: PortPoolOptions) {
    this.#options = options;
    this.#next = options.range ? firstEven(options.range.min) : 0;
  }

  /** Pairs bound and waiting. */
  get warmPairs(): number {
    return this.#warm.length;
  }

  /** Binds the warm pairs. Without it the first `acquire` begins to. */
  async warmUp(): Promise<void> {
    this.#refilling ??= this.#refill().finally(() => {
      this.#refilling = undefined;
    });
    await this.#refilling;
  }

  /** Takes a pair. Rejects with `SipError` `SIP_MEDIA_FULL` when none is free. */
  async acquire(): Promise<PortPair> {
    const ready = this.#warm.shift();
    // The refill is not waited for; what it cannot bind shows at the acquire that needs it.
    void this.warmUp().catch(() => {});
    if (ready) return ready;
    const pair = await this.#bindPair();
    if (!pair) {
      const { range, bindAddress } = this.#options;
      const where = range ? `ports ${range.min}–${range.max}` : "any port";
      throw new SipError("SIP_MEDIA_FULL", `no free RTP port pair on ${bindAddress}, ${where}`, {
        details: { bindAddress, ...(range ? { range } : {}) },
      });
    }
    return pair;
  }

  /** Closes the pairs nobody took. */
  close(): void {
    this.#isClosed = true;
    for (const pair of this.#warm.splice(0)) pair.close();
  }

  async #refill(): Promise<void> {
    const wanted = this.#options.warmPairs ?? DEFAULT_WARM_PAIRS;
    for (let bound = 0; !this.#isClosed && this.#warm.length < wanted; bound++) {
      const pair = await this.#bindPair();
      if (!pair) return;
      if (this.#isClosed) pair.close();
      else this.#warm.push(pair);
      if (bound % BATCH_PAIRS === BATCH_PAIRS - 1) await nextTurn();
    }
  }

  #bindPair(): Promise<BoundPair | undefined> {
    return this.#options.range ? this.#bindInRange(this.#options.range) : this.#bindEphemeral();
  }

  /** Walks round the range, so that a port rests as long as possible before it comes again. */
  async #bindInRange(range: { readonly min: number; readonly max: number }): Promise<BoundPair | undefined> {
    const first = firstEven(range.min);
    const pairs = Math.floor((range.max - first + 1) / 2);
    for (let tried = 0; tried < pairs; tried++) {
      if (this.#next + 1 > range.max) this.#next = first;
      const port = this.#next;
      this.#next += 2;
      const pair = await this.#bindBoth(port);
      if (pair) return pair;
    }
    return undefined;
  }

  async #bindEphemeral(): Promise<BoundPair | undefined> {
    for (let tried = 0; tried < EPHEMERAL_TRIES; tried++) {
      const one = await bind(this.#options.bindAddress, 0);
      if (!one) return undefined;
      const port = one.address().port;
      const isEven = port % 2 === 0;
      const neighbour = isEven ? port + 1 : port - 1;
      const other = neighbour > 65_535 ? undefined : await bind(this.#options.bindAddress, neighbour);
      if (other) return isEven ? new BoundPair(one, other) : new BoundPair(other, one);
      one.close();
    }
    return undefined;
  }

  async #bindBoth(port: number): Promise<BoundPair | undefined> {
    const rtp = await bind(this.#options.bindAddress, port);
    if (!rtp) return undefined;
    const rtcp = await bind(this.#options.bindAddress, port + 1);
    if (rtcp) return new BoundPair(rtp, rtcp);
    rtp.close();
    return undefined;
  }
}

function firstEven(port: number): number {
  return port + (port % 2);
}

/** A bound socket, or undefined when the port is taken. */
function bind(address: string, port: number): Promise<Socket | undefined> {
  const family = address.includes(":") ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? "udp6" : "udp4",
    // Addresses come from SDP as literals or from latching: nothing is looked up, and sending stays synchronous.
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  });
  return new Promise((resolve) => {
    socket.once("error", () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

class BoundPair implements PortPair {
  readonly rtpPort: number;
  readonly rtcpPort: number;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  #isClosed = false;
  errors = 0;

  constructor(rtp: Socket, rtcp: Socket) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.rtpPort = rtp.address().port;
    this.rtcpPort = rtcp.address().port;
    // Without a handler, an ICMP error about one far end would end the whole process.
    for (const socket of [rtp, rtcp]) socket.on("error", this.#countError);
  }

  listen(listener: PortListener): void {
    this.#rtp.on("message", (datagram, source) => listener.rtp(datagram, source));
    this.#rtcp.on("message", (datagram, source) => listener.rtcp(datagram, source));
  }

  sendRtp(datagram: Uint8Array, port: number, address: string): void {
    this.#send(this.#rtp, datagram, port, address);
  }

  sendRtcp(datagram: Uint8Array, port: number, address: string): void {
    this.#send(this.#rtcp, datagram, port, address);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#rtp.close();
    this.#rtcp.close();
  }

  readonly #countError = (): void => {
    this.errors++;
  };

  readonly #sent = (error: Error | null): void => {
    if (error) this.errors++;
  };

  #send(socket: Socket, datagram: Uint8Array, port: number, address: string): void {
    if (this.#isClosed) return;
    try {
      socket.send(datagram, port, address, this.#sent);
    } catch {
      // An address of the wrong family, or a port of 0: an error like the asynchronous ones.
      this.errors++;
    }
  }
}
