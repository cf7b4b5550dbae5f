/** The worker's side of the media protocol: commands from the main thread to the engine, what happens back up. */
import type { MessagePort } from "node:worker_threads";
import { MediaEngine } from "./media-engine.ts";
import type { MediaLeg } from "./media-port.ts";
import type { MediaCommand, MediaReply, MediaWorkerSettings } from "./media-protocol.ts";

/** Serves one engine on `port` until it is told to shut down. The entry point of the worker calls this. */
export async function serveMediaEngine(port: MessagePort, settings: MediaWorkerSettings): Promise<void> {
  const host = new MediaWorkerHost(port, settings);
  port.on("message", (command: MediaCommand) => host.receive(command));
  await host.start();
}

class MediaWorkerHost {
  readonly #port: MessagePort;
  readonly #engine: MediaEngine;
  readonly #legs = new Map<number, MediaLeg>();

  constructor(port: MessagePort, settings: MediaWorkerSettings) {
    this.#port = port;
    this.#engine = new MediaEngine(settings);
  }

  async start(): Promise<void> {
    await this.#engine.warmUp();
    this.#reply({ type: "ready" });
  }

  receive(command: MediaCommand): void {
    switch (command.type) {
      case "open":
        void this.#open(command);
        return;
      case "connect":
        this.#legs.get(command.leg)?.connect(command.media);
        return;
      case "markAnswered":
        this.#legs.get(command.leg)?.markAnswered();
        return;
      case "play":
        this.#legs.get(command.leg)?.play(command.playback);
        return;
      case "stopPlayback":
        this.#legs.get(command.leg)?.stopPlayback();
        return;
      case "sendKeys":
        this.#legs.get(command.leg)?.sendKeys(command.keys);
        return;
      case "record":
        this.#legs.get(command.leg)?.record(command.path);
        return;
      case "takeMessage":
        this.#legs.get(command.leg)?.takeMessage(command.request);
        return;
      case "stopMessage":
        this.#legs.get(command.leg)?.stopMessage();
        return;
      case "close":
        void this.#close(command.leg);
        return;
      case "askHealth":
        this.#reply({ type: "health", question: command.question, health: this.#engine.health });
        return;
      case "shutdown":
        void this.#shutdown();
    }
  }

  async #open({ leg, options }: Extract<MediaCommand, { type: "open" }>): Promise<void> {
    try {
      const opened = await this.#engine.open(options, (event) => this.#reply({ type: "event", leg, event }));
      this.#legs.set(leg, opened);
      this.#reply({ type: "opened", leg, local: opened.local });
    } catch (error) {
      const explanation = error instanceof Error ? error.message : String(error);
      this.#reply({ type: "refused", leg, explanation });
    }
  }

  async #close(leg: number): Promise<void> {
    const opened = this.#legs.get(leg);
    if (!opened) return;
    this.#legs.delete(leg);
    const summary = await opened.close();
    this.#reply({ type: "closed", leg, summary });
  }

  async #shutdown(): Promise<void> {
    await this.#engine.close();
    this.#reply({ type: "stopped" });
    this.#port.close();
  }

  #reply(reply: MediaReply): void {
    this.#port.postMessage(reply);
  }
}
