/**
 * What the main thread and a media worker say to each other: coarse, structured-cloneable messages, commands down
 * and events up. Audio to be played lies in a SharedArrayBuffer, so that a prompt is not copied per call.
 */
import type { MessageRequest, Pcm, Playback } from "../../engine/index.ts";
import type { ClockLateness } from "../rtp/media-clock.ts";
import type { NegotiatedMedia } from "../sdp/negotiated-media.ts";
import type { MediaEvent, MediaLegOptions, MediaSummary } from "./media-port.ts";

/** What a worker is started with, as its `workerData`. */
export interface MediaWorkerSettings {
  /** Address of this machine the RTP ports are bound to. */
  readonly bindAddress: string;
  /** Inclusive; this worker's own share. Absent: ports the system picks. */
  readonly portRange?: { readonly min: number; readonly max: number };
  readonly recording: { readonly minFreeBytes: number };
}

/** `leg` is a number the main thread chose, unique within the worker's life. */
export type MediaCommand =
  | { readonly type: "open"; readonly leg: number; readonly options: MediaLegOptions }
  | { readonly type: "connect"; readonly leg: number; readonly media: NegotiatedMedia }
  | { readonly type: "markAnswered"; readonly leg: number }
  | { readonly type: "play"; readonly leg: number; readonly playback: Playback }
  | { readonly type: "stopPlayback"; readonly leg: number }
  | { readonly type: "sendKeys"; readonly leg: number; readonly keys: string }
  | { readonly type: "record"; readonly leg: number; readonly path?: string }
  | { readonly type: "takeMessage"; readonly leg: number; readonly request: MessageRequest }
  | { readonly type: "stopMessage"; readonly leg: number }
  | { readonly type: "close"; readonly leg: number }
  /** Answered by `health` with the same number. */
  | { readonly type: "askHealth"; readonly question: number }
  /** Close all legs, answer `stopped`. */
  | { readonly type: "shutdown" };

export type MediaReply =
  | { readonly type: "ready" }
  | {
      readonly type: "opened";
      readonly leg: number;
      readonly local: { readonly rtpPort: number; readonly rtcpPort: number };
    }
  | { readonly type: "refused"; readonly leg: number; readonly explanation: string }
  | { readonly type: "event"; readonly leg: number; readonly event: MediaEvent }
  | { readonly type: "closed"; readonly leg: number; readonly summary: MediaSummary }
  | { readonly type: "health"; readonly question: number; readonly health: MediaEngineHealth }
  | { readonly type: "stopped" };

/** How a worker does. */
export interface MediaEngineHealth {
  readonly legs: number;
  readonly warmPortPairs: number;
  /** Datagrams that were none of their leg's business, since the beginning. */
  readonly strayPackets: number;
  /** Lateness of the 20 ms clock: the signal of overload. */
  readonly lateness: ClockLateness;
}

/** A summary of nothing, for a leg whose worker died. */
export const LOST_SUMMARY: MediaSummary = {
  packetsSent: 0,
  packetsReceived: 0,
  packetsLost: 0,
  packetsDiscarded: 0,
  jitterMs: 0,
};

/** Prompts come from a cache and are played to many: each is moved to shared memory once. */
const sharedCopies = new WeakMap<ArrayBufferLike, { offset: number; length: number; shared: Pcm }>();

/** `pcm` over a SharedArrayBuffer: itself when it lies there already. */
export function toSharedPcm(pcm: Pcm): Pcm {
  if (pcm.buffer instanceof SharedArrayBuffer) return pcm;
  const known = sharedCopies.get(pcm.buffer);
  if (known && known.offset === pcm.byteOffset && known.length === pcm.length) return known.shared;
  const shared = new Int16Array(new SharedArrayBuffer(pcm.length * 2));
  shared.set(pcm);
  sharedCopies.set(pcm.buffer, { offset: pcm.byteOffset, length: pcm.length, shared });
  return shared;
}

/** A playback whose audio crosses to a worker without a copy. */
export function toSharedPlayback(playback: Playback): Playback {
  return {
    playbackId: playback.playbackId,
    items: playback.items.map((item) => ({ audio: toSharedPcm(item.audio), bargeIn: item.bargeIn })),
  };
}
