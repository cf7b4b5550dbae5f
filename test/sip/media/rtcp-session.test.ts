/** Two sessions report to each other; time is given with each call. */
import { describe, expect, it } from "vitest";
import { RtcpSession } from "../../../sip/media/rtcp-session.ts";
import { parseRtcp } from "../../../sip/rtp/rtcp.ts";
import { ReceptionStatistics } from "../../../sip/rtp/statistics.ts";

const EPOCH_MS = 1_700_000_000_000;

function createSession(ssrc: number) {
  const clock = { nowMs: 0 };
  const session = new RtcpSession({ ssrc, random: () => 0.5, epochMs: () => EPOCH_MS + clock.nowMs });
  return { session, clock };
}

function heard(packets: number): ReceptionStatistics {
  const statistics = new ReceptionStatistics();
  for (let n = 0; n < packets; n++) statistics.packet(n, n * 160, n * 20);
  return statistics;
}

const sent = (packets: number) => ({ packets, octets: packets * 160, rtpTimestamp: packets * 160 });

describe("an RTCP session", () => {
  it("is due after half the interval first, then after whole ones (RFC 3550 §6.2)", () => {
    const { session } = createSession(1);
    expect(session.isDue(0)).toBe(false);
    expect(session.isDue(2051)).toBe(false);
    expect(session.isDue(2053)).toBe(true);
    session.compose(sent(1), heard(0), undefined, 2053);
    session.compose(sent(2), heard(0), undefined, 10_000);
    expect(session.isDue(14_100)).toBe(false);
    expect(session.isDue(14_105)).toBe(true);
  });

  it("reports as sender when it has sent since the last report, else as receiver", () => {
    const { session } = createSession(1);
    const types = [sent(5), sent(5), sent(9)].map(
      (counts) => parseRtcp(session.compose(counts, heard(3), 2, 0))[0]?.type,
    );
    expect(types).toEqual(["sender-report", "receiver-report", "sender-report"]);
  });

  it("keeps one random CNAME, which names nothing of this machine", () => {
    const { session } = createSession(1);
    const names = [0, 1].map(() => parseRtcp(session.compose(sent(0), heard(0), undefined, 0))[1]);
    expect(names[0]).toEqual(names[1]);
    expect(names[0]).toMatchObject({ cname: expect.stringMatching(/^[a-z0-9]{8,}$/) });
  });

  it("lets the far end tell the round trip from LSR and DLSR", () => {
    const a = createSession(1);
    const b = createSession(2);
    const report = a.session.compose(sent(10), heard(10), 2, 0);
    b.session.received(report, 40);
    const answer = b.session.compose(sent(10), heard(10), 1, 540);
    a.clock.nowMs = 580;
    expect(a.session.received(answer, 580)).toBe(true);
    expect(a.session.farReport?.roundTripMs).toBeCloseTo(80, 0);
    expect(a.session.farReport).toMatchObject({ packetsLost: 0, fractionLost: 0, jitterMs: 0 });
  });

  it("knows when the far end leaves, and what is no RTCP", () => {
    const a = createSession(1);
    const b = createSession(2);
    expect(a.session.received(Buffer.from("nothing of the kind"), 0)).toBe(false);
    expect(a.session.hasFarEndLeft).toBe(false);
    a.session.received(b.session.compose(sent(1), heard(1), 1, 0, "over"), 0);
    expect(a.session.hasFarEndLeft).toBe(true);
  });
});
