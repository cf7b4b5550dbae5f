import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseWav } from "../../../engine/index.ts";
import { RecordingFile } from "../../../sip/media/recording-file.ts";

let folder: string;
let stops: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "voxdial-recording-"));
  stops = [];
});

afterEach(() => rm(folder, { recursive: true }));

function createFile(path: string, minFreeBytes = 0): RecordingFile {
  return new RecordingFile({ path, minFreeBytes, onStopped: (reason) => stops.push(reason) });
}

describe("a recording's file", () => {
  it("makes its folder, keeps blocks in order, and has true sizes in the end", async () => {
    const path = join(folder, "2026", "call.wav");
    const file = createFile(path);
    for (let n = 1; n <= 30; n++) file.write(new Uint8Array(4).fill(n));
    expect(await file.close()).toBe(path);
    const { format, channels } = parseWav(await readFile(path));
    expect(format.channels).toBe(2);
    expect([...(channels[0] as Int16Array)]).toEqual(Array.from({ length: 30 }, (_, i) => 0x0101 * (i + 1)));
    expect(stops).toEqual([]);
  });

  it("can be read before it is closed, as when its worker dies", async () => {
    const path = join(folder, "call.wav");
    const file = createFile(path);
    file.write(new Uint8Array(400).fill(1));
    const unfinished = await untilSize(path, 444);
    expect(parseWav(unfinished).channels[0]).toHaveLength(100);
    await file.close();
  });

  it("writes nothing when less than the floor is free, and says how much is", async () => {
    const file = createFile(join(folder, "call.wav"), Number.MAX_SAFE_INTEGER);
    file.write(new Uint8Array(4));
    expect(await file.close()).toBeUndefined();
    expect(stops).toEqual([expect.stringMatching(/^\d+ bytes are free on the disk, \d+ must stay free$/)]);
  });

  it("says once why it cannot be written, and never throws", async () => {
    await writeFile(join(folder, "blocked"), "a file where a folder is needed");
    const file = createFile(join(folder, "blocked", "call.wav"));
    file.write(new Uint8Array(4));
    expect(await file.close()).toBeUndefined();
    expect(stops).toHaveLength(1);
    file.write(new Uint8Array(4));
  });

  it("stops when the disk is half a minute behind", async () => {
    const file = createFile(join(folder, "call.wav"));
    // All within one turn of the event loop: nothing can have been written yet.
    for (let n = 0; n < 40; n++) file.write(new Uint8Array(32_000));
    await file.close();
    expect(stops).toEqual(["the disk is too slow: 30 s of audio wait to be written"]);
  });

  it("is not made when nothing was recorded, and is closed once however often it is asked", async () => {
    const file = createFile(join(folder, "calls", "call.wav"));
    expect(file.close()).toBe(file.close());
    expect(await file.close()).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
    expect(stops).toEqual([]);
  });
});

/** The file's bytes once there are `size` of them. */
async function untilSize(path: string, size: number): Promise<Buffer> {
  for (;;) {
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (bytes.length >= size) return bytes;
  }
}
