/**
 * SIP over UDP on one unconnected socket (RFC 3261 §18).
 *
 * DEVIATES: requests above 1300 bytes do not move to TCP (§18.1.1), there being none; they go out in IP fragments. Ours
 * usually have below 1000 bytes.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { lookup } from "node:dns";
import { isIP } from "node:net";
import { SipError } from "../../../errors.ts";
import type { PeerAddress } from "../../backend.ts";
import type { SipTransport, TransportReceiver } from "./transport.ts";

/** LIMIT: kernel buffer each way; holds a second of 1500 calls per second while the thread is busy. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

export class UdpTransport implements SipTransport {
  readonly protocol = "UDP";
  readonly isReliable = false;
  readonly #bind: PeerAddress;
  readonly #family: 4 | 6;
  #socket: Socket | undefined;
  #local: PeerAddress;

  /** Port 0 picks a free one. */
  constructor(bind: PeerAddress) {
    this.#bind = bind;
    this.#local = bind;
    this.#family = bind.host.includes(":") ? 6 : 4;
  }

  get local(): PeerAddress {
    return this.#local;
  }

  async start(receiver: TransportReceiver): Promise<void> {
    const socket = createSocket({
      type: this.#family === 6 ? "udp6" : "udp4",
      lookup: (host, _options, callback) => this.#lookup(host, callback),
    });
    await new Promise<void>((resolve, reject) => {
      const onBindError = (cause: Error) =>
        reject(
          new SipError("SIP_BIND_FAILED", `cannot bind SIP to ${this.#bind.host}:${this.#bind.port}`, {
            details: { address: this.#bind.host, port: this.#bind.port },
            cause,
          }),
        );
      socket.once("error", onBindError);
      socket.bind(this.#bind.port, this.#bind.host, () => {
        socket.removeListener("error", onBindError);
        // An unheard `error` would end the process.
        socket.on("error", (error) => receiver.onError(error));
        resolve();
      });
    });
    try {
      socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
      socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
    } catch {
      // The system's own size has to do.
    }
    socket.on("message", (data: Buffer, remote: RemoteInfo) => {
      receiver.onData(data, { host: remote.address, port: remote.port });
    });
    this.#socket = socket;
    this.#local = { host: this.#bind.host, port: socket.address().port };
  }

  send(data: string | Buffer, peer: PeerAddress, onError?: (error: Error) => void): void {
    const socket = this.#socket;
    if (!socket) {
      onError?.(new Error("the SIP socket is closed"));
      return;
    }
    try {
      socket.send(data, peer.port, peer.host, (error) => {
        if (error) onError?.(error);
      });
    } catch (error) {
      // Port 0 and the like are thrown at once.
      onError?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async resolve(peer: PeerAddress): Promise<PeerAddress> {
    if (isIP(peer.host) !== 0) return peer;
    return new Promise((resolve, reject) => {
      this.#lookup(peer.host, (error, address) => {
        if (error) reject(error);
        else resolve({ host: address, port: peer.port });
      });
    });
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    await new Promise<void>((resolve) => socket.close(resolve));
  }

  /** IP literals need no resolver: without this every datagram would pass through its thread pool. */
  #lookup(
    host: string,
    callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
  ): void {
    if (isIP(host) !== 0) callback(null, host, this.#family);
    else lookup(host, { family: this.#family }, callback);
  }
}
