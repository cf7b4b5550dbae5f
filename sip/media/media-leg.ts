/**
 * One media leg inside a worker. Every 20 ms it takes a frame out of the jitter buffer to the analyzer, and sends
 * one frame: a key, the next of what is played, or silence. RTP never pauses, so that sequence and timestamp run on
 * through barge-in and between prompts.
 *
 * ```
 * datagrams ─► latch ─► jitter buffer ─► analyzer, hearing ──┐
 *                └────► telephone events ─► keys, barge-in   ├─► recorder
 * RTP ◄── G.711 ◄── keys │ playout │ silence ────────────────┘
 * ```
 */
import {
  type CalleeDecision,
  CallRecorder,
  decodeG711,
  encodeG711,
  type Finding,
  FRAME_MS,
  FRAME_SAMPLES,
  type Frame,
  type G711Law,
  JitterBuffer,
  type Playback,
  Playout,
} from "../../engine/index.ts";
import type { Tick, TickSource } from "../rtp/media-clock.ts";
import { looksLikeRtcp, parseRtp, type RtpPacket, serializeRtp } from "../rtp/packet.ts";
import type { PortPair } from "../rtp/port-pool.ts";
import { ReceptionStatistics } from "../rtp/statistics.ts";
import { TelephoneEventReceiver } from "../rtp/telephone-event.ts";
import type { NegotiatedMedia } from "../sdp/negotiated-media.ts";
import { Hearing } from "./hearing.ts";
import { KeyMerger, type KeyOrigin } from "./key-merger.ts";
import { KeySender } from "./key-sender.ts";
import { createLegAnalyzer, type LegAnalyzer } from "./leg-analyzer.ts";
import type { MediaEvent, MediaLeg, MediaLegOptions, MediaSummary } from "./media-port.ts";
import { RecordingFile } from "./recording-file.ts";
import { RtcpSession } from "./rtcp-session.ts";
import { type MediaSource, SourceLatch } from "./source-latch.ts";
import { StrayPackets } from "./stray-packets.ts";

/** RFC 3551: what these payload types mean whether negotiated or not. */
const STATIC_LAWS: Readonly<Record<number, G711Law>> = { 0: "PCMU", 8: "PCMA" };
const COMFORT_NOISE_PAYLOAD_TYPE = 13;

// LIMIT: 120 ms of audio per packet; nobody sends more, and a datagram of 64 kB of noise is not decoded.
const MAX_PAYLOAD_BYTES = 960;
// A slot without audio counts as silent media, not as missing media, within this time of the last packet: keys sent
// as events leave no audio, and packets of 60 ms come at every third slot.
const MEDIA_GAP_MS = 100;
/** Statistics go to the trace this often; RFC 3550's own interval is about as long. */
const STATISTICS_SLOTS = 5000 / FRAME_MS;

