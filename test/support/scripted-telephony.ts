/** A signalling backend and a media pool that do what a test says, and remember what they were asked. */
import type { Playback } from "../../engine/index.ts";
import type {
  InviteRequest,
  OutboundCallEvent,
  PeerAddress,
  SignallingBackend,
  SipReason,
} from "../../sip/backends/backend.ts";
import type { MediaEvent, MediaLeg, MediaLegOptions, MediaPool } from "../../sip/media/media-port.ts";
import type { NegotiatedMedia } from "../../sip/sdp/negotiated-media.ts";

/** Remembers the one call placed and lets the test speak as the far end. */
export class ScriptedBackend implements SignallingBackend {
  readonly local: PeerAddress = { host: "127.0.0.1", port: 5060 };
  request: InviteRequest | undefined;
  readonly asked: (readonly ["cancel" | "bye", SipReason | undefined])[] = [];
  #observer: (event: OutboundCallEvent) => void = () => {};

  invite(request: InviteRequest, observer: (event: OutboundCallEvent) => void) {
    this.request = request;
    this.#observer = observer;
    return {
      callId: "call-1",
      cancel: (reason?: SipReason) => void this.asked.push(["cancel", reason]),
      bye: (reason?: SipReason) => void this.asked.push(["bye", reason]),
    };
  }

  /** What the far end does next. */
  tell(event: OutboundCallEvent): void {
    this.#observer(event);
  }

  async start(): Promise<void> {}
  onInvite(): void {}
  async stop(): Promise<void> {}
}

/** One media leg that plays nothing and remembers everything. */
export class ScriptedMedia implements MediaPool {
  options: MediaLegOptions | undefined;
  failure: Error | undefined;
  readonly connected: NegotiatedMedia[] = [];
  readonly played: Playback[] = [];
  readonly log: string[] = [];
  observer: (event: MediaEvent) => void = () => {};

  async open(options: MediaLegOptions, observer: (event: MediaEvent) => void): Promise<MediaLeg> {
    if (this.failure) throw this.failure;
    this.options = options;
    this.observer = observer;
    return {
      local: { rtpPort: 40_000, rtcpPort: 40_001 },
      connect: (media) => void this.connected.push(media),
      markAnswered: () => void this.log.push("markAnswered"),
      play: (playback) => void this.played.push(playback),
      stopPlayback: () => void this.log.push("stopPlayback"),
      sendKeys: (keys) => void this.log.push(`sendKeys ${keys}`),
      record: (path) => void this.log.push(`record ${path ?? "nothing"}`),
      takeMessage: ({ messageId }) => void this.log.push(`takeMessage ${messageId}`),
      stopMessage: () => void this.log.push("stopMessage"),
      close: async () => {
        this.log.push("close");
        return {
          packetsSent: 1,
          packetsReceived: 1,
          packetsLost: 0,
          packetsDiscarded: 0,
          jitterMs: 0,
          recordingPath: options.recordingPath,
        };
      },
    };
  }

  async close(): Promise<void> {}
}
