/**
 * A caller made of text: plays prompts as lines, takes keys and words from lines. One line answers one wait; no
 * time passes, so a run is the same every time.
 *
 *   1#           keys
 *   yes please   words, matched against the voice grammars
 *   (empty)      silence
 *   < dtmf 1     the transcript form: dtmf, say, silence, hangup, event NAME; other lines of a transcript are skipped
 */
import type { Fetcher } from "../../engine/index.ts";
import type {
  CollectResult,
  HostResult,
  InterpreterSession,
  NoticeEffect,
  PromptSegment,
  QueuedPrompt,
  RequestEffect,
  SessionEnding,
  SessionOptions,
} from "../../vxml/index.ts";
import { type CollectorStep, DtmfCollector, matchWords, startSession } from "../../vxml/index.ts";

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
      return hear(effect, line);
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
  if (line === undefined) return { type: "hangup" };
  const form = /^\s*<\s*(dtmf|say|silence|hangup|event)\b\s*(.*)$/.exec(line);
  const [kind, text] = form ? [form[1], form[2] ?? ""] : guess(line.trim());
  switch (kind) {
    case "hangup":
      return { type: "hangup" };
    case "say":
      return matchWords(effect.grammars, text);
    case "event":
      return effect.events.includes(text.trim()) ? { type: "event", name: text.trim() } : press(effect, "");
    default:
      return press(effect, kind === "dtmf" ? text : "");
  }
}

function guess(line: string): readonly [string, string] {
  if (line === "") return ["silence", ""];
  return /^[0-9*#A-D\s]+$/.test(line) ? ["dtmf", line] : ["say", line];
}

/** Keys one after the other, then as much silence as it takes. */
function press(effect: Collect, keys: string): CollectResult {
  const collector = new DtmfCollector(effect.grammars, effect.timing);
  let step: CollectorStep = collector.promptsEnded();
  for (const key of keys.replace(/\s+/g, "")) {
    if (step.type === "result") break;
    step = collector.key(key);
  }
  while (step.type === "wait") step = collector.timeout();
  return step.result;
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
