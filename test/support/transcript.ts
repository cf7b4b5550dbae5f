/**
 * Documents and transcripts: an interpreter's run as lines that a person can read, played on a manual clock.
 *
 *   # a comment
 *   = profile plum                    settings: profile, property NAME VALUE, variable PATH JSON,
 *   = file /next next.vxml            what a URI answers with, beside the document of the same name,
 *   = status /gone 404                or with which status it fails
 *   > prompt  "Press one or two."     what the interpreter does, in order
 *   < dtmf    12#                     what the caller does at each wait: dtmf, say, silence, hangup, event NAME
 *   < recording 5 seconds, < transfer busy      what answers a recording and a transfer: api/cli/text-answers.ts
 *   < set     connection.callee_type voice     applied when the next request arrives
 *
 * Playing writes the whole transcript anew; a test compares it with the file.
 */
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { answerRecord, answerTransfer, pressKeys } from "../../api/cli/text-answers.ts";
import type {
  CollectResult,
  FetchRequest,
  FetchResult,
  HostResult,
  NoticeEffect,
  ProfileName,
  PromptSegment,
  QueuedPrompt,
  RequestEffect,
  ScriptEngines,
  SessionEnding,
} from "../../vxml/index.ts";
import { matchWords, startSession } from "../../vxml/index.ts";
import { ManualClock } from "./manual-clock.ts";

/** Where documents of transcripts seem to come from. */
export const TRANSCRIPT_ORIGIN = "http://app.example";

/** A transcript file, split into what it sets, what the caller does, and what is expected. */
interface Script {
  readonly settings: readonly (readonly string[])[];
  readonly inputs: readonly string[];
  /** The whole file without comments and settings, normalized. */
  readonly lines: readonly string[];
}

/** Plays `NAME.vxml` by `NAME.transcript`. `expected` and `actual` are comparable texts. */
export async function playTranscript(
  transcriptPath: string,
  scripts: ScriptEngines,
): Promise<{ expected: string; actual: string }> {
  const script = parseTranscript(readFileSync(transcriptPath, "utf8"));
  const player = new TranscriptPlayer(script, transcriptPath);
  await player.play(scripts);
  return { expected: script.lines.join("\n"), actual: player.lines.join("\n") };
}

function parseTranscript(text: string): Script {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return {
    settings: lines.filter((line) => line.startsWith("=")).map((line) => line.slice(1).trim().split(/\s+/)),
    inputs: lines.filter((line) => line.startsWith("<")).map((line) => line.slice(1).trim()),
    lines: lines.filter((line) => !line.startsWith("=")).map(normalized),
  };
}

/** `>  prompt   "x"` to `> prompt "x"`. */
function normalized(line: string): string {
  return line.replace(/^([<>])\s*(\S+)\s*/, "$1 $2 ").trim();
}

class TranscriptPlayer {
  readonly lines: string[] = [];
  readonly #script: Script;
  readonly #folder: string;
  readonly #name: string;
  readonly #clock = new ManualClock();
  #nextInput = 0;
  #nextRecording = 1;

  constructor(script: Script, transcriptPath: string) {
    this.#script = script;
    this.#folder = dirname(transcriptPath);
    this.#name = basename(transcriptPath, ".transcript");
  }

  play(scripts: ScriptEngines): Promise<void> {
    return new Promise((resolve) => {
      const session = startSession(
        {
          scripts,
          profile: (this.#settings("profile")[0]?.[0] ?? "w3c") as ProfileName,
          start: { uri: `${TRANSCRIPT_ORIGIN}/${this.#name}.vxml`, method: "GET", fields: [] },
          variables: this.#variables(),
          properties: Object.fromEntries(
            this.#settings("property").map(([name = "", ...value]) => [name, value.join(" ")]),
          ),
        },
        {
          request: (effect) => {
            // Answered after the call has returned, as a host on the network would.
            queueMicrotask(() => {
              this.#applySettings((path, value) => session.setVariable(path, value));
              session.resume(this.#answer(effect));
            });
          },
          notice: (effect) => this.#notice(effect),
          ended: (ending) => {
            this.#write(endingLine(ending));
            resolve();
          },
        },
      );
    });
  }

  #settings(name: string): string[][] {
    return this.#script.settings.filter(([first]) => first === name).map((words) => words.slice(1));
  }

  #variables(): Record<string, unknown> {
    const tree: Record<string, unknown> = {};
    for (const [path = "", ...json] of this.#settings("variable")) {
      const names = path.split(".");
      const last = names.pop() ?? "";
      let at = tree;
      for (const name of names) {
        at[name] ??= {};
        at = at[name] as Record<string, unknown>;
      }
      at[last] = JSON.parse(json.join(" "));
    }
    return tree;
  }

