/** Telephony, voice sessions and a log that a test plays by hand, and a claimed call to run. */
import type {
  LegEvent,
  MessageRequest,
  OutboundLegRequest,
  Playback,
  Telephony,
  VoiceSessions,
} from "../../../engine/index.ts";
import type { Call, ClaimedCall, Deployment } from "../../../engine/model/call.ts";
import type {
  Logger,
  SessionCommand,
  SessionNotice,
  TraceEntry,
  VoiceSessionRequest,
} from "../../../engine/ports.ts";

/** A leg event without its time, which the clock gives. */
export type UntimedLegEvent = LegEvent extends infer Event
  ? Event extends { readonly atMs: number }
    ? Omit<Event, "atMs">
    : Event
  : never;

/** Remembers what the runner asked of its leg; `tell` plays the network. */
export class ScriptedTelephony implements Telephony {
  request: OutboundLegRequest | undefined;
  readonly asked: string[] = [];
  readonly playbacks: Playback[] = [];
  readonly #now: () => number;
  #observer: (event: LegEvent) => void = () => {};

  constructor(now: () => number) {
    this.#now = now;
  }

  placeLeg(request: OutboundLegRequest, observer: (event: LegEvent) => void) {
    this.request = request;
    this.#observer = observer;
    return {
      legId: request.legId,
      hangUp: (cause = "normal") => {
        this.asked.push(`hangUp ${cause}`);
      },
      play: (playback: Playback) => {
        this.asked.push(`play ${playback.playbackId}`);
        this.playbacks.push(playback);
      },
      stopPlayback: () => {
        this.asked.push("stopPlayback");
      },
      sendKeys: (keys: string) => {
        this.asked.push(`sendKeys ${keys}`);
      },
      record: (path: string | undefined) => {
        this.asked.push(`record ${path ?? "nothing"}`);
      },
      takeMessage: ({ messageId }: MessageRequest) => {
        this.asked.push(`takeMessage ${messageId}`);
      },
      stopMessage: () => {
        this.asked.push("stopMessage");
      },
    };
  }

  tell(...events: readonly UntimedLegEvent[]): void {
    for (const event of events) this.#observer({ ...event, atMs: this.#now() } as LegEvent);
  }

  /** INVITE, 180, 200. */
  async answer(): Promise<void> {
    await this.request?.beforeInvite();
    this.tell(
      { type: "inviteSent" },
      { type: "progress", status: 180, hasEarlyMedia: false },
      { type: "answered", codec: "PCMU" },
    );
  }

  decide(calleeType: "voice" | "answeringmachine" | "fax" | "unknown" | "informationtone" | "busy"): void {
    this.tell({
      type: "decision",
      decision: { calleeType, confidence: 1, decidedAtMs: 0, why: [], evidence: [], isCorrection: false },
    });
  }
}

/** Remembers what the session was told; `say` plays the script. */
export class ScriptedSessions implements VoiceSessions {
  request: VoiceSessionRequest | undefined;
  readonly told: SessionNotice[] = [];
  isTerminated = false;
  say: (command: SessionCommand) => void = () => {};

  start(request: VoiceSessionRequest, observer: (command: SessionCommand) => void) {
    this.request = request;
    this.say = observer;
    return {
      notify: (notice: SessionNotice) => {
        this.told.push(notice);
      },
      terminate: () => {
        this.isTerminated = true;
      },
    };
  }
}

/** Keeps every line. */
export class RememberedLog implements Logger {
  readonly lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  readonly #bound: object;
  readonly #root: RememberedLog;

  constructor(bound: object = {}, root?: RememberedLog) {
    this.#bound = bound;
    this.#root = root ?? this;
  }

  #line(level: string, fields: object, message: string): void {
    this.#root.lines.push({ level, message, fields: { ...this.#bound, ...fields } });
  }

  debug(fields: object, message: string): void {
    this.#line("debug", fields, message);
  }
  info(fields: object, message: string): void {
    this.#line("info", fields, message);
  }
  warn(fields: object, message: string): void {
    this.#line("warn", fields, message);
  }
  error(fields: object, message: string): void {
    this.#line("error", fields, message);
  }
  child(fields: object): RememberedLog {
    return new RememberedLog({ ...this.#bound, ...fields }, this.#root);
  }
}

/** Keeps every trace entry. */
export class RememberedTrace {
  readonly entries: TraceEntry[] = [];

  write(_callId: number, _attemptId: number, entry: TraceEntry): void {
    this.entries.push(entry);
  }

  kinds(): string[] {
    return this.entries.map((entry) => `${entry.source}.${entry.kind}`);
  }
}

const DEPLOYMENT: Deployment = {
  deploymentId: 3,
  name: "reminders",
  trunk: "carrier",
  callerId: "+12025550100",
  ringTimeoutMs: 45_000,
  maxChannels: 4,
  redialDeclined: false,
  recordCalls: false,
  startMethod: "POST",
  profile: "plum",
};

const CALL: Call = {
  callId: 12,
  deploymentId: 3,
  campaignId: 1,
  destination: { number: "+16175551234", original: "tel:+16175551234" },
  startUrl: "http://127.0.0.1/start.vxml",
  variables: {},
  maxAttempts: 2,
  retryIntervalMs: 60_000,
  queuedAtMs: 1_799_999_990_000,
};

/** A claimed call with what a test wants different. */
export function claimedCall(call: Partial<Call> = {}, deployment: Partial<Deployment> = {}): ClaimedCall {
  return {
    call: { ...CALL, ...call },
    deployment: { ...DEPLOYMENT, ...deployment },
    attemptId: 34,
    attemptNumber: 1,
    claimedAtMs: 1_800_000_000_000,
  };
}
