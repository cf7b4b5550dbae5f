/**
 * Plays a transcript: the document's run is written anew as a whole transcript, to be compared with the file. No
 * time passes, so a run is the same every time.
 */
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type {
  CollectResult,
  FetchRequest,
  FetchResult,
  HostResult,
  InterpreterSession,
  NoticeEffect,
  ProfileName,
  QueuedPrompt,
  RequestEffect,
  ScriptEngines,
} from "../../../vxml/index.ts";
import { matchWords, startSession } from "../../../vxml/index.ts";
import { answerRecord, answerTransfer, pressKeys, withCircumstances } from "../text-answers.ts";
import {
  normalized,
  parseTranscript,
  type TranscriptFault,
  type TranscriptScript,
} from "./transcript-file.ts";
import { printEnding, printPath, printSegment, TRANSCRIPT_ORIGIN } from "./transcript-lines.ts";

/** What a transcript expects and what happened, line by line. */
export interface TranscriptRun {
  readonly expected: readonly string[];
  readonly actual: readonly string[];
  /** Lines that mean nothing; with any, nothing was played. */
  readonly faults: readonly TranscriptFault[];
}

/**
 * Plays `NAME.vxml` by `NAME.transcript`, or the document the transcript names. `profile` holds where the transcript
 * names none. Rejects only when the transcript itself cannot be read.
 */
export async function playTranscript(
  transcriptPath: string,
  scripts: ScriptEngines,
  profile: ProfileName = "w3c",
): Promise<TranscriptRun> {
  const script = parseTranscript(readFileSync(transcriptPath, "utf8"));
  if (script.faults.length > 0) return { expected: script.lines, actual: [], faults: script.faults };
  const player = new TranscriptPlayer(script, transcriptPath, profile);
  await player.play(scripts);
  return { expected: script.lines, actual: player.lines, faults: [] };
}

class TranscriptPlayer {
  readonly lines: string[] = [];
  readonly #script: TranscriptScript;
  readonly #folder: string;
  readonly #document: string;
  readonly #profile: ProfileName;
  #nextInput = 0;
  #nextRecording = 1;

  constructor(script: TranscriptScript, transcriptPath: string, profile: ProfileName) {
    this.#script = script;
    this.#folder = dirname(transcriptPath);
    this.#document = this.#settings("document")[0]?.[0] ?? `${basename(transcriptPath, ".transcript")}.vxml`;
    this.#profile = (this.#settings("profile")[0]?.[0] ?? profile) as ProfileName;
  }

  play(scripts: ScriptEngines): Promise<void> {
    return new Promise((resolve) => {
      const session = startSession(
        {
          scripts,
          profile: this.#profile,
          start: { uri: `${TRANSCRIPT_ORIGIN}/${this.#document}`, method: "GET", fields: [] },
          variables: this.#variables(),
          properties: Object.fromEntries(
            this.#settings("property").map(([name = "", ...value]) => [name, value.join(" ")]),
          ),
        },
        {
          request: (effect) => {
            // Answered after the call has returned, as a host on the network would.
            queueMicrotask(() => {
              this.#applySettings(session, this.#isStart(effect));
              session.resume(this.#answer(effect));
            });
          },
          notice: (effect) => this.#notice(effect),
          ended: (ending) => {
            this.#write(printEnding(ending));
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
        return withCircumstances(effect, this.#collect(effect), () => `r${this.#nextRecording++}`);
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

  #isStart(effect: RequestEffect): boolean {
    if (effect.type !== "fetch" || effect.request.purpose !== "document") return false;
    return printPath(effect.request.uri) === `/${this.#document.replace(/#.*$/, "")}`;
  }

  #fetch(request: FetchRequest): FetchResult {
    const path = printPath(request.uri);
    if (!this.#isStart({ type: "fetch", request })) {
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
    switch (kind) {
      case "dtmf":
        return pressKeys(effect, rest);
      case "silence":
        return pressKeys(effect, "");
      case "say":
        return matchWords(effect.grammars, rest);
      case "event":
        return effect.events.includes(rest) ? { type: "event", name: rest } : pressKeys(effect, "");
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

  /** What is set and asked before a request is answered. Before the start document is there, nothing can be asked. */
  #applySettings(session: InterpreterSession, isStart: boolean): void {
    for (;;) {
      const next = this.#script.inputs[this.#nextInput];
      if (next?.kind === "expression") {
        if (isStart) return;
        this.#nextInput++;
        const reading = session.evaluate(next.text);
        const value = reading.ok ? (JSON.stringify(reading.value) ?? "undefined") : `(${reading.reason})`;
        this.#write(`? ${next.text} = ${value}`);
        continue;
      }
      const [kind, path = "", ...value] = (next?.text ?? "").split(" ");
      if (kind !== "set") return;
      this.#takeInput();
      session.setVariable(path.split("."), value.join(" "));
    }
  }

  #peekInput(): string | undefined {
    const next = this.#script.inputs[this.#nextInput];
    return next?.kind === "input" ? next.text : undefined;
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
