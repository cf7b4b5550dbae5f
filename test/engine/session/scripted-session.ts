/** A voice session whose interpreter, web and voice are played by the test, on a manual clock. */
import type {
  AudioFetchResult,
  Fetcher,
  MessageEnd,
  MessageRequest,
  Playback,
  SessionCommand,
  SpeechSynthesizer,
  VoiceSession,
} from "../../../engine/index.ts";
import type {
  Interpreter,
  InterpreterHost,
  InterpreterStart,
} from "../../../engine/session/interpreter-port.ts";
import { SessionRecordings } from "../../../engine/session/session-recordings.ts";
import { startVoiceSession } from "../../../engine/session/voice-session.ts";
import {
  type ActiveGrammar,
  type CollectResult,
  DtmfCollector,
  type FetchRequest,
  type FetchResult,
  type QueuedPrompt,
  type RecordEffect,
  type RequestEffect,
} from "../../../vxml/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Lets every promise that can settle without the clock do so. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

export class ScriptedSession {
  readonly clock = new ManualClock();
  readonly commands: SessionCommand[] = [];
  /** What the interpreter was answered, in order. */
  readonly answers: unknown[] = [];
  readonly variables: unknown[] = [];
  readonly recordings = new SessionRecordings();
  readonly spoken: string[] = [];
  readonly fetched: FetchRequest[] = [];
  hangUps = 0;
  isStopped = false;
  started: InterpreterStart | undefined;
  host: InterpreterHost | undefined;
  session: VoiceSession;
  /** What the web answers; by default nothing is found. */
  answerFetch: (request: FetchRequest) => FetchResult = () => ({
    ok: false,
    status: 404,
    reason: "the server answered 404",
  });
  answerAudio: (request: FetchRequest) => AudioFetchResult = () => ({
    ok: false,
    reason: "connection refused",
  });
  /** Milliseconds of audio per text: 100, or a failure. */
  speak: (text: string) => Int16Array = () => new Int16Array(800).fill(1);

  constructor(begin?: (host: InterpreterHost) => void) {
    const fetcher: Fetcher = {
      fetch: async (request) => {
        this.fetched.push(request);
        return this.answerFetch(request);
      },
      fetchAudio: async (request) => {
        this.fetched.push(request);
        return this.answerAudio(request);
      },
    };
    const synthesizer: SpeechSynthesizer = {
      synthesize: async ({ text }) => {
        this.spoken.push(text);
        return this.speak(text);
      },
    };
    const interpreter: Interpreter = {
      resume: (answer) => this.answers.push(answer),
      setVariable: (path, value) => this.variables.push([...path, value]),
      hangUp: () => {
        this.hangUps += 1;
      },
      stop: () => {
        this.isStopped = true;
      },
    };
    this.session = startVoiceSession(
      {
        sessionId: "s1",
        startUrl: "http://app/start",
        method: "POST",
        fields: [["call_id", "1"]],
        profile: "plum",
        variables: { id: "x" },
      },
      {
        startInterpreter: (options, host) => {
          this.started = options;
          this.host = host;
          begin?.(host);
          return interpreter;
        },
        createKeyCollector: (grammars, timing) => new DtmfCollector(grammars, timing),
        fetcher,
        synthesizer,
        clock: this.clock,
        recordings: this.recordings,
      },
      (command) => this.commands.push(command),
    );
  }

  /** Asks as the interpreter would, and lets the session get as far as it can. */
  async ask(effect: RequestEffect): Promise<void> {
    this.host?.request(effect);
    await settled();
  }

  /** Collects with prompts of these barge-in kinds, each 100 ms of speech, and a grammar of `digits` digits. */
  async collect(
    bargeIns: readonly QueuedPrompt["bargeIn"][],
    options: { digits?: number; events?: readonly string[] } = {},
  ): Promise<void> {
    await this.ask({
      type: "collect",
      prompts: bargeIns.map((bargeIn) => ({
        bargeIn,
        segments: [{ kind: "text", text: `a ${bargeIn} prompt` }],
      })),
      grammars: options.digits === 0 ? [] : [digits(options.digits ?? 1)],
      timing: { timeoutMs: 3000, interDigitTimeoutMs: 1000, termTimeoutMs: 0, termChar: "#" },
      events: options.events ?? [],
    });
  }

  /** Records with prompts of these barge-in kinds and a grammar of `digits` digits, 0 for none. */
  async record(
    bargeIns: readonly QueuedPrompt["bargeIn"][],
    changes: Partial<RecordEffect> & { readonly digits?: number } = {},
  ): Promise<void> {
    const { digits: count = 0, ...effect } = changes;
    await this.ask({
      type: "record",
      prompts: bargeIns.map((bargeIn) => ({ bargeIn, segments: [{ kind: "text", text: "Speak." }] })),
      grammars: count === 0 ? [] : [digits(count)],
      timing: { timeoutMs: 3000, interDigitTimeoutMs: 1000, termTimeoutMs: 0, termChar: "#" },
      events: [],
      beep: true,
      maxTimeMs: 60_000,
      finalSilenceMs: 2000,
      isEndedByAnyKey: true,
      mediaType: "audio/basic",
      ...effect,
    });
  }

  /** The leg ends the newest message, with so many samples of µ-law. */
  async messageEnds(ending: MessageEnd["ending"], samples = 0, key?: string): Promise<void> {
    const messageId = this.messages.at(-1)?.messageId ?? 0;
    const audio = new Uint8Array(new SharedArrayBuffer(samples)).fill(0x90);
    const end = { messageId, ending, audio };
    this.session.notify({ type: "messageEnded", end: key === undefined ? end : { ...end, key } });
    await settled();
  }

  get messages(): MessageRequest[] {
    return this.commands.flatMap((command) => (command.type === "takeMessage" ? command.request : []));
  }

  async press(keys: string, during: "speech" | "hotword" | "none" | "nothing" = "nothing"): Promise<void> {
    for (const key of keys) this.session.notify({ type: "key", key, during });
    await settled();
  }

  async playbackEnds(ending: "finished" | "barged" | "stopped" = "finished"): Promise<void> {
    const playbackId = this.playbacks.at(-1)?.playbackId ?? 0;
    this.session.notify({ type: "playbackEnded", playbackId, ending });
    await settled();
  }

  async passes(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settled();
  }

  get playbacks(): Playback[] {
    return this.commands.flatMap((command) => (command.type === "play" ? command.playback : []));
  }

  get lastAnswer(): CollectResult | undefined {
    return this.answers.at(-1) as CollectResult | undefined;
  }

  count(type: SessionCommand["type"]): number {
    return this.commands.filter((command) => command.type === type).length;
  }

  traced(kind: string) {
    return this.commands.flatMap((command) =>
      command.type === "trace" && command.entry.kind === kind ? command.entry : [],
    );
  }
}

/** Exactly so many digits. */
function digits(count: number): ActiveGrammar {
  const digit = { kind: "alternatives", choices: [..."0123456789"].map((text) => ({ kind: "token", text })) };
  const expansion = { kind: "repeat", of: digit, min: count, max: count };
  const rules = {
    mode: "dtmf",
    root: "digits",
    rules: [{ name: "digits", expansion }],
    tagFormat: "literals",
  };
  return { id: "digits", mode: "dtmf", rules };
}
