import { describe, expect, it } from "vitest";
import type { InboundCall, InboundCallEvent } from "../../../sip/backends/backend.ts";
import { CalleeCall } from "../../../sip/simulator/callee-call.ts";
import type { CalleeStep } from "../../../sip/simulator/callee-script.ts";
import { CALLEES } from "../../../sip/simulator/callees.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { ScriptedMedia } from "../../support/scripted-telephony.ts";
import { recordingLogger } from "../../support/silent-logger.ts";

const OFFER = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=-",
  "c=IN IP4 127.0.0.1",
  "t=0 0",
  "m=audio 40000 RTP/AVP 0 101",
  "a=rtpmap:101 telephone-event/8000",
  "",
].join("\r\n");

class ScriptedInboundCall implements InboundCall {
  readonly callId = "call-1";
  readonly source = { host: "127.0.0.1", port: 5060 };
  readonly requestUri = "sip:+12025550101@127.0.0.1";
  readonly from = "<sip:1@h>";
  readonly to = "<sip:2@h>";
  readonly sdpOffer = OFFER;
  readonly log: string[] = [];
  tell: (event: InboundCallEvent) => void = () => {};

  header(): undefined {}
  progress(status: number, sdp?: string): void {
    this.log.push(sdp ? `${status} with SDP` : `${status}`);
  }
  answer(): void {
    this.log.push("200");
  }
  reject(status: number, _phrase?: string, headers: readonly (readonly [string, string])[] = []): void {
    this.log.push([status, ...headers.map((header) => header.join(": "))].join(" "));
  }
  bye(): void {
    this.log.push("BYE");
  }
  observe(observer: (event: InboundCallEvent) => void): void {
    this.tell = observer;
  }
}

function start(steps: readonly CalleeStep[]) {
  const clock = new ManualClock();
  const call = new ScriptedInboundCall();
  const media = new ScriptedMedia();
  const told: string[] = [];
  const calleeCall = new CalleeCall(call, {
    media,
    sounds: {
      render: async (sound) => new Int16Array(sound.kind === "beep" ? sound.forMs * 8 : 800).fill(1000),
      noise: (samples) => new Int16Array(samples).fill(1),
    },
    clock,
    logger: recordingLogger(),
    address: "127.0.0.1",
    character: { voice: "slt", levelDbfs: -20, noiseDbfs: -50, tempo: 1 },
    tell: (event, detail) => told.push(detail ? `${event} ${detail}` : event),
  });
  const over = calleeCall.run(steps);
  return { clock, call, media, told, over };
}

describe("a simulated callee", () => {
  it("rings, answers, plays its sound over noise and stays until the caller hangs up", async () => {
    const { clock, call, media, told, over } = start([
      { do: "ring", forMs: 600 },
      { do: "answer" },
      { do: "play", sound: { kind: "beep", hz: 1000, forMs: 400 } },
    ]);
    await clock.advanceAsync(590);
    expect(call.log).toEqual(["180"]);
    await clock.advanceAsync(10);
    await clock.advanceAsync(20);
    expect(call.log).toEqual(["180", "200"]);
    expect(media.connected[0]?.remote.rtpPort).toBe(40_000);
    const beep = media.played.find((playback) => playback.items[0]?.audio.length === 3200);
    expect(beep?.items[0]?.audio[0]).toBe(1001);
    call.tell({ type: "ended", by: "remote" });
    await over;
    expect(told).toEqual(["ringing", "answered", "ended caller"]);
    expect(media.log.at(-1)).toBe("close");
  });

  it("gives up ringing when the caller cancels", async () => {
    const { clock, call, told, over } = start(CALLEES["no-answer"].attempts[0]);
    await clock.advanceAsync(1000);
    call.tell({ type: "canceled" });
    await over;
    expect(told).toEqual(["ringing", "canceled"]);
    expect(clock.pending).toBe(0);
  });

  it("lets an information tone be heard before it refuses, with the Q.850 cause", async () => {
    const { clock, call, media, over } = start(CALLEES["number-changed"].attempts[0]);
    await clock.advanceAsync(320);
    expect(call.log).toEqual(["183 with SDP"]);
    const tone = media.played.find((playback) => playback.items[0]?.audio.length === 800);
    expect(tone).toBeDefined();
    media.observer({ type: "playbackEnded", playbackId: tone?.playbackId ?? 0, ending: "finished" });
    await clock.advanceAsync(520);
    await over;
    expect(call.log).toEqual(["183 with SDP", "404 Reason: Q.850;cause=1"]);
  });

  it("presses its key when the caller has spoken and become quiet", async () => {
    const { clock, call, media, told, over } = start([
      { do: "answer" },
      { do: "await-sound", timeoutMs: 15_000 },
      { do: "await-quiet", timeoutMs: 20_000 },
      { do: "press", keys: "1" },
      { do: "hang-up" },
    ]);
    await clock.advanceAsync(5000);
    expect(media.log).toEqual([]);
    media.observer({ type: "heard", what: "sound" });
    await clock.advanceAsync(1000);
    expect(media.log).toEqual([]);
    media.observer({ type: "heard", what: "quiet" });
    await clock.advanceAsync(20);
    expect(media.log).toEqual(["sendKeys 1"]);
    media.observer({ type: "keysSent" });
    await over;
    expect(told).toEqual(["answered", "pressed 1"]);
    expect(call.log).toEqual(["200", "BYE"]);
  });

  it("goes on without sound when the time for it is over", async () => {
    const { clock, call, over } = start([
      { do: "answer" },
      { do: "await-sound", timeoutMs: 3000 },
      { do: "hang-up" },
    ]);
    await clock.advanceAsync(3020);
    await over;
    expect(call.log).toEqual(["200", "BYE"]);
  });

  it("refreshes the line noise as long as it is on the line", async () => {
    const { clock, media } = start([{ do: "answer" }]);
    await clock.advanceAsync(20);
    expect(media.played).toHaveLength(1);
    media.observer({ type: "playbackEnded", playbackId: 1, ending: "finished" });
    expect(media.played).toHaveLength(2);
  });
});
