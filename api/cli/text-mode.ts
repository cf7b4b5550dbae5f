/**
 * A caller made of text: plays prompts as lines, takes keys and words from lines. One line answers one wait; no
 * time passes, so a run is the same every time.
 *
 *   1#           keys
 *   yes please   words, matched against the voice grammars
 *   (empty)      silence
 *   < dtmf 1     the transcript form: dtmf, say, silence, hangup, event NAME; other lines of a transcript are skipped
 *   (recording 5 seconds), (transfer busy)     what answers a recording and a transfer: `text-answers.ts`
 */
import type { Fetcher } from "../../engine/index.ts";
import type {
  CollectResult,
  HostResult,
  InterpreterSession,
  NoticeEffect,
  PromptSegment,
  QueuedPrompt,
  Recording,
  RequestEffect,
  SessionEnding,
  SessionOptions,
} from "../../vxml/index.ts";
import { matchWords, startSession } from "../../vxml/index.ts";
import { answerRecord, answerTransfer, pressKeys, withCircumstances } from "./text-answers.ts";

/** Where the caller's lines come from. */
export interface TextInput {
  /** The next line, or undefined when the caller has nothing more to say and hangs up. */
  next(): Promise<string | undefined>;
}

export interface TextModeOptions {
  readonly session: SessionOptions;
  readonly fetcher: Fetcher;
  readonly input: TextInput;
  readonly print: (line: string) => void;
  /** Filled with what is recorded, by its id. */
  readonly recordings: Map<string, Recording>;
  /** Prints every step of the interpreter. */
  readonly showsTrace: boolean;
}

type Collect = RequestEffect & { readonly type: "collect" };

/** Runs a session to its end. Never rejects. */
export function runTextMode(options: TextModeOptions): Promise<SessionEnding> {
  return new Promise((resolve) => {
    let session: InterpreterSession | undefined;
    const host = {
      request: (effect: RequestEffect): void => {
        answer(effect, options).then(
          (result) => session?.resume(result),
          (error: unknown) =>
            resolve({ kind: "error", event: "error.voxdial.internal", message: String(error) }),
        );
      },
      notice: (effect: NoticeEffect): void => printNotice(effect, options),
      ended: resolve,
    };
    session = startSession(options.session, host);
  });
}

async function answer(effect: RequestEffect, options: TextModeOptions): Promise<HostResult> {
  switch (effect.type) {
    case "fetch":
      return options.fetcher.fetch(effect.request);
    case "play":
      printPrompts(effect.prompts, options.print);
      return { type: "played" };
    case "collect": {
      printPrompts(effect.prompts, options.print);
      const line = await nextLine(options.input);
      const result = withCircumstances(effect, hear(effect, line), () => `r${options.recordings.size + 1}`);
      const kept = "utteranceRecording" in result ? result.utteranceRecording : undefined;
      if (kept) options.recordings.set(kept.recordingId, kept);
      return result;
    }
    case "record": {
      printPrompts(effect.prompts, options.print);
      if (effect.beep) options.print("(beep)");
      const line = await nextLine(options.input);
      const result = answerRecord(effect, ...wordsOf(line), `r${options.recordings.size + 1}`);
      const recording = "recording" in result ? result.recording : result;
      if (recording && "recordingId" in recording) options.recordings.set(recording.recordingId, recording);
      return result;
    }
    case "transfer": {
      printPrompts(effect.prompts, options.print);
      options.print(`(${effect.kind} transfer to ${effect.destination})`);
      const line = await nextLine(options.input);
      return answerTransfer(effect, ...wordsOf(line));
    }
  }
}

/** The next line that is input: comments and a transcript's expectations are passed over. */
async function nextLine(input: TextInput): Promise<string | undefined> {
  for (;;) {
    const line = await input.next();
    if (line === undefined || !/^\s*[#>=]\s/.test(line)) return line;
  }
}

function hear(effect: Collect, line: string | undefined): CollectResult {
  const [kind, text] = wordsOf(line);
  switch (kind) {
    case "hangup":
      return { type: "hangup" };
    case "say":
      return matchWords(effect.grammars, text);
    case "event":
      return effect.events.includes(text) ? { type: "event", name: text } : pressKeys(effect, "");
    default:
      return pressKeys(effect, kind === "dtmf" ? text : "");
  }
}

/** What a line does, and with what. */
function wordsOf(line: string | undefined): readonly [kind: string, rest: string] {
  if (line === undefined) return ["hangup", ""];
  const form =
    /^\s*<\s*(dtmf|say|silence|hangup|event|recording|transfer)\b\s*(.*)$/.exec(line) ??
    /^\s*\(\s*(recording|transfer)\b\s*(.*?)\s*\)\s*$/.exec(line);
  return form ? [form[1] ?? "", (form[2] ?? "").trim()] : guess(line.trim());
}

function guess(line: string): readonly [string, string] {
  if (line === "") return ["silence", ""];
  return /^[0-9*#A-D\s]+$/.test(line) ? ["dtmf", line] : ["say", line];
}

function printPrompts(prompts: readonly QueuedPrompt[], print: (line: string) => void): void {
  for (const prompt of prompts) {
    const text = prompt.segments.map(printSegment).join(" ").trim();
    if (text !== "") print(`> ${text}`);
  }
}

function printSegment(segment: PromptSegment): string {
  switch (segment.kind) {
    case "text":
      return segment.text;
    case "silence":
      return "…";
    case "mark":
      return "";
    case "audio": {
      const fallback = segment.fallback.map(printSegment).join(" ").trim();
      return `[${segment.uri}${fallback === "" ? "" : `: ${fallback}`}]`;
    }
  }
}

function printNotice(effect: NoticeEffect, options: TextModeOptions): void {
  if (effect.type === "log") options.print(`log ${effect.label ? `[${effect.label}] ` : ""}${effect.text}`);
  else if (effect.type === "disconnect") options.print("the application hangs up");
  else if (effect.type === "recordCall") {
    const how = effect.isOn === undefined ? "as before the script" : effect.isOn ? "on" : "off";
    options.print(`the call's recording is ${how}`);
  } else if (options.showsTrace) {
    const { step, line, column, data } = effect.entry;
    const at = line === undefined ? "" : ` ${line}:${column}`;
    const details =
      data && Object.values(data).some((value) => value !== undefined) ? JSON.stringify(data) : "";
    options.print(`  · ${step}${at} ${details}`.trimEnd());
  }
}
