/** The pool of media workers: real threads, real sockets on loopback; one of them is ended in the middle of calls. */
import { createSocket } from "node:dgram";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { workerEntry } from "../../../api/workers/entry.ts";
import { beep, decodeG711, type Logger, parseWav, tone } from "../../../engine/index.ts";
import { WorkerMediaPool } from "../../../sip/index.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";
import { recordingLogger } from "../../support/silent-logger.ts";
import { join, openObserved } from "./loopback-legs.ts";

const MESSAGE = {
  messageId: 1,
  hasBeep: false,
  timeoutMs: 10_000,
  maxTimeMs: 60_000,
  finalSilenceMs: 500,
  isEndedByAnyKey: true,
};

let pool: WorkerMediaPool;

function createPool(
  workers: number,
  portRange?: { min: number; max: number },
  logger?: Logger,
): WorkerMediaPool {
  pool = new WorkerMediaPool({
    workerUrl: workerEntry("media"),
    workers,
    bindAddress: "127.0.0.1",
    recording: { minFreeBytes: 0 },
    ...(portRange ? { portRange } : {}),
    ...(logger ? { logger } : {}),
  });
  return pool;
}

afterEach(() => pool.close());

describe("a media pool", () => {
  it("carries audio and keys between legs in different workers", async () => {
    createPool(2);
    const a = await openObserved(pool, { legId: "a", reportHeardAfterQuietMs: 200 });
    const b = await openObserved(pool, { legId: "b", reportHeardAfterQuietMs: 200 });
    expect((await pool.health()).map((health) => health?.legs)).toEqual([1, 1]);
    join(a, b);
    a.leg.play({ playbackId: 7, items: [{ audio: tone(1000, 300, -15), bargeIn: "none" }] });
    b.leg.sendKeys("5");
    await Promise.all([
      b.until("heard", ({ what }) => what === "quiet"),
      a.until("key"),
      b.until("keysSent"),
    ]);
    expect(b.events.flatMap((event) => (event.type === "heard" ? [event.what] : []))).toEqual([
      "sound",
      "quiet",
    ]);
    expect((await a.leg.close()).packetsReceived).toBeGreaterThan(0);
    expect((await b.leg.close()).packetsSent).toBeGreaterThan(0);
    expect(pool.load).toBe(0);
  });

  it("records a leg in its worker from when it is asked to", async () => {
    createPool(1);
    const folder = await mkdtemp(joinPath(tmpdir(), "voxdial-pool-"));
    const path = joinPath(folder, "a.wav");
    const a = await openObserved(pool, { legId: "a" });
    const b = await openObserved(pool, { legId: "b", reportHeardAfterQuietMs: 100 });
    join(a, b);
    a.leg.record(path);
    a.leg.play({ playbackId: 7, items: [{ audio: tone(1000, 300, -15), bargeIn: "none" }] });
    await b.until("heard", ({ what }) => what === "quiet");
    expect((await a.leg.close()).recordingPath).toBe(path);
    const [sent] = parseWav(await readFile(path)).channels as [Int16Array];
    expect(sent.some((sample) => Math.abs(sample) > 3000)).toBe(true);
    await rm(folder, { recursive: true });
  });

  it("takes a message in its worker, and hands what was said over in shared memory", async () => {
    createPool(1);
    const a = await openObserved(pool);
    const b = await openObserved(pool, { reportHeardAfterQuietMs: 100 });
    join(a, b);
    a.leg.takeMessage({ ...MESSAGE, hasBeep: true });
    await b.until("heard", ({ what }) => what === "quiet");
    b.leg.play({ playbackId: 1, items: [{ audio: beep(700, 600, -15), bargeIn: "none" }] });
    const { end } = await a.until("messageEnded");
    expect(end).toMatchObject({ messageId: 1, ending: "final-silence" });
    expect(end.audio.buffer).toBeInstanceOf(SharedArrayBuffer);
    const heard = decodeG711("PCMU", end.audio);
    expect(toneLevelDbfs(heard.subarray(0, 8000), 700)).toBeGreaterThan(-20);
    a.leg.takeMessage({ ...MESSAGE, messageId: 2 });
    a.leg.stopMessage();
    await a.until("messageEnded", (event) => event.end.ending === "stopped");
    a.leg.takeMessage({ ...MESSAGE, messageId: 3 });
    await a.leg.close();
    expect(a.events.at(-2)).toMatchObject({ type: "messageEnded", end: { messageId: 3, ending: "hang-up" } });
  });

  it("loses the legs of a worker that dies, starts it again, and keeps the others", async () => {
    createPool(2);
    const [a, b, c] = await Promise.all([openObserved(pool), openObserved(pool), openObserved(pool)]);
    // Legs go to the emptier worker in turn: a and c share one, b is alone in the other.
    const threads = pool.threadIds;
    await pool.killWorker(0);
    await Promise.all([a.until("lost"), c.until("lost")]);
    expect(b.events).toEqual([]);
    await expect(a.leg.close()).resolves.toMatchObject({ packetsSent: 0 });

    const d = await openObserved(pool);
    join(b, d);
    b.leg.sendKeys("3");
    expect(await d.until("key")).toMatchObject({ key: "3", source: "rfc4733" });
    const restarted = await untilRestarted(0, threads[0]);
    expect(restarted).not.toBe(threads[0]);
    expect(pool.threadIds[1]).toBe(threads[1]);
  });

  it("logs random bytes on a port once per source, and the call goes on", async () => {
    const logger = recordingLogger();
    createPool(1, undefined, logger);
    const a = await openObserved(pool, { legId: "a" });
    const b = await openObserved(pool, { legId: "b" });
    join(a, b);
    await a.until("mediaStarted");
    const stranger = createSocket("udp4");
    for (let i = 0; i < 20; i++) stranger.send(Buffer.from("random bytes"), a.leg.local.rtpPort, "127.0.0.1");
    await a.until("trace", ({ kind }) => kind === "stray-packets");
    b.leg.sendKeys("6");
    expect(await a.until("key")).toMatchObject({ key: "6" });
    await a.leg.close();
    expect((await pool.health())[0]?.strayPackets).toBe(20);
    const strays = logger.lines.filter(({ message }) => message === "stray packets");
    const { port } = stranger.address();
    expect(strays).toEqual([
      {
        level: "warn",
        message: "stray packets",
        fields: expect.objectContaining({ legId: "a", port, bytes: 12 }),
      },
    ]);
    expect(a.events.findLast(({ type }) => type === "trace")).toMatchObject({ data: { strayPackets: 20 } });
    stranger.close();
  });

  it("refuses a leg being opened in a worker that dies, and says that it was lost", async () => {
    createPool(1);
    const opening = openObserved(pool);
    const refused = expect(opening).rejects.toMatchObject({ code: "SIP_MEDIA_LOST", retryable: true });
    await pool.killWorker(0);
    await refused;
  });

  it("refuses with SIP_MEDIA_FULL when the port range is used up", async () => {
    createPool(1, { min: 61_200, max: 61_203 });
    await openObserved(pool);
    await openObserved(pool);
    await expect(openObserved(pool)).rejects.toMatchObject({ code: "SIP_MEDIA_FULL", retryable: true });
  });
});

/** Thread id of a worker once it runs again: asking it something tells when. */
async function untilRestarted(index: number, before: number | undefined): Promise<number | undefined> {
  for (;;) {
    const health = await pool.health();
    if (health[index] && pool.threadIds[index] !== before) return pool.threadIds[index];
  }
}
