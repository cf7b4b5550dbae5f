/**
 * Strangers on the ports of a running call: 2,000 seeded random datagrams, some of which begin like SIP or RTP, from
 * several sockets. The call ends as if nothing had happened; the strangers are counted, and named once each.
 */
import { createSocket, type Socket } from "node:dgram";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AttemptReport } from "../../engine/index.ts";
import { seededRandom } from "../../sip/simulator/seeded-random.ts";
import { type CallBench, startCallBench } from "../support/call-bench.ts";

const SEED = 5060;
const DATAGRAMS = 2000;
/** Sent before the next look at the counters, so that no socket's buffer overflows. */
const DATAGRAMS_AT_ONCE = 40;
// Only Linux answers for all of 127/8 by itself.
const HOSTS = process.platform === "linux" ? ["127.0.0.1", "127.0.0.2", "127.0.0.3"] : ["127.0.0.1"];

const START = `<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <property name="termmaxdigits" value="true"/>
  <form>
    <field name="ready" type="digits?length=1">
      <prompt>Press one.</prompt>
      <filled><goto next="/after-the-strangers"/></filled>
    </field>
  </form>
</vxml>`;
const AFTER = START.replace("one", "two").replace(/<filled>.*<\/filled>/, "");

const PRESS_AFTER_PROMPT = (keys: string) =>
  [
    { do: "await-sound", timeoutMs: 30_000 },
    { do: "await-quiet", timeoutMs: 30_000 },
    { do: "press", keys },
  ] as const;

let bench: CallBench;
let strangers: Socket[];
let report: AttemptReport;
let before: Map<string, number>;
let after: Map<string, number>;
const sent = { sip: 0, rtp: 0 };

beforeAll(async () => {
  // The application answers the second request when the strangers are done: the call is up all the while.
  let askedAgain = () => {};
  let letGoOn = (_page: string) => {};
  const isAskedAgain = new Promise<void>((resolve) => {
    askedAgain = resolve;
  });
  const answer = new Promise<string>((resolve) => {
    letGoOn = resolve;
  });
  bench = await startCallBench({
    page: (path) => {
      if (path === "/start") return START;
      askedAgain();
      return answer;
    },
    callee: [{ do: "answer" }, ...PRESS_AFTER_PROMPT("1"), ...PRESS_AFTER_PROMPT("2")],
  });
  strangers = await Promise.all(HOSTS.flatMap((host) => [socketAt(host), socketAt(host)]));
  before = await scrape();
  const callId = await bench.call();
  await isAskedAgain;
  await flood(await rtpPortOf(bench));
  letGoOn(AFTER);
  report = await bench.settled(callId);
  after = await scrape();
}, 60_000);

afterAll(async () => {
  for (const socket of strangers) socket.close();
  await bench.stop();
});

it("the call goes on and ends as it should", () => {
  expect(report).toMatchObject({ keys: "12", outcome: { result: "completed", reason: "answered" } });
});

it("the counters rise by what the strangers sent", () => {
  const rise = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  // Loopback loses nothing that the sockets have room for; a stalled machine may lose a little.
  const dropped = rise('voxdial_sip_datagrams_dropped_total{reason="garbage"}');
  expect(dropped).toBeGreaterThan(sent.sip * 0.9);
  expect(dropped).toBeLessThanOrEqual(sent.sip);
  const stray = rise('voxdial_rtp_stray_packets_total{worker="0"}');
  expect(stray).toBeGreaterThan(sent.rtp * 0.9);
  expect(stray).toBeLessThanOrEqual(sent.rtp);
});

it("each source is logged once: by its address at SIP, by address and port at RTP", () => {
  const of = (message: string) => bench.logger.lines.filter((line) => line.message === message);
  const sipSources = of("not a sip message").map(({ fields }) => (fields as { source: string }).source);
  expect(sipSources.sort()).toEqual(HOSTS);
  const rtpSources = of("stray packets").map(({ fields }) => {
    const { address, port } = fields as { address: string; port: number };
    return `${address}:${port}`;
  });
  const all = strangers.map((socket) => `${socket.address().address}:${socket.address().port}`);
  expect(rtpSources.sort()).toEqual(all.sort());
});

it("nothing is logged as an error", () => {
  expect(bench.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
});

async function socketAt(host: string): Promise<Socket> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket;
}

/** The RTP port that our INVITE offered. */
async function rtpPortOf({ traced }: CallBench): Promise<number> {
  const { data } = await traced(
    ({ kind, data }) => kind === "message" && String(data?.text).startsWith("INVITE "),
  );
  return Number(/^m=audio (\d+) /m.exec(String(data?.text))?.[1]);
}

/** Every stranger in turn, at SIP, RTP and RTCP in turn. */
async function flood(rtpPort: number): Promise<void> {
  const random = seededRandom(SEED, "strangers");
  const { sip } = bench.app;
  const targets = [
    {
      port: sip.port,
      counts: "sip",
      beginning: Buffer.from("INVITE sip:+12025550101@127.0.0.1 SIP/2.0\r\n"),
    },
    { port: rtpPort, counts: "rtp", beginning: Buffer.from([0x80, 0x00]) },
    { port: rtpPort + 1, counts: "rtp", beginning: Buffer.from([0x80, 200]) },
  ] as const;
  for (let n = 0; n < DATAGRAMS; n++) {
    const target = targets[n % targets.length] as (typeof targets)[number];
    const socket = strangers[Math.floor(n / targets.length) % strangers.length] as Socket;
    // Longer than any keep-alive, shorter than what IP would fragment.
    const noise = Buffer.from(Array.from({ length: 13 + Math.floor(random() * 1300) }, () => random() * 256));
    const isAlmostRight = random() < 0.3;
    const datagram = isAlmostRight ? Buffer.concat([target.beginning, noise]) : noise;
    await new Promise((resolve) => socket.send(datagram, target.port, sip.host, resolve));
    sent[target.counts]++;
    if (n % DATAGRAMS_AT_ONCE === 0) await scrape();
  }
  await scrape();
}

/** `/metrics` as values by name and labels. Also waits until main thread and media worker have had a turn. */
async function scrape(): Promise<Map<string, number>> {
  const { http } = bench.app;
  const response = await fetch(`http://${http.host}:${http.port}/metrics`);
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}
