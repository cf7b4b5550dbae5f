/** A leg packet by packet: time, datagrams and slots are moved by hand. */
import { describe, expect, it } from "vitest";
import { decodeG711, encodeG711, type Finding, levelDbfs, tone } from "../../../engine/index.ts";
import type { LegAnalyzer } from "../../../sip/media/leg-analyzer.ts";
import { serializeRtp } from "../../../sip/rtp/packet.ts";
import { parseRtcp, serializeRtcp } from "../../../sip/rtp/rtcp.ts";
import { parseTelephoneEvent, serializeTelephoneEvent } from "../../../sip/rtp/telephone-event.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";
import { createTestLeg } from "./test-leg.ts";

const STRANGER = { address: "203.0.113.9", port: 9999 };

function eventPacket(sequence: number, timestamp: number, event: number, duration = 160, ssrc = 77): Buffer {
  const payload = serializeTelephoneEvent({ event, end: false, volume: 10, duration });
  return serializeRtp({ payloadType: 101, sequence, timestamp, ssrc, payload });
}

function connected(options: Parameters<typeof createTestLeg>[0] = {}) {
  const test = createTestLeg(options);
  test.leg.connect(test.media);
  return test;
}

/** An analyzer that reports what the test tells it to, and remembers what it was given. */
function scriptedAnalyzer() {
  const frames: ("media" | "nothing")[] = [];
  const keys: string[] = [];
  const findings: Finding[] = [];
  let answers = 0;
  const analyzer: LegAnalyzer = {
    frame(frame) {
      frames.push(frame ? "media" : "nothing");
      return findings.splice(0).map((finding) => ({ type: "finding", finding }));
    },
    markAnswered: () => answers++,
    key: (key) => keys.push(key),
  };
  return {
    analyzer,
    frames,
    keys,
    findings,
    get answers() {
      return answers;
    },
  };
}

function dtmfFinding(digit: string, startMs: number): Finding {
  return { kind: "dtmf", startMs, confidence: 1, evidence: { digit } };
}