const SILENT_FRAME: Frame = new Int16Array(FRAME_SAMPLES);

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
  readonly #jitter = new JitterBuffer();
  readonly #reception = new ReceptionStatistics();
  readonly #events = new TelephoneEventReceiver();
  readonly #merger = new KeyMerger();
  readonly #latch = new SourceLatch();
  readonly #strays: StrayPackets;
  readonly #playout: Playout;
  readonly #keys: KeySender;
  readonly #hearing: Hearing | undefined;
  readonly #rtcp: RtcpSession;
  readonly #recorder: CallRecorder | undefined;
  readonly #file: RecordingFile | undefined;

  #media: NegotiatedMedia | undefined;
  #stopTicks: (() => void) | undefined;
  #slots = 0;
  #closed: Promise<MediaSummary> | undefined;

  // Sending.
  readonly #ssrc: number;
  #sequence: number;
  #timestamp: number;
  #isFirstPacket = true;
  #packetsSent = 0;
  #octetsSent = 0;
  readonly #outFrame: Frame = new Int16Array(FRAME_SAMPLES);
  readonly #outPayload = new Uint8Array(FRAME_SAMPLES);

  // Receiving.
  #farSsrc: number | undefined;
  #lastPacketMs = Number.NEGATIVE_INFINITY;
  #isComfortNoise = false;
  #hasStarted = false;
  #rtcpSource: MediaSource | undefined;
  readonly #inFrame: Frame = new Int16Array(FRAME_SAMPLES);
  readonly #decoded = new Int16Array(MAX_PAYLOAD_BYTES);
  #lastKeyFinding = "";

  constructor(parts: RtpLegParts) {
    this.#parts = parts;
    const { options, ports, random } = parts;
    this.local = { rtpPort: ports.rtpPort, rtcpPort: ports.rtcpPort };
    this.#ssrc = Math.floor(random() * 0x1_0000_0000);
    this.#sequence = Math.floor(random() * 0x1_0000);
    this.#timestamp = Math.floor(random() * 0x1_0000_0000);

    this.#analyzer = parts.analyzer ?? createLegAnalyzer(options.detection);
    this.#playout = new Playout((playbackId, ending) => {
      this.#emit({ type: "playbackEnded", playbackId, ending });
    });
    this.#keys = new KeySender(() => this.#emit({ type: "keysSent" }));
    this.#rtcp = new RtcpSession({ ssrc: this.#ssrc, random, epochMs: parts.epochMs });
    this.#strays = new StrayPackets((kind, source, bytes) => {
      this.#trace("stray-packets", { reason: kind, address: source.address, port: source.port, bytes });
    });
    if (options.reportHeardAfterQuietMs !== undefined) {
      this.#hearing = new Hearing(options.reportHeardAfterQuietMs, (what) => {
        this.#emit({ type: "heard", what });
      });
    }
    if (options.recordingPath !== undefined) {
      const file = new RecordingFile({
        path: options.recordingPath,
        minFreeBytes: parts.minFreeBytes,
        onStopped: (reason) => this.#trace("recording-stopped", { reason }),
      });
      this.#file = file;
      this.#recorder = new CallRecorder((block) => file.write(block));
    }
    ports.listen({
      rtp: (datagram, source) => this.#contained(() => this.#onRtp(datagram, source)),
      rtcp: (datagram, source) => this.#contained(() => this.#onRtcp(datagram, source)),
    });
  }

  connect(media: NegotiatedMedia): void {
    if (this.#closed) return;
    this.#media = media;
    this.#latch.describe({ address: media.remote.address, port: media.remote.rtpPort });
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
    const heard = this.#hear();
    const sent = this.#send();
    this.#recorder?.frame(sent, heard);
    this.#slots++;
    const now = this.#parts.ticks.now();
    if (this.#rtcp.isDue(now)) this.#sendRtcp(now);
    if (this.#slots % STATISTICS_SLOTS === 0) this.#trace("rtp-statistics", this.#statistics());
  }

  /** The worker stood still: time goes on for everybody, and nothing is sent late. */
  #skip(slots: number): void {
    this.#trace("slots-skipped", { slots });
    this.#timestamp = (this.#timestamp + slots * FRAME_SAMPLES) >>> 0;
    this.#jitter.skip(slots);
    for (let i = 0; i < slots; i++) {
      this.#handle(this.#analyzer.frame(undefined));
      this.#hearing?.frame(undefined);
      this.#recorder?.frame(undefined, undefined);
    }
  }

  #hear(): Frame | undefined {
    const pulled = this.#jitter.pull(this.#inFrame);
    const hasMedia =
      pulled !== "none" ||
      this.#isComfortNoise ||
      this.#parts.ticks.now() - this.#lastPacketMs < MEDIA_GAP_MS;
    const frame = hasMedia ? this.#inFrame : undefined;
    this.#handle(this.#analyzer.frame(frame));
    this.#hearing?.frame(frame);
    return frame;
  }

  #handle(outputs: ReturnType<LegAnalyzer["frame"]>): void {
    for (const output of outputs) {
      if (output.type === "finding") this.#onFinding(output.finding);
      else this.#onDecision(output.decision);
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

  #onDecision(decision: CalleeDecision): void {
    this.#emit({ type: "decision", decision });
  }

  #onKey(key: string, source: KeyOrigin): void {
    if (!this.#merger.isNew(key, source, this.#parts.ticks.now())) return;
    // Stopping here rather than on command saves a way to the main thread and back.
    const during = this.#playout.keyPressed();
    this.#emit({ type: "key", key, source, during });
  }

  // ------------------------------------------------------------------------------------------ sending

  /** Sends what this slot carries; returns the audio of it. */
  #send(): Frame | undefined {
    const media = this.#media as NegotiatedMedia;
    const timestamp = this.#timestamp;
    this.#timestamp = (timestamp + FRAME_SAMPLES) >>> 0;

    const slot = this.#keys.slot(timestamp, media.telephoneEventPayloadType !== undefined);
    if (slot.kind === "event") {
      const { packet } = slot;
      this.#sendRtp(
        media.telephoneEventPayloadType as number,
        packet.timestamp,
        packet.payload,
        packet.marker,
      );
      return undefined;
    }
    let frame: Frame = SILENT_FRAME;
    if (slot.kind === "tone") frame = slot.frame;
    else if (slot.kind === "open" && this.#playout.next(this.#outFrame)) frame = this.#outFrame;
    encodeG711(media.codec, frame, this.#outPayload);
    this.#sendRtp(media.payloadType, timestamp, this.#outPayload, this.#isFirstPacket);
    return frame;
  }

  #sendRtp(payloadType: number, timestamp: number, payload: Uint8Array, marker: boolean): void {
    const target = this.#latch.target;
    const media = this.#media as NegotiatedMedia;
    if (!target || !isSendable(target)) return;
    if (media.direction !== "sendrecv" && media.direction !== "sendonly") return;
    const datagram = serializeRtp({
      payloadType,
      marker,
      sequence: this.#sequence,
      timestamp,
      ssrc: this.#ssrc,
      payload,
    });
    this.#isFirstPacket = false;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packetsSent++;
    this.#octetsSent += payload.length;
    this.#parts.ports.sendRtp(datagram, target.port, target.address);
  }

  #sendRtcp(now: number, bye?: string): void {
    const target = this.#rtcpTarget();
    if (!target || !isSendable(target)) return;
    const sent = { packets: this.#packetsSent, octets: this.#octetsSent, rtpTimestamp: this.#timestamp };
    const datagram = this.#rtcp.compose(sent, this.#reception, this.#farSsrc, now, bye);
    const isMuxed = this.#media?.remote.rtcpPort === this.#media?.remote.rtpPort;
    if (isMuxed) this.#parts.ports.sendRtp(datagram, target.port, target.address);
    else this.#parts.ports.sendRtcp(datagram, target.port, target.address);
  }

  #rtcpTarget(): MediaSource | undefined {
    const remote = this.#media?.remote;
    const rtp = this.#latch.target;
    if (!remote || !rtp) return undefined;
    if (remote.rtcpPort === remote.rtpPort) return rtp;
    if (this.#rtcpSource) return this.#rtcpSource;
    // Behind a NAT the described RTCP port is as wrong as the RTP port was; its neighbour is the best guess.
    return this.#latch.isElsewhere
      ? { address: rtp.address, port: rtp.port + 1 }
      : { address: remote.address, port: remote.rtcpPort };
  }

  // ---------------------------------------------------------------------------------------- receiving

  #onRtp(datagram: Buffer, source: MediaSource): void {
    if (this.#closed || !this.#media) return;
    if (looksLikeRtcp(datagram)) {
      this.#onRtcp(datagram, source);
      return;
    }
    const packet = parseRtp(datagram);
    if (!packet) {
      this.#strays.note("not-rtp", source, datagram.length);
      return;
    }
    const meaning = this.#meaningOf(packet);
    if (!meaning) {
      this.#strays.note("payload-type", source, datagram.length);
      return;
    }
    const now = this.#parts.ticks.now();
    if (!this.#latch.accept(source, packet.sequence, now)) {
      this.#strays.note("other-source", source, datagram.length);
      return;
    }
    this.#accept(packet, meaning, now);
  }

  #meaningOf(packet: RtpPacket): G711Law | "event" | "comfort-noise" | undefined {
    const media = this.#media as NegotiatedMedia;
    const type = packet.payloadType;
    if (type === media.telephoneEventPayloadType) return "event";
    // The far end may change between the codecs of our description at any time (RFC 3264 §6.1).
    const law = type === media.payloadType ? media.codec : STATIC_LAWS[type];
    if (law) return packet.payload.length <= MAX_PAYLOAD_BYTES ? law : undefined;
    return type === COMFORT_NOISE_PAYLOAD_TYPE ? "comfort-noise" : undefined;
  }

  #accept(packet: RtpPacket, meaning: G711Law | "event" | "comfort-noise", now: number): void {
    if (packet.ssrc !== this.#farSsrc) {
      // Another source took over, as when a gateway changes from ringing to the callee.
      this.#farSsrc = packet.ssrc;
      this.#jitter.reset();
      this.#events.reset();
      this.#reception.restart();
    }
    this.#lastPacketMs = now;
    const isAudio = meaning !== "event" && meaning !== "comfort-noise";
    this.#reception.packet(packet.sequence, packet.timestamp, now, isAudio);
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      this.#emit({ type: "mediaStarted" });
    }
    if (meaning === "event") {
      const key = this.#events.packet(packet.timestamp, packet.payload);
      if (key === undefined) return;
      this.#analyzer.key(key);
      this.#onKey(key, "rfc4733");
      return;
    }
    this.#isComfortNoise = meaning === "comfort-noise";
    if (meaning === "comfort-noise" || packet.payload.length === 0) return;
    decodeG711(meaning, packet.payload, this.#decoded);
    this.#jitter.push(packet.timestamp, this.#decoded.subarray(0, packet.payload.length));
  }

  #onRtcp(datagram: Buffer, source: MediaSource): void {
    if (this.#closed || !this.#media) return;
    const isKnown =
      source.address === this.#latch.target?.address || source.address === this.#media.remote.address;
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
    this.#playout.stop();
    if (this.#stopTicks) this.#sendRtcp(this.#parts.ticks.now(), "");
    this.#trace("rtp-statistics", this.#statistics());
    this.#parts.ports.close();
    this.#recorder?.flush();
    const recordingPath = await this.#file?.close();
    this.#parts.onClosed();
    return { ...this.#summary(), ...(recordingPath === undefined ? {} : { recordingPath }) };
  }

  #fail(error: unknown): void {
    const explanation = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#emit({ type: "lost", explanation: `a mistake in the media leg: ${explanation}` });
    void this.close().catch(() => {});
  }

  #summary(): MediaSummary {
    const { late, duplicate } = this.#jitter.counts;
    return {
      packetsSent: this.#packetsSent,
      packetsReceived: this.#reception.packetsReceived,
      packetsLost: this.#reception.packetsLost,
      packetsDiscarded: late + duplicate,
      jitterMs: this.#reception.jitterMs,
    };
  }

  #statistics(): Record<string, unknown> {
    const far = this.#rtcp.farReport;
    return {
      ...this.#summary(),
      delayMs: this.#jitter.depthMs,
      concealedFrames: this.#jitter.counts.concealedFrames,
      strayPackets: this.#strays.count,
      socketErrors: this.#parts.ports.errors,
      ...(far ? { far } : {}),
    };
  }

  #trace(kind: string, data: Readonly<Record<string, unknown>>): void {
    this.#emit({ type: "trace", kind, data });
  }

  #emit(event: MediaEvent): void {
    this.#parts.observer(event);
  }
}

/** `0.0.0.0` and port 0 say that nothing is to be sent there (RFC 3264 §8.4, §6). */
function isSendable(target: MediaSource): boolean {
  return target.port > 0 && target.port < 65_536 && target.address !== "0.0.0.0" && target.address !== "::";
}
