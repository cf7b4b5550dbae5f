import { describe, expect, it } from "vitest";
import type { LegEvent, OutboundLegRequest } from "../../engine/index.ts";
import { OutboundLeg } from "../../sip/outbound-leg.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ScriptedBackend, ScriptedMedia } from "../support/scripted-telephony.ts";
import { recordingLogger } from "../support/silent-logger.ts";

const ANSWER = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=-",
  "c=IN IP4 127.0.0.1",
  "t=0 0",
  "m=audio 50000 RTP/AVP 0 101",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:101 telephone-event/8000",
  "",
].join("\r\n");
const ANSWER_VIDEO_ONLY = ANSWER.replace("m=audio 50000", "m=audio 0");

const MESSAGE = {
  messageId: 1,
  hasBeep: true,
  timeoutMs: 3000,
  maxTimeMs: 60_000,
  finalSilenceMs: 2000,
  isEndedByAnyKey: true,
};

interface Bench {
  readonly clock: ManualClock;
  readonly backend: ScriptedBackend;
  readonly media: ScriptedMedia;
  readonly leg: OutboundLeg;
  readonly events: LegEvent[];
  readonly types: () => string[];
}

async function placed(change: Partial<OutboundLegRequest> = {}, media = new ScriptedMedia()): Promise<Bench> {
  const clock = new ManualClock();
  const backend = new ScriptedBackend();
  const events: LegEvent[] = [];
  const leg = new OutboundLeg(
    {
      legId: "leg-1",
      trunk: "carrier",
      destination: { number: "+12025550101", original: "+12025550101" },
      callerId: "2125551234",
      ringTimeoutMs: 45_000,
      detection: { mode: "accurate", silenceTimeoutMs: 4000, totalTimeoutMs: 10_000 },
      recordingPath: "call.wav",
      beforeInvite: async () => {},
      ...change,
    },
    (event) => events.push(event),
    {
      backend,
      media,
      trunk: { name: "carrier", peer: { host: "127.0.0.1", port: 5070 } },
      address: "127.0.0.1",
      clock,
      logger: recordingLogger(),
    },
  );
  leg.start();
  await settle();
  return {
    clock,
    backend,
    media,
    leg,
    events,
    types: () => events.filter((event) => event.type !== "trace").map((event) => event.type),
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("an outbound leg", () => {
  it("reserves media, then invites the number at the trunk with our offer", async () => {
    const { backend, media } = await placed();
    expect(media.options?.recordingPath).toBe("call.wav");
    expect(backend.request?.requestUri).toBe("sip:+12025550101@127.0.0.1:5070");
    expect(backend.request?.from).toBe("<sip:2125551234@127.0.0.1>");
    expect(backend.request?.sdpOffer).toContain("m=audio 40000 RTP/AVP");
  });

  it("connects media at early media and again at the answer, counts from the answer, and ends with its recording", async () => {
    const { backend, media, types, events } = await placed();
    backend.tell({ type: "sent" });
    backend.tell({ type: "provisional", status: 183, phrase: "Session Progress", sdp: ANSWER });
    expect(media.connected[0]?.remote.rtpPort).toBe(50_000);
    expect(media.log).toEqual([]);
    backend.tell({ type: "answered", sdp: ANSWER });
    expect(media.log).toEqual(["markAnswered"]);
    backend.tell({ type: "ended", by: "remote", reason: { protocol: "Q.850", cause: 16 } });
    await settle();
    expect(types()).toEqual(["inviteSent", "progress", "answered", "ended", "closed"]);
    expect(events.at(-1)).toMatchObject({ type: "closed", recordingPath: "call.wav" });
    expect(events.find((event) => event.type === "ended")).toMatchObject({ by: "callee", q850Cause: 16 });
  });

  it("cancels when the ring time is over and says so", async () => {
    const { clock, backend, events } = await placed({ ringTimeoutMs: 20_000 });
    backend.tell({ type: "sent" });
    backend.tell({ type: "provisional", status: 180, phrase: "Ringing" });
    clock.advance(19_999);
    expect(backend.asked).toEqual([]);
    clock.advance(1);
    expect(backend.asked[0]?.[0]).toBe("cancel");
    backend.tell({ type: "failed", failure: { kind: "canceled" } });
    expect(events.find((event) => event.type === "failed")).toMatchObject({
      failure: { kind: "canceled", cause: "ring-timeout" },
    });
  });

  it("stops the ring time at the answer", async () => {
    const { clock, backend } = await placed({ ringTimeoutMs: 20_000 });
    backend.tell({ type: "sent" });
    backend.tell({ type: "answered", sdp: ANSWER });
    clock.advance(60_000);
    expect(backend.asked).toEqual([]);
  });

  it("hangs up with CANCEL before the answer and with BYE after it", async () => {
    const early = await placed();
    early.backend.tell({ type: "sent" });
    early.leg.hangUp("shutdown");
    expect(early.backend.asked.map(([method]) => method)).toEqual(["cancel"]);

    const late = await placed();
    late.backend.tell({ type: "answered", sdp: ANSWER });
    late.leg.hangUp();
    expect(late.backend.asked[0]).toMatchObject(["bye", { protocol: "Q.850", cause: 16 }]);
  });

  it("passes a refusal on with its Q.850 cause", async () => {
    const { backend, events } = await placed();
    backend.tell({
      type: "failed",
      failure: {
        kind: "response",
        status: 486,
        phrase: "Busy Here",
        reason: { protocol: "Q.850", cause: 17, text: "User busy" },
      },
    });
    expect(events.find((event) => event.type === "failed")).toMatchObject({
      failure: { kind: "response", status: 486, q850Cause: 17, reasonText: "User busy" },
    });
  });

  it("says goodbye to an answer without usable audio", async () => {
    const { backend, events, types } = await placed();
    backend.tell({ type: "answered", sdp: ANSWER_VIDEO_ONLY });
    await settle();
    expect(backend.asked[0]).toMatchObject(["bye", { cause: 488 }]);
    expect(events.find((event) => event.type === "failed")).toMatchObject({ failure: { kind: "sdp" } });
    expect(types()).toEqual(["failed", "closed"]);
  });

  it("fails as not sent when no media is to be had", async () => {
    const media = new ScriptedMedia();
    media.failure = new Error("no port pair is free");
    const { events, types, backend } = await placed({}, media);
    expect(types()).toEqual(["failed", "closed"]);
    expect(events[0]).toMatchObject({ failure: { kind: "not-sent", explanation: "no port pair is free" } });
    expect(backend.request).toBeUndefined();
  });

  it("hung up while media is being reserved, sends nothing and frees it", async () => {
    const clock = new ManualClock();
    const backend = new ScriptedBackend();
    const media = new ScriptedMedia();
    const events: LegEvent[] = [];
    const leg = new OutboundLeg(
      {
        legId: "leg-2",
        trunk: "carrier",
        destination: { number: "1", original: "1" },
        ringTimeoutMs: 1,
        detection: { mode: "off", silenceTimeoutMs: 1, totalTimeoutMs: 1 },
        beforeInvite: async () => {},
      },
      (event) => events.push(event),
      {
        backend,
        media,
        trunk: { name: "carrier", peer: { host: "127.0.0.1", port: 5070 } },
        address: "127.0.0.1",
        clock,
        logger: recordingLogger(),
      },
    );
    leg.start();
    leg.hangUp("shutdown");
    await settle();
    expect(backend.request).toBeUndefined();
    expect(media.log).toEqual(["close"]);
    expect(events.filter((event) => event.type === "closed")).toHaveLength(1);
  });

  it("ends as a failure with BYE when its media worker dies", async () => {
    const { backend, media, events } = await placed();
    backend.tell({ type: "answered", sdp: ANSWER });
    media.observer({ type: "lost", explanation: "media worker 1 exited" });
    expect(backend.asked[0]?.[0]).toBe("bye");
    backend.tell({ type: "ended", by: "local" });
    expect(events.find((event) => event.type === "ended")).toMatchObject({
      by: "failure",
      explanation: "media worker 1 exited",
    });
  });

  it("has its media record from when it is asked to, and pause", async () => {
    const { leg, media } = await placed({ recordingPath: undefined });
    leg.record("later.wav");
    leg.record(undefined);
    expect(media.options?.recordingPath).toBeUndefined();
    expect(media.log).toEqual(["record later.wav", "record nothing"]);
  });

  it("has its media take a message, and passes its end on", async () => {
    const { leg, media, events, backend } = await placed();
    backend.tell({ type: "answered", sdp: ANSWER });
    leg.takeMessage({ ...MESSAGE, messageId: 4 });
    leg.stopMessage();
    expect(media.log.slice(1)).toEqual(["takeMessage 4", "stopMessage"]);
    const end = { messageId: 4, ending: "stopped", audio: new Uint8Array(160) } as const;
    media.observer({ type: "messageEnded", end });
    expect(events.at(-1)).toMatchObject({ type: "messageEnded", end });
  });

  it("ends a message that its media never ended before it closes, and one asked for too late at once", async () => {
    const { leg, events, backend, types } = await placed();
    backend.tell({ type: "answered", sdp: ANSWER });
    leg.takeMessage(MESSAGE);
    backend.tell({ type: "ended", by: "remote" });
    await settle();
    expect(types().slice(-3)).toEqual(["ended", "messageEnded", "closed"]);
    leg.takeMessage({ ...MESSAGE, messageId: 2 });
    expect(events.at(-1)).toMatchObject({ type: "messageEnded", end: { messageId: 2, ending: "hang-up" } });
  });

  it("hides credentials in the trace of its messages", async () => {
    const { backend, events } = await placed();
    backend.request?.onMessage?.({
      direction: "sent",
      peer: { host: "127.0.0.1", port: 5070 },
      text: 'INVITE sip:1@h SIP/2.0\r\nProxy-Authorization: Digest response="secret"\r\n\r\n',
    });
    const text = JSON.stringify(events.at(-1));
    expect(text).toContain("Proxy-Authorization: (hidden)");
    expect(text).not.toContain("secret");
  });

  it("ends a playback as stopped when the call is over", async () => {
    const { backend, leg, events } = await placed();
    backend.tell({ type: "answered", sdp: ANSWER });
    backend.tell({ type: "ended", by: "remote" });
    leg.play({ playbackId: 9, items: [] });
    expect(events.at(-1)).toMatchObject({ type: "playbackEnded", playbackId: 9, ending: "stopped" });
  });
});