describe("sending", () => {
  it("begins with the first connect, one packet per slot, silence when nothing plays", () => {
    const test = createTestLeg();
    test.tick(3);
    expect(test.sentRtp).toEqual([]);
    test.leg.connect(test.media);
    test.tick(3);
    expect(test.sentRtp.map(({ marker }) => marker)).toEqual([true, false, false]);
    expect(test.sentRtp.map(({ sequence }) => sequence)).toEqual([0x8000, 0x8001, 0x8002]);
    expect(test.sentRtp.map(({ timestamp }) => timestamp - 0x8000_0000)).toEqual([0, 160, 320]);
    expect(test.sentRtp[0]).toMatchObject({ ssrc: 0x8000_0000, payloadType: 0, to: "192.0.2.1:4000" });
    expect(test.sentRtp[0]?.payload).toEqual(Buffer.alloc(160, 0xff));
  });

  it("encodes what is played in the negotiated law", () => {
    const test = createTestLeg();
    test.leg.connect({ ...test.media, codec: "PCMA", payloadType: 8 });
    test.leg.play({ playbackId: 1, items: [{ audio: tone(1000, 200, -12), bargeIn: "none" }] });
    test.tick(10);
    const heard = Int16Array.from(test.sentRtp.flatMap(({ payload }) => [...decodeG711("PCMA", payload)]));
    expect(toneLevelDbfs(heard, 1000)).toBeCloseTo(-12, 0);
    expect(test.of("playbackEnded")).toEqual([{ type: "playbackEnded", playbackId: 1, ending: "finished" }]);
  });

  it("sends nothing while held, yet lets playbacks end", () => {
    const test = createTestLeg();
    test.leg.connect({ ...test.media, direction: "recvonly" });
    test.leg.play({ playbackId: 1, items: [{ audio: new Int16Array(160), bargeIn: "none" }] });
    test.tick(2);
    expect(test.sentRtp).toEqual([]);
    expect(test.of("playbackEnded")).toHaveLength(1);
  });

  it("skips slots after a stall: timestamps move on, sequence numbers do not", () => {
    const test = connected();
    test.tick(1);
    test.tick(1, 5);
    const [before, after] = test.sentRtp;
    expect((after?.sequence ?? 0) - (before?.sequence ?? 0)).toBe(1);
    expect((after?.timestamp ?? 0) - (before?.timestamp ?? 0)).toBe(6 * 160);
  });

  it("hears after a stall what was said meanwhile, every frame once and in order", () => {
    const heard: (number | undefined)[] = [];
    const test = createTestLeg({
      analyzer: {
        frame(frame) {
          heard.push(frame && Math.round((frame[80] ?? 0) / 1000));
          return [];
        },
        markAnswered() {},
        key() {},
      },
    });
    test.leg.connect(test.media);
    const say = (n: number) => {
      const samples = new Int16Array(160).fill(n * 1000);
      test.arriveAudio(n, { payload: encodeG711("PCMU", samples) });
    };
    for (let n = 1; n <= 4; n++) {
      say(n);
      test.tick();
    }
    // The worker stands still for ten slots; what came meanwhile is read afterwards.
    test.tick(1, 10);
    for (let n = 5; n <= 15; n++) say(n);
    for (let n = 16; n <= 25; n++) {
      test.tick();
      say(n);
    }
    const numbers = heard.filter((number) => number !== undefined && number > 0);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(21);
  });

  it("lets a stall's time pass for the detectors when nothing was said meanwhile", () => {
    let frames = 0;
    const test = createTestLeg({
      analyzer: {
        frame() {
          frames++;
          return [];
        },
        markAnswered() {},
        key() {},
      },
    });
    test.leg.connect(test.media);
    test.tick(1, 40);
    test.tick(20);
    expect(frames).toBe(61);
  });

  it("presses keys as events in place of audio, and says when they are out", () => {
    const test = connected();
    test.tick(2);
    test.leg.sendKeys("1p#");
    test.tick(100);
    const events = test.sentRtp.filter(({ payloadType }) => payloadType === 101);
    expect(events).toHaveLength(14);
    const keys = events.map(({ timestamp, payload }) => ({
      timestamp,
      key: parseTelephoneEvent(payload)?.event,
    }));
    const [one, hash] = [...new Set(keys.map(({ timestamp }) => timestamp))] as [number, number];
    expect(keys.map(({ key }) => key)).toEqual([...new Array(7).fill(1), ...new Array(7).fill(11)]);
    // Seven packets, five slots of gap, then the pause of a second.
    expect(hash - one).toBe((7 + 5 + 50) * 160);
    expect(test.of("keysSent")).toHaveLength(1);
    expect(test.sentRtp.map(({ sequence }, i) => sequence - i)).toEqual(new Array(102).fill(0x8000));
  });

  it("presses keys in-band when events were not negotiated", () => {
    const test = createTestLeg();
    const { telephoneEventPayloadType: _, ...withoutEvents } = test.media;
    test.leg.connect(withoutEvents);
    test.leg.sendKeys("5");
    test.tick(20);
    const heard = Int16Array.from(
      test.sentRtp.slice(0, 5).flatMap(({ payload }) => [...decodeG711("PCMU", payload)]),
    );
    expect(toneLevelDbfs(heard, 770)).toBeGreaterThan(-20);
    expect(toneLevelDbfs(heard, 1336)).toBeGreaterThan(-20);
    expect(levelDbfs(decodeG711("PCMU", test.sentRtp[6]?.payload as Uint8Array))).toBeLessThan(-80);
    expect(test.of("keysSent")).toHaveLength(1);
  });

  it("holds a prompt while keys are sent, and loses none of it", () => {
    const test = connected();
    test.leg.play({ playbackId: 1, items: [{ audio: new Int16Array(800).fill(1000), bargeIn: "none" }] });
    test.tick(2);
    test.leg.sendKeys("1");
    test.tick(40);
    const loud = test.sentRtp.filter(({ payloadType, payload }) => payloadType === 0 && payload[0] !== 0xff);
    expect(loud).toHaveLength(5);
  });
});

