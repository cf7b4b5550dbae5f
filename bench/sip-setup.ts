/**
 * How many SIP calls per second the embedded core sets up and tears down over loopback UDP (INVITE, 180, 200, ACK,
 * BYE, 200), against the same core in a second process; and what its parser costs.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { systemClock } from "../api/system-clock.ts";
import { parseMessage } from "../sip/backends/embedded/message/message-parser.ts";
import { createEmbeddedBackend, type PeerAddress, type SignallingBackend } from "../sip/index.ts";
import { buildOffer, readAnswer } from "../sip/sdp/index.ts";

const CALLS = 5000;
const WARM_UP_CALLS = 1000;
const IN_FLIGHT = 50;
const PARSES = 100_000;

/** Prints `name: value unit` lines. */
export async function run(): Promise<void> {
  await benchCalls();
  benchParser();
}

async function benchCalls(): Promise<void> {
  const peer = fork(fileURLToPath(new URL("./sip-peer.ts", import.meta.url)));
  const backend = createEmbeddedBackend({ bindAddress: "127.0.0.1", port: 0, clock: systemClock });
  try {
    const [address] = (await once(peer, "message")) as [PeerAddress];
    await backend.start();
    await placeCalls(backend, address, WARM_UP_CALLS);
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    const failed = await placeCalls(backend, address, CALLS);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = process.cpuUsage(cpuBefore);
    console.log(`sip calls per second: ${Math.round(CALLS / seconds)} calls/s`);
    console.log(`sip cpu per call: ${((cpu.user + cpu.system) / 1000 / CALLS).toFixed(3)} ms`);
    console.log(`sip calls failed: ${failed} calls`);
  } finally {
    await backend.stop();
    peer.disconnect();
    if (peer.exitCode === null) await once(peer, "exit");
  }
}

/** Resolves with the number of calls that did not end as they should. */
async function placeCalls(backend: SignallingBackend, peer: PeerAddress, count: number): Promise<number> {
  let started = 0;
  let failed = 0;
  const placeNext = async (): Promise<void> => {
    while (started < count) {
      started++;
      if (!(await placeCall(backend, peer, started))) failed++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, placeNext));
  return failed;
}

function placeCall(backend: SignallingBackend, peer: PeerAddress, number: number): Promise<boolean> {
  const uri = `sip:${2_125_550_000 + number}@${peer.host}:${peer.port}`;
  const offer = buildOffer({ address: "127.0.0.1", rtpPort: 30_000, rtcpPort: 30_001 });
  return new Promise((resolve) => {
    const call = backend.invite(
      { requestUri: uri, from: "<sip:2125550100@127.0.0.1>", to: `<${uri}>`, sdpOffer: offer },
      (event) => {
        if (event.type === "answered") {
          readAnswer(offer, event.sdp);
          call.bye();
        } else if (event.type === "ended") resolve(event.by === "local");
        else if (event.type === "failed") resolve(false);
      },
    );
  });
}

/** An INVITE of 1.1 kB, as a trunk would send it. */
const INVITE = Buffer.from(
  [
    "INVITE sip:+12125551234@198.51.100.20:5060;user=phone SIP/2.0",
    "Via: SIP/2.0/UDP 203.0.113.7:5060;branch=z9hG4bK8d3c5f2b7e914a60;rport",
    "Via: SIP/2.0/UDP 10.20.30.40:5080;branch=z9hG4bK0f1e2d3c4b5a6978;received=203.0.113.90",
    "Record-Route: <sip:203.0.113.7;lr;ftag=as58f4201b>",
    'From: "Example, Caller" <sip:+13125550100@example.com;user=phone>;tag=as58f4201b',
    "To: <sip:+12125551234@198.51.100.20;user=phone>",
    "Contact: <sip:+13125550100@203.0.113.7:5060;transport=udp>",
    "Call-ID: 3c26700c1b8d-2c7c4b0f61e1@example.com",
    "CSeq: 102 INVITE",
    "Max-Forwards: 69",
    "User-Agent: Example Gateway 4.2",
    "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, UPDATE, PRACK",
    "Supported: replaces, timer, 100rel",
    "P-Asserted-Identity: <sip:+13125550100@example.com>",
    "Content-Type: application/sdp",
    "Content-Length: 248",
    "",
    [
      "v=0",
      "o=- 1234567890 1234567891 IN IP4 203.0.113.7",
      "s=call",
      "c=IN IP4 203.0.113.7",
      "t=0 0",
      "m=audio 14232 RTP/AVP 0 8 18 101",
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:8 PCMA/8000",
      "a=rtpmap:18 G729/8000",
      "a=rtpmap:101 telephone-event/8000",
      "a=fmtp:101 0-15",
      "a=sendrecv",
    ].join("\r\n"),
    "",
  ].join("\r\n"),
);

function benchParser(): void {
  for (let round = 0; round < PARSES / 10; round++) parseMessage(INVITE);
  const startedAt = performance.now();
  let read = 0;
  for (let round = 0; round < PARSES; round++) if (parseMessage(INVITE).ok) read++;
  const elapsedMs = performance.now() - startedAt;
  if (read !== PARSES) throw new Error("the bench INVITE is not readable");
  console.log(`sip parse invite: ${((elapsedMs * 1000) / PARSES).toFixed(1)} µs`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run();
