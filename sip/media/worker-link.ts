/**
 * The main thread's side of one media worker: the thread, the legs it holds, and what becomes of them when it dies.
 * A link lives as long as its thread; the pool puts a new one in its place.
 */
import { Worker } from "node:worker_threads";
import type { MessageRequest, Playback } from "../../engine/index.ts";
import { SipError } from "../errors.ts";
import type { NegotiatedMedia } from "../sdp/negotiated-media.ts";
import type { MediaEvent, MediaLeg, MediaLegOptions, MediaSummary } from "./media-port.ts";
import {
  LOST_SUMMARY,
  type MediaCommand,
  type MediaEngineHealth,
  type MediaReply,
  type MediaWorkerSettings,
  toSharedPlayback,
} from "./media-protocol.ts";

/** What the pool hears of a worker. */
export interface WorkerLinkObserver {
  /** The thread is gone, whether asked to or not. Called once. */
  gone(explanation: string): void;
  /** A leg told of strays, stalls and the like. */
  trace(legId: string, kind: string, data: Readonly<Record<string, unknown>>): void;
}

export class WorkerLink {
  readonly #worker: Worker;
  readonly #observer: WorkerLinkObserver;
  readonly #legs = new Map<number, LinkedLeg>();
  readonly #questions = new Map<number, (health: MediaEngineHealth | undefined) => void>();
  readonly #ended: Promise<void>;
  #nextNumber = 1;
  #isGone = false;
  #error: Error | undefined;

