/**
 * One leg that we placed: a SIP dialog through a trunk with its media.
 *
 * ```
 *  opening ──► inviting ──► early ──► answered ──► over
 *     │            │          │           │
 *     └────────────┴──────────┴── failed ─┴─ ended ─► closed (media finished)
 * ```
 *
 * opening: a media leg with its port pair is being reserved; nothing has left.
 * inviting: the INVITE may be on the wire. early: a provisional response came. answered: 2xx.
 * over: the final event was told; only `closed` follows.
 */
import type {
  Clock,
  Leg,
  LegEvent,
  LegFailure,
  LegHangUpCause,
  Logger,
  MessageEnd,
  MessageRequest,
  OutboundLegRequest,
  Playback,
} from "../engine/index.ts";
import type {
  CallFailure,
  OutboundCall,
  OutboundCallEvent,
  SignallingBackend,
  SipReason,
  WireMessage,
} from "./backends/backend.ts";
import type { MediaEvent, MediaLeg, MediaPool } from "./media/media-port.ts";
import { buildOffer, readAnswer } from "./sdp/index.ts";
import { inviteAddresses, type Trunk } from "./trunk.ts";

/** What a leg works with. */
export interface OutboundLegParts {
  readonly backend: SignallingBackend;
  readonly media: MediaPool;
  readonly trunk: Trunk | undefined;
  /** Our IP address in SDP and our domain in From. */
  readonly address: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

type LegState = "opening" | "inviting" | "early" | "answered" | "over";

/** Q.850 16 tells the trunk that nothing is wrong with the line. */
const NORMAL_CLEARING: SipReason = { protocol: "Q.850", cause: 16, text: "Normal call clearing" };

/** Digest responses are of no use in a trace and of some use to a thief. */
const CREDENTIALS_HEADER = /^((?:proxy-)?authorization:).*$/gim;

export class OutboundLeg implements Leg {
  readonly legId: string;
  readonly #request: OutboundLegRequest;
  readonly #parts: OutboundLegParts;
  readonly #observer: (event: LegEvent) => void;
  #state: LegState = "opening";
  #call: OutboundCall | undefined;
  #media: MediaLeg | undefined;
  #offer = "";
  #hangUpCause: LegHangUpCause | undefined;
  #cancelRingTimer: (() => void) | undefined;
  /** The message under way. */
  #messageId: number | undefined;
  /** What ended the leg from inside, told instead of the backend's view of the hang-up that follows. */
  #ownFailure: LegFailure | undefined;

  constructor(request: OutboundLegRequest, observer: (event: LegEvent) => void, parts: OutboundLegParts) {
    this.legId = request.legId;
    this.#request = request;
    this.#observer = observer;
    this.#parts = parts;
  }