describe("barge-in", () => {
  it("stops a speech item with the first packet of a key: no prompt packet leaves more than 60 ms after it", () => {
    const test = connected();
    test.leg.play({ playbackId: 1, items: [{ audio: tone(400, 5000, -12), bargeIn: "speech" }] });
    test.arriveAudio(1);
    test.tick(10);
    test.advance(7);
    const keyAtMs = test.nowMs;
    test.arriveRtp(eventPacket(2, 320, 1));
    test.tick(50);
    const prompt = test.sentRtp.filter(({ payload }) => payload.some((byte) => byte !== 0xff));
    expect((prompt.at(-1)?.atMs ?? 0) - keyAtMs).toBeLessThanOrEqual(60);
    expect(test.of("playbackEnded")).toEqual([{ type: "playbackEnded", playbackId: 1, ending: "barged" }]);
    expect(test.of("key")).toEqual([{ type: "key", key: "1", source: "rfc4733", during: "speech" }]);
    // RTP goes on as if nothing had happened: every slot a packet, numbers and timestamps without a gap.
    expect(test.sentRtp).toHaveLength(60);
    expect(new Set(test.sentRtp.map(({ sequence }, i) => sequence - i)).size).toBe(1);
    expect(new Set(test.sentRtp.map(({ timestamp }, i) => timestamp - 160 * i)).size).toBe(1);
  });

  it.each(["none", "hotword"] as const)("leaves an item of kind %s alone and reports the key", (bargeIn) => {
    const test = connected();
    test.leg.play({ playbackId: 1, items: [{ audio: tone(400, 400, -12), bargeIn }] });
    test.arriveAudio(1);
    test.tick(5);
    test.arriveRtp(eventPacket(2, 320, 1));
    test.tick(20);
    expect(test.of("key")).toMatchObject([{ during: bargeIn }]);
    expect(test.of("playbackEnded")).toMatchObject([{ ending: "finished" }]);
  });

  it("stops on an in-band key too", () => {
    const scripted = scriptedAnalyzer();
    const test = connected({ analyzer: scripted.analyzer });
    test.leg.play({ playbackId: 1, items: [{ audio: tone(400, 5000, -12), bargeIn: "speech" }] });
    test.tick(5);
    scripted.findings.push(dtmfFinding("7", 40));
    test.tick(5);
    expect(test.of("key")).toEqual([{ type: "key", key: "7", source: "in-band", during: "speech" }]);
    expect(test.sentRtp.slice(5).every(({ payload }) => payload.every((byte) => byte === 0xff))).toBe(true);
  });
});

