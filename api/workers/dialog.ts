/**
 * Entry point of a dialog worker: many voice sessions, each with its own interpreter, sandbox and cookies, over one
 * HTTP transport and cache. Speech is asked of the main thread, which has the one synthesizer.
 *
 * A failure inside one session ends that session. What escapes even that ends the worker, and the main thread ends
 * its sessions.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import {
  EngineError,
  type Pcm,
  PLATFORM_FAILURE_EVENT,
  type SessionCommand,
  SessionRecordings,
  type SpeechSynthesizer,
  startVoiceSession,
  type VoiceSession,
  type VoiceSessionRequest,
} from "../../engine/index.ts";
import { DtmfCollector, prepareScripts, type ScriptEngines, startSession } from "../../vxml/index.ts";
import { addressRule } from "../fetching/address-guard.ts";
import { AudioConversion } from "../fetching/audio-conversion.ts";
import { createFetcher } from "../fetching/fetcher.ts";
import { HttpTransport } from "../fetching/http-transport.ts";
import { ResponseCache } from "../fetching/response-cache.ts";
import { inSharedMemory } from "../speech/rendered-prompt-cache.ts";
import { systemClock } from "../system-clock.ts";
import type { DialogWorkerSettings, FromDialogWorker, Spoken, ToDialogWorker } from "./dialog-messages.ts";
import { readScriptEngineBytes } from "./script-engine-bytes.ts";

// Sandboxes made before the first call: a burst of answers finds them ready, each costs 3 ms and 0.3 MB.
const WARM_SANDBOXES = 16;

function serve(port: MessagePort, settings: DialogWorkerSettings): void {
  const tell = (message: FromDialogWorker) => port.postMessage(message);
  const scripts = readScriptEngineBytes().then(prepareScripts);
  // Each session awaits them and ends with their failure; here it only must not count as unhandled.
  scripts.then((engines) => engines.warm(WARM_SANDBOXES)).catch(() => {});
  const transport = new HttpTransport({
    addressRule: settings.addresses && addressRule(settings.addresses),
  });
  const cache = new ResponseCache({ maxBytes: settings.cacheBytes });
  const audio = new AudioConversion();
  const synthesizer = new RelayedSynthesizer(tell);
  const sessions = new Map<number, Hosted>();

  const start = (id: number, request: VoiceSessionRequest): void => {
    const hosted = new Hosted();
    sessions.set(id, hosted);
    const observer = (command: SessionCommand) => {
      if (command.type === "ended") sessions.delete(id);
      tell({ type: "command", session: id, command: withSharedAudio(command) });
    };
    const begin = (engines: ScriptEngines) => {
      if (hosted.isTerminated) {
        observer({ type: "ended", ending: { kind: "hangup", message: "stopped before it began" } });
        return;
      }
      const recordings = new SessionRecordings();
      const recordingOf = (id: string) => recordings.fileOf(id);
      const session = startVoiceSession(
        request,
        {
          startInterpreter: (options, host) =>
            startSession({ ...options, scripts: engines, properties: settings.properties }, host),
          createKeyCollector: (grammars, timing) => new DtmfCollector(grammars, timing),
          fetcher: createFetcher({ transport, cache, userAgent: settings.userAgent, recordingOf }),
          recordings,
          synthesizer,
          audio,
          clock: systemClock,
        },
        observer,
      );
      hosted.attach(session);
    };
    scripts.then(begin).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      observer({ type: "ended", ending: { kind: "error", event: PLATFORM_FAILURE_EVENT, message } });
    });
  };

  port.on("message", (message: ToDialogWorker) => {
    switch (message.type) {
      case "start":
        start(message.session, message.request);
        break;
      case "notify":
        sessions.get(message.session)?.notify(message.notice);
        break;
      case "terminate":
        sessions.get(message.session)?.terminate();
        break;
      case "spoken":
        synthesizer.onSpoken(message.speech, message.result);
        break;
      case "ping":
        tell({ type: "pong" });
        break;
    }
  });
}

/** A session that may still wait for the script engines; what it is told meanwhile is kept. */
class Hosted implements VoiceSession {
  isTerminated = false;
  #session: VoiceSession | undefined;
  #early: Parameters<VoiceSession["notify"]>[0][] = [];

  attach(session: VoiceSession): void {
    this.#session = session;
    for (const notice of this.#early.splice(0)) session.notify(notice);
  }

  notify(notice: Parameters<VoiceSession["notify"]>[0]): void {
    if (this.#session) this.#session.notify(notice);
    else this.#early.push(notice);
  }

  terminate(): void {
    this.isTerminated = true;
    this.#session?.terminate();
  }
}

/** Asks the main thread to speak. */
class RelayedSynthesizer implements SpeechSynthesizer {
  readonly #tell: (message: FromDialogWorker) => void;
  readonly #waiting = new Map<number, { resolve: (audio: Pcm) => void; reject: (error: Error) => void }>();
  #nextId = 1;

  constructor(tell: (message: FromDialogWorker) => void) {
    this.#tell = tell;
  }

  synthesize(request: Parameters<SpeechSynthesizer["synthesize"]>[0]): Promise<Pcm> {
    return new Promise((resolve, reject) => {
      const speech = this.#nextId++;
      this.#waiting.set(speech, { resolve, reject });
      this.#tell({ type: "speak", speech, request });
    });
  }

  onSpoken(speech: number, result: Spoken): void {
    const waiting = this.#waiting.get(speech);
    this.#waiting.delete(speech);
    if (result.ok) waiting?.resolve(result.audio);
    else waiting?.reject(new EngineError("ENGINE_SPEECH_FAILED", result.message));
  }
}

/** Audio passes two threads on its way to the line: as shared memory it is copied once, here, or not at all. */
function withSharedAudio(command: SessionCommand): SessionCommand {
  if (command.type !== "play") return command;
  const items = command.playback.items.map((item) =>
    item.audio.buffer instanceof SharedArrayBuffer ? item : { ...item, audio: inSharedMemory(item.audio) },
  );
  return { type: "play", playback: { ...command.playback, items } };
}

if (parentPort) serve(parentPort, (workerData ?? {}) as DialogWorkerSettings);