  /** Reserves media, then sends the INVITE. */
  start(): void {
    this.#open().catch((error: unknown) => {
      this.#parts.logger.error({ error }, "leg failed");
      this.#fail({ kind: "internal", explanation: String(error) });
    });
  }

  hangUp(cause: LegHangUpCause = "normal"): void {
    if (this.#state === "over") return;
    this.#hangUpCause ??= cause;
    if (this.#state === "opening") this.#fail({ kind: "not-sent", explanation: `hung up: ${cause}` });
    else if (this.#state === "answered") this.#call?.bye(NORMAL_CLEARING);
    else this.#call?.cancel();
  }

  play(playback: Playback): void {
    if (this.#media && this.#state !== "over") this.#media.play(playback);
    else this.#tell({ type: "playbackEnded", playbackId: playback.playbackId, ending: "stopped" });
  }

  stopPlayback(): void {
    this.#media?.stopPlayback();
  }

  sendKeys(keys: string): void {
    this.#media?.sendKeys(keys);
  }

  record(path: string | undefined): void {
    this.#media?.record(path);
  }

  takeMessage(request: MessageRequest): void {
    this.#messageId = request.messageId;
    if (this.#media && this.#state !== "over") this.#media.takeMessage(request);
    else this.#endMessage();
  }

  stopMessage(): void {
    this.#media?.stopMessage();
  }

  async #open(): Promise<void> {
    const { trunk, media } = this.#parts;
    if (!trunk) {
      this.#fail({ kind: "not-sent", explanation: `no trunk is named ${this.#request.trunk}` });
      return;
    }
    try {
      const leg = await media.open(
        {
          legId: this.legId,
          detection: this.#request.detection,
          recordingPath: this.#request.recordingPath,
        },
        (event) => this.#onMedia(event),
      );
      this.#media = leg;
    } catch (error) {
      this.#fail({ kind: "not-sent", explanation: error instanceof Error ? error.message : String(error) });
      return;
    }
    if (this.#isOver()) {
      // Hung up while the port pair was being reserved.
      this.#close();
      return;
    }
    this.#invite(trunk, this.#media);
  }

  #invite(trunk: Trunk, media: MediaLeg): void {
    this.#state = "inviting";
    this.#offer = buildOffer({
      address: this.#parts.address,
      rtpPort: media.local.rtpPort,
      rtcpPort: media.local.rtcpPort,
    });
    this.#call = this.#parts.backend.invite(
      {
        ...inviteAddresses(
          this.#request.destination,
          trunk,
          this.#request.callerId,
          `${this.#parts.address}`,
        ),
        proxy: trunk.peer,
        sdpOffer: this.#offer,
        credentials: trunk.credentials,
        beforeSend: this.#request.beforeInvite,
        onMessage: (message) => this.#traceMessage(message),
      },
      (event) => this.#onCall(event),
    );
    if (this.#hangUpCause) this.#call.cancel();
  }

  #onCall(event: OutboundCallEvent): void {
    if (this.#state === "over") return;
    switch (event.type) {
      case "sent":
        this.#cancelRingTimer = this.#parts.clock.after(this.#request.ringTimeoutMs, () =>
          this.hangUp("ring-timeout"),
        );
        this.#tell({ type: "inviteSent" });
        return;
      case "provisional": {
        const hasEarlyMedia = event.sdp !== undefined && this.#connect(event.sdp);
        if (this.#state === "inviting") this.#state = "early";
        this.#tell({ type: "progress", status: event.status, hasEarlyMedia });
        return;
      }
      case "answered":
        this.#onAnswered(event.sdp);
        return;
      case "renegotiated":
        this.#media?.connect(event.media);
        return;
      case "failed":
        this.#fail(this.#ownFailure ?? this.#failureOf(event.failure));
        return;
      case "ended":
        this.#onEnded(event);
        return;
    }
  }

  #onAnswered(sdp: string): void {
    this.#cancelRingTimer?.();
    this.#state = "answered";
    // The first provisional answer may have fixed the media already; the 200 confirms or moves it.
    if (!this.#connect(sdp)) {
      this.#call?.bye({ protocol: "SIP", cause: 488, text: "Not acceptable here" });
      this.#fail(this.#ownFailure ?? { kind: "sdp", explanation: "no usable audio in the answer" });
      return;
    }
    this.#media?.markAnswered();
    this.#tell({ type: "answered", codec: this.#codec });
    // A hang-up that crossed the answer.
    if (this.#hangUpCause) this.#call?.bye(NORMAL_CLEARING);
  }

  #codec = "";

  /** Connects media to what the far end answered; false when the description is unusable. */
  #connect(sdp: string): boolean {
    try {
      const media = readAnswer(this.#offer, sdp);
      this.#codec = media.codec;
      this.#media?.connect(media);
      return true;
    } catch (error) {
      const explanation = error instanceof Error ? error.message : String(error);
      this.#ownFailure = { kind: "sdp", explanation };
      this.#trace("sdp-unusable", { explanation });
      return false;
    }
  }

  #onEnded(event: Extract<OutboundCallEvent, { type: "ended" }>): void {
    const failure = this.#ownFailure;
    this.#end({
      type: "ended",
      by: failure || event.by === "failure" ? "failure" : event.by === "remote" ? "callee" : "us",
      explanation: failure && "explanation" in failure ? failure.explanation : event.reason?.text,
      q850Cause: event.reason?.protocol === "Q.850" ? event.reason.cause : undefined,
    });
  }

  #onMedia(event: MediaEvent): void {
    switch (event.type) {
      case "key":
        this.#tell({ type: "key", key: event.key, source: event.source, during: event.during });
        return;
      case "finding":
        this.#tell({ type: "finding", finding: event.finding });
        return;
      case "decision":
        this.#tell({ type: "decision", decision: event.decision });
        return;
      case "playbackEnded":
        this.#tell({ type: "playbackEnded", playbackId: event.playbackId, ending: event.ending });
        return;
      case "messageEnded":
        this.#onMessageEnded(event.end);
        return;
      case "trace":
        this.#trace(event.kind, event.data, "media");
        return;
      case "mediaStarted":
        this.#trace("media-started", {}, "media");
        return;
      case "lost":
        this.#onMediaLost(event.explanation);
        return;
      case "keysSent":
      case "heard":
        return;
    }
  }

  #onMessageEnded(end: MessageEnd): void {
    if (end.messageId === this.#messageId) this.#messageId = undefined;
    this.#tell({ type: "messageEnded", end });
  }

  /** A message that no media will end any more ends here, with nothing said. */
  #endMessage(): void {
    if (this.#messageId === undefined) return;
    this.#onMessageEnded({ messageId: this.#messageId, ending: "hang-up", audio: new Uint8Array(0) });
  }

  /** The media worker died: the far end gets CANCEL or BYE, the engine an internal failure. */
  #onMediaLost(explanation: string): void {
    if (this.#state === "over") return;
    this.#ownFailure = { kind: "media", explanation };
    if (this.#state === "answered") this.#call?.bye(NORMAL_CLEARING);
    else this.#call?.cancel();
  }

  #failureOf(failure: CallFailure): LegFailure {
    switch (failure.kind) {
      case "response":
        return {
          kind: "response",
          status: failure.status,
          phrase: failure.phrase,
          q850Cause: failure.reason?.protocol === "Q.850" ? failure.reason.cause : undefined,
          reasonText: failure.reason?.text,
        };
      case "canceled":
        return { kind: "canceled", cause: this.#hangUpCause ?? "normal" };
      case "timeout":
        return { kind: "no-response" };
      case "not-sent":
      case "transport":
        return { kind: failure.kind, explanation: failure.explanation };
    }
  }

  #fail(failure: LegFailure): void {
    this.#end({ type: "failed", failure });
  }

  /** Tells the final event, once, and closes media. */
  #end(event: UntimedEvent<"failed" | "ended">): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#cancelRingTimer?.();
    this.#tell(event);
    this.#close();
  }

  #close(): void {
    const media = this.#media;
    if (!media) {
      this.#tellClosed(undefined);
      return;
    }
    media.close().then(
      (summary) => {
        this.#trace("media-summary", { ...summary }, "media");
        this.#tellClosed(summary.recordingPath);
      },
      (error: unknown) => {
        this.#parts.logger.warn({ error }, "media leg did not close cleanly");
        this.#tellClosed(undefined);
      },
    );
  }

  #isClosed = false;

  #tellClosed(recordingPath: string | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#endMessage();
    this.#tell({ type: "closed", recordingPath });
  }

  #isOver(): boolean {
    return this.#state === "over";
  }

  #traceMessage(message: WireMessage): void {
    this.#trace("message", {
      direction: message.direction,
      peer: `${message.peer.host}:${message.peer.port}`,
      text: message.text.replace(CREDENTIALS_HEADER, "$1 (hidden)"),
    });
  }

  #trace(kind: string, data: Record<string, unknown>, source: "sip" | "media" = "sip"): void {
    this.#observer({ type: "trace", entry: { atMs: this.#parts.clock.now(), source, kind, data } });
  }

  #tell(event: UntimedEvent<Exclude<LegEvent["type"], "trace">>): void {
    this.#observer({ ...event, atMs: this.#parts.clock.now() } as LegEvent);
  }
}

/** A leg event before its time is stamped. */
type UntimedEvent<Type extends LegEvent["type"]> =
  Extract<LegEvent, { type: Type }> extends infer Event
    ? Event extends { atMs: number }
      ? Omit<Event, "atMs">
      : never
    : never;