describe("receiving", () => {
  it("says once that media started, and counts", async () => {
    const test = connected();
    for (const n of [1, 2, 3, 5]) {
      test.arriveAudio(n);
      test.tick();
    }
    expect(test.of("mediaStarted")).toHaveLength(1);
    const summary = await test.leg.close();
    expect(summary).toMatchObject({
      packetsReceived: 4,
      packetsLost: 1,
      packetsSent: 4,
      packetsDiscarded: 0,
    });
  });

  it("delivers one key when a press comes as event and in-band, in either order", () => {
    const scripted = scriptedAnalyzer();
    const test = connected({ analyzer: scripted.analyzer });
    test.arriveRtp(eventPacket(1, 160, 4));
    scripted.findings.push(dtmfFinding("4", 60));
    test.tick(3);
    scripted.findings.push(dtmfFinding("5", 300));
    test.tick(3);
    test.arriveRtp(eventPacket(2, 3200, 5));
    test.tick(1);
    expect(test.of("key").map(({ key, source }) => key + source)).toEqual(["4rfc4733", "5in-band"]);
    expect(scripted.keys).toEqual(["4", "5"]);
  });

  it("takes a finding that is reported again at its end for one press, and two presses for two", () => {
    const scripted = scriptedAnalyzer();
    const test = connected({ analyzer: scripted.analyzer });
    for (const startMs of [100, 100, 900, 900]) {
      scripted.findings.push(dtmfFinding("8", startMs));
      test.tick(10);
    }
    expect(test.of("key")).toHaveLength(2);
    expect(test.of("finding")).toHaveLength(4);
  });

  it("tells the analyzer of slots without media, yet not while a key is sent as events", () => {
    const scripted = scriptedAnalyzer();
    const test = connected({ analyzer: scripted.analyzer });
    test.leg.markAnswered();
    test.tick(5);
    expect(scripted.frames).toEqual(new Array(5).fill("nothing"));
    scripted.frames.length = 0;
    for (let n = 0; n < 20; n++) {
      test.arriveRtp(eventPacket(n, 160, 1, 160 * (n + 1)));
      test.tick();
    }
    expect(new Set(scripted.frames)).toEqual(new Set(["media"]));
    test.tick(20);
    expect(scripted.frames.at(-1)).toBe("nothing");
    expect(scripted.answers).toBe(1);
  });

  it("decodes the other law too, and takes comfort noise for silence that flows", () => {
    const scripted = scriptedAnalyzer();
    const test = connected({ analyzer: scripted.analyzer, reportHeardAfterQuietMs: 200 });
    const loud = encodeG711("PCMA", tone(1000, 20, -15));
    for (let n = 0; n < 5; n++) {
      test.arriveAudio(n, { payloadType: 8, payload: loud });
      test.tick();
    }
    expect(test.of("heard")).toEqual([{ type: "heard", what: "sound" }]);
    test.arriveAudio(5, { payloadType: 13, payload: new Uint8Array(1) });
    test.tick(30);
    expect(test.of("heard").at(-1)).toEqual({ type: "heard", what: "quiet" });
    expect(scripted.frames.at(-1)).toBe("media");
  });

  it("listens anew when the SSRC changes", () => {
    const test = connected();
    test.arriveRtp(eventPacket(1, 90_000, 1));
    test.arriveRtp(eventPacket(500, 10, 2, 160, 78));
    expect(test.of("key").map(({ key }) => key)).toEqual(["1", "2"]);
  });
});

describe("address latching", () => {
  it("answers to where packets come from, not to where the description says", () => {
    const test = connected();
    const nat = { address: "198.51.100.7", port: 20_002 };
    test.arriveAudio(1, {}, nat);
    test.tick();
    expect(test.sentRtp.at(-1)?.to).toBe("192.0.2.1:4000");
    test.arriveAudio(2, {}, nat);
    test.tick();
    expect(test.sentRtp.at(-1)?.to).toBe("198.51.100.7:20002");
  });

  it("ignores others once latched, and tells of each once", async () => {
    const test = connected();
    test.arriveAudio(1);
    for (let n = 0; n < 10; n++) test.arriveAudio(n, { ssrc: 5 }, STRANGER);
    test.tick();
    expect(test.sentRtp.at(-1)?.to).toBe("192.0.2.1:4000");
    expect(test.of("trace").filter(({ kind }) => kind === "stray-packets")).toEqual([
      {
        type: "trace",
        kind: "stray-packets",
        data: { reason: "other-source", ...STRANGER, bytes: 172 },
      },
    ]);
    expect((await test.leg.close()).packetsReceived).toBe(1);
  });

  it("lets another source take over when the latched one has been silent for a second", () => {
    const test = connected();
    test.arriveAudio(1);
    test.advance(1500);
    test.arriveAudio(50, { ssrc: 5 }, STRANGER);
    test.arriveAudio(51, { ssrc: 5 }, STRANGER);
    test.tick();
    expect(test.sentRtp.at(-1)?.to).toBe("203.0.113.9:9999");
  });

  it("follows a new description", () => {
    const test = connected();
    test.arriveAudio(1);
    test.leg.connect({ ...test.media, remote: { address: "192.0.2.50", rtpPort: 6000, rtcpPort: 6001 } });
    test.tick();
    expect(test.sentRtp.at(-1)?.to).toBe("192.0.2.50:6000");
  });

  it("counts random bytes, tells of their source once, and does nothing else", async () => {
    const test = connected();
    for (let i = 0; i < 100; i++) {
      test.arriveRtp(Buffer.from([i, 1, 2, 3]), STRANGER);
      test.arriveRtcp(Buffer.from([i, 1, 2, 3]), STRANGER);
    }
    test.tick();
    expect(test.of("trace")).toHaveLength(1);
    expect(test.of("mediaStarted")).toEqual([]);
    await test.leg.close();
    expect(test.of("trace").at(-1)).toMatchObject({ kind: "rtp-statistics", data: { strayPackets: 200 } });
  });
});

