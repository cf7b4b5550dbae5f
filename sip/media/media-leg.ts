/**
 * One media leg inside a worker. Every 20 ms it takes a frame out of the jitter buffer to the analyzer, and sends
 * one frame: a key, the next of what is played, or silence. RTP never pauses, so that sequence and timestamp run on
 * through barge-in and between prompts.
 *
 * ```
 * datagrams ─► latch ─► jitter buffer ─► analyzer, hearing ──┐
 *                └────► telephone events ─► keys, barge-in   ├─► recorder, message
 * RTP ◄── G.711 ◄── keys │ playout │ silence ────────────────┘
 * ```
 */
import {
  type Finding,
  FRAME_MS,
  FRAME_SAMPLES,
  type Frame,
  type MessageRequest,
  type Playback,
  Playout,
} from "../../engine/index.ts";
import type { Tick, TickSource } from "../rtp/media-clock.ts";
import { looksLikeRtcp } from "../rtp/packet.ts";
import type { PortPair } from "../rtp/port-pool.ts";
import type { NegotiatedMedia } from "../sdp/negotiated-media.ts";
import { Hearing } from "./hearing.ts";
import { KeyMerger, type KeyOrigin } from "./key-merger.ts";
import { KeySender } from "./key-sender.ts";
import { createLegAnalyzer, type LegAnalyzer } from "./leg-analyzer.ts";
import { BEEP_PLAYBACK_ID, LegMessage } from "./leg-message.ts";
import { LegReceiver } from "./leg-receiver.ts";
import { LegRecording } from "./leg-recording.ts";
import { isSendable, LegSender } from "./leg-sender.ts";
import type { MediaEvent, MediaLeg, MediaLegOptions, MediaSummary } from "./media-port.ts";
import { RtcpSession } from "./rtcp-session.ts";
import type { MediaSource } from "./source-latch.ts";
import { StrayPackets } from "./stray-packets.ts";

/** Statistics go to the trace this often; RFC 3550's own interval is about as long. */
const STATISTICS_SLOTS = 5000 / FRAME_MS;

/** LIMIT: half a second of a stall is caught up with; what is older no caller waits to be heard on. */
const MAX_SLOTS_BEHIND = 25;
/** Slots heard beside each present one while catching up: fast, yet no burst of work for 300 legs at once. */
const CATCH_UP_SLOTS = 3;
/** What has not come in by now was never sent. */
const GIVE_UP_SLOTS = 15;

/** What a leg is built from; tests replace any of it. */
export interface RtpLegParts {
  readonly options: MediaLegOptions;
  readonly ports: PortPair;
  readonly ticks: TickSource;
  readonly observer: (event: MediaEvent) => void;
  readonly minFreeBytes: number;
  /** In [0, 1); chooses SSRC, first sequence number and timestamp (RFC 3550 §5.1). */
  readonly random: () => number;
  readonly epochMs: () => number;
  readonly analyzer?: LegAnalyzer;
  /** Called once, when the leg has closed. */
  readonly onClosed: () => void;
}

export class RtpLeg implements MediaLeg {
  readonly local: MediaLeg["local"];
  readonly #parts: RtpLegParts;
  readonly #analyzer: LegAnalyzer;
  readonly #merger = new KeyMerger();
  readonly #strays: StrayPackets;
  readonly #playout: Playout;
  readonly #keys: KeySender;
  readonly #sender: LegSender;
  readonly #receiver: LegReceiver;
  readonly #hearing: Hearing | undefined;
  readonly #rtcp: RtcpSession;
  readonly #recording: LegRecording;
  readonly #message: LegMessage;
  readonly #heardFrame: Frame = new Int16Array(FRAME_SAMPLES);

  #media: NegotiatedMedia | undefined;
  #stopTicks: (() => void) | undefined;
  #slots = 0;
  /** Slots skipped in a stall whose audio has not been heard yet, and the slot after which that is. */
  #behindSlots = 0;
  #behindSince = 0;
  #rtcpSource: MediaSource | undefined;
  #lastKeyFinding = "";
  #closed: Promise<MediaSummary> | undefined;

