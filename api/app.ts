/**
 * Builds the product: the one place that wires parts together and decides which thread each runs in.
 *
 * Started in order of need: store, speech, dialog and media workers, SIP, HTTP, then the dialer. Stopped in reverse.
 */
import { mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  type AttemptReport,
  type ClaimedCall,
  createAttemptRunner,
  DEFAULT_DETECTION_SETTINGS,
  Dialer,
  type Logger,
  type TraceEntry,
  type TraceSink,
} from "../engine/index.ts";
import {
  createEmbeddedBackend,
  createUserAgent,
  type PeerAddress,
  type Trunk,
  WorkerMediaPool,
} from "../sip/index.ts";
import { ResultDeliverer } from "./callbacks/result-deliverer.ts";
import type { Config } from "./config/config-schema.ts";
import { type AddressSettings, addressRule, isLoopbackHost } from "./fetching/address-guard.ts";
import { createHttpServer } from "./http-server.ts";
import { saveConfiguredAccounts } from "./intake/configured-accounts.ts";
import { createUrlProbe } from "./intake/url-probe.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { addTelephonyMetrics } from "./metrics/telephony-metrics.ts";
import { openStore } from "./store/open-store.ts";
import { freeBytes, Retention } from "./store/retention.ts";
import type { Store, TraceRow } from "./store/store.ts";
import { TraceWriter } from "./store/trace-writer.ts";
import { systemClock } from "./system-clock.ts";
import { TrustedSources } from "./trusted-sources.ts";
import { DialogClient } from "./workers/dialog-client.ts";
import { workerEntry } from "./workers/entry.ts";
import { SpeechClient } from "./workers/speech-client.ts";

/** How long results under way may still take when everything else has ended. */
const CALLBACK_GRACE_MS = 2000;

export interface AppOptions {
  readonly logger: Logger;
  /** Trunks beside the configured ones: the built-in simulated carrier. */
  readonly extraTrunks?: readonly Trunk[];
  /** Hears every trace entry as it is written. */
  readonly onTrace?: (callId: number, attemptId: number, entry: TraceEntry) => void;
  /** Hears each settled attempt. */
  readonly onSettled?: (claimed: ClaimedCall, report: AttemptReport) => void;
}

export interface App {
  readonly http: PeerAddress;
  readonly sip: PeerAddress;
  readonly store: Store;
  readonly recordingsFolder: string;
  /** One call's trace, with what is not on disk yet. */
  readTrace(callId: number): Promise<readonly TraceRow[]>;
  /**
   * Stops claiming, waits for calls under way up to `drainMs`, hangs up the rest, and closes everything. A second call
   * with 0 ends the wait.
   */
  stop(drainMs: number): Promise<void>;
}

/**
 * Starts everything.
 *
 * @throws ApiError or SipError naming the folder or address that cannot be used; what had been started is stopped.
 */
