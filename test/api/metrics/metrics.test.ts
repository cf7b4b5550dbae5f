/** What a scrape shows, from sources that the test plays. */
import { beforeEach, describe, expect, it } from "vitest";
import { createMetrics } from "../../../api/metrics/metrics.ts";
import { addTelephonyMetrics } from "../../../api/metrics/telephony-metrics.ts";
import type { MediaEngineHealth, SipStats } from "../../../sip/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const STATS: SipStats = {
  datagramsReceived: 20,
  keepAlives: 1,
  messagesReceived: 12,
  messagesSent: 9,
  garbage: 7,
  fromUnknownSources: 3,
  strayMessages: 2,
  refusedAtLimit: 4,
  sendErrors: 5,
};

const HEALTH: MediaEngineHealth = {
  legs: 2,
  warmPortPairs: 16,
  strayPackets: 11,
  lateness: { p50Ms: 1, p99Ms: 4, maxMs: 250, skippedSlots: 12 },
};

const NO_CALLS = { queued: 0, dialing: 0, completed: 0, failed: 0, canceled: 0 };

let clock: ManualClock;
let asked: number;
let answer: () => Promise<readonly (MediaEngineHealth | undefined)[]>;

beforeEach(() => {
  clock = new ManualClock();
  asked = 0;
  answer = async () => [HEALTH, undefined, { ...HEALTH, strayPackets: 1 }];
});

function telephonyMetrics() {
  const metrics = createMetrics();
  const media = () => {
    asked++;
    return answer();
  };
  addTelephonyMetrics(metrics.registry, { clock, sip: () => STATS, media });
  return metrics;
}

/** Lines of one metric, without its comments. */
const linesOf = (text: string, name: string) => text.split("\n").filter((line) => line.startsWith(name));

describe("the metrics of telephony", () => {
  it("count what signalling dropped, by reason", async () => {
    const text = await telephonyMetrics().text();
    expect(linesOf(text, "voxdial_sip_")).toEqual([
      'voxdial_sip_messages_total{direction="received"} 12',
      'voxdial_sip_messages_total{direction="sent"} 9',
      'voxdial_sip_datagrams_dropped_total{reason="garbage"} 7',
      'voxdial_sip_datagrams_dropped_total{reason="unknown-source"} 3',
      'voxdial_sip_datagrams_dropped_total{reason="stray"} 2',
      'voxdial_sip_failures_total{reason="send-error"} 5',
      'voxdial_sip_failures_total{reason="too-many-calls"} 4',
    ]);
  });

  it("show each media worker, in seconds, and leave out one that is being started again", async () => {
    const text = await telephonyMetrics().text();
    expect(linesOf(text, "voxdial_rtp_")).toEqual([
      'voxdial_rtp_stray_packets_total{worker="0"} 11',
      'voxdial_rtp_stray_packets_total{worker="2"} 1',
    ]);
    expect(linesOf(text, "voxdial_media_").filter((line) => line.includes('worker="0"'))).toEqual([
      'voxdial_media_slots_skipped_total{worker="0"} 12',
      'voxdial_media_legs{worker="0"} 2',
      'voxdial_media_lateness_seconds{worker="0",quantile="0.5"} 0.001',
      'voxdial_media_lateness_seconds{worker="0",quantile="0.99"} 0.004',
      'voxdial_media_lateness_seconds{worker="0",quantile="1"} 0.25',
    ]);
  });

  it("ask the workers once per scrape, and two scrapes at once do not add up", async () => {
    const metrics = telephonyMetrics();
    const texts = await Promise.all([metrics.text(), metrics.text()]);
    expect(asked).toBe(1);
    for (const text of [...texts, await metrics.text()])
      expect(text).toContain('voxdial_rtp_stray_packets_total{worker="0"} 11\n');
    expect(asked).toBe(2);
  });

  it("do not wait for a media worker that hangs", async () => {
    answer = () => new Promise(() => {});
    const text = telephonyMetrics().text();
    await Promise.resolve();
    clock.advance(1000);
    expect(linesOf(await text, "voxdial_media_")).toEqual([]);
    expect(linesOf(await text, "voxdial_sip_")).toHaveLength(7);
  });
});

describe("the metrics of the queue", () => {
  it("are those of the scrape and not of the one before", async () => {
    let questions = 0;
    const metrics = createMetrics({
      counts: async () => ({ calls: { ...NO_CALLS, queued: 3 }, deliveriesPending: ++questions }),
    });
    expect(linesOf(await metrics.text(), "voxdial_deliveries_pending")).toEqual([
      "voxdial_deliveries_pending 1",
    ]);
    expect(linesOf(await metrics.text(), "voxdial_calls{")).toContain('voxdial_calls{state="queued"} 3');
    expect(questions).toBe(2);
  });
});
