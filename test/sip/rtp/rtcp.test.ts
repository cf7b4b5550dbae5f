import { describe, expect, it } from "vitest";
import {
  ntpMiddle,
  ntpTime,
  parseRtcp,
  roundTripMs,
  rtcpIntervalMs,
  serializeRtcp,
} from "../../../sip/rtp/rtcp.ts";

const BLOCK = {
  ssrc: 0xcafe_babe,
  fractionLost: 12,
  cumulativeLost: -3,
  extendedHighest: 0x1_0005,
  jitter: 77,
  lastSenderReport: 0x1234_5678,
  delaySinceLastSenderReport: 65_536,
};
const SENDER = { ntpSeconds: 1, ntpFraction: 2, rtpTimestamp: 0xffff_ffff, packetCount: 4, octetCount: 5 };

describe("RTCP", () => {
  it("writes a sender report with block, CNAME and BYE, and reads it back", () => {
    const bytes = serializeRtcp({ ssrc: 9, cname: "abc", sender: SENDER, block: BLOCK, bye: "done" });
    expect(parseRtcp(bytes)).toEqual([
      { type: "sender-report", ssrc: 9, sender: SENDER, blocks: [BLOCK] },
      { type: "source-description", ssrc: 9, cname: "abc" },
      { type: "bye", ssrcs: [9], reason: "done" },
    ]);
  });

  it("writes a receiver report when nothing was sent, even without a block (§6.4.2)", () => {
    const bytes = serializeRtcp({ ssrc: 9, cname: "x" });
    expect(parseRtcp(bytes)).toEqual([
      { type: "receiver-report", ssrc: 9, blocks: [] },
      { type: "source-description", ssrc: 9, cname: "x" },
    ]);
    // RR header of 8 bytes, then SDES: header, SSRC, item of 3 bytes, at least one zero, to a word's end.
    expect(bytes.toString("hex")).toBe("80c9000100000009" + "81ca00020000000901017800");
  });

  it.each([1, 2, 3, 4, 5, 255])("ends a CNAME of %i bytes with a zero and whole words (§6.5)", (length) => {
    const bytes = serializeRtcp({ ssrc: 1, cname: "n".repeat(length), bye: "" });
    expect(bytes.length % 4).toBe(0);
    expect(parseRtcp(bytes)).toMatchObject([{}, { cname: "n".repeat(length) }, { type: "bye", ssrcs: [1] }]);
  });

  it("holds cumulative loss within 24 signed bits", () => {
    for (const [lost, held] of [
      [9_000_000, 0x7f_ffff],
      [-9_000_000, -0x80_0000],
    ] as const) {
      const bytes = serializeRtcp({ ssrc: 1, cname: "x", block: { ...BLOCK, cumulativeLost: lost } });
      expect(parseRtcp(bytes)[0]).toMatchObject({ blocks: [{ cumulativeLost: held }] });
    }
  });

  it("stops reading where a length does not fit, keeping what came before", () => {
    const bytes = serializeRtcp({ ssrc: 9, cname: "abc", bye: "" });
    expect(parseRtcp(bytes.subarray(0, bytes.length - 2)).map(({ type }) => type)).toEqual([
      "receiver-report",
      "source-description",
    ]);
    expect(parseRtcp(Buffer.from("random bytes"))).toEqual([]);
    expect(parseRtcp(new Uint8Array(0))).toEqual([]);
  });

  it("skips packet types it does not know", () => {
    const app = Buffer.from("80cc00010000000b", "hex");
    expect(parseRtcp(Buffer.concat([app, serializeRtcp({ ssrc: 9, cname: "a" })]))).toHaveLength(2);
  });
});

describe("RTCP times", () => {
  it("count NTP seconds from 1900", () => {
    expect(ntpTime(0)).toEqual({ ntpSeconds: 2_208_988_800, ntpFraction: 0 });
    expect(ntpTime(1500)).toEqual({ ntpSeconds: 2_208_988_801, ntpFraction: 0x8000_0000 });
  });

  it("give the round trip from LSR and DLSR (§6.4.1 figure 2)", () => {
    const sentMs = 1_700_000_000_000;
    const block = {
      ...BLOCK,
      lastSenderReport: ntpMiddle(ntpTime(sentMs)),
      delaySinceLastSenderReport: 65_536,
    };
    expect(roundTripMs(block, sentMs + 1080)).toBeCloseTo(80, 1);
    expect(roundTripMs({ ...block, lastSenderReport: 0 }, sentMs)).toBeUndefined();
  });

  it("keep reports 5 s apart on average, varied by half, the first sooner (§6.3.1)", () => {
    expect(rtcpIntervalMs(0.5, false)).toBeCloseTo(5000 / 1.21828, 1);
    expect(rtcpIntervalMs(0, false)).toBeCloseTo(2500 / 1.21828, 1);
    expect(rtcpIntervalMs(0.5, true)).toBeCloseTo(2500 / 1.21828, 1);
  });
});
