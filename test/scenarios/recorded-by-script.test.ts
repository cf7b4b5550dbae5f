/** A deployment that does not record, and a script that asks for the recording of its second question. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseWav } from "../../engine/index.ts";
import { toneLevelDbfs } from "../support/audio-measure.ts";
import { type CallBench, startCallBench } from "../support/call-bench.ts";

const PAGE = `<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <property name="termmaxdigits" value="true"/>
  <form>
    <field name="ready" type="digits?length=1"><prompt>Press one.</prompt></field>
    <field name="answer" type="digits?length=1">
      <property name="recordcall" value="true"/>
      <prompt>Press two after the tone.</prompt>
    </field>
  </form>
</vxml>`;

const HEARD = [
  { do: "await-sound", timeoutMs: 15_000 },
  { do: "await-quiet", timeoutMs: 15_000 },
] as const;

let bench: CallBench;

beforeAll(async () => {
  bench = await startCallBench({
    page: () => PAGE,
    callee: [
      { do: "answer" },
      { do: "play", sound: { kind: "beep", hz: 1300, forMs: 500 } },
      ...HEARD,
      { do: "press", keys: "1" },
      ...HEARD,
      { do: "play", sound: { kind: "beep", hz: 700, forMs: 600 } },
      { do: "press", keys: "2" },
    ],
  });
});

afterAll(() => bench.stop());

it("records both channels from the question that asks for it", async () => {
  const callId = await bench.call();
  const report = await bench.settled(callId);
  expect(report).toMatchObject({ keys: "12", outcome: { result: "completed" } });

  const path = join(bench.app.recordingsFolder, `${callId}-1.wav`);
  expect(report.recordingPath).toBe(path);
  expect(readdirSync(bench.app.recordingsFolder)).toEqual([`${callId}-1.wav`]);
  const [sent, heard] = parseWav(readFileSync(path)).channels as [Int16Array, Int16Array];
  const { answeredAtMs = 0, endedAtMs } = report.timestamps;
  // The first question takes over a second of speech and one of silence.
  expect(sent.length / 8).toBeLessThan(endedAtMs - answeredAtMs - 1500);
  expect(loudest(sent)).toBeGreaterThan(3000);
  expect(strongest(heard, 700)).toBeGreaterThan(-30);
  expect(strongest(heard, 1300)).toBeLessThan(-45);
}, 60_000);

function loudest(pcm: Int16Array): number {
  return pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

/** Level of the tone in the tenth of a second where it is strongest. */
function strongest(pcm: Int16Array, hz: number): number {
  let level = Number.NEGATIVE_INFINITY;
  for (let at = 0; at + 800 <= pcm.length; at += 400) {
    level = Math.max(level, toneLevelDbfs(pcm.subarray(at, at + 800), hz));
  }
  return level;
}
