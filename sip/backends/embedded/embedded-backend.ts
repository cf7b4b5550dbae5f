/** Our own SIP core as a signalling backend: the layers of RFC 3261 put together over one transport. */
import { networkInterfaces } from "node:os";
import type { Clock, Logger } from "../../../engine/index.ts";
import type { PeerAddress, SignallingBackend } from "../backend.ts";
import { LocalEndpoint } from "./dialog/local-endpoint.ts";
import { MessageExchange, type SipStats } from "./transport/message-exchange.ts";
import type { SipTransport } from "./transport/transport.ts";
import { UdpTransport } from "./transport/udp-transport.ts";
import { UserAgentCore } from "./user-agent/user-agent-core.ts";

export interface EmbeddedBackendOptions {
  /** IP address of this machine, `0.0.0.0` for all. */
  readonly bindAddress: string;
  /** 0 picks a free one. */
  readonly port: number;
  /**
   * Host or IP address in Via and Contact, as the far end can reach us; default: the bound address, or the first
   * interface that is no loopback when bound to all.
   */
  readonly advertisedAddress?: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** User-Agent and Server header; default `voxdial`. */
  readonly userAgentName?: string;
  /** Who may send requests outside our calls; others are dropped without an answer. Default: everybody. */
  readonly allowedSource?: (peer: PeerAddress) => boolean;
  /** Inbound calls open at once; more are refused with 503. Default 1000. */
  readonly maxCalls?: number;
  /** Stands in for UDP. */
  readonly transport?: SipTransport;
}

export interface EmbeddedBackend extends SignallingBackend {
  readonly stats: Readonly<SipStats>;
  /** Calls in either direction that are not over. */
  readonly openCalls: number;
}

/** LIMIT: inbound calls when nothing else is said; a media worker holds 300 legs. */
const DEFAULT_MAX_CALLS = 1000;

/** Builds the embedded SIP core; nothing is bound before `start`. */
export function createEmbeddedBackend(options: EmbeddedBackendOptions): EmbeddedBackend {
  const transport = options.transport ?? new UdpTransport({ host: options.bindAddress, port: options.port });
  const exchange = new MessageExchange(transport, options.logger);
  let core: UserAgentCore | undefined;
  let handler: Parameters<SignallingBackend["onInvite"]>[0] | undefined;

  return {
    stats: exchange.stats,
    get openCalls() {
      return core?.openCalls ?? 0;
    },
    get local() {
      return { host: reachableAddress(options.bindAddress), port: transport.local.port };
    },
    async start() {
      if (core) return;
      // The endpoint needs the port, which is known only once bound; what arrives meanwhile is sent again.
      let receiver: UserAgentCore["transactions"] | undefined;
      await exchange.start({
        onRequest: (request, source, data) => receiver?.onRequest(request, source, data),
        onResponse: (response, source) => receiver?.onResponse(response, source),
      });
      const host = options.advertisedAddress ?? reachableAddress(options.bindAddress);
      core = new UserAgentCore({
        clock: options.clock,
        logger: options.logger,
        exchange,
        endpoint: new LocalEndpoint(
          transport.protocol,
          host,
          transport.local.port,
          options.userAgentName ?? "voxdial",
        ),
        allowedSource: options.allowedSource ?? (() => true),
        maxCalls: options.maxCalls ?? DEFAULT_MAX_CALLS,
      });
      if (handler) core.onInboundCall(handler);
      receiver = core.transactions;
    },
    invite(request, observer) {
      if (core) return core.invite(request, observer);
      queueMicrotask(() =>
        observer({
          type: "failed",
          failure: { kind: "not-sent", explanation: "the SIP backend is not started" },
        }),
      );
      return { callId: "", cancel: () => {}, bye: () => {} };
    },
    onInvite(newHandler) {
      handler = newHandler;
      core?.onInboundCall(newHandler);
    },
    async stop() {
      core?.stop();
      core = undefined;
      await transport.close();
    },
  };
}

function reachableAddress(bindAddress: string): string {
  if (bindAddress !== "0.0.0.0" && bindAddress !== "::") return bindAddress;
  const family = bindAddress === "::" ? "IPv6" : "IPv4";
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const reachable = addresses.find((address) => address.family === family && !address.internal);
  return reachable?.address ?? (family === "IPv6" ? "::1" : "127.0.0.1");
}
