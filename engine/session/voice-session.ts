/**
 * One interpreter on one leg: carries out the interpreter's effects through the ports and feeds back what came of
 * them. One request is outstanding at a time; it is answered exactly once, also when the caller hangs up or the
 * platform fails in the middle of it.
 */
import type {
  CollectResult,
  FetchAudio,
  FetchResult,
  HostResult,
  NoticeEffect,
  PlayResult,
  QueuedPrompt,
  RecordEffect,
  Recording,
  RecordResult,
  RequestEffect,
  SessionEnding,
} from "../../vxml/index.ts";
import { MAX_SESSION_TRACE_ENTRIES } from "../limits.ts";
import { type MessageFormat, messageFormatOf } from "../media/message-formats.ts";
import type {
  AudioConverter,
  Clock,
  Fetcher,
  MessageEnd,
  Playback,
  SessionCommand,
  SessionNotice,
  SpeechSynthesizer,
  TraceEntry,
  VoiceSession,
  VoiceSessionRequest,
} from "../ports.ts";
import { playWhileFetching } from "./fetch-audio.ts";
import { InputCollector } from "./input-collector.ts";
import {
  type CreateKeyCollector,
  type Interpreter,
  PLATFORM_FAILURE_EVENT,
  type StartInterpreter,
} from "./interpreter-port.ts";
import { MessageTaker } from "./message-taker.ts";
import { PromptPlayer } from "./prompt-player.ts";
import { SessionRecordings } from "./session-recordings.ts";

export interface VoiceSessionParts {
  readonly startInterpreter: StartInterpreter;
  readonly createKeyCollector: CreateKeyCollector;
  /** This session's own: it holds the session's cookies. */
  readonly fetcher: Fetcher;
  readonly synthesizer: SpeechSynthesizer;
  /** Reads fetched audio. Default: every format but MP3, each time anew. */
  readonly audio?: AudioConverter;
  readonly clock: Clock;
  /** Where the session keeps what callers record, for the fetcher to send. Default: its own. */
  readonly recordings?: SessionRecordings;
}

/** Starts one voice session. `observer` is called from now on; its last command is `ended`. */
export function startVoiceSession(
  request: VoiceSessionRequest,
  parts: VoiceSessionParts,
  observer: (command: SessionCommand) => void,
): VoiceSession {
  const session = new RunningVoiceSession(request, parts, observer);
  session.begin();
  return session;
}

type AwaitedEvent = CollectResult & { readonly type: "event" };
type PlaybackEnd = "finished" | "barged" | "stopped" | "hangup";

class RunningVoiceSession implements VoiceSession {
  readonly #request: VoiceSessionRequest;
  readonly #parts: VoiceSessionParts;
  readonly #observer: (command: SessionCommand) => void;
  /** What goes wrong in a timer ends this session alone. */
  readonly #clock: Clock;
  readonly #input: InputCollector;
  readonly #prompts: PromptPlayer;
  readonly #recordings: SessionRecordings;
  readonly #messages: MessageTaker;
  #interpreter: Interpreter | undefined;
  #isOver = false;
  /** The caller is gone, or the script asked for that: nothing can be heard or keyed any more. */
  #isHungUp = false;
  /** Whether the interpreter waits for a caller, so that a hang-up is its answer. */
  #awaitsCaller = false;
  #playbackId = 0;
  #playing: { readonly id: number; readonly ended: (ending: PlaybackEnd) => void } | undefined;
  #traceEntries = 0;

  constructor(
    request: VoiceSessionRequest,
    parts: VoiceSessionParts,
    observer: (command: SessionCommand) => void,
  ) {
    this.#request = request;
    this.#parts = parts;
    this.#observer = observer;
    this.#clock = {
      now: () => parts.clock.now(),
      after: (delayMs, fn) => parts.clock.after(delayMs, () => this.#contain(fn)),
    };
    this.#input = new InputCollector(this.#clock, parts.createKeyCollector);
    this.#messages = new MessageTaker(this.#input, (command) => this.#tell(command));
    this.#recordings = parts.recordings ?? new SessionRecordings();
    this.#prompts = new PromptPlayer(parts.fetcher, parts.synthesizer, this.#recordings, parts.audio);
  }

