/** Builds the simulated carrier: the SIP core, media workers and a synthesizer, seen from the other side of a trunk. */
import type { Logger, SpeechSynthesizer } from "../engine/index.ts";
import {
  type CalleeDefinition,
  type CarrierEvent,
  createEmbeddedBackend,
  createSoundSource,
  type PeerAddress,
  startSimulatedCarrier,
  WorkerMediaPool,
} from "../sip/index.ts";
import { systemClock } from "./system-clock.ts";
import { workerEntry } from "./workers/entry.ts";

export interface CarrierOptions {
  readonly bindAddress: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly seed: number;
  readonly findCallee: (number: string) => CalleeDefinition | undefined;
  readonly onEvent: (event: CarrierEvent) => void;
  readonly speech: SpeechSynthesizer;
  readonly logger: Logger;
}

export interface Carrier {
  readonly local: PeerAddress;
  /** Ends every call, then the workers. */
  stop(): Promise<void>;
}

/** Starts it; rejects with a `SipError` when the address cannot be bound. */
export async function startCarrier(options: CarrierOptions): Promise<Carrier> {
  const media = new WorkerMediaPool({
    workerUrl: workerEntry("media"),
    bindAddress: options.bindAddress,
    // Nothing is recorded at the carrier.
    recording: { minFreeBytes: 0 },
    logger: options.logger,
  });
  const backend = createEmbeddedBackend({
    bindAddress: options.bindAddress,
    port: options.port,
    clock: systemClock,
    logger: options.logger,
    userAgentName: "voxdial-simulated-carrier",
  });
  startSimulatedCarrier({
    backend,
    media,
    sounds: createSoundSource(options.speech, options.seed),
    clock: systemClock,
    logger: options.logger,
    seed: options.seed,
    findCallee: options.findCallee,
    onEvent: options.onEvent,
  });
  try {
    await backend.start();
  } catch (error) {
    await media.close();
    throw error;
  }
  return {
    local: backend.local,
    async stop() {
      await backend.stop();
      await media.close();
    },
  };
}
