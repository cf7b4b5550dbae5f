/**
 * The far end of the RTP bench, in a process of its own: sends 50 packets a second to every leg it is told of, and
 * notes sequence numbers and arrival times of what comes back. It decodes nothing.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { encodeG711, FRAME_SAMPLES, pinkNoise, tone } from "../engine/index.ts";
import { MediaClock } from "../sip/rtp/media-clock.ts";
import { looksLikeRtcp, serializeRtp } from "../sip/rtp/packet.ts";

export type PeerCommand =
  | { readonly type: "begin"; readonly legPorts: readonly number[] }
  | { readonly type: "measure" }
  | { readonly type: "end" };

export type PeerReply =
  | { readonly type: "ready"; readonly ports: readonly number[] }
  | { readonly type: "result"; readonly result: PeerResult };

export interface PeerResult {
  readonly received: number;
  /** Legs that nothing came from. */
  readonly silentLegs: number;
  /** By gaps in sequence numbers. */
  readonly lost: number;
  /** Distance of packets' intervals from 20 ms. */
  readonly jitterP50Ms: number;
  readonly jitterP99Ms: number;
  readonly jitterMaxMs: number;
}

// A socket per stream, as between real peers: a shared one overflows the system's receive buffer at the first pause of
// this process, and that would be counted as the engine's loss.
const SOCKETS = 300;

interface Stream {
  lastSequence: number;
  lastAtMs: number;
}

const streams = new Map<number, Stream>();
let isMeasuring = false;
let received = 0;
let lost = 0;
const deviations: number[] = [];

function onPacket(datagram: Buffer, fromPort: number): void {
  const now = performance.now();
  const stream = streams.get(fromPort);
  // RTCP comes to the same port.
  if (!stream || looksLikeRtcp(datagram) || datagram.length < 12) return;
  const sequence = datagram.readUInt16BE(2);
  if (isMeasuring && stream.lastSequence >= 0) {
    received++;
    const ahead = (sequence - stream.lastSequence) & 0xffff;
    if (ahead > 1 && ahead < 1000) lost += ahead - 1;
    deviations.push(Math.abs(now - stream.lastAtMs - 20));
  }
  stream.lastSequence = sequence;
  stream.lastAtMs = now;
}

/** Four seconds of something like a voice on a line: bursts of tone and noise, and pauses. */
function payloads(): Uint8Array[] {
  const noise = pinkNoise(4000, -38, 1);
  const voice = tone([180, 360, 720, 1100], 4000, -20);
  const mixed = noise.map(
    (sample, i) => sample + (Math.floor(i / 1600) % 3 === 2 ? 0 : (voice[i] as number)),
  );
  const bytes = encodeG711("PCMU", Int16Array.from(mixed));
  return Array.from({ length: bytes.length / FRAME_SAMPLES }, (_, i) =>
    bytes.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES),
  );
}

function startStream(
  socket: Socket,
  port: number,
  index: number,
  sounds: readonly Uint8Array[],
  clock: MediaClock,
) {
  streams.set(port, { lastSequence: -1, lastAtMs: 0 });
  let sequence = 0;
  let n = index;
  clock.add((skipped) => {
    sequence = (sequence + 1) & 0xffff;
    n += 1 + skipped;
    const payload = sounds[n % sounds.length] as Uint8Array;
    const packet = serializeRtp({
      payloadType: 0,
      sequence,
      timestamp: n * 160,
      ssrc: index,
      payload,
    });
    socket.send(packet, port, "127.0.0.1");
  });
}

function result(): PeerResult {
  const sorted = Float64Array.from(deviations).sort();
  const at = (quantile: number) => sorted[Math.floor(quantile * (sorted.length - 1))] ?? 0;
  const silentLegs = [...streams.values()].filter(({ lastSequence }) => lastSequence < 0).length;
  return { received, silentLegs, lost, jitterP50Ms: at(0.5), jitterP99Ms: at(0.99), jitterMaxMs: at(1) };
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket({
    type: "udp4",
    lookup: (hostname, _options, callback) => callback(null, hostname, 4),
  });
  socket.on("message", (datagram, { port }) => onPacket(datagram, port));
  socket.on("error", () => {});
  // Listened for first: with a lookup that answers at once, binding is over when `bind` returns.
  const listening = once(socket, "listening");
  socket.bind(0, "127.0.0.1");
  await listening;
  return socket;
}

async function main(): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, openSocket));
  const clock = new MediaClock((error) => {
    throw error;
  });
  const sounds = payloads();
  process.on("message", (command: PeerCommand) => {
    if (command.type === "begin") {
      command.legPorts.forEach((port, i) => {
        startStream(sockets[i % SOCKETS] as Socket, port, i, sounds, clock);
      });
    } else if (command.type === "measure") {
      isMeasuring = true;
    } else {
      isMeasuring = false;
      process.send?.({ type: "result", result: result() } satisfies PeerReply);
    }
  });
  process.on("disconnect", () => process.exit(0));
  const ports = sockets.map((socket) => socket.address().port);
  process.send?.({ type: "ready", ports } satisfies PeerReply);
}

await main();