  begin(): void {
    const { startUrl, method, fields, profile, variables } = this.#request;
    this.#contain(() => {
      this.#interpreter = this.#parts.startInterpreter(
        { profile, start: { uri: startUrl, method, fields }, variables },
        {
          request: (effect) => this.#onRequest(effect),
          notice: (effect) => this.#onNotice(effect),
          ended: (ending) => this.#end(ending),
        },
      );
    });
  }

  notify(notice: SessionNotice): void {
    if (this.#isOver) return;
    this.#contain(() => {
      switch (notice.type) {
        case "key":
          this.#input.press(notice.key, notice.during);
          break;
        case "playbackEnded":
          if (this.#playing?.id === notice.playbackId) this.#playing.ended(notice.ending);
          break;
        case "messageEnded":
          this.#messages.ended(notice.end);
          break;
        case "variable":
          this.#interpreter?.setVariable(notice.path, notice.value);
          break;
        case "event":
          this.#input.raise(notice.name, notice.message);
          break;
        case "hungUp":
          this.#onHungUp();
          break;
      }
    });
  }

  terminate(): void {
    if (this.#isOver) return;
    this.#contain(() => this.#interpreter?.stop());
    this.#end({ kind: "hangup", message: "stopped from outside" });
  }

  // ------------------------------------------------------------------------------------------ requests

  #onRequest(effect: RequestEffect): void {
    if (this.#isOver) return;
    this.#awaitsCaller = effect.type !== "fetch";
    this.#carryOut(effect).then(
      (answer) => {
        this.#awaitsCaller = false;
        if (!this.#isOver) this.#contain(() => this.#interpreter?.resume(answer));
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #carryOut(effect: RequestEffect): Promise<HostResult> {
    switch (effect.type) {
      case "fetch":
        return this.#fetch(effect);
      case "play":
        return this.#play(effect.prompts);
      case "collect":
        return this.#collect(effect);
      case "record":
        return this.#record(effect);
      case "transfer":
        // Nothing joins a second leg to a live call: the document hears so at once, and its prompts stay unheard
        // rather than promise it.
        return Promise.resolve({ type: "unsupported" });
    }
  }

  async #fetch({ request }: Extract<RequestEffect, { type: "fetch" }>): Promise<FetchResult> {
    const startedAtMs = this.#parts.clock.now();
    let arrivedAtMs = startedAtMs;
    const arrival = this.#parts.fetcher.fetch(request).finally(() => {
      arrivedAtMs = this.#parts.clock.now();
    });
    if (request.fetchAudio && !this.#isHungUp) await this.#playUntil(arrival, request.fetchAudio);
    const result = await arrival;
    this.#trace("http", "fetch", {
      purpose: request.purpose,
      method: request.method,
      uri: request.uri,
      tookMs: arrivedAtMs - startedAtMs,
      status: result.status,
      ...(result.ok
        ? {
            contentType: result.contentType,
            // The query of a GET holds the fields, which may be private.
            finalUri: result.uri.replace(/\?.*$/s, ""),
            characters: result.text.length,
          }
        : { failed: result.reason }),
    });
    return result;
  }

  async #play(prompts: readonly QueuedPrompt[]): Promise<PlayResult> {
    // Who left before this was asked for was told by `hangUp`; to say it twice would throw the event twice.
    if (this.#isHungUp) return { type: "played" };
    const playback = await this.#prepare(prompts);
    if (this.#isHungUp) return { type: "hangup" };
    if (playback.items.length === 0) return { type: "played" };
    const ending = await new Promise<PlaybackEnd>((resolve) => this.#startPlayback(playback, resolve));
    return { type: ending === "hangup" ? "hangup" : "played" };
  }

  async #collect(effect: Extract<RequestEffect, { type: "collect" }>): Promise<CollectResult> {
    if (this.#isHungUp) return { type: "hangup" };
    const { playback, event } = await this.#prepareToListen(effect);
    if (event) return event;
    if (this.#isHungUp) return { type: "hangup" };

    const first = playback.items[0];
    if (first?.bargeIn === "none") this.#input.discardTypeAhead();
    // Keys pressed ahead barge into the prompts before they begin.
    const isBargedAhead = first?.bargeIn === "speech" && this.#input.hasTypeAhead;
    const result = await new Promise<CollectResult>((resolve) => {
      if (first && !isBargedAhead) this.#startPlayback(playback, () => this.#input.promptsEnded());
      this.#input.begin(effect, resolve);
      if (!first || isBargedAhead) this.#input.promptsEnded();
    });
    if (this.#playing) this.#stopPlayback();
    return result;
  }

  /** The prompts of a wait, or the event that makes them pointless: they would ask for what has happened. */
  async #prepareToListen(effect: {
    readonly prompts: readonly QueuedPrompt[];
    readonly events: readonly string[];
  }): Promise<{ playback: Playback; event?: AwaitedEvent }> {
    const waiting = this.#input.takeEvent(effect.events);
    if (waiting) return { playback: { playbackId: 0, items: [] }, event: waiting };
    const playback = await this.#prepare(effect.prompts);
    return { playback, event: this.#isHungUp ? undefined : this.#input.takeEvent(effect.events) };
  }

  // ----------------------------------------------------------------------------------------- recording

  /** `<record>`: the leg waits, listens and keeps; grammars and events are heard here (VoiceXML 2.0 §2.3.6). */
  async #record(effect: RecordEffect): Promise<RecordResult> {
    const format = messageFormatOf(effect.mediaType);
    if (!format) return { type: "unsupported", isFormat: true };
    if (this.#isHungUp) return { type: "hangup" };
    const { playback, event } = await this.#prepareToListen(effect);
    if (event) return event;
    if (this.#isHungUp) return { type: "hangup" };

    const first = playback.items[0];
    if (first?.bargeIn === "none") this.#input.discardTypeAhead();
    const ahead = effect.isEndedByAnyKey ? this.#input.takeKey() : undefined;
    if (ahead !== undefined) {
      return this.#recorded({ messageId: 0, ending: "key", key: ahead, audio: new Uint8Array(0) }, format);
    }
    const hearsKeys = effect.grammars.some((grammar) => grammar.mode === "dtmf");
    const isBargedAhead = first?.bargeIn === "speech" && hearsKeys && this.#input.hasTypeAhead;
    if (first && !isBargedAhead) this.#startPlayback(playback, () => {});
    const { input, end } = await this.#messages.take(effect);
    if (this.#playing) this.#stopPlayback();
    // Whoever hung up while their key was being heard is gone all the same.
    if (this.#isHungUp || end.ending === "hang-up" || input?.type === "hangup") {
      this.#isHungUp = true;
      return end.audio.length > 0
        ? { type: "hangup", recording: this.#keep(end, format) }
        : { type: "hangup" };
    }
    if (!input) return end.ending === "no-input" ? { type: "noinput" } : this.#recorded(end, format);
    if (input.type === "match") return { ...input, recording: this.#keep(end, format) };
    // Of what `wantsMatchAlone` lets through only an event is left.
    return input.type === "event" ? input : { type: "noinput" };
  }

  #recorded(end: MessageEnd, format: MessageFormat): RecordResult {
    const isMaxTime = end.ending === "max-time";
    const termChar = end.key === undefined ? {} : { termChar: end.key };
    return { type: "recorded", isMaxTime, ...termChar, ...this.#keep(end, format) };
  }

  #keep(end: MessageEnd, format: MessageFormat): Recording {
    const recording = this.#recordings.keep(end.audio, format);
    this.#trace("vxml", "recorded", { ...recording, ending: end.ending, contentType: format.contentType });
    return recording;
  }

  // ------------------------------------------------------------------------------------------ playback

  /** The fetchaudio of a document under way. */
  #playUntil(arrival: Promise<unknown>, fetchAudio: FetchAudio): Promise<void> {
    const { delayMs, minimumMs, ...resource } = fetchAudio;
    const segments = [{ kind: "audio", ...resource, fallback: [] }] as const;
    const clip = this.#prompts.prepare([{ segments, bargeIn: "none" }]).then(({ items, problems }) => {
      if (problems.length > 0) this.#trace("vxml", "fetchaudio", { problems });
      return items[0]?.audio;
    });
    return playWhileFetching({
      clock: this.#clock,
      delayMs,
      minimumMs,
      clip,
      arrival,
      play: (audio, ended) => {
        this.#playbackId += 1;
        const playback: Playback = { playbackId: this.#playbackId, items: [{ audio, bargeIn: "none" }] };
        this.#trace("vxml", "fetchaudio", { playbackId: this.#playbackId, uri: fetchAudio.uri });
        this.#startPlayback(playback, (ending) => ended(ending === "finished" && !this.#isOver));
      },
      stop: () => this.#stopPlayback(),
    });
  }

  async #prepare(prompts: readonly QueuedPrompt[]): Promise<Playback> {
    this.#playbackId += 1;
    const playbackId = this.#playbackId;
    if (prompts.length === 0) return { playbackId, items: [] };
    const prepared = await this.#prompts.prepare(prompts);
    this.#trace("vxml", "prompt", {
      playbackId,
      said: prepared.said,
      durationMs: Math.round(prepared.durationMs),
      ...(prepared.problems.length > 0 ? { problems: prepared.problems } : {}),
    });
    return { playbackId, items: prepared.items };
  }

  #startPlayback(playback: Playback, ended: (ending: PlaybackEnd) => void): void {
    this.#playing = {
      id: playback.playbackId,
      ended: (ending) => {
        this.#playing = undefined;
        ended(ending);
      },
    };
    this.#tell({ type: "play", playback });
  }

  #stopPlayback(): void {
    this.#playing = undefined;
    this.#tell({ type: "stopPlayback" });
  }

  // ------------------------------------------------------------------------------------------ the rest

  #onNotice(effect: NoticeEffect): void {
    switch (effect.type) {
      case "log":
        this.#trace("vxml", "log", { label: effect.label, text: effect.text });
        break;
      case "recordCall":
        this.#tell({ type: "recordCall", isOn: effect.isOn });
        break;
      case "trace":
        this.#trace("vxml", effect.entry.step, {
          document: effect.entry.document,
          line: effect.entry.line,
          column: effect.entry.column,
          ...effect.entry.data,
        });
        break;
      case "disconnect":
        // The session goes on without a caller; the interpreter has thrown what follows from it by itself.
        this.#isHungUp = true;
        this.#tell({ type: "hangUp" });
        break;
    }
  }

  #onHungUp(): void {
    if (this.#isHungUp) return;
    this.#isHungUp = true;
    if (!this.#awaitsCaller) {
      // Only a fetchaudio can be playing.
      this.#playing?.ended("hangup");
      this.#interpreter?.hangUp();
      return;
    }
    this.#playing?.ended("hangup");
    this.#input.interrupt({ type: "hangup" });
  }

  #end(ending: SessionEnding): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#input.abandon();
    this.#playing = undefined;
    this.#messages.abandon();
    this.#observer({ type: "ended", ending });
  }

  /** A mistake of this program, or of a port that promised not to fail: this session ends, its neighbours go on. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    const message = error instanceof Error ? error.message : String(error);
    try {
      this.#interpreter?.stop();
    } catch {
      // It failed already; the ending below says why.
    }
    this.#end({ kind: "error", event: PLATFORM_FAILURE_EVENT, message });
  }

  #contain(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.#fail(error);
    }
  }

  #tell(command: SessionCommand): void {
    if (!this.#isOver) this.#observer(command);
  }

  #trace(source: TraceEntry["source"], kind: string, data: Readonly<Record<string, unknown>>): void {
    // The last entry kept says that more were dropped.
    this.#traceEntries += 1;
    if (this.#traceEntries > MAX_SESSION_TRACE_ENTRIES) return;
    const entry: TraceEntry =
      this.#traceEntries === MAX_SESSION_TRACE_ENTRIES
        ? { atMs: this.#parts.clock.now(), source: "vxml", kind: "trace-full", data: {} }
        : { atMs: this.#parts.clock.now(), source, kind, data };
    this.#tell({ type: "trace", entry });
  }
}
