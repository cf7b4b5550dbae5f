/**
 * What strangers do to the telephony and how its threads bear up: datagrams that were dropped, packets that belong to
 * nobody, and how late the media clock is. Everything is counted where it happens and only read here.
 */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Clock } from "../../engine/index.ts";
import type { MediaEngineHealth, SipStats } from "../../sip/index.ts";
import { sharedWhileAsked } from "./shared-answer.ts";

export interface TelephonySources {
  readonly clock: Clock;
  /** Counted since the start. */
  readonly sip: () => Readonly<SipStats>;
  /** One entry per media worker, undefined for one that is being started again. */
  readonly media: () => Promise<readonly (MediaEngineHealth | undefined)[]>;
}

// LIMIT: a scrape does not wait longer for media workers; their metrics are left out then.
const MEDIA_DEADLINE_MS = 1000;

/** Adds the metrics of signalling and media to `registry`. */
export function addTelephonyMetrics(registry: Registry, sources: TelephonySources): void {
  addSipMetrics(registry, sources.sip);
  addMetricsPerWorker(
    registry,
    sharedWhileAsked(() => answerInTime(sources)),
  );
}

function addSipMetrics(registry: Registry, stats: () => Readonly<SipStats>): void {
  const count = (name: string, help: string, label: string, values: (now: SipStats) => [string, number][]) =>
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, total] of values(stats())) this.inc({ [label]: value }, total);
      },
    });
  count("voxdial_sip_messages_total", "SIP messages.", "direction", (now) => [
    ["received", now.messagesReceived],
    ["sent", now.messagesSent],
  ]);
  count(
    "voxdial_sip_datagrams_dropped_total",
    "SIP datagrams dropped without an answer.",
    "reason",
    (now) => [
      ["garbage", now.garbage],
      ["unknown-source", now.fromUnknownSources],
      ["stray", now.strayMessages],
    ],
  );
  count("voxdial_sip_failures_total", "What SIP could not do.", "reason", (now) => [
    ["send-error", now.sendErrors],
    ["too-many-calls", now.refusedAtLimit],
  ]);
}

type Workers = readonly (MediaEngineHealth | undefined)[];

/** The values of one worker, each with the quantile it belongs to if there is one. */
type WorkerValues = (health: MediaEngineHealth) => readonly (readonly [value: number, quantile?: string])[];

// Counted per worker: one that is started again begins at zero, which only its own series may do.
const COUNTERS_PER_WORKER: readonly (readonly [name: string, help: string, values: WorkerValues])[] = [
  [
    "voxdial_rtp_stray_packets_total",
    "Datagrams at RTP ports that are none of their call's.",
    (health) => [[health.strayPackets]],
  ],
  [
    "voxdial_media_slots_skipped_total",
    "Slots of 20 ms that a stalled worker left out.",
    (health) => [[health.lateness.skippedSlots]],
  ],
];

const GAUGES_PER_WORKER: readonly (readonly [name: string, help: string, values: WorkerValues])[] = [
  ["voxdial_media_legs", "Media legs open.", (health) => [[health.legs]]],
  [
    "voxdial_media_lateness_seconds",
    "Lateness of the 20 ms clock over the last ten seconds; quantile 1 since the start.",
    ({ lateness }) => [
      [lateness.p50Ms / 1000, "0.5"],
      [lateness.p99Ms / 1000, "0.99"],
      [lateness.maxMs / 1000, "1"],
    ],
  ],
];

function addMetricsPerWorker(registry: Registry, workers: () => Promise<Workers>): void {
  const labelNames = ["worker", "quantile"];
  const registers = [registry];
  for (const [name, help, values] of COUNTERS_PER_WORKER) {
    new Counter({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        const now = await workers();
        this.reset();
        visit(now, values, (labels, value) => this.inc(labels, value));
      },
    });
  }
  for (const [name, help, values] of GAUGES_PER_WORKER) {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        const now = await workers();
        this.reset();
        visit(now, values, (labels, value) => this.set(labels, value));
      },
    });
  }
}

function visit(
  workers: Workers,
  valuesOf: WorkerValues,
  note: (labels: Record<string, string>, value: number) => void,
): void {
  for (const [index, health] of workers.entries()) {
    if (!health) continue;
    for (const [value, quantile] of valuesOf(health))
      note({ worker: String(index), ...(quantile === undefined ? {} : { quantile }) }, value);
  }
}

/** No workers when they do not answer: a worker that hangs must not take the other metrics with it. */
async function answerInTime({ clock, media }: TelephonySources): Promise<Workers> {
  let cancel = () => {};
  const late = new Promise<Workers>((resolve) => {
    cancel = clock.after(MEDIA_DEADLINE_MS, () => resolve([]));
  });
  try {
    return await Promise.race([media(), late]);
  } catch {
    return [];
  } finally {
    cancel();
  }
}
