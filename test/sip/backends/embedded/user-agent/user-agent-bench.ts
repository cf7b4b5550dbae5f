/** The embedded backend against a peer that says what the test wants, on the network in memory. */
import {
  createEmbeddedBackend,
  type EmbeddedBackendOptions,
} from "../../../../../sip/backends/embedded/embedded-backend.ts";
import { MemoryNetwork } from "../../../../../sip/backends/embedded/transport/memory-network.ts";
import type {
  EmbeddedBackend,
  InboundCall,
  InboundCallEvent,
  InviteRequest,
  OutboundCall,
  OutboundCallEvent,
} from "../../../../../sip/index.ts";
import { buildOffer } from "../../../../../sip/sdp/index.ts";
import { ManualClock } from "../../../../support/manual-clock.ts";
import { WirePeer } from "../wire-peer.ts";

export const US = { host: "192.0.2.2", port: 5060 };
export const PEER = { host: "192.0.2.1", port: 5060 };
export const OUR_SDP = buildOffer({ address: US.host, rtpPort: 4000, rtcpPort: 4001 });
export const PEER_SDP = buildOffer({ address: PEER.host, rtpPort: 6000, rtcpPort: 6001 });

export class UserAgentBench {
  readonly clock = new ManualClock(0);
  readonly network = new MemoryNetwork({ clock: this.clock });
  readonly peer = new WirePeer(this.network, PEER, US);
  readonly backend: EmbeddedBackend;
  /** Events of the calls placed with `call`. */
  readonly events: OutboundCallEvent[] = [];
  /** Calls taken, and their events, once `takeCalls` was called. */
  readonly taken: InboundCall[] = [];
  readonly takenEvents: InboundCallEvent[] = [];

  private constructor(options: Partial<EmbeddedBackendOptions>) {
    this.backend = createEmbeddedBackend({
      bindAddress: US.host,
      port: US.port,
      clock: this.clock,
      transport: this.network.transport(US),
      ...options,
    });
  }

  static async start(options: Partial<EmbeddedBackendOptions> = {}): Promise<UserAgentBench> {
    const bench = new UserAgentBench(options);
    await bench.peer.start();
    await bench.backend.start();
    return bench;
  }

  /** Places a call and lets its INVITE arrive. */
  async call(request: Partial<InviteRequest> = {}): Promise<OutboundCall> {
    const call = this.backend.invite(
      {
        requestUri: "sip:alice@192.0.2.1",
        from: "<sip:bob@192.0.2.2>",
        to: "<sip:alice@192.0.2.1>",
        sdpOffer: OUR_SDP,
        ...request,
      },
      (event) => this.events.push(event),
    );
    await this.clock.advanceAsync(10, 1);
    return call;
  }

  /** Takes every call with `onCall`. */
  takeCalls(onCall: (call: InboundCall) => void = () => {}): void {
    this.backend.onInvite((call) => {
      this.taken.push(call);
      call.observe((event) => this.takenEvents.push(event));
      onCall(call);
    });
  }

  /** The peer sends something; it and what it causes arrive. */
  send(text: string): void {
    this.peer.send(text);
    this.settle();
  }

  /** Lets what is under way arrive: less than any timer. */
  settle(): void {
    this.clock.advance(10);
  }

  get eventTypes(): string[] {
    return this.events.map((event) => event.type);
  }

  /** Types of the events of calls taken, wire messages apart. */
  get takenTypes(): string[] {
    return this.takenEvents.map((event) => event.type).filter((type) => type !== "message");
  }
}
