/**
 * What Prometheus reads: one prefix, base units, labels only from small fixed sets. Never a number, a call id or a
 * URL.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { AttemptReport, CalleeType } from "../../engine/index.ts";
import type { CallState, StoreCounts } from "../store/store.ts";
import { sharedWhileAsked } from "./shared-answer.ts";

/** What is read at each scrape. */
export interface MetricsSources {
  readonly counts?: () => Promise<StoreCounts>;
  readonly channelsInUse?: () => number;
  readonly maxChannels?: number;
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** After each settled attempt. */
  noteAttempt(report: AttemptReport): void;
  noteQueued(calls: number): void;
  noteDelivery(result: "delivered" | "retried" | "abandoned"): void;
  noteRequest(route: string, status: number, seconds: number): void;
  noteTracesDropped(count: number): void;
  /** For the counters of other parts. */
  readonly registry: Registry;
}

/** A registry of its own, so that several engines fit into one process. */
export function createMetrics(sources: MetricsSources = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "voxdial_" });

  const attempts = new Counter({
    name: "voxdial_attempts_total",
    help: "Attempts that ended, by result and callee type.",
    labelNames: ["result", "callee_type"],
    registers,
  });
  const setup = new Histogram({
    name: "voxdial_attempt_setup_seconds",
    help: "INVITE to answer.",
    buckets: [0.1, 0.5, 1, 2, 5, 10, 20, 30, 45, 60],
    registers,
  });
  const connected = new Histogram({
    name: "voxdial_attempt_connected_seconds",
    help: "Answer to end.",
    buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1_800],
    registers,
  });
  const queued = new Counter({ name: "voxdial_calls_queued_total", help: "Calls accepted.", registers });
  const deliveries = new Counter({
    name: "voxdial_deliveries_total",
    help: "Tries to deliver a result, by what came of them.",
    labelNames: ["result"],
    registers,
  });
  const requests = new Histogram({
    name: "voxdial_http_request_seconds",
    help: "HTTP requests by route and status class.",
    labelNames: ["route", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  const tracesDropped = new Counter({
    name: "voxdial_traces_dropped_total",
    help: "Trace entries dropped because the store was behind or the disk nearly full.",
    registers,
  });
  if (sources.counts) {
    const counts = sharedWhileAsked(sources.counts);
    new Gauge({
      name: "voxdial_deliveries_pending",
      help: "Results waiting to be delivered.",
      registers,
      async collect() {
        this.set((await counts()).deliveriesPending);
      },
    });
    new Gauge({
      name: "voxdial_calls",
      help: "Calls by state.",
      labelNames: ["state"],
      registers,
      async collect() {
        const now = await counts();
        for (const [state, count] of Object.entries(now.calls) as [CallState, number][]) {
          this.set({ state }, count);
        }
      },
    });
  }
  const { channelsInUse, maxChannels } = sources;
  if (channelsInUse) {
    new Gauge({
      name: "voxdial_channels_in_use",
      help: "Channels in use, with those reserved by claims under way.",
      registers,
      collect() {
        this.set(channelsInUse());
      },
    });
  }
  if (maxChannels !== undefined) {
    new Gauge({ name: "voxdial_channels", help: "Channels allowed.", registers }).set(maxChannels);
  }

  return {
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    noteAttempt({ outcome, timestamps }) {
      const { inviteAtMs, answeredAtMs, endedAtMs } = timestamps;
      const calleeType: CalleeType = outcome.calleeType;
      attempts.inc({ result: outcome.result, callee_type: calleeType });
      if (answeredAtMs === undefined) return;
      if (inviteAtMs !== undefined) setup.observe((answeredAtMs - inviteAtMs) / 1000);
      connected.observe((endedAtMs - answeredAtMs) / 1000);
    },
    noteQueued: (calls) => queued.inc(calls),
    noteDelivery: (result) => deliveries.inc({ result }),
    noteRequest: (route, status, seconds) =>
      requests.observe({ route, status: `${Math.floor(status / 100)}xx` }, seconds),
    noteTracesDropped: (count) => tracesDropped.inc(count),
  };
}
