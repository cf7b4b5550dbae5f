/**
 * Two legs of one engine exchange audio and keys over real sockets on loopback. What is checked is content: tones by
 * frequency, keys by name, recordings by channel. Slots are moved by hand where the amount of audio matters.
 */
import { createSocket } from "node:dgram";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseWav, tone } from "../../../engine/index.ts";
import { MediaEngine } from "../../../sip/index.ts";
import { parseRtp, serializeRtp } from "../../../sip/rtp/packet.ts";
import { serializeTelephoneEvent } from "../../../sip/rtp/telephone-event.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";
import { join, mediaTo, openObserved } from "./loopback-legs.ts";
import { ManualTicks } from "./manual-ticks.ts";

let engine: MediaEngine;
let ticks: ManualTicks;
let manual: MediaEngine;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), "voxdial-media-"));
  ticks = new ManualTicks();
  engine = new MediaEngine({ bindAddress: "127.0.0.1", recording: { minFreeBytes: 0 } });
  manual = new MediaEngine({ bindAddress: "127.0.0.1", recording: { minFreeBytes: 0 }, ticks });
});

afterEach(async () => {
  await engine.close();
  await manual.close();
  await rm(folder, { recursive: true });
});

describe("two legs on loopback", () => {
  it("hear each other's tones and keys, and record both channels", async () => {
    const recordingPath = joinPath(folder, "calls", "a.wav");
    const a = await openObserved(manual, { recordingPath });
    const b = await openObserved(manual);
    join(a, b);
    a.leg.play({ playbackId: 1, items: [{ audio: tone(1000, 600, -15), bargeIn: "none" }] });
    b.leg.play({ playbackId: 2, items: [{ audio: tone(400, 600, -15), bargeIn: "none" }] });
    await ticks.slots(40);
    a.leg.sendKeys("1*");
    b.leg.sendKeys("9");
    await ticks.slots(40);
    const keysAtA = a.events.flatMap((event) => (event.type === "key" ? [event.key + event.source] : []));
    expect(keysAtA).toEqual(["9rfc4733"]);
    for (const { events } of [a, b]) {
      expect(events.filter(({ type }) => type === "playbackEnded")).toMatchObject([{ ending: "finished" }]);
      expect(events.filter(({ type }) => type === "keysSent")).toHaveLength(1);
    }
    const summary = await a.leg.close();
    await b.leg.close();

    const keysAtB = b.events.flatMap((event) => (event.type === "key" ? [event.key + event.source] : []));
    expect(keysAtB).toEqual(["1rfc4733", "*rfc4733"]);
    expect(a.events.filter(({ type }) => type === "mediaStarted")).toHaveLength(1);
    expect(summary).toMatchObject({ packetsSent: 80, packetsReceived: 80, packetsLost: 0, recordingPath });

    const { format, channels } = parseWav(await readFile(recordingPath));
    expect(format).toEqual(expect.objectContaining({ encoding: "pcm16", channels: 2, sampleRateHz: 8000 }));
    const [sent, heard] = channels.map((channel) => channel.subarray(1600, 4000)) as [Int16Array, Int16Array];
    expect(toneLevelDbfs(sent, 1000)).toBeGreaterThan(-17);
    expect(toneLevelDbfs(sent, 400)).toBeLessThan(-45);
    expect(toneLevelDbfs(heard, 400)).toBeGreaterThan(-17);
    expect(toneLevelDbfs(heard, 1000)).toBeLessThan(-45);
  });

  it("record from the moment it is asked for, without what passes in a pause", async () => {
    const path = joinPath(folder, "calls", "b.wav");
    const a = await openObserved(manual);
    const b = await openObserved(manual);
    join(a, b);
    b.leg.play({ playbackId: 1, items: [{ audio: tone(400, 600, -15), bargeIn: "none" }] });
    await ticks.slots(40);
    a.leg.record(path);
    a.leg.play({ playbackId: 1, items: [{ audio: tone(1000, 400, -15), bargeIn: "none" }] });
    await ticks.slots(20);
    a.leg.record(undefined);
    a.leg.play({ playbackId: 2, items: [{ audio: tone(2000, 400, -15), bargeIn: "none" }] });
    await ticks.slots(20);
    a.leg.record(joinPath(folder, "another.wav"));
    b.leg.play({ playbackId: 2, items: [{ audio: tone(700, 600, -15), bargeIn: "none" }] });
    await ticks.slots(35);
    const { recordingPath } = await a.leg.close();
    await b.leg.close();

    expect(recordingPath).toBe(path);
    expect(await readdir(folder)).toEqual(["calls"]);
    const [sent, heard] = parseWav(await readFile(path)).channels as [Int16Array, Int16Array];
    expect(sent).toHaveLength(55 * 160);
    const first = (channel: Int16Array) => channel.subarray(800, 20 * 160);
    const second = (channel: Int16Array) => channel.subarray(25 * 160);
    expect(toneLevelDbfs(first(sent), 1000)).toBeGreaterThan(-17);
    expect(toneLevelDbfs(first(heard), 400)).toBeLessThan(-45);
    expect(toneLevelDbfs(sent, 2000)).toBeLessThan(-45);
    expect(toneLevelDbfs(second(heard), 700)).toBeGreaterThan(-18);
  });

  it("find keys in the audio where events were not negotiated", async () => {
    const detection = { mode: "accurate", silenceTimeoutMs: 4000, totalTimeoutMs: 10_000 } as const;
    const a = await openObserved(manual, { detection });
    const b = await openObserved(manual);
    join(a, b, { codec: "PCMA", payloadType: 8, telephoneEventPayloadType: undefined });
    a.leg.sendKeys("4#");
    b.leg.sendKeys("0");
    await ticks.slots(40);
    expect(a.events.filter(({ type }) => type === "key")).toEqual([
      { type: "key", key: "0", source: "in-band", during: "nothing" },
    ]);
    expect(b.events.flatMap((event) => (event.type === "key" ? [event.key] : []))).toEqual(["4", "#"]);
  });

  it("stop a prompt within three packets of the key, counted by sequence numbers", async () => {
    const a = await openObserved(engine);
    const packets: { readonly sequence: number; readonly isPrompt: boolean }[] = [];
    const far = createSocket("udp4");
    await new Promise<void>((resolve) => far.bind(0, "127.0.0.1", resolve));
    const firstPrompt = new Promise<void>((resolve) => {
      far.on("message", (datagram) => {
        const packet = parseRtp(datagram);
        if (!packet) return;
        packets.push({ sequence: packet.sequence, isPrompt: packet.payload.some((byte) => byte !== 0xff) });
        if (packets.length === 20) resolve();
      });
    });
    const { port } = far.address();
    a.leg.connect(mediaTo({ rtpPort: port, rtcpPort: port }));
    a.leg.play({ playbackId: 1, items: [{ audio: tone(400, 20_000, -15), bargeIn: "speech" }] });
    await firstPrompt;

    const payload = serializeTelephoneEvent({ event: 1, end: false, volume: 10, duration: 160 });
    const key = serializeRtp({
      payloadType: 101,
      marker: true,
      sequence: 1,
      timestamp: 160,
      ssrc: 9,
      payload,
    });
    const sentBefore = packets.length;
    far.send(key, a.leg.local.rtpPort, "127.0.0.1");
    await a.until("playbackEnded", ({ ending }) => ending === "barged");
    const stoppedAt = packets.length;
    await new Promise<void>((resolve) => {
      far.on("message", () => {
        if (packets.length >= stoppedAt + 10) resolve();
      });
    });
    far.close();
    const lastPrompt = packets.findLastIndex(({ isPrompt }) => isPrompt);
    // What was on its way when the engine stopped may still be unread here; one slot is 20 ms.
    expect(lastPrompt).toBeLessThanOrEqual(Math.max(sentBefore, stoppedAt) + 2);
    const silent = packets.slice(lastPrompt + 1);
    expect(silent.length).toBeGreaterThanOrEqual(8);
    const first = packets[0]?.sequence ?? 0;
    expect(packets.map(({ sequence }) => sequence)).toEqual(packets.map((_, i) => (first + i) & 0xffff));
  });

  it("are refused beyond the engine's limit, and admitted again when one closes", async () => {
    const small = new MediaEngine({ bindAddress: "127.0.0.1", recording: { minFreeBytes: 0 }, maxLegs: 1 });
    const { leg } = await openObserved(small);
    await expect(openObserved(small)).rejects.toMatchObject({ code: "SIP_MEDIA_FULL" });
    await leg.close();
    await openObserved(small);
    expect(small.health.legs).toBe(1);
    await small.close();
    expect(small.health.legs).toBe(0);
    await expect(openObserved(small)).rejects.toMatchObject({ code: "SIP_MEDIA_FULL" });
  });
});