  #write(line: string): void {
    this.lines.push(normalized(line));
  }

  #answer(effect: RequestEffect): HostResult {
    switch (effect.type) {
      case "fetch":
        return this.#fetch(effect.request);
      case "play": {
        this.#prompts(effect.prompts);
        const input = this.#peekInput();
        if (input !== "hangup") return { type: "played" };
        this.#takeInput();
        return { type: "hangup" };
      }
      case "collect":
        this.#prompts(effect.prompts);
        return this.#collect(effect);
      case "record":
        this.#prompts(effect.prompts);
        if (effect.beep) this.#write("> beep");
        return answerRecord(effect, ...this.#takeWords(), `r${this.#nextRecording++}`);
      case "transfer": {
        this.#prompts(effect.prompts);
        const details = [
          ...(effect.audio ? [printSegment(effect.audio)] : []),
          ...(effect.applicationData === undefined ? [] : [`aai=${effect.applicationData}`]),
          `connecttimeout=${effect.connectTimeoutMs}ms`,
          ...(effect.maxTimeMs === undefined ? [] : [`maxtime=${effect.maxTimeMs}ms`]),
        ];
        this.#write(`> transfer ${effect.kind} ${effect.destination} ${details.join(" ")}`);
        return answerTransfer(effect, ...this.#takeWords());
      }
    }
  }

  #fetch(request: FetchRequest): FetchResult {
    const path = request.uri.slice(TRANSCRIPT_ORIGIN.length);
    if (request.purpose !== "document" || path !== `/${this.#name}.vxml`) {
      const fields = (request.fields ?? []).map(([name, value]) => `${name}=${value}`);
      const method = request.method === "GET" ? [] : [request.method];
      const body = request.body === undefined ? [] : [request.body];
      const recordings = (request.recordings ?? []).map(([name, id]) => `${name}=(recording ${id})`);
      const headers = Object.entries(request.headers ?? {})
        .filter(([name]) => name !== "Accept")
        .map(([name, value]) => `${name}:${value}`);
      this.#write(["> fetch", ...method, path, ...headers, ...fields, ...recordings, ...body].join(" "));
    }
    const status = this.#settings("status").find(([uri]) => uri === path)?.[1];
    if (status !== undefined) return { ok: false, status: Number(status), reason: `status ${status}` };
    const file = this.#settings("file").find(([uri]) => uri === path)?.[1] ?? `.${path}`;
    try {
      const text = readFileSync(join(this.#folder, file), "utf8");
      return { ok: true, uri: request.uri, status: 200, contentType: "application/voicexml+xml", text };
    } catch {
      return { ok: false, status: 404, reason: "not found" };
    }
  }

  #collect(effect: RequestEffect & { type: "collect" }): CollectResult {
    const [kind, rest] = this.#takeWords();
    const press = (keys: string): CollectResult => pressKeys(effect, keys, (ms) => this.#clock.advance(ms));
    switch (kind) {
      case "dtmf":
        return press(rest);
      case "silence":
        return press("");
      case "say":
        return matchWords(effect.grammars, rest);
      case "event":
        return effect.events.includes(rest) ? { type: "event", name: rest } : press("");
      default:
        return { type: "hangup" };
    }
  }

  /** The next input's first word and the rest; nothing left is a hang-up. */
  #takeWords(): readonly [kind: string, rest: string] {
    const [kind = "hangup", ...rest] = (this.#takeInput() ?? "hangup").split(/\s+/);
    return [kind, rest.join(" ")];
  }

  #prompts(prompts: readonly QueuedPrompt[]): void {
    for (const prompt of prompts)
      this.#write(
        `> ${prompt.bargeIn === "none" ? "announce" : "prompt"} ${prompt.segments.map(printSegment).join(" ")}`,
      );
  }

  #notice(effect: NoticeEffect): void {
    if (effect.type === "log") this.#write(`> log ${effect.label ? `[${effect.label}] ` : ""}${effect.text}`);
    if (effect.type === "disconnect") this.#write("> disconnect");
    if (effect.type === "recordCall") this.#write(`> record ${effect.isOn ?? "unset"}`);
    if (effect.type === "trace" && effect.entry.step === "event")
      this.#write(`> event ${String(effect.entry.data?.event)}`);
  }

  #applySettings(set: (path: readonly string[], value: unknown) => void): void {
    for (;;) {
      const [kind, path = "", ...value] = (this.#peekInput() ?? "").split(/\s+/);
      if (kind !== "set") return;
      this.#takeInput();
      set(path.split("."), value.join(" "));
    }
  }

  #peekInput(): string | undefined {
    return this.#script.inputs[this.#nextInput]?.replace(/\s+/g, " ");
  }

  #takeInput(): string | undefined {
    const input = this.#peekInput();
    if (input !== undefined) {
      this.#nextInput++;
      this.#write(`< ${input}`);
    }
    return input;
  }
}

function printSegment(segment: PromptSegment): string {
  switch (segment.kind) {
    case "text":
      return JSON.stringify(segment.text);
    case "silence":
      return `${segment.durationMs}ms`;
    case "mark":
      return `mark:${segment.name}`;
    case "audio": {
      const uri = segment.uri.startsWith(TRANSCRIPT_ORIGIN)
        ? segment.uri.slice(TRANSCRIPT_ORIGIN.length)
        : segment.uri;
      const fallback = segment.fallback.map(printSegment).join(" ");
      return `<${uri}${fallback === "" ? "" : ` or ${fallback}`}>`;
    }
  }
}

function endingLine(ending: SessionEnding): string {
  if (ending.kind === "error") return `> end error ${ending.event} ${ending.message ?? ""}`;
  return `> end ${ending.kind} ${ending.value ?? ""}`;
}
