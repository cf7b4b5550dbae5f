/**
 * What the interpreter asks of its host, and what comes back. Every type here is plain data that can be
 * cloned across a thread: the interpreter itself opens no socket, plays no audio and sets no timer.
 *
 * One effect is outstanding at a time: the interpreter yields an effect of kind "request" and waits for the
 * matching result; effects of kind "notice" (log, trace) need no answer.
 */

/** An HTTP method the dialect allows: VoiceXML 2.0 §5.3.8; `raw` of the plum profile is a POST with a body. */
export type FetchMethod = "GET" | "POST";

/** A resource to fetch (VoiceXML 2.0 §6.1). */
export interface FetchRequest {
  /** What the resource is for; decides default accept headers and which maxage/maxstale properties applied. */
  readonly purpose: "document" | "grammar" | "script" | "data" | "audio";
  /** Absolute URI, without fragment. */
  readonly uri: string;
  readonly method: FetchMethod;
  /** Form fields in order; encoded into the query for GET and into the body for POST. */
  readonly fields?: ReadonlyArray<readonly [name: string, value: string]>;
  /** Encoding of `fields` for POST; default `application/x-www-form-urlencoded`. */
  readonly enctype?: string;
  /** Fields of a multipart body that are recordings: name and `recordingId`; the host has the audio. */
  readonly recordings?: ReadonlyArray<readonly [name: string, recordingId: string]>;
  /** Verbatim body with its content type in `enctype`; excludes `fields`. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the fetch fails with `error.badfetch`. */
  readonly timeoutMs: number;
  /** VoiceXML 2.0 §6.1.2, seconds. Absent: the HTTP rules alone decide. */
  readonly maxAgeSeconds?: number;
  readonly maxStaleSeconds?: number;
  /** False: the server's certificate need not prove its name (the property `certverifypeer` of Plum). Default true. */
  readonly verifiesPeer?: boolean;
  /** What the caller hears while this takes long (§6.1.1); prompts queued before were played to their end. */
  readonly fetchAudio?: FetchAudio;
}

/** `fetchaudio` and the properties in force where the fetch begins (VoiceXML 2.0 §6.1.1, §6.3.5). */
export interface FetchAudio {
  /** Absolute URI. When it cannot be had, nothing is played and no event is thrown. */
  readonly uri: string;
  readonly timeoutMs: number;
  readonly maxAgeSeconds?: number;
  readonly maxStaleSeconds?: number;
  readonly verifiesPeer?: boolean;
  /** `fetchaudiodelay`: so long nothing is heard yet. */
  readonly delayMs: number;
  /** `fetchaudiominimum`: once it is heard it goes on for so long, whatever has arrived meanwhile. */
  readonly minimumMs: number;
}

/** How a fetch ended. A failure is data: the interpreter turns it into `error.badfetch…`. */
export type FetchResult =
  | {
      readonly ok: true;
      /** The URI after redirects: the base of what the resource refers to. */
      readonly uri: string;
      readonly status: number;
      /** Media type without parameters, lower case; empty when the server sent none. */
      readonly contentType: string;
      /** Decoded text for documents, grammars, scripts, data. */
      readonly text: string;
    }
  | {
      readonly ok: false;
      /** HTTP status, when an answer came. */
      readonly status?: number;
      /** Readable reason such as `timed out after 30 s` or `connection refused`. */
      readonly reason: string;
    };

/** One piece of a prompt in playing order. */
export type PromptSegment =
  | { readonly kind: "text"; readonly text: string; readonly language?: string; readonly voice?: string }
  | { readonly kind: "silence"; readonly durationMs: number }
  | {
      readonly kind: "audio";
      /** Absolute URI. */
      readonly uri: string;
      readonly timeoutMs: number;
      readonly maxAgeSeconds?: number;
      readonly maxStaleSeconds?: number;
      /** As in `FetchRequest`. */
      readonly verifiesPeer?: boolean;
      /** What to play when the audio cannot be had (the content of `<audio>`); empty: skip, and report. */
      readonly fallback: readonly PromptSegment[];
    }
  | { readonly kind: "mark"; readonly name: string };

/** How input stops a prompt (VoiceXML 2.0 §4.1.5). `none` is `bargein="false"`. */
export type BargeIn = "speech" | "hotword" | "none";

/** One queued prompt. */
export interface QueuedPrompt {
  readonly segments: readonly PromptSegment[];
  readonly bargeIn: BargeIn;
}

/**
 * A grammar as plain data, compiled: what may be said or keyed. `id` names it in the result.
 * The host hands it to `DtmfCollector` (or a recognizer) unchanged.
 */
