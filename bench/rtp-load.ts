/**
 * What 300 duplex calls cost one media worker: G.711 both ways over loopback UDP with jitter buffer, playout and all
 * detectors on, against a peer in another process that checks sequence numbers and arrival times. Floor: no packet
 * lost in either direction.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { workerEntry } from "../api/workers/entry.ts";
import { DEFAULT_DETECTION_SETTINGS, pinkNoise } from "../engine/index.ts";
import { type MediaLeg, type MediaSummary, WorkerMediaPool } from "../sip/index.ts";
import type { PeerCommand, PeerReply, PeerResult } from "./rtp-peer.ts";

const LEGS = 300;
const SETTLE_MS = 3000;
const MEASURE_MS = 15_000;

/** Prints `name: value unit` lines; throws when the floor is not held. */
export async function run(): Promise<void> {
  const peer = fork(fileURLToPath(new URL("./rtp-peer.ts", import.meta.url)));
  const pool = new WorkerMediaPool({
    workerUrl: workerEntry("media"),
    bindAddress: "127.0.0.1",
    recording: { minFreeBytes: 0 },
  });
  try {
    const ready = await replyOf(peer, "ready");
    const legs = await openLegs(pool, ready.ports);
    command(peer, { type: "begin", legPorts: legs.map((leg) => leg.local.rtpPort) });
    await delay(SETTLE_MS);

    const [healthBefore] = await pool.health();
    const before = process.cpuUsage();
    const startedAt = performance.now();
    command(peer, { type: "measure" });
    await delay(MEASURE_MS);
    command(peer, { type: "end" });
    const { result } = await replyOf(peer, "result");
    const cpu = process.cpuUsage(before);
    const elapsedMs = performance.now() - startedAt;

    const [health] = await pool.health();
    const summaries = await Promise.all(legs.map((leg) => leg.close()));
    print((cpu.user + cpu.system) / 1000 / elapsedMs, result, summaries, {
      p99Ms: health?.lateness.p99Ms ?? 0,
      skippedSlots: (health?.lateness.skippedSlots ?? 0) - (healthBefore?.lateness.skippedSlots ?? 0),
    });
  } finally {
    await pool.close();
    peer.disconnect();
    if (peer.exitCode === null) await once(peer, "exit");
  }
}

async function openLegs(pool: WorkerMediaPool, ports: readonly number[]): Promise<MediaLeg[]> {
  const prompt = pinkNoise(60_000, -25, 7);
  const legs: MediaLeg[] = [];
  for (let i = 0; i < LEGS; i++) {
    const port = ports[i % ports.length] as number;
    const leg = await pool.open({ legId: `bench-${i}`, detection: DEFAULT_DETECTION_SETTINGS }, () => {});
    leg.connect({
      remote: { address: "127.0.0.1", rtpPort: port, rtcpPort: port },
      codec: "PCMU",
      payloadType: 0,
      telephoneEventPayloadType: 101,
      direction: "sendrecv",
    });
    leg.markAnswered();
    leg.play({ playbackId: 1, items: [{ audio: prompt, bargeIn: "none" }] });
    legs.push(leg);
  }
  return legs;
}

function print(
  cores: number,
  peer: PeerResult,
  summaries: readonly MediaSummary[],
  lateness: { readonly p99Ms: number; readonly skippedSlots: number },
): void {
  const lostComing = summaries.reduce((sum, { packetsLost }) => sum + packetsLost, 0);
  const discarded = summaries.reduce((sum, { packetsDiscarded }) => sum + packetsDiscarded, 0);
  console.log(`rtp cpu per 100 calls: ${((cores * 100 * 100) / LEGS).toFixed(1)} % of one core`);
  console.log(`rtp packet jitter p50: ${peer.jitterP50Ms.toFixed(2)} ms`);
  console.log(`rtp packet jitter p99: ${peer.jitterP99Ms.toFixed(2)} ms`);
  console.log(`rtp packet jitter max: ${peer.jitterMaxMs.toFixed(2)} ms`);
  console.log(`rtp clock lateness p99: ${lateness.p99Ms.toFixed(2)} ms`);
  console.log(`rtp slots skipped: ${lateness.skippedSlots} slots`);
  console.log(`rtp packets measured: ${peer.received} packets`);
  console.log(`rtp packets discarded late: ${discarded} packets`);
  console.log(`rtp packets lost at ${LEGS} calls: ${peer.lost + lostComing} packets`);
  if (peer.lost + lostComing > 0)
    throw new Error(`packets were lost: ${peer.lost} sent, ${lostComing} received`);
}

function command(peer: ChildProcess, message: PeerCommand): void {
  peer.send(message);
}

async function replyOf<T extends PeerReply["type"]>(
  peer: ChildProcess,
  type: T,
): Promise<Extract<PeerReply, { type: T }>> {
  for (;;) {
    const [reply] = (await once(peer, "message")) as [PeerReply];
    if (reply.type === type) return reply as Extract<PeerReply, { type: T }>;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run();
