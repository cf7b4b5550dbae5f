/** The door of telephony: the user agent, the media pool and engine, the simulated carrier. */
export type * from "./backends/backend.ts";
export {
  createEmbeddedBackend,
  type EmbeddedBackend,
  type EmbeddedBackendOptions,
} from "./backends/embedded/embedded-backend.ts";
export type { SipStats } from "./backends/embedded/transport/message-exchange.ts";
export { SIP_ERRORS, SipError } from "./errors.ts";
export { MAX_LEGS_PER_ENGINE, MediaEngine, type MediaEngineOptions } from "./media/media-engine.ts";
export { type MediaPoolOptions, WorkerMediaPool } from "./media/media-pool.ts";
export type * from "./media/media-port.ts";
export type { MediaEngineHealth, MediaWorkerSettings } from "./media/media-protocol.ts";
export { serveMediaEngine } from "./media/media-worker.ts";
export type { NegotiatedMedia } from "./sdp/negotiated-media.ts";
export type { SoundSource } from "./simulator/callee-call.ts";
export type * from "./simulator/callee-script.ts";
export { CALLEES, type CalleeName } from "./simulator/callees.ts";
export { type CarrierEvent, startSimulatedCarrier } from "./simulator/simulated-carrier.ts";
export { createSoundSource } from "./simulator/sound-source.ts";
export type { Trunk } from "./trunk.ts";
export { createUserAgent } from "./user-agent.ts";
