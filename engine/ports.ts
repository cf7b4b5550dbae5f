/**
 * What the engine needs of the world, as interfaces. `sip/` implements telephony, `api/` the queue, the voice
 * session's thread, fetching and speech; tests implement all of them by hand.
 */
import type {
  FetchRequest,
  FetchResult,
  ProfileName,
  SessionEnding,
  SessionVariables,
} from "../vxml/index.ts";
import type { ClaimedCall } from "./model/call.ts";
import type { DialString } from "./model/dial-string.ts";
import type { CalleeDecision, DetectionSettings, Finding } from "./model/finding.ts";
import type { Pcm } from "./model/frame.ts";
import type { AttemptReport } from "./model/outcome.ts";

/** The only source of time. A manual one drives the tests. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `fn` once after `delayMs`; the returned function cancels. */
  after(delayMs: number, fn: () => void): () => void;
}

/** A logger shaped like pino's child logger. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

// ---------------------------------------------------------------------------------------------- trace

/** One entry of a call's trace: everything recorded about a call, on one time axis. */
export interface TraceEntry {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly source: "call" | "sip" | "media" | "detection" | "vxml" | "http";
  /** Short constant word: `invite-sent`, `message`, `decision`, `prompt`, `fetch`, … */
  readonly kind: string;
  /** Small and cloneable. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Where trace entries go. Never throws, never blocks the caller. */
export interface TraceSink {
  write(callId: number, attemptId: number, entry: TraceEntry): void;
}

// ---------------------------------------------------------------------------------------------- queue

/** The queue as the dialer sees it: claim, then settle or release; no third way out. */
export interface CallQueue {
  /**
   * Takes the next due call of one deployment and opens its attempt, in one durable transaction.
   * Undefined: nothing due.
   */
  claim(deploymentId: number, nowMs: number): Promise<ClaimedCall | undefined>;
  /** Deployments with at least one due call, in id order. */
  deploymentsWithDueCalls(nowMs: number): Promise<readonly number[]>;
  /** When the earliest call not yet due becomes due or expires; undefined: nothing waits. */
  nextDueAt(nowMs: number): Promise<number | undefined>;
  /** Durable before it resolves; the INVITE leaves after. */
  recordInviteSent(attemptId: number, atMs: number): Promise<void>;
  /** Writes the attempt's end and what follows: done, or requeued at `retryAtMs`. */
  settle(
    attemptId: number,
    report: AttemptReport,
    next: { readonly retryAtMs: number } | "done",
  ): Promise<void>;
  /** Gives back a claim whose INVITE never left: requeued, not counted. */
  release(attemptId: number, reason: string): Promise<void>;
  /** Ends what is past its expiration: calls never dialed get `noattempt`. Returns how many. */
  expire(nowMs: number): Promise<number>;
}

/** Carries one attempt from claim to end. Never rejects: every ending is a report; `unsent` means no INVITE left. */
export interface AttemptRunner {
  run(claimed: ClaimedCall): RunningAttempt;
}

export interface RunningAttempt {
  readonly ended: Promise<AttemptReport | { readonly unsent: string }>;
  /** Ends the attempt: CANCEL before the answer, BYE after. */
  hangUp(reason: "shutdown" | "canceled"): void;
}

// ------------------------------------------------------------------------------------------ telephony

/** Places legs; one per call, until transfers add more. */
export interface Telephony {
  /**
   * Starts one outbound leg. Returns at once; everything that happens is told to `observer`, the last event being
   * `failed` or `ended`, exactly once, then `closed`. Never throws.
   */
  placeLeg(request: OutboundLegRequest, observer: (event: LegEvent) => void): Leg;
}

export interface OutboundLegRequest {
  readonly legId: string;
  readonly trunk: string;
  readonly destination: DialString;
  readonly callerId?: string;
  /** INVITE to answer; then CANCEL. */
  readonly ringTimeoutMs: number;
  readonly detection: DetectionSettings;
  /** Recorded from the start: a two-channel WAV, left what we sent, right what we heard. Absent: not by itself. */
  readonly recordingPath?: string;
  /** Awaited before the first datagram of the INVITE; a rejection ends the leg as `failed` with kind `not-sent`. */
  readonly beforeInvite: () => Promise<void>;
}

/** One SIP dialog with its media, seen from the engine. All methods are idempotent and may be called at any time. */
export interface Leg {
  readonly legId: string;
  /** CANCEL before the answer, BYE after it. */
  hangUp(cause?: LegHangUpCause): void;
  /** Appends to what is being played. */
  play(playback: Playback): void;
  /** Drops everything queued and playing; each unfinished playback ends as `stopped`. */
  stopPlayback(): void;
  /** Presses keys as RFC 4733 events (in-band when not negotiated); `p` pauses one second. */
  sendKeys(keys: string): void;
  /**
   * Starts the two-channel recording at this moment; undefined pauses it, and what passes then is left out. A leg has
   * one file: a later start goes on in it.
   */
  record(path: string | undefined): void;
  /**
   * Takes a message from the far end once all that was given to `play` has been heard. One at a time; it ends as
   * `messageEnded`, exactly once, also when the leg ends or is none.
   */
  takeMessage(request: MessageRequest): void;
  /** Ends the message under way as `stopped`. */
  stopMessage(): void;
}

/** What a caller is asked to say into a recording (VoiceXML 2.0 §2.3.6). */
export interface MessageRequest {
  /** Chosen by the caller, unique within the leg. */
  readonly messageId: number;
  /** A tone after what is played. */
  readonly hasBeep: boolean;
  /** From the end of what is played, the beep included, until somebody speaks. */
  readonly timeoutMs: number;
  /** From where somebody speaks. */
  readonly maxTimeMs: number;
  /** So much silence ends it. */
  readonly finalSilenceMs: number;
  /** Any key ends it, but for those pressed while something plays that cannot be barged into. */
  readonly isEndedByAnyKey: boolean;
}

/** How a message ended, and what was said. */
export interface MessageEnd {
  readonly messageId: number;
  readonly ending: "final-silence" | "max-time" | "key" | "no-input" | "stopped" | "hang-up";
  /** The key that ended it. */
  readonly key?: string;
  /** G.711 µ-law at 8 kHz, one byte per sample, over a SharedArrayBuffer; empty when nobody spoke. */
  readonly audio: Uint8Array;
}

export type LegHangUpCause = "normal" | "ring-timeout" | "early-tone" | "canceled" | "shutdown";

/** Something to play, in order. */
export interface Playback {
  /** Chosen by the caller, unique within the leg. */
  readonly playbackId: number;
  readonly items: readonly PlaybackItem[];
}

export interface PlaybackItem {
  readonly audio: Pcm;
  /** `speech`: any key stops this and what follows; `hotword`: only `stopPlayback` does; `none`: nothing does. */
  readonly bargeIn: "speech" | "hotword" | "none";
}

/** A final failure before the answer. */
export type LegFailure =
  | {
      readonly kind: "response";
      readonly status: number;
      readonly phrase: string;
      readonly q850Cause?: number;
      readonly reasonText?: string;
    }
  /** We gave up: ring time over, or hung up by us. */
  | { readonly kind: "canceled"; readonly cause: LegHangUpCause }
  /** No response at all (timer B). */
  | { readonly kind: "no-response" }
  /** The INVITE never left: no channel, no port, `beforeInvite` rejected. */
  | { readonly kind: "not-sent"; readonly explanation: string }
  | { readonly kind: "transport" | "media" | "sdp" | "internal"; readonly explanation: string };

/** What happens on a leg. `atMs` is epoch milliseconds. */
export type LegEvent =
  | { readonly type: "inviteSent"; readonly atMs: number }
  | {
      readonly type: "progress";
      readonly atMs: number;
      readonly status: number;
      readonly hasEarlyMedia: boolean;
    }
  | { readonly type: "answered"; readonly atMs: number; readonly codec: string }
  | { readonly type: "failed"; readonly atMs: number; readonly failure: LegFailure }
  | {
      readonly type: "ended";
      readonly atMs: number;
      readonly by: "callee" | "us" | "failure";
      readonly explanation?: string;
      readonly q850Cause?: number;
    }
  /** One key press, reported once, at its beginning where the sender allows. */
  | {
      readonly type: "key";
      readonly atMs: number;
      readonly key: string;
      readonly source: "rfc4733" | "in-band";
      /** What was playing when it began. */
      readonly during: "speech" | "hotword" | "none" | "nothing";
    }
  | { readonly type: "finding"; readonly atMs: number; readonly finding: Finding }
  | { readonly type: "decision"; readonly atMs: number; readonly decision: CalleeDecision }
  | {
      readonly type: "playbackEnded";
      readonly atMs: number;
      readonly playbackId: number;
      readonly ending: "finished" | "barged" | "stopped";
    }
  | { readonly type: "messageEnded"; readonly atMs: number; readonly end: MessageEnd }
  | { readonly type: "trace"; readonly entry: TraceEntry }
  /** Media is closed and the recording is on disk; nothing follows. */
  | { readonly type: "closed"; readonly atMs: number; readonly recordingPath?: string };

// ------------------------------------------------------------------------------------------ transfers

/**
 * Connects an answered leg to somebody else (VoiceXML 2.0 §2.3.7, 2.1 §9). No telephony here implements it yet; a
 * session answers every transfer with `error.unsupported.transfer…` until one does.
 */
export interface TransferPort {
  /**
   * Starts one transfer of a leg that is answered and has no other under way. Returns at once; everything that
   * happens is told to `observer`, the last event being `ended`, exactly once. Never throws.
   */
  transfer(request: TransferRequest, observer: (event: TransferEvent) => void): LegTransfer;
}

export interface TransferRequest {
  /** The leg of the caller who is connected. */
  readonly legId: string;
  /**
   * `bridge`: a second leg is placed and its audio joined with the first. `refer`: the caller's leg is referred to
   * the destination (RFC 3515); with `consults`, to a second leg that has answered (RFC 3891).
   */
  readonly by: "bridge" | "refer";
  /** Of a refer: the outcome of the call set-up is awaited, and the caller kept when it fails. */
  readonly consults: boolean;
  /** URI as the document gave it: `tel:`, `sip:` or `sips:`. */
  readonly destination: string;
  readonly callerId?: string;
  /** From the second leg's INVITE to its answer. */
  readonly connectTimeoutMs: number;
  /** Of a bridge, from the answer on; absent: no limit. */
  readonly maxTimeMs?: number;
  /** Passed on to the far end where the network can (`aai`; RFC 7433). */
  readonly applicationData?: string;
}

/** A transfer under way. Idempotent; may be called at any time. */
export interface LegTransfer {
  /** Gives up the attempt, or drops the far end; the caller's leg stays. Ends as `canceled`. */
  cancel(): void;
}

/** What happens to a transfer. Keys and the end of the caller's own leg are told by that leg. */
export type TransferEvent =
  | { readonly type: "progress"; readonly atMs: number; readonly status: number }
  /** The far end answered; of a bridge, both hear each other from here on. */
  | { readonly type: "connected"; readonly atMs: number }
  | {
      readonly type: "ended";
      readonly atMs: number;
      readonly ending: /** The caller is with the far end and no longer with us. */
        | { readonly kind: "handed-over" }
        /** It was not connected; `canceled` with the cause `ring-timeout` is no answer. */
        | { readonly kind: "failed"; readonly failure: LegFailure }
        | { readonly kind: "far-end-hung-up" | "network-disconnected" | "max-time" | "canceled" }
        /** The caller hung up; the far end was dropped with them. */
        | { readonly kind: "caller-hung-up" };
    };

// -------------------------------------------------------------------------------------- voice session

/** Runs voice sessions, in a dialog worker; `engine/session` has the session itself. */
export interface VoiceSessions {
  start(request: VoiceSessionRequest, observer: (command: SessionCommand) => void): VoiceSession;
}

export interface VoiceSessionRequest {
  readonly sessionId: string;
  readonly startUrl: string;
  readonly method: "GET" | "POST";
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>;
  readonly profile: ProfileName;
  /** The initial tree behind `session`. */
  readonly variables: SessionVariables;
}

export interface VoiceSession {
  notify(notice: SessionNotice): void;
  /** Stops at once, without running anything further. */
  terminate(): void;
}

/** What a voice session asks of the call. The last one is `ended`, exactly once. */
export type SessionCommand =
  | { readonly type: "play"; readonly playback: Playback }
  | { readonly type: "stopPlayback" }
  | { readonly type: "hangUp" }
  /** Record the call from now on, or not. Absent: as the deployment does by itself. */
  | { readonly type: "recordCall"; readonly isOn?: boolean }
  /** After what is played, take a message from the caller; answered by `messageEnded`. */
  | { readonly type: "takeMessage"; readonly request: MessageRequest }
  | { readonly type: "stopMessage" }
  | { readonly type: "trace"; readonly entry: TraceEntry }
  | { readonly type: "ended"; readonly ending: SessionEnding };

/** What a voice session is told. */
export type SessionNotice =
  | { readonly type: "key"; readonly key: string; readonly during: "speech" | "hotword" | "none" | "nothing" }
  | {
      readonly type: "playbackEnded";
      readonly playbackId: number;
      readonly ending: "finished" | "barged" | "stopped";
    }
  /** Sets one path below `session`, e.g. `["connection","callee_type"]`. */
  | { readonly type: "variable"; readonly path: readonly string[]; readonly value: unknown }
  /** A platform event a waiting script may have asked for, such as `voxdial.beep`. */
  | { readonly type: "event"; readonly name: string; readonly message?: string }
  | { readonly type: "messageEnded"; readonly end: MessageEnd }
  | { readonly type: "hungUp" };

// ---------------------------------------------------------------------------------- fetching, speech

/** HTTP for documents, grammars, scripts, data. Never rejects. */
export interface Fetcher {
  fetch(request: FetchRequest): Promise<FetchResult>;
  /** Audio: bytes and media type, or why not. */
  fetchAudio(request: FetchRequest): Promise<AudioFetchResult>;
}

export type AudioFetchResult =
  | {
      readonly ok: true;
      readonly contentType: string;
      /** The media type's parameter `rate`, where it has one. */
      readonly sampleRateHz?: number;
      readonly bytes: Uint8Array;
    }
  | { readonly ok: false; readonly status?: number; readonly reason: string };

/** Audio as it was fetched. */
export interface AudioResource {
  readonly bytes: Uint8Array;
  /** Media type without parameters, lower case; empty when the server named none. */
  readonly contentType: string;
  /** The media type's `rate`, for what has no header. */
  readonly sampleRateHz?: number;
  readonly uri: string;
}

/** Fetched audio to what a line carries. */
export interface AudioConverter {
  /** Rejects with `EngineError` `ENGINE_AUDIO_UNREADABLE`. The result may be shared: do not write into it. */
  convert(audio: AudioResource): Promise<Pcm>;
}

/** Text to audio. */
export interface SpeechSynthesizer {
  /** Rejects with an `EngineError` when no voice can speak it. The result may be shared: do not write into it. */
  synthesize(request: SpeechRequest): Promise<Pcm>;
}

export interface SpeechRequest {
  readonly text: string;
  readonly language?: string;
  /** Provider's voice name; absent: its default. */
  readonly voice?: string;
}