  constructor(workerUrl: URL, settings: MediaWorkerSettings, observer: WorkerLinkObserver) {
    this.#observer = observer;
    this.#worker = new Worker(workerUrl, { workerData: settings, name: "media" });
    this.#worker.on("message", (reply: MediaReply) => this.#onReply(reply));
    this.#worker.on("error", (error: Error) => {
      this.#error = error;
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.once("exit", (exitCode) => {
        this.#onExit(exitCode);
        resolve();
      });
    });
  }

  /** Legs open or being opened. */
  get load(): number {
    return this.#legs.size;
  }

  get threadId(): number {
    return this.#worker.threadId;
  }

  open(options: MediaLegOptions, observer: (event: MediaEvent) => void): Promise<MediaLeg> {
    const number = this.#nextNumber++;
    return new Promise((resolve, reject) => {
      const leg = new LinkedLeg(
        options.legId,
        observer,
        { opened: resolve, refused: reject },
        {
          send: (command) => this.#send(command),
          number,
        },
      );
      this.#legs.set(number, leg);
      this.#send({ type: "open", leg: number, options });
    });
  }

  /** Undefined when the worker dies before it answers. */
  health(): Promise<MediaEngineHealth | undefined> {
    if (this.#isGone) return Promise.resolve(undefined);
    const question = this.#nextNumber++;
    return new Promise((resolve) => {
      this.#questions.set(question, resolve);
      this.#send({ type: "askHealth", question });
    });
  }

  /** Closes the legs in the worker, then ends it. */
  async shutdown(): Promise<void> {
    this.#send({ type: "shutdown" });
    await this.#ended;
  }

  /** Ends the thread at once. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.#ended;
  }

  #send(command: MediaCommand): void {
    if (!this.#isGone) this.#worker.postMessage(command);
  }

  #onReply(reply: MediaReply): void {
    switch (reply.type) {
      case "opened":
        this.#legs.get(reply.leg)?.onOpened(reply.local);
        return;
      case "refused":
        this.#legs.get(reply.leg)?.onRefused(new SipError("SIP_MEDIA_FULL", reply.explanation));
        this.#legs.delete(reply.leg);
        return;
      case "event":
        this.#onEvent(reply.leg, reply.event);
        return;
      case "closed":
        this.#legs.get(reply.leg)?.onClosed(reply.summary);
        this.#legs.delete(reply.leg);
        return;
      case "health":
        this.#questions.get(reply.question)?.(reply.health);
        this.#questions.delete(reply.question);
        return;
      case "ready":
      case "stopped":
        return;
    }
  }

  #onEvent(number: number, event: MediaEvent): void {
    const leg = this.#legs.get(number);
    if (!leg) return;
    if (event.type === "trace") this.#observer.trace(leg.legId, event.kind, event.data);
    leg.onEvent(event);
  }

  #onExit(exitCode: number): void {
    this.#isGone = true;
    const cause = this.#error ? `: ${this.#error.message}` : "";
    const explanation = `the media worker ended with exit code ${exitCode}${cause}`;
    const legs = [...this.#legs.values()];
    this.#legs.clear();
    for (const answer of this.#questions.values()) answer(undefined);
    this.#questions.clear();
    this.#observer.gone(explanation);
    for (const leg of legs) leg.onWorkerGone(explanation);
  }
}

/** A leg in a worker, as the main thread holds it. */
class LinkedLeg implements MediaLeg {
  readonly legId: string;
  readonly #observer: (event: MediaEvent) => void;
  readonly #opening: { opened(leg: MediaLeg): void; refused(error: Error): void };
  readonly #line: { readonly number: number; send(command: MediaCommand): void };
  #local = { rtpPort: 0, rtcpPort: 0 };
  #state: "opening" | "open" | "closed" = "opening";
  #closing: Promise<MediaSummary> | undefined;
  #resolveClosing: ((summary: MediaSummary) => void) | undefined;

  constructor(
    legId: string,
    observer: (event: MediaEvent) => void,
    opening: { opened(leg: MediaLeg): void; refused(error: Error): void },
    line: { readonly number: number; send(command: MediaCommand): void },
  ) {
    this.legId = legId;
    this.#observer = observer;
    this.#opening = opening;
    this.#line = line;
  }

  get local(): { readonly rtpPort: number; readonly rtcpPort: number } {
    return this.#local;
  }

  connect(media: NegotiatedMedia): void {
    this.#line.send({ type: "connect", leg: this.#line.number, media });
  }

  markAnswered(): void {
    this.#line.send({ type: "markAnswered", leg: this.#line.number });
  }

  play(playback: Playback): void {
    this.#line.send({ type: "play", leg: this.#line.number, playback: toSharedPlayback(playback) });
  }

  stopPlayback(): void {
    this.#line.send({ type: "stopPlayback", leg: this.#line.number });
  }

  sendKeys(keys: string): void {
    this.#line.send({ type: "sendKeys", leg: this.#line.number, keys });
  }

  record(path: string | undefined): void {
    this.#line.send({ type: "record", leg: this.#line.number, path });
  }

  takeMessage(request: MessageRequest): void {
    this.#line.send({ type: "takeMessage", leg: this.#line.number, request });
  }

  stopMessage(): void {
    this.#line.send({ type: "stopMessage", leg: this.#line.number });
  }

  close(): Promise<MediaSummary> {
    this.#closing ??= new Promise((resolve) => {
      if (this.#state === "closed") {
        resolve(LOST_SUMMARY);
        return;
      }
      this.#resolveClosing = resolve;
      this.#line.send({ type: "close", leg: this.#line.number });
    });
    return this.#closing;
  }

  onOpened(local: { readonly rtpPort: number; readonly rtcpPort: number }): void {
    this.#local = local;
    this.#state = "open";
    this.#opening.opened(this);
  }

  onRefused(error: Error): void {
    this.#state = "closed";
    this.#opening.refused(error);
  }

  onEvent(event: MediaEvent): void {
    this.#observer(event);
  }

  onClosed(summary: MediaSummary): void {
    this.#state = "closed";
    this.#resolveClosing?.(summary);
  }

  onWorkerGone(explanation: string): void {
    const before = this.#state;
    this.#state = "closed";
    if (before === "opening") {
      this.#opening.refused(new SipError("SIP_MEDIA_LOST", explanation));
      return;
    }
    // A leg that was being closed has nothing more to lose.
    if (this.#resolveClosing) this.#resolveClosing(LOST_SUMMARY);
    else this.#observer({ type: "lost", explanation });
  }
}
