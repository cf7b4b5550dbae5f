/**
 * Calls with sipp, a SIP peer that shares no line of code with ours, over UDP on loopback. Its scenarios
 * (fixtures/sip/sipp) check what we send; sipp's exit status says whether all of it was as written there.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../api/system-clock.ts";
import {
  createEmbeddedBackend,
  type EmbeddedBackend,
  type InboundCallEvent,
  type OutboundCall,
  type OutboundCallEvent,
} from "../../sip/index.ts";
import { answerOffer, buildOffer, readAnswer } from "../../sip/sdp/index.ts";

// sipp -v exits with a status of its own; what matters is whether it could be started.
const hasSipp = spawnSync("sipp", ["-v"]).error === undefined;
const scenarios = fileURLToPath(new URL("../../fixtures/sip/sipp/", import.meta.url));
const offer = buildOffer({ address: "127.0.0.1", rtpPort: 40_000, rtcpPort: 40_001 });

let backend: EmbeddedBackend;
let children: ChildProcess[] = [];

beforeEach(async () => {
  backend = createEmbeddedBackend({ bindAddress: "127.0.0.1", port: 0, clock: systemClock });
  await backend.start();
});

afterEach(async () => {
  await backend.stop();
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
  children = [];
});

describe.skipIf(!hasSipp)("we call sipp", () => {
  it("is answered, hangs up", async () => {
    const { events, call, sippExit } = await callSipp("uas-answers-we-bye");
    await events.until("answered");
    call.bye({ protocol: "Q.850", cause: 16 });
    expect(await events.until("ended")).toMatchObject({ by: "local" });
    expect(events.seen).toEqual(["sent", "provisional", "answered", "ended"]);
    expect(await sippExit).toBe(0);
  });

  it("is answered with a session description that fits the offer", async () => {
    const { events, call, sippExit } = await callSipp("uas-answers-we-bye");
    const { sdp } = await events.until("answered");
    expect(readAnswer(offer, sdp)).toEqual({
      remote: { address: "127.0.0.1", rtpPort: 6000, rtcpPort: 6001 },
      codec: "PCMU",
      payloadType: 0,
      telephoneEventPayloadType: 101,
      direction: "sendrecv",
    });
    call.bye();
    expect(await sippExit).toBe(0);
  });

  it("is answered, sipp hangs up and says why", async () => {
    const { events, sippExit } = await callSipp("uas-answers-and-byes");
    expect(await events.until("ended")).toEqual({
      type: "ended",
      by: "remote",
      reason: { protocol: "Q.850", cause: 16, text: "Normal call clearing" },
    });
    expect(await sippExit).toBe(0);
  });

  it("gets 486 with the network's cause", async () => {
    const { events, sippExit } = await callSipp("uas-busy");
    expect((await events.until("failed")).failure).toMatchObject({
      kind: "response",
      status: 486,
      reason: { protocol: "Q.850", cause: 17, text: "User busy" },
    });
    expect(await sippExit).toBe(0);
  });

  it("cancels while it rings", async () => {
    const { events, call, sippExit } = await callSipp("uas-rings-until-cancel");
    await events.until("provisional");
    call.cancel();
    expect((await events.until("failed")).failure).toEqual({ kind: "canceled" });
    expect(await sippExit).toBe(0);
  });

  it("answers a digest challenge, by sipp's own reckoning", async () => {
    const { events, call, sippExit } = await callSipp("uas-digest", "open sesame");
    await events.until("answered");
    call.bye();
    await events.until("ended");
    expect(await sippExit).toBe(0);
  });

  it("answers a proxy's challenge in the proxy's header", async () => {
    const { events, call, sippExit } = await callSipp("uas-digest-proxy", "open sesame");
    await events.until("answered");
    call.bye();
    await events.until("ended");
    expect(await sippExit).toBe(0);
  });

  it("is refused with a wrong password", async () => {
    const { events, sippExit } = await callSipp("uas-digest", "guess");
    expect((await events.until("failed")).failure).toMatchObject({ kind: "response", status: 403 });
    expect(await sippExit).toBe(0);
  });

  it("acknowledges a 200 again when it is sent again", async () => {
    const { events, call, sippExit, received } = await callSipp("uas-repeats-200");
    await events.until("answered");
    await received((text) => text.startsWith("SIP/2.0 200"), 2);
    call.bye();
    await events.until("ended");
    expect(await sippExit).toBe(0);
  });
});

describe.skipIf(!hasSipp)("sipp calls us", () => {
  it("is answered, hangs up", async () => {
    const events = answerCalls();
    expect(await sippCalls("uac-calls-and-byes")).toBe(0);
    expect(await events.until("ended")).toMatchObject({ by: "remote" });
    expect(events.seen).toEqual(["confirmed", "ended"]);
  });

  it("cancels while we ring", async () => {
    const events = new Events<InboundCallEvent>();
    backend.onInvite((call) => {
      call.observe((event) => events.add(event));
      call.progress(180);
    });
    expect(await sippCalls("uac-calls-and-cancels")).toBe(0);
    await events.until("canceled");
    expect(events.seen).toEqual(["canceled"]);
  });

  it("misses our first 200 and gets it again", async () => {
    const events = answerCalls();
    expect(await sippCalls("uac-misses-first-200")).toBe(0);
    await events.until("ended");
    expect(events.seen).toEqual(["confirmed", "ended"]);
  });
});

if (!hasSipp) it.skip("skipped: needs sipp (apt-get install sip-tester)", () => {});

/** Rings and answers every call. */
function answerCalls(): Events<InboundCallEvent> {
  const events = new Events<InboundCallEvent>();
  backend.onInvite((call) => {
    call.observe((event) => events.add(event));
    call.progress(180);
    call.answer(
      answerOffer(call.sdpOffer ?? "", { address: "127.0.0.1", rtpPort: 40_000, rtcpPort: 40_001 }).sdp,
    );
  });
  return events;
}