  constructor(parts: RtpLegParts) {
    this.#parts = parts;
    const { options, ports, random } = parts;
    this.local = { rtpPort: ports.rtpPort, rtcpPort: ports.rtcpPort };
    this.#analyzer = parts.analyzer ?? createLegAnalyzer(options.detection);
    this.#playout = new Playout((playbackId, ending) => {
      if (playbackId !== BEEP_PLAYBACK_ID) this.#emit({ type: "playbackEnded", playbackId, ending });
    });
    this.#message = new LegMessage(this.#playout, (end) => this.#emit({ type: "messageEnded", end }));
    this.#keys = new KeySender(() => this.#emit({ type: "keysSent" }));
    this.#sender = new LegSender(ports, this.#keys, this.#playout, random);
    this.#rtcp = new RtcpSession({ ssrc: this.#sender.ssrc, random, epochMs: parts.epochMs });
    this.#strays = new StrayPackets((kind, source, bytes) => {
      this.#trace("stray-packets", { reason: kind, address: source.address, port: source.port, bytes });
    });
    this.#receiver = new LegReceiver(this.#strays, {
      started: () => this.#emit({ type: "mediaStarted" }),
      key: (key) => {
        this.#analyzer.key(key);
        this.#onKey(key, "rfc4733");
      },
    });
    if (options.reportHeardAfterQuietMs !== undefined) {
      this.#hearing = new Hearing(options.reportHeardAfterQuietMs, (what) => {
        this.#emit({ type: "heard", what });
      });
    }
    this.#recording = new LegRecording({
      minFreeBytes: parts.minFreeBytes,
      onStopped: (reason) => this.#trace("recording-stopped", { reason }),
    });
    this.#recording.record(options.recordingPath);
    ports.listen({
      rtp: (datagram, source) => this.#contained(() => this.#onRtp(datagram, source)),
      rtcp: (datagram, source) => this.#contained(() => this.#onRtcp(datagram, source)),
    });
  }

  /** Datagrams so far that were none of its business. */
  get strayPackets(): number {
    return this.#strays.count;
  }

  connect(media: NegotiatedMedia): void {
    if (this.#closed) return;
    this.#media = media;
    this.#receiver.latch.describe({ address: media.remote.address, port: media.remote.rtpPort });
    this.#stopTicks ??= this.#parts.ticks.add(this.#tick);
  }

  markAnswered(): void {
    this.#analyzer.markAnswered();
  }

  play(playback: Playback): void {
    if (!this.#closed) this.#playout.play(playback);
  }

  stopPlayback(): void {
    this.#playout.stop();
  }

  sendKeys(keys: string): void {
    if (!this.#closed) this.#keys.send(keys);
  }

  record(path: string | undefined): void {
    if (!this.#closed) this.#recording.record(path);
  }

  takeMessage(request: MessageRequest): void {
    this.#message.take(request);
    if (this.#closed) this.#message.end("hang-up");
  }

  stopMessage(): void {
    this.#message.end("stopped");
  }

  close(): Promise<MediaSummary> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  // ---------------------------------------------------------------------------------------- each slot

  readonly #tick: Tick = (skippedSlots) => this.#contained(() => this.#slot(skippedSlots));

  /** A mistake in this leg's code ends this leg; the others go on. */
  #contained(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  #slot(skippedSlots: number): void {
    if (skippedSlots > 0) this.#skip(skippedSlots);
    if (this.#behindSlots > 0) this.#catchUp();
    const heard = this.#hear();
    const sent = this.#sender.slot(this.#media as NegotiatedMedia, this.#receiver.latch.target);
    this.#recording.frame(sent, heard);
    this.#slots++;
    const now = this.#parts.ticks.now();
    if (this.#rtcp.isDue(now)) this.#sendRtcp(now);
    if (this.#slots % STATISTICS_SLOTS === 0) this.#trace("rtp-statistics", this.#statistics());
  }

  /**
   * The worker stood still: time goes on for the far end, and nothing is sent late. What it said meanwhile waits in
   * the socket and is heard as it comes in, so that no tone is cut by a stall of ours.
   */
  #skip(slots: number): void {
    this.#trace("slots-skipped", { slots });
    this.#sender.skip(slots);
    const kept = Math.min(slots, MAX_SLOTS_BEHIND - this.#behindSlots);
    this.#receiver.jitter.skip(slots - kept);
    this.#passUnheard(slots - kept);
    this.#behindSlots += kept;
    this.#behindSince = this.#slots;
    this.#receiver.jitter.tolerate(this.#behindSlots);
  }

  /** Hears some of the slots that were skipped; those whose audio never came have passed without any. */
  #catchUp(): void {
    for (let n = 0; n < CATCH_UP_SLOTS && this.#behindSlots > 0 && this.#receiver.jitter.hasSpare; n++) {
      const heard = this.#hear();
      this.#recording.frame(undefined, heard);
      this.#behindSlots--;
    }
    if (this.#slots - this.#behindSince > GIVE_UP_SLOTS) {
      this.#passUnheard(this.#behindSlots);
      this.#behindSlots = 0;
    }
    this.#receiver.jitter.tolerate(this.#behindSlots);
  }

  #passUnheard(slots: number): void {
    for (let i = 0; i < slots; i++) {
      this.#handle(this.#analyzer.frame(undefined));
      this.#hearing?.frame(undefined);
      this.#message.frame(undefined);
      this.#recording.frame(undefined, undefined);
    }
  }

  #hear(): Frame | undefined {
    const isFlowing = this.#receiver.pull(this.#heardFrame, this.#parts.ticks.now());
    const frame = isFlowing ? this.#heardFrame : undefined;
    this.#handle(this.#analyzer.frame(frame));
    this.#hearing?.frame(frame);
    this.#message.frame(frame);
    return frame;
  }

  #handle(outputs: ReturnType<LegAnalyzer["frame"]>): void {
    for (const output of outputs) {
      if (output.type === "finding") this.#onFinding(output.finding);
      else this.#emit({ type: "decision", decision: output.decision });
    }
  }

  #onFinding(finding: Finding): void {
    this.#emit({ type: "finding", finding });
    if (finding.kind !== "dtmf") return;
    // A detector may tell of a key again when it ends.
    const key = String(finding.evidence.digit ?? "");
    const name = `${key}@${finding.startMs}`;
    if (key === "" || name === this.#lastKeyFinding) return;
    this.#lastKeyFinding = name;
    this.#onKey(key, "in-band");
  }

  #onKey(key: string, source: KeyOrigin): void {
    if (!this.#merger.isNew(key, source, this.#parts.ticks.now())) return;
    // Stopping here rather than on command saves a way to the main thread and back.
    const during = this.#playout.keyPressed();
    this.#emit({ type: "key", key, source, during });
    this.#message.key(key, source, during);
  }

  // -------------------------------------------------------------------------------------- datagrams

  #sendRtcp(now: number, bye?: string): void {
    const target = this.#rtcpTarget();
    if (!target || !isSendable(target)) return;
    const { reception, farSsrc } = this.#receiver;
    const datagram = this.#rtcp.compose(this.#sender.sent, reception, farSsrc, now, bye);
    const isMuxed = this.#media?.remote.rtcpPort === this.#media?.remote.rtpPort;
    if (isMuxed) this.#parts.ports.sendRtp(datagram, target.port, target.address);
    else this.#parts.ports.sendRtcp(datagram, target.port, target.address);
  }

  #rtcpTarget(): MediaSource | undefined {
    const remote = this.#media?.remote;
    const { latch } = this.#receiver;
    const rtp = latch.target;
    if (!remote || !rtp) return undefined;
    if (remote.rtcpPort === remote.rtpPort) return rtp;
    if (this.#rtcpSource) return this.#rtcpSource;
    // Behind a NAT the described RTCP port is as wrong as the RTP port was; its neighbour is the best guess.
    return latch.isElsewhere
      ? { address: rtp.address, port: rtp.port + 1 }
      : { address: remote.address, port: remote.rtcpPort };
  }

  #onRtp(datagram: Buffer, source: MediaSource): void {
    if (this.#closed || !this.#media) return;
    if (looksLikeRtcp(datagram)) this.#onRtcp(datagram, source);
    else this.#receiver.datagram(datagram, source, this.#media, this.#parts.ticks.now());
  }

  #onRtcp(datagram: Buffer, source: MediaSource): void {
    if (this.#closed || !this.#media) return;
    const isKnown =
      source.address === this.#receiver.latch.target?.address ||
      source.address === this.#media.remote.address;
    if (!isKnown) {
      this.#strays.note("other-source", source, datagram.length);
    } else if (this.#rtcp.received(datagram, this.#parts.ticks.now())) {
      this.#rtcpSource ??= { address: source.address, port: source.port };
    } else {
      this.#strays.note("not-rtcp", source, datagram.length);
    }
  }

  // ----------------------------------------------------------------------------------------- the end

  async #finish(): Promise<MediaSummary> {
    this.#stopTicks?.();
    this.#message.end("hang-up");
    this.#playout.stop();
    if (this.#stopTicks) this.#sendRtcp(this.#parts.ticks.now(), "");
    this.#trace("rtp-statistics", this.#statistics());
    this.#parts.ports.close();
    const recordingPath = await this.#recording.close();
    this.#parts.onClosed();
    return { ...this.#summary(), ...(recordingPath === undefined ? {} : { recordingPath }) };
  }

  #fail(error: unknown): void {
    const explanation = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#emit({ type: "lost", explanation: `a mistake in the media leg: ${explanation}` });
    void this.close().catch(() => {});
  }

  #summary(): MediaSummary {
    const { reception, jitter } = this.#receiver;
    return {
      packetsSent: this.#sender.sent.packets,
      packetsReceived: reception.packetsReceived,
      packetsLost: reception.packetsLost,
      packetsDiscarded: jitter.counts.late + jitter.counts.duplicate,
      jitterMs: reception.jitterMs,
    };
  }

  #statistics(): Record<string, unknown> {
    const far = this.#rtcp.farReport;
    return {
      ...this.#summary(),
      delayMs: this.#receiver.jitter.depthMs,
      concealedFrames: this.#receiver.jitter.counts.concealedFrames,
      strayPackets: this.#strays.count,
      socketErrors: this.#parts.ports.errors,
      ...(far ? { far } : {}),
      ...(this.#rtcp.hasFarEndLeft ? { farEndLeft: true } : {}),
    };
  }

  #trace(kind: string, data: Readonly<Record<string, unknown>>): void {
    this.#emit({ type: "trace", kind, data });
  }

  #emit(event: MediaEvent): void {
    this.#parts.observer(event);
  }
}
