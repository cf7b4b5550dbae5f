/** A callee leaves a message: it is heard, played back, and sent to the web application as a WAV. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { parseWav } from "../../engine/index.ts";
import type { CalleeStep } from "../../sip/index.ts";
import { toneLevelDbfs } from "../support/audio-measure.ts";
import { type CallBench, startCallBench } from "../support/call-bench.ts";

const vxml = (content: string) => `<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <property name="timeout" value="20s"/>
  <property name="recordcall" value="true"/>
  <form>${content}</form>
</vxml>`;

const SUBMIT = (names: string) =>
  `<submit next="/save" method="post" enctype="multipart/form-data" namelist="${names}"/>`;

const SPEAKS_TWO_TONES: readonly CalleeStep[] = [
  { do: "await-sound", timeoutMs: 15_000 },
  { do: "await-quiet", timeoutMs: 15_000 },
  { do: "play", sound: { kind: "beep", hz: 700, forMs: 600 } },
  { do: "wait", forMs: 200 },
  { do: "play", sound: { kind: "beep", hz: 1300, forMs: 600 } },
];

let bench: CallBench;

afterEach(() => bench.stop());

/** One call; resolves with the parts of what it posted to `/save`. */
async function messageOf(page: string, callee: readonly CalleeStep[]) {
  let sent: FormData | undefined;
  bench = await startCallBench({
    page: async (path, { contentType, body }) => {
      if (path !== "/save") return page;
      const headers = { "content-type": contentType };
      sent = await new Response(new Uint8Array(body), { headers }).formData();
      return vxml("<block><exit/></block>");
    },
    callee: [{ do: "answer" }, ...callee],
  });
  const callId = await bench.call();
  const report = await bench.settled(callId);
  return { callId, report, sent };
}

function sizeOf(part: unknown): number {
  return part instanceof File ? part.size : 0;
}

/** Level of the tone in the tenth of a second where it is strongest. */
function strongest(pcm: Int16Array, hz: number): number {
  let level = Number.NEGATIVE_INFINITY;
  for (let at = 0; at + 800 <= pcm.length; at += 400) {
    level = Math.max(level, toneLevelDbfs(pcm.subarray(at, at + 800), hz));
  }
  return level;
}

it("reaches the application by multipart, and the callee's own ear before (VoiceXML 2.0 §2.3.6)", async () => {
  const page = vxml(`
    <record name="msg" beep="true" finalsilence="1s" maxtime="20s" type="audio/x-wav">
      <prompt>Speak after the tone.</prompt>
    </record>
    <block>
      <var name="ms" expr="msg$.duration"/><var name="bytes" expr="msg$.size"/>
      <prompt><audio expr="msg"/></prompt>
      ${SUBMIT("msg ms bytes")}
    </block>`);
  const { callId, report, sent } = await messageOf(page, SPEAKS_TWO_TONES);
  expect(report.outcome).toMatchObject({ result: "completed" });

  const file = sent?.get("msg") as File;
  expect(file).toMatchObject({ type: "audio/x-wav", name: "r1.wav" });
  const wav = parseWav(await file.bytes());
  expect(wav.format).toEqual(expect.objectContaining({ encoding: "mulaw", sampleRateHz: 8000 }));
  const said = wav.channels[0] as Int16Array;
  expect(strongest(said.subarray(0, said.length / 2), 700)).toBeGreaterThan(-30);
  expect(strongest(said.subarray(said.length / 3), 1300)).toBeGreaterThan(-30);
  // What we beep is not what they said.
  expect(strongest(said, 1000)).toBeLessThan(-45);
  expect(Number(sent?.get("ms"))).toBe(said.length / 8);
  expect(Number(sent?.get("bytes"))).toBe(file.size);
  expect(said.length / 8).toBeGreaterThan(2300);
  expect(said.length / 8).toBeLessThan(3500);

  const call = parseWav(readFileSync(join(bench.app.recordingsFolder, `${callId}-1.wav`)));
  const [ours] = call.channels as [Int16Array];
  for (const hz of [700, 1000, 1300]) expect(strongest(ours, hz), `${hz} Hz`).toBeGreaterThan(-30);
}, 60_000);

it("is sent after the callee has hung up", async () => {
  const page = vxml(`
    <record name="msg" finalsilence="10s" dtmfterm="false">
      <prompt>Speak.</prompt>
      <catch event="connection.disconnect.hangup">${SUBMIT("msg")}</catch>
    </record>`);
  const { sent } = await messageOf(page, [...SPEAKS_TWO_TONES, { do: "hang-up" }]);
  const file = sent?.get("msg") as File;
  // The plum profile's type where the document names none.
  expect(file).toMatchObject({ type: "audio/basic", name: "r1.ul" });
  expect(file.size).toBeGreaterThan(8 * 1400);
}, 60_000);

it("ends at a key, which the application is told by <data>", async () => {
  const page = vxml(`
    <record name="msg" finalsilence="10s"><prompt>Speak.</prompt></record>
    <block>
      <var name="key" expr="msg$.termchar"/>
      <data src="/save" method="post" enctype="multipart/form-data" namelist="msg key"/>
    </block>`);
  const { sent, report } = await messageOf(page, [...SPEAKS_TWO_TONES, { do: "press", keys: "#" }]);
  expect(sent?.get("key")).toBe("#");
  expect(sizeOf(sent?.get("msg"))).toBeGreaterThan(8 * 1400);
  expect(report.keys).toBe("#");
}, 60_000);

it("in a media type that is not made is an event that names it", async () => {
  const page = vxml(`
    <record name="msg" type="audio/mpeg"><prompt>Speak.</prompt></record>
    <catch event="error.unsupported.format"><assign name="why" expr="_message"/>${SUBMIT("why")}</catch>`).replace(
    "<form>",
    '<var name="why"/><form>',
  );
  const { sent } = await messageOf(page, []);
  expect(sent?.get("why")).toMatch(/audio\/mpeg/);
}, 60_000);

it("is a noinput when nobody speaks", async () => {
  const page = vxml(`
    <property name="timeout" value="1s"/>
    <record name="msg" beep="true">
      <prompt>Speak.</prompt>
      <noinput><assign name="heard" expr="'nothing'"/>${SUBMIT("heard")}</noinput>
    </record>`).replace("<form>", '<var name="heard"/><form>');
  const { sent } = await messageOf(page, []);
  expect(sent?.get("heard")).toBe("nothing");
}, 60_000);