export interface ActiveGrammar {
  readonly id: string;
  readonly mode: "dtmf" | "voice";
  /** Compiled rule model of `vxml/grammars`; opaque to the host. */
  readonly rules: unknown;
}

/** The timing properties in force (VoiceXML 2.0 §6.3.3, Appendix D), milliseconds. */
export interface InputTiming {
  readonly timeoutMs: number;
  readonly interDigitTimeoutMs: number;
  readonly termTimeoutMs: number;
  /** One key, or empty for none. */
  readonly termChar: string;
}

/** What can be asked for and must be answered by the result of the same name. */
export type RequestEffect =
  | { readonly type: "fetch"; readonly request: FetchRequest }
  /** Play what is queued and wait until it has been heard: at exit, disconnect, and before some transitions. */
  | { readonly type: "play"; readonly prompts: readonly QueuedPrompt[] }
  /** Play what is queued and collect input: the waiting state. */
  | {
      readonly type: "collect";
      readonly prompts: readonly QueuedPrompt[];
      readonly grammars: readonly ActiveGrammar[];
      readonly timing: InputTiming;
      /** Asynchronous platform events that may interrupt this wait, from the property `voxdial.events`. */
      readonly events: readonly string[];
      /** Media type to keep the utterance in, from the property `recordutterance`; absent: it is not kept. */
      readonly utteranceType?: string;
    }
  | RecordEffect
  | TransferEffect;

/** `<record>`: play what is queued, then record what the caller says (VoiceXML 2.0 §2.3.6). */
export interface RecordEffect {
  readonly type: "record";
  readonly prompts: readonly QueuedPrompt[];
  /** Heard while recording; a match ends it. */
  readonly grammars: readonly ActiveGrammar[];
  /** `timeoutMs` runs from the end of the prompts, and of the beep, until somebody speaks. */
  readonly timing: InputTiming;
  readonly events: readonly string[];
  /** A tone just before the recording begins. */
  readonly beep: boolean;
  readonly maxTimeMs: number;
  /** So much silence ends the recording. */
  readonly finalSilenceMs: number;
  /** Any key ends the recording, before any grammar is asked. */
  readonly isEndedByAnyKey: boolean;
  /** Media type of the recording, such as `audio/x-wav`. */
  readonly mediaType: string;
}

/** How the caller is connected to somebody else (VoiceXML 2.0 §2.3.7, 2.1 §9). */
export type TransferKind = "bridge" | "blind" | "consultation";

/** `<transfer>`: play what is queued, then connect the caller (VoiceXML 2.0 §2.3.7). */
export interface TransferEffect {
  readonly type: "transfer";
  readonly kind: TransferKind;
  /** URI as the document gave it, such as `tel:+15551234567`. */
  readonly destination: string;
  readonly prompts: readonly QueuedPrompt[];
  /** Heard from the caller alone, from the first prompt to the end of the transfer; a match ends it. */
  readonly grammars: readonly ActiveGrammar[];
  readonly timing: InputTiming;
  /** From the attempt to the answer; then the outcome is `noanswer`. */
  readonly connectTimeoutMs: number;
  /** From the answer on, of a bridge; absent: no limit. */
  readonly maxTimeMs?: number;
  /** Played to the caller until the far end answers. */
  readonly audio?: PromptSegment & { readonly kind: "audio" };
  /** `aai`: passed on to the far end where the network can. */
  readonly applicationData?: string;
}

/** What is told without waiting. */
export type NoticeEffect =
  | { readonly type: "log"; readonly label?: string; readonly text: string }
  /** `<disconnect>`: hang up; the session goes on without a caller (VoiceXML 2.0 §5.3.11). */
  | { readonly type: "disconnect" }
  /** The property `recordcall` changed where the caller is about to hear or say something. Absent: no longer set. */
  | { readonly type: "recordCall"; readonly isOn?: boolean }
  | { readonly type: "trace"; readonly entry: SessionTraceEntry };

