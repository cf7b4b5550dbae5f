/**
 * What every signalling backend has to do, whatever carries its messages: one suite, run by each backend's own test
 * file with two backends that reach each other.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  InboundCall,
  InboundCallEvent,
  InviteRequest,
  OutboundCall,
  OutboundCallEvent,
  SignallingBackend,
} from "../../../sip/index.ts";
import { answerOffer, buildOffer } from "../../../sip/sdp/index.ts";

/** Two backends that reach each other, started. */
export interface BackendPair {
  readonly caller: SignallingBackend;
  readonly callee: SignallingBackend;
  /** Resolves once `holds` holds; `changed` resolves at the next event. Lets time pass where time is simulated. */
  until(holds: () => boolean, changed: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const OFFER = buildOffer({ address: "127.0.0.1", rtpPort: 40_000, rtcpPort: 40_001 });
const ANSWER = answerOffer(OFFER, { address: "127.0.0.1", rtpPort: 41_000, rtcpPort: 41_001 }).sdp;

export function describeBackend(name: string, start: () => Promise<BackendPair>): void {
  describe(name, () => {
    let pair: BackendPair;
    let log: EventLog;
    beforeEach(async () => {
      pair = await start();
      log = new EventLog();
    });
    afterEach(() => pair.stop());

    const until = (holds: () => boolean) => pair.until(holds, () => log.changed());
    const place = (request: Partial<InviteRequest> = {}): OutboundCall => {
      const { host, port } = pair.callee.local;
      return pair.caller.invite(
        {
          requestUri: `sip:2125551234@${host}:${port}`,
          from: `"Caller" <sip:2125550100@${pair.caller.local.host}>`,
          to: `<sip:2125551234@${host}>`,
          sdpOffer: OFFER,
          ...request,
        },
        (event) => log.add(log.caller, event),
      );
    };
    const take = (onCall: (call: InboundCall) => void) => {
      pair.callee.onInvite((call) => {
        call.observe((event) => {
          if (event.type !== "message") log.add(log.callee, event);
        });
        log.calls.push(call);
        onCall(call);
        log.notify();
      });
    };
    const answer = (call: InboundCall) => {
      call.progress(180);
      call.answer(ANSWER);
    };

    it("rings, is answered, and ended by the caller", async () => {
      take(answer);
      const call = place();
      await until(() => log.has("answered"));
      call.bye();
      await until(() => log.has("ended") && log.heardEnded);
      expect(log.caller).toMatchObject([
        { type: "sent" },
        { type: "provisional", status: 180 },
        { type: "answered", sdp: ANSWER },
        { type: "ended", by: "local" },
      ]);
      expect(log.callee).toMatchObject([{ type: "confirmed" }, { type: "ended", by: "remote" }]);
    });

    it("is ended by the callee, with a reason", async () => {
      take(answer);
      place();
      await until(() => log.callee.some((event) => event.type === "confirmed"));
      log.calls[0]?.bye({ protocol: "Q.850", cause: 16, text: "Normal call clearing" });
      await until(() => log.has("ended") && log.heardEnded);
      expect(log.caller.at(-1)).toEqual({
        type: "ended",
        by: "remote",
        reason: { protocol: "Q.850", cause: 16, text: "Normal call clearing" },
      });
      expect(log.callee.at(-1)).toMatchObject({ type: "ended", by: "local" });
    });

    it("shows the callee who calls whom, with the headers given", async () => {
      take((call) => call.reject(404));
      const call = place({ headers: [["X-Campaign", "spring"]] });
      await until(() => log.has("failed"));
      const [inbound] = log.calls;
      expect(inbound?.requestUri).toMatch(/^sip:2125551234@/);
      expect(inbound?.from).toMatch(/^"Caller" <sip:2125550100@.*>;tag=/);
      expect(inbound?.to).toMatch(/^<sip:2125551234@/);
      expect(inbound?.header("x-campaign")).toBe("spring");
      expect(inbound?.sdpOffer).toBe(OFFER);
      expect(inbound?.callId).toBe(call.callId);
    });

    it("carries early media and keeps ringing", async () => {
      take((call) => call.progress(183, ANSWER));
      const call = place();
      await until(() => log.has("provisional"));
      expect(log.caller.at(-1)).toMatchObject({ status: 183, sdp: ANSWER });
      call.cancel();
      await until(() => log.has("failed"));
    });

    it.each([
      [486, "Busy Here"],
      [603, "Decline"],
      [404, "Not Found"],
      [503, "Service Unavailable"],
    ])("is refused with %i", async (status, phrase) => {
      take((call) => call.reject(status, phrase, [["Reason", 'Q.850;cause=21;text="Rejected"']]));
      place();
      await until(() => log.has("failed"));
      expect(log.caller.at(-1)).toMatchObject({
        type: "failed",
        failure: {
          kind: "response",
          status,
          phrase,
          reason: { protocol: "Q.850", cause: 21, text: "Rejected" },
        },
      });
    });

    it("is canceled while it rings, on both sides", async () => {
      take((call) => call.progress(180));
      const call = place();
      await until(() => log.has("provisional"));
      call.cancel();
      await until(() => log.has("failed") && log.callee.length > 0);
      expect(log.caller.at(-1)).toEqual({ type: "failed", failure: { kind: "canceled" } });
      expect(log.callee).toEqual([{ type: "canceled" }]);
    });

    it("gets 480 when nobody takes calls", async () => {
      place();
      await until(() => log.has("failed"));
      expect(log.caller.at(-1)).toMatchObject({ failure: { kind: "response", status: 480 } });
    });

    it("awaits beforeSend; a rejection means that nothing left", async () => {
      take(answer);
      place({ beforeSend: () => Promise.reject(new Error("not now")) });
      await until(() => log.has("failed"));
      expect(log.caller).toEqual([{ type: "failed", failure: { kind: "not-sent", explanation: "not now" } }]);
      expect(log.calls).toEqual([]);
    });

    it("ignores what is out of order or said twice", async () => {
      take((call) => {
        call.bye();
        answer(call);
        call.answer(ANSWER);
        call.reject(486);
        call.progress(180);
      });
      const call = place();
      call.bye();
      await until(() => log.has("answered"));
      call.cancel();
      call.bye();
      call.bye();
      await until(() => log.has("ended") && log.heardEnded);
      call.cancel();
      call.bye();
      log.calls[0]?.bye();
      expect(log.caller.map((event) => event.type)).toEqual(["sent", "provisional", "answered", "ended"]);
      expect(log.callee.map((event) => event.type)).toEqual(["confirmed", "ended"]);
    });

    it("shows each message of a call as it crossed the wire", async () => {
      take(answer);
      const shown: string[] = [];
      const call = place({
        onMessage: (message) => shown.push(`${message.direction} ${message.text.split(" ", 2).join(" ")}`),
      });
      await until(() => log.has("answered"));
      call.bye();
      await until(() => log.has("ended"));
      expect(shown.map((line) => line.replace(/ sip:.*/, ""))).toEqual([
        "sent INVITE",
        "received SIP/2.0 180",
        "received SIP/2.0 200",
        "sent ACK",
        "sent BYE",
        "received SIP/2.0 200",
      ]);
    });

    it("ends open calls as failure when it stops", async () => {
      take(answer);
      place();
      await until(() => log.has("answered") && log.callee.length > 0);
      await pair.caller.stop();
      expect(log.caller.at(-1)).toMatchObject({ type: "ended", by: "failure" });
    });

    it("keeps a hundred calls apart", async () => {
      take((call) => {
        if (Number(call.header("X-Number")) % 2 === 0) answer(call);
        else call.reject(486);
      });
      const ends = new Map<number, string>();
      for (let number = 0; number < 100; number++) {
        const { host, port } = pair.callee.local;
        const call = pair.caller.invite(
          {
            requestUri: `sip:${number}@${host}:${port}`,
            from: "<sip:caller@127.0.0.1>",
            to: `<sip:${number}@${host}>`,
            sdpOffer: OFFER,
            headers: [["X-Number", String(number)]],
          },
          (event) => {
            if (event.type === "answered") call.bye();
            else if (event.type === "ended") ends.set(number, event.by);
            else if (event.type === "failed") ends.set(number, event.failure.kind);
            log.notify();
          },
        );
      }
      await until(() => ends.size === 100);
      for (const [number, end] of ends) expect(end).toBe(number % 2 === 0 ? "local" : "response");
    });
  });
}

/** What happened on both sides, and a way to wait for more. */
class EventLog {
  readonly caller: OutboundCallEvent[] = [];
  readonly callee: InboundCallEvent[] = [];
  readonly calls: InboundCall[] = [];
  #wake: (() => void)[] = [];

  add<Event>(events: Event[], event: Event): void {
    events.push(event);
    this.notify();
  }

  notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }

  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve);
    });
  }

  /** Whether the caller heard an event of this type. */
  has(type: OutboundCallEvent["type"]): boolean {
    return this.caller.some((event) => event.type === type);
  }

  /** Whether the callee heard that the call ended. */
  get heardEnded(): boolean {
    return this.callee.some((event) => event.type === "ended");
  }
}