export async function startApp(config: Config, options: AppOptions): Promise<App> {
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        options.logger.warn({ error: String(error) }, "a part did not close cleanly");
      }
    }
  };
  try {
    return await start(config, options, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(
  config: Config,
  options: AppOptions,
  closers: (() => Promise<void> | void)[],
  closeAll: () => Promise<void>,
): Promise<App> {
  const { logger } = options;
  const clock = systemClock;

  // ------------------------------------------------------------------------------------------------ store
  const store = await openStore({ dataFolder: config.dataFolder, logger });
  closers.push(() => store.close());
  if (store.recovery.requeued + store.recovery.interrupted > 0)
    logger.warn({ ...store.recovery }, "recovered from an unclean end");
  await saveConfiguredAccounts(store, config, clock.now());
  const recordingsFolder = join(config.dataFolder, "recordings");
  await mkdir(recordingsFolder, { recursive: true });
  const metrics = createMetrics({
    counts: () => store.counts(),
    channelsInUse: () => dialer.channelsInUse,
    maxChannels: config.dialer.maxChannels,
  });
  const traces = new TraceWriter({
    store,
    clock,
    logger,
    onDropped: (count) => metrics.noteTracesDropped(count),
    floor: { minFreeBytes: config.traces.minFreeBytes, freeBytes: () => freeBytes(config.dataFolder) },
  });
  closers.push(() => traces.flush());
  const trace: TraceSink = {
    write(callId, attemptId, entry) {
      traces.write(callId, attemptId, entry);
      options.onTrace?.(callId, attemptId, entry);
    },
  };

  // Who can reach the API names URLs that we open. While only this machine can, it gains nothing by that.
  const addresses: AddressSettings = {
    allowsLocal: isLoopbackHost(config.http.host),
    allowNetworks: config.fetch.allowNetworks,
  };

  // ---------------------------------------------------------------------------------------------- workers
  const speech = new SpeechClient({
    settings: {
      provider: config.speech.provider,
      voice: config.speech.voice,
      espeakProgram: config.speech.program,
    },
    logger,
  });
  closers.push(() => speech.close());
  speech.warmUp();
  const voiceSessions = new DialogClient({
    speech,
    logger,
    settings: { addresses, properties: { fetchtimeout: `${config.fetch.timeoutSeconds}s` } },
  });
  closers.push(() => voiceSessions.close());
  const media = new WorkerMediaPool({
    workerUrl: workerEntry("media"),
    workers: config.rtp.workers,
    bindAddress: config.rtp.bind ?? config.sip.bind,
    portRange: { min: config.rtp.minPort, max: config.rtp.maxPort },
    recording: { minFreeBytes: config.recording.minFreeBytes },
    logger,
  });
  closers.push(() => media.close());

  // ------------------------------------------------------------------------------------------------- SIP
  const trunks = trunksOf(config, options.extraTrunks ?? []);
  const trusted = new TrustedSources({
    hosts: [
      ...[...trunks.values()].map((trunk) => trunk.peer.host),
      ...Object.values(config.trunks).flatMap((trunk) => trunk.allowedSources ?? []),
    ],
    clock,
    logger,
  });
  await trusted.start();
  closers.push(() => trusted.stop());
  const backend = createEmbeddedBackend({
    bindAddress: config.sip.bind,
    port: config.sip.port,
    advertisedAddress: config.sip.advertisedAddress,
    clock,
    logger,
    allowedSource: (peer) => trusted.has(peer.host),
  });
  await backend.start();
  closers.push(() => backend.stop());
  addTelephonyMetrics(metrics.registry, { clock, sip: () => backend.stats, media: () => media.health() });
  const telephony = createUserAgent({
    backend,
    media,
    trunks,
    advertisedAddress: config.sip.advertisedAddress,
    clock,
    logger,
  });

  // ------------------------------------------------------------------------------------- dialer, callbacks
  const callbacks = new ResultDeliverer({
    addressRule: addressRule(addresses),
    store,
    clock,
    logger,
    trace,
    schedule: {
      maxTries: config.callbacks.maxTries,
      firstRetryMs: config.callbacks.firstRetrySeconds * 1000,
      maxRetryMs: config.callbacks.maxRetrySeconds * 1000,
    },
    timeoutMs: config.callbacks.timeoutSeconds * 1000,
    perHost: config.callbacks.perHost,
    total: config.callbacks.total,
    onTry: (result) => metrics.noteDelivery(result),
  });
  closers.push(() => callbacks.stop(CALLBACK_GRACE_MS));
  const dialer = new Dialer({
    queue: store,
    clock,
    logger,
    deployment: (deploymentId) => store.deployment(deploymentId),
    limits: config.dialer,
    trunkLimits: (name) => config.trunks[name] ?? {},
    runner: createAttemptRunner({
      telephony,
      voiceSessions,
      queue: store,
      clock,
      trace,
      logger,
      settings: {
        detection: DEFAULT_DETECTION_SETTINGS,
        trunkCallerId: (name) => trunks.get(name)?.callerId,
        recordingPathFor: ({ call, attemptNumber }) =>
          join(recordingsFolder, `${call.callId}-${attemptNumber}.wav`),
      },
    }),
    onSettled(claimed, report) {
      metrics.noteAttempt(report);
      callbacks.wake();
      options.onSettled?.(claimed, report);
    },
    onExpired: () => callbacks.wake(),
  });

  // ------------------------------------------------------------------------------------------------ HTTP
  const probe = createUrlProbe({
    timeoutMs: config.fetch.timeoutSeconds * 1000,
    addressRule: addressRule(addresses),
  });
  closers.push(() => probe.close());
  const server = await createHttpServer({
    store,
    config,
    clock,
    probe: probe.probe,
    dialerWake: () => dialer.wake(),
    health: {
      async check() {
        const database = await store.counts().then(
          () => "ok",
          (error: unknown) => String(error),
        );
        return { database, dialer: dialer.state === "claiming" ? "ok" : dialer.state };
      },
    },
    metrics,
    logger,
  });
  await server.listen({ host: config.http.host, port: config.http.port });
  closers.push(() => server.close());
  const retention = new Retention({
    store,
    clock,
    logger,
    traceDays: config.traces.retentionDays,
    recordingDays: config.recording.retentionDays,
  });
  closers.push(() => retention.stop());
  retention.start();
  callbacks.start();
  dialer.start();

  const address = server.server.address() as AddressInfo;
  return {
    http: { host: address.address, port: address.port },
    sip: backend.local,
    store,
    recordingsFolder,
    async readTrace(callId) {
      await traces.flush();
      return store.readTrace(callId);
    },
    async stop(drainMs) {
      await dialer.drained(drainMs);
      await closeAll();
    },
  };
}

function trunksOf(config: Config, extra: readonly Trunk[]): Map<string, Trunk> {
  const trunks = new Map<string, Trunk>();
  for (const [name, trunk] of Object.entries(config.trunks)) {
    const credentials =
      trunk.username === undefined ? undefined : { username: trunk.username, password: trunk.password ?? "" };
    trunks.set(name, {
      name,
      peer: { host: trunk.host, port: trunk.port },
      credentials,
      callerId: trunk.callerId,
    });
  }
  for (const trunk of extra) trunks.set(trunk.name, trunk);
  return trunks;
}
