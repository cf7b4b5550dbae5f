/**
 * Mutated RTP and RTCP datagrams against everything that reads them: the parsers, the statistics, the event receiver
 * and a whole leg. Nothing throws, nothing hangs, and what is read lies within the datagram. The seed is fixed.
 */
import { describe, expect, it } from "vitest";
import { parseRtp, serializeRtp } from "../../sip/rtp/packet.ts";
import { parseRtcp, serializeRtcp } from "../../sip/rtp/rtcp.ts";
import { ReceptionStatistics } from "../../sip/rtp/statistics.ts";
import { serializeTelephoneEvent, TelephoneEventReceiver } from "../../sip/rtp/telephone-event.ts";
import { createTestLeg } from "../sip/media/test-leg.ts";

const SEED = 0x5eed_0001;
const MESSAGES = 100_000;

/** xorshift32. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const rtp = {
  payloadType: 0,
  sequence: 7,
  timestamp: 1600,
  ssrc: 0xabcd,
  payload: new Uint8Array(160).fill(0x55),
};
const CORPUS: readonly Buffer[] = [
  serializeRtp(rtp),
  serializeRtp({ ...rtp, csrcs: [1, 2, 3], paddingBytes: 9 }),
  serializeRtp({ ...rtp, extension: { profile: 0xbede, data: new Uint8Array(12) } }),
  serializeRtp({
    ...rtp,
    payloadType: 101,
    marker: true,
    payload: serializeTelephoneEvent({ event: 5, end: false, volume: 10, duration: 320 }),
  }),
  serializeRtcp({
    ssrc: 0xabcd,
    cname: "someone",
    sender: { ntpSeconds: 1, ntpFraction: 2, rtpTimestamp: 3, packetCount: 4, octetCount: 5 },
    block: {
      ssrc: 1,
      fractionLost: 2,
      cumulativeLost: 3,
      extendedHighest: 4,
      jitter: 5,
      lastSenderReport: 6,
      delaySinceLastSenderReport: 7,
    },
    bye: "over",
  }),
  serializeRtcp({ ssrc: 0xabcd, cname: "" }),
];

/** One of the corpus with bits flipped, bytes replaced, cut, doubled or appended to. */
function mutate(random: (below: number) => number): Buffer {
  let bytes = Buffer.from(CORPUS[random(CORPUS.length)] as Buffer);
  for (let left = 1 + random(6); left > 0; left--) {
    const at = random(Math.max(1, bytes.length));
    switch (random(6)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random(8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = random(256);
        break;
      case 2:
        bytes = bytes.subarray(0, at);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at)]);
        break;
      case 4:
        // Headers are where the lengths are.
        if (bytes.length > 4) bytes[random(4)] = random(256);
        break;
      default:
        bytes = Buffer.concat([bytes, bytes.subarray(0, random(40))]);
    }
  }
  return bytes;
}

describe(`mutated RTP and RTCP (seed ${SEED})`, () => {
  it("is read without a throw, and never beyond its bytes", () => {
    const random = createRandom(SEED);
    const statistics = new ReceptionStatistics();
    const events = new TelephoneEventReceiver();
    let readable = 0;
    for (let i = 0; i < MESSAGES; i++) {
      const bytes = mutate(random);
      const packet = parseRtp(bytes);
      if (packet) {
        readable++;
        const used = packet.payload.length + 4 * packet.csrcs.length + (packet.extension?.data.length ?? 0);
        if (used + 12 > bytes.length) expect.unreachable(bytes.toString("hex"));
        statistics.packet(packet.sequence, packet.timestamp, i);
        events.packet(packet.timestamp, packet.payload);
      }
      readable += parseRtcp(bytes).length;
    }
    expect(readable).toBeGreaterThan(MESSAGES / 4);
    expect(statistics.packetsLost).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(statistics.jitterMs)).toBe(true);
  });

  it("leaves a leg alive and sending, whatever arrives on its ports", () => {
    const random = createRandom(SEED + 1);
    const test = createTestLeg();
    test.leg.connect(test.media);
    for (let i = 0; i < MESSAGES; i++) {
      const bytes = mutate(random);
      if (random(4) === 0) test.arriveRtcp(bytes);
      else test.arriveRtp(bytes);
      if (i % 50 === 0) test.tick();
    }
    expect(test.events.filter(({ type }) => type === "lost")).toEqual([]);
    expect(test.sentRtp).toHaveLength(MESSAGES / 50);
  });
});