describe("RTCP", () => {
  it("reports within the interval, first as sender, and says goodbye", async () => {
    const test = connected();
    test.arriveAudio(1);
    test.tick(500);
    expect(test.sentRtcp.length).toBeGreaterThanOrEqual(2);
    expect(test.sentRtcp[0]?.to).toBe("192.0.2.1:4001");
    const [report] = parseRtcp(test.sentRtcp[0]?.datagram as Buffer);
    expect(report).toMatchObject({ type: "sender-report", ssrc: 0x8000_0000, blocks: [{ ssrc: 77 }] });
    await test.leg.close();
    expect(parseRtcp(test.sentRtcp.at(-1)?.datagram as Buffer).at(-1)).toMatchObject({ type: "bye" });
  });

  it("notes that the far end said goodbye", async () => {
    const test = connected();
    test.arriveRtcp(serializeRtcp({ ssrc: 77, cname: "far", bye: "" }));
    await test.leg.close();
    expect(test.of("trace").at(-1)).toMatchObject({ data: { farEndLeft: true } });
  });

  it("shares the RTP port when the description gives one for both", () => {
    const test = createTestLeg();
    test.leg.connect({
      ...test.media,
      remote: { ...test.media.remote, rtcpPort: test.media.remote.rtpPort },
    });
    test.tick(500);
    expect(test.sentRtcp).toEqual([]);
    const reports = test.sentRtp.filter(({ payloadType }) => payloadType === (200 & 0x7f));
    expect(reports.length).toBeGreaterThan(0);
  });

  it("puts what the far end tells of our packets into the statistics", () => {
    const test = connected();
    const block = {
      ssrc: 0x8000_0000,
      fractionLost: 64,
      cumulativeLost: 5,
      extendedHighest: 9,
      jitter: 80,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0,
    };
    test.arriveRtcp(serializeRtcp({ ssrc: 77, cname: "far", block }));
    test.tick(250);
    expect(test.of("trace").at(-1)).toMatchObject({
      kind: "rtp-statistics",
      data: { packetsSent: 250, far: { packetsLost: 5, fractionLost: 0.25, jitterMs: 10 } },
    });
  });
});

describe("the end of a leg", () => {
  it("stops the clock, frees the ports, ends what plays, and says the same when asked again", async () => {
    const test = connected();
    test.leg.play({ playbackId: 3, items: [{ audio: new Int16Array(8000), bargeIn: "none" }] });
    test.tick(2);
    const [first, second] = await Promise.all([test.leg.close(), test.leg.close()]);
    expect(second).toBe(first);
    expect(test.isClosed).toBe(true);
    expect(test.isTicking).toBe(false);
    expect(test.of("playbackEnded")).toMatchObject([{ ending: "stopped" }]);
    test.arriveAudio(1);
    test.leg.connect(test.media);
    test.leg.play({ playbackId: 4, items: [] });
    expect(test.of("mediaStarted")).toEqual([]);
    expect(test.isTicking).toBe(false);
  });

  it("comes as lost when its own code fails, with the reason", () => {
    const test = createTestLeg({
      analyzer: {
        frame: () => {
          throw new Error("broken detector");
        },
        markAnswered() {},
        key() {},
      },
    });
    test.leg.connect(test.media);
    test.tick(3);
    expect(test.of("lost")).toHaveLength(1);
    expect(test.of("lost")[0]?.explanation).toContain("broken detector");
    expect(test.isTicking).toBe(false);
  });
});