/** Starts sipp as UAS for one call and places it. */
async function callSipp(scenario: string, password = "") {
  const port = await freePort();
  const sippExit = runSipp(scenario, ["-p", String(port)]);
  const uri = `sip:2125551234@127.0.0.1:${port}`;
  const events = new Events<OutboundCallEvent>();
  const messages: string[] = [];
  let onMessage = () => {};
  const call: OutboundCall = backend.invite(
    {
      requestUri: uri,
      from: "<sip:2125550100@127.0.0.1>",
      to: `<${uri}>`,
      sdpOffer: offer,
      credentials: { username: "voxdial", password },
      onMessage: (message) => {
        if (message.direction === "received") messages.push(message.text);
        onMessage();
      },
    },
    (event) => events.add(event),
  );
  /** Resolves once `count` received messages match. */
  const received = (matches: (text: string) => boolean, count: number) =>
    new Promise<void>((resolve) => {
      onMessage = () => {
        if (messages.filter(matches).length >= count) resolve();
      };
      onMessage();
    });
  return { events, call, sippExit, received };
}

/** Runs sipp as UAC for one call to us. */
async function sippCalls(scenario: string): Promise<number | null> {
  const port = await freePort();
  const { host, port: ours } = backend.local;
  return runSipp(scenario, ["-p", String(port), `${host}:${ours}`]);
}

/** Resolves with sipp's exit status: 0 when its one call went as its scenario says. */
async function runSipp(scenario: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(
    "sipp",
    // -nr: sipp's own retransmission takes an ACK sent twice, as it must be, for a request to send its 200 again.
    [
      "-sf",
      `${scenarios}${scenario}.xml`,
      "-i",
      "127.0.0.1",
      "-m",
      "1",
      "-nostdin",
      "-nr",
      "-timeout",
      "20",
      ...args,
    ],
    { cwd: tmpdir(), stdio: "ignore" },
  );
  children.push(child);
  const [status] = (await once(child, "exit")) as [number | null];
  return status;
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** Collects a call's events, messages apart, and lets a test wait for one. */
class Events<Event extends { readonly type: string }> {
  readonly #events: Event[] = [];
  #wake: () => void = () => {};

  get seen(): string[] {
    return this.#events.map((event) => event.type);
  }

  add(event: Event): void {
    if (event.type === "message") return;
    this.#events.push(event);
    this.#wake();
  }

  async until<Type extends Event["type"]>(type: Type): Promise<Extract<Event, { readonly type: Type }>> {
    for (;;) {
      const found = this.#events.find((event) => event.type === type);
      if (found) return found as Extract<Event, { readonly type: Type }>;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