/** One step of the interpreter, for the call's trace: what happened, where in which document. */
export interface SessionTraceEntry {
  /** Short constant word: `document`, `dialog`, `select`, `prompt`, `collect`, `filled`, `event`, `goto`, … */
  readonly step: string;
  readonly document?: string;
  readonly line?: number;
  readonly column?: number;
  /** Particulars, small and cloneable. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What a host may know of an input beside its words. */
export interface InputCircumstances {
  /** The last `<mark>` reached before the input, or before the prompts' end, and the time since (VoiceXML 2.1 §4). */
  readonly mark?: { readonly name: string; readonly elapsedMs: number };
  /** What was said, where `utteranceType` asked to keep it (VoiceXML 2.1 §7). */
  readonly utteranceRecording?: Recording;
}

/** What the host answers to a `collect`. */
export type CollectResult =
  /** Input matched one or more active grammars, best first. */
  | (InputCircumstances & {
      readonly type: "match";
      readonly mode: "dtmf" | "voice";
      readonly utterance: string;
      readonly grammarIds: readonly string[];
      readonly confidence: number;
      /** What a recognizer may have heard instead, likelier ones first, for n-best lists. */
      readonly alternatives?: readonly {
        readonly utterance: string;
        readonly grammarIds: readonly string[];
        readonly confidence: number;
      }[];
    })
  | (InputCircumstances & {
      readonly type: "nomatch";
      readonly mode: "dtmf" | "voice";
      readonly utterance: string;
    })
  | { readonly type: "noinput" }
  /** The caller is gone: `connection.disconnect.hangup`. */
  | { readonly type: "hangup" }
  /** An asynchronous event that `events` named, such as `voxdial.beep`. */
  | { readonly type: "event"; readonly name: string; readonly message?: string };

/** A recording the host keeps for the session; scripts see it as the text `recording:` with its id. */
export interface Recording {
  /** Chosen by the host, unique within the session. */
  readonly recordingId: string;
  readonly durationMs: number;
  readonly sizeBytes: number;
}

/** What the host answers to a `record`. */
export type RecordResult =
  /** It ended by silence, by a key, or by its time. Without any audio: `durationMs` 0. */
  | ({
      readonly type: "recorded";
      /** The key that ended it where `isEndedByAnyKey`. */
      readonly termChar?: string;
      readonly isMaxTime: boolean;
    } & Recording)
  /** A grammar ended it, or matched before it began. */
  | (CollectResult & { readonly type: "match"; readonly recording?: Recording })
  | { readonly type: "noinput" }
  /** The caller is gone; what was said before is kept. */
  | { readonly type: "hangup"; readonly recording?: Recording }
  | (CollectResult & { readonly type: "event" })
  /** This host cannot record: `error.unsupported.record`; not in this media type: `error.unsupported.format`. */
  | { readonly type: "unsupported"; readonly isFormat?: boolean };

/** How a transfer ended while the caller stayed (tables 20 to 22). */
export type TransferOutcome =
  | "busy"
  | "noanswer"
  | "network_busy"
  | "near_end_disconnect"
  | "far_end_disconnect"
  | "network_disconnect"
  | "maxtime_disconnect"
  | "unknown";

/** What the host answers to a `transfer`. */
export type TransferResult =
  /** The caller is ours again. `durationMs` counts from the answer; 0 when there was none. */
  | { readonly type: "transferred"; readonly outcome: TransferOutcome; readonly durationMs: number }
  /** The caller ended it by a key or a word: `near_end_disconnect`. */
  | (CollectResult & { readonly type: "match"; readonly durationMs: number })
  /** The caller was handed over and will not return: `connection.disconnect.transfer`. */
  | { readonly type: "handedOver" }
  | { readonly type: "hangup" }
  /**
   * No attempt could be made (table 25). `event` is what follows `error.connection.`: `noauthorization`,
   * `baddestination`, `noroute`, `noresource`, or `protocol.` with the protocol's number.
   */
  | { readonly type: "refused"; readonly event: string; readonly message?: string }
  /** `error.unsupported.uri`: the destination's scheme is not known here. */
  | { readonly type: "unsupportedUri" }
  /** This host cannot transfer in this way: `error.unsupported.transfer.KIND`. */
  | { readonly type: "unsupported" };

/** What the host answers to a `play`. */
export type PlayResult = { readonly type: "played" } | { readonly type: "hangup" };

/** How a voice session ended. */
export interface SessionEnding {
  readonly kind: "exit" | "disconnect" | "hangup" | "error";
  /** Of `<exit>`, also after the call was over: the value of `expr` or the named variables, as JSON text. */
  readonly value?: string;
  /** The variables `<disconnect namelist>` named, as JSON text (VoiceXML 2.1 §8). */
  readonly disconnectValue?: string;
  /** For `error`: the event that nobody caught, e.g. `error.badfetch.http.500`, and its message. */
  readonly event?: string;
  readonly message?: string;
}

/** Host values read live by scripts as `session.…`; the tree is JSON. Replaced whole paths at a time. */
export type SessionVariables = Readonly<Record<string, unknown>>;

/** The named conformance profiles (one table of differences in `profiles.ts`). */
export type ProfileName = "w3c" | "plum";
