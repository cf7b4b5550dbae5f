/**
 * The media side of a leg as the main thread sees it. The real one lives in media workers
 * (`media-pool.ts` here, `media-engine.ts` in the worker); tests may stand in for it.
 */
import type {
  CalleeDecision,
  DetectionSettings,
  Finding,
  MessageEnd,
  MessageRequest,
  Playback,
} from "../../engine/index.ts";
import type { NegotiatedMedia } from "../sdp/negotiated-media.ts";

/** A pool of media workers with their bound ports. */
export interface MediaPool {
  /**
   * Reserves a port pair and prepares a leg. Rejects with a `SipError` `SIP_MEDIA_FULL` when no worker has room, or
   * `SIP_MEDIA_LOST` when its worker died meanwhile.
   */
  open(options: MediaLegOptions, observer: (event: MediaEvent) => void): Promise<MediaLeg>;
  /** Closes every leg and ends the workers. */
  close(): Promise<void>;
}

export interface MediaLegOptions {
  readonly legId: string;
  /** Absent: no callee detection (the simulated carrier's own legs). Keys are always detected. */
  readonly detection?: DetectionSettings;
  /** Recorded from the start: a two-channel WAV, left what we sent, right what we heard. */
  readonly recordingPath?: string;
  /**
   * Report the energy of what is heard, for scripted callees that wait for speech or silence: `heard` events when
   * sound begins and when it has been quiet for this many milliseconds.
   */
  readonly reportHeardAfterQuietMs?: number;
}

export interface MediaLeg {
  /** The bound sockets, for our SDP (the advertised address is the user agent's matter). */
  readonly local: { readonly rtpPort: number; readonly rtcpPort: number };
  /** Starts, or changes, sending and receiving: once at early media, again at the answer. */
  connect(media: NegotiatedMedia): void;
  /** The call was answered: decisions count from here. */
  markAnswered(): void;
  play(playback: Playback): void;
  stopPlayback(): void;
  sendKeys(keys: string): void;
  /** Starts recording to `path`, or goes on in the file that was started; undefined pauses. */
  record(path: string | undefined): void;
  /**
   * Takes a message once everything played has been heard; ends as `messageEnded`, exactly once, before the leg is
   * closed. A second one ends the first as `stopped`.
   */
  takeMessage(request: MessageRequest): void;
  stopMessage(): void;
  /** Stops at once, finishes the recording, frees the ports. Resolves with the leg's statistics. Idempotent. */
  close(): Promise<MediaSummary>;
}

export type MediaEvent =
  | {
      readonly type: "key";
      readonly key: string;
      readonly source: "rfc4733" | "in-band";
      readonly during: "speech" | "hotword" | "none" | "nothing";
    }
  | { readonly type: "finding"; readonly finding: Finding }
  | { readonly type: "decision"; readonly decision: CalleeDecision }
  | {
      readonly type: "playbackEnded";
      readonly playbackId: number;
      readonly ending: "finished" | "barged" | "stopped";
    }
  | { readonly type: "messageEnded"; readonly end: MessageEnd }
  /** All keys of the oldest unanswered `sendKeys` are out. */
  | { readonly type: "keysSent" }
  | { readonly type: "heard"; readonly what: "sound" | "quiet" }
  /** First RTP packet from the far end, after address latching. */
  | { readonly type: "mediaStarted" }
  | { readonly type: "trace"; readonly kind: string; readonly data: Readonly<Record<string, unknown>> }
  /** The worker died: this leg is gone; `close` still resolves. */
  | { readonly type: "lost"; readonly explanation: string };

/** Statistics of one leg (RFC 3550 §6.4), counted from our side. */
export interface MediaSummary {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsDiscarded: number;
  /** Interarrival jitter, milliseconds. */
  readonly jitterMs: number;
  readonly recordingPath?: string;
}
