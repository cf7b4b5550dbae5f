/** The embedded SIP core through the shared suite: in memory, in memory with loss, and over UDP on loopback. */
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../../api/system-clock.ts";
import { createEmbeddedBackend } from "../../../../sip/backends/embedded/embedded-backend.ts";
import { MemoryNetwork } from "../../../../sip/backends/embedded/transport/memory-network.ts";
import { SipError } from "../../../../sip/index.ts";
import { buildOffer } from "../../../../sip/sdp/index.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { type BackendPair, describeBackend } from "../backend-suite.ts";

function memoryPair(): BackendPair & { readonly clock: ManualClock; readonly network: MemoryNetwork } {
  const clock = new ManualClock();
  const network = new MemoryNetwork({ clock, delayMs: 5 });
  const backend = (host: string) =>
    createEmbeddedBackend({
      bindAddress: host,
      port: 5060,
      clock,
      transport: network.transport({ host, port: 5060 }),
    });
  const caller = backend("192.0.2.1");
  const callee = backend("192.0.2.2");
  return {
    clock,
    network,
    caller,
    callee,
    until: async (holds) => {
      for (let waitedMs = 0; !holds() && waitedMs < 120_000; waitedMs += 10) await clock.advanceAsync(10);
      if (!holds()) throw new Error("it never happened");
    },
    stop: async () => {
      await caller.stop();
      await callee.stop();
      // Packets under way arrive nowhere; nothing else is left to happen.
      clock.advance(5);
      expect(clock.pending).toBe(0);
    },
  };
}

describeBackend("embedded, in memory", async () => {
  const pair = memoryPair();
  await pair.caller.start();
  await pair.callee.start();
  return pair;
});

describeBackend("embedded, over UDP", async () => {
  const options = { bindAddress: "127.0.0.1", port: 0, clock: systemClock };
  const caller = createEmbeddedBackend(options);
  const callee = createEmbeddedBackend(options);
  await caller.start();
  await callee.start();
  return {
    caller,
    callee,
    until: async (holds, changed) => {
      while (!holds()) await changed();
    },
    stop: async () => {
      await caller.stop();
      await callee.stop();
    },
  };
});

describe("with every third packet lost", () => {
  it("every call is still set up and torn down, once", async () => {
    const pair = memoryPair();
    await pair.caller.start();
    await pair.callee.start();
    // A fixed pseudo-random sequence, so that each packet has the same chance whatever its place.
    let state = 20_260_101;
    pair.network.loses = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 16) % 3 === 0;
    };
    const sdp = buildOffer({ address: "192.0.2.1", rtpPort: 4000, rtcpPort: 4001 });
    const calleeEnds: string[] = [];
    pair.callee.onInvite((call) => {
      call.observe((event) => {
        if (event.type === "ended") calleeEnds.push(event.by);
      });
      call.progress(180);
      call.answer(sdp);
    });
    const callerEnds: string[] = [];
    for (let number = 0; number < 60; number++) {
      const call = pair.caller.invite(
        { requestUri: `sip:${number}@192.0.2.2`, from: "<sip:a@x>", to: "<sip:b@x>", sdpOffer: sdp },
        (event) => {
          if (event.type === "answered") call.bye();
          else if (event.type === "ended") callerEnds.push(event.by);
          else if (event.type === "failed") callerEnds.push(event.failure.kind);
        },
      );
    }
    await pair.until(
      () => callerEnds.length === 60 && calleeEnds.length === 60,
      () => Promise.resolve(),
    );
    expect(callerEnds).toEqual(Array.from({ length: 60 }, () => "local"));
    expect(calleeEnds).toEqual(Array.from({ length: 60 }, () => "remote"));
    await pair.stop();
  });
});

describe("start", () => {
  it("names the address that cannot be bound", async () => {
    const first = createEmbeddedBackend({ bindAddress: "127.0.0.1", port: 0, clock: systemClock });
    await first.start();
    const { port } = first.local;
    const second = createEmbeddedBackend({ bindAddress: "127.0.0.1", port, clock: systemClock });
    const error = await second.start().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(SipError);
    expect(error).toMatchObject({ code: "SIP_BIND_FAILED", details: { address: "127.0.0.1", port } });
    await first.stop();
  });

  it("puts the advertised address into Via and Contact", async () => {
    const clock = new ManualClock();
    const network = new MemoryNetwork({ clock });
    const backend = createEmbeddedBackend({
      bindAddress: "192.0.2.1",
      port: 5080,
      advertisedAddress: "sip.example.com",
      clock,
      transport: network.transport({ host: "192.0.2.1", port: 5080 }),
    });
    await backend.start();
    backend.invite(
      { requestUri: "sip:b@192.0.2.2", from: "<sip:a@x>", to: "<sip:b@x>", sdpOffer: "" },
      () => {},
    );
    await clock.advanceAsync(10, 1);
    expect(network.packets[0]?.text).toMatch(/Via: SIP\/2\.0\/UDP sip\.example\.com:5080;/);
    expect(network.packets[0]?.text).toContain("Contact: <sip:voxdial@sip.example.com:5080>\r\n");
    await backend.stop();
  });

  it("must come before a call: a call before it is not sent", async () => {
    const backend = createEmbeddedBackend({ bindAddress: "127.0.0.1", port: 0, clock: systemClock });
    const event = await new Promise((resolve) => {
      backend.invite(
        { requestUri: "sip:b@127.0.0.1", from: "<sip:a@x>", to: "<sip:b@x>", sdpOffer: "" },
        resolve,
      );
    });
    expect(event).toMatchObject({ type: "failed", failure: { kind: "not-sent" } });
  });
});

describe("an address that cannot be sent to", () => {
  it("ends the call with the transport's own words", async () => {
    const backend = createEmbeddedBackend({ bindAddress: "127.0.0.1", port: 0, clock: systemClock });
    await backend.start();
    const event = await new Promise((resolve) => {
      backend.invite(
        { requestUri: "sip:b@127.0.0.1:0", from: "<sip:a@x>", to: "<sip:b@x>", sdpOffer: "" },
        resolve,
      );
    });
    expect(event).toMatchObject({ type: "failed", failure: { kind: "transport" } });
    expect(backend.stats.sendErrors).toBe(1);
    await backend.stop();
  });

  it("of a URI without a host means that nothing left", async () => {
    const backend = createEmbeddedBackend({ bindAddress: "127.0.0.1", port: 0, clock: systemClock });
    await backend.start();
    const event = await new Promise((resolve) => {
      backend.invite(
        { requestUri: "tel:+12125551234", from: "<sip:a@x>", to: "<sip:b@x>", sdpOffer: "" },
        resolve,
      );
    });
    expect(event).toMatchObject({
      failure: { kind: "not-sent", explanation: "no address to send to in tel:+12125551234" },
    });
    await backend.stop();
  });
});
