/**
 * Two legs of one engine exchange audio and keys over real sockets on loopback. What is checked is content: tones by
 * frequency, keys by name, recordings by channel.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseWav, tone } from "../../../engine/index.ts";
import { MediaEngine } from "../../../sip/index.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";
import { join, openObserved } from "./loopback-legs.ts";

let engine: MediaEngine;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), "voxdial-media-"));
  engine = new MediaEngine({ bindAddress: "127.0.0.1", recording: { minFreeBytes: 0 } });
});

afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

describe("two legs on loopback", () => {
  it("hear each other's tones and keys, and record both channels", async () => {
    const recordingPath = joinPath(folder, "calls", "a.wav");
    const a = await openObserved(engine, { recordingPath });
    const b = await openObserved(engine);
    join(a, b);
    a.leg.play({ playbackId: 1, items: [{ audio: tone(1000, 600, -15), bargeIn: "none" }] });
    b.leg.play({ playbackId: 2, items: [{ audio: tone(400, 600, -15), bargeIn: "none" }] });
    await Promise.all([a.until("playbackEnded"), b.until("playbackEnded")]);
    a.leg.sendKeys("1*");
    b.leg.sendKeys("9");
    await Promise.all([
      a.until("key", ({ key }) => key === "9"),
      b.until("key", ({ key }) => key === "*"),
      a.until("keysSent"),
      b.until("keysSent"),
    ]);
    const summary = await a.leg.close();
    await b.leg.close();

    const keysAtB = b.events.flatMap((event) => (event.type === "key" ? [event.key + event.source] : []));
    expect(keysAtB).toEqual(["1rfc4733", "*rfc4733"]);
    expect(a.events.filter(({ type }) => type === "mediaStarted")).toHaveLength(1);
    expect(summary).toMatchObject({ packetsLost: 0, recordingPath });
    expect(summary.packetsReceived).toBeGreaterThan(40);

    const { format, channels } = parseWav(await readFile(recordingPath));
    expect(format).toEqual(expect.objectContaining({ encoding: "pcm16", channels: 2, sampleRateHz: 8000 }));
    const [sent, heard] = channels.map((channel) => channel.subarray(1600, 4000)) as [Int16Array, Int16Array];
    expect(toneLevelDbfs(sent, 1000)).toBeGreaterThan(-17);
    expect(toneLevelDbfs(sent, 400)).toBeLessThan(-45);
    expect(toneLevelDbfs(heard, 400)).toBeGreaterThan(-17);
    expect(toneLevelDbfs(heard, 1000)).toBeLessThan(-45);
  });
});
