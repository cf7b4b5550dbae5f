/** The demo as a user runs it: its exit status, its table, and what it leaves behind. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FRAME_SAMPLES, parseWav } from "../../engine/index.ts";
import { levelDbfs } from "../../engine/media/levels.ts";
import { toneLevelDbfs } from "../support/audio-measure.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../api/cli/voxdial.mjs");

interface DemoOutput {
  readonly folder: string;
  readonly rows: readonly { number: string; truth: string; calleeType: string; differences: string[] }[];
}

let folder = "";
let status: number | null = null;
let output: DemoOutput;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "voxdial-demo-test-"));
  const child = spawn(process.execPath, [LAUNCHER, "demo", "--seed", "11", "--json", "--folder", folder], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  status = await new Promise((done) => child.once("close", done));
  output = JSON.parse(text) as DemoOutput;
}, 200_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe("voxdial demo", () => {
  it("ends every call as expected, and with status 0", () => {
    expect(output.rows).toHaveLength(14);
    expect(output.rows.flatMap((row) => row.differences)).toEqual([]);
    expect(status).toBe(0);
  });

  it("leaves a trace in JSON lines for each call, on one time axis", () => {
    for (let callId = 1; callId <= 13; callId++) {
      const lines = readFileSync(join(folder, "traces", `${callId}.jsonl`), "utf8")
        .trim()
        .split("\n");
      const entries = lines.map((line) => JSON.parse(line) as { atMs: number; source: string; kind: string });
      expect(entries.map((entry) => entry.kind)).toContain("outcome");
      expect(entries.some((entry) => entry.source === "sip" && entry.kind === "message")).toBe(true);
      expect(entries.map((entry) => entry.atMs)).toEqual(
        entries.map((entry) => entry.atMs).toSorted((a, b) => a - b),
      );
    }
  });

  it("keeps numbers in clear out of the engine's log", () => {
    const log = readFileSync(join(folder, "voxdial.log"), "utf8");
    expect(log).toContain("call ended");
    for (const { number } of output.rows) expect(log).not.toContain(number.slice(1));
  });

  it("leaves a two-channel recording for each call, in which a machine's message starts after the beep", () => {
    const machine = output.rows.findIndex((row) => row.calleeType === "answeringmachine") + 1;
    expect(readdirSync(join(folder, "data/recordings"))).toContain(`${machine}-1.wav`);
    const wav = parseWav(readFileSync(join(folder, "data/recordings", `${machine}-1.wav`)));
    const [left = new Int16Array(), right = new Int16Array()] = wav.channels;
    const frames = Math.floor(left.length / FRAME_SAMPLES);
    const frame = (pcm: Int16Array, index: number) =>
      pcm.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES);
    const indices = Array.from({ length: frames }, (_, index) => index);
    // A frame is the beep when its level is that of the line at 1000 Hz alone.
    const beeping = indices.filter((index) => {
      const level = levelDbfs(frame(right, index));
      return level > -40 && Math.abs(toneLevelDbfs(frame(right, index), 1000) - level) < 0.3;
    });
    const speaking = indices.filter((index) => levelDbfs(frame(left, index)) > -40);
    expect(beeping.length).toBeGreaterThanOrEqual(15);
    expect(speaking.length).toBeGreaterThan(100);
    expect(speaking[0]).toBeGreaterThan(beeping.at(-1) ?? Number.POSITIVE_INFINITY);
  });
});
