/**
 * `voxdial run FILE|URL`: a VoiceXML document in text mode, without telephony. Documents come from files or over
 * HTTP; nothing is dialed and nothing sounds.
 *
 * Exit status: 0 the document ended by itself or the caller hung up; 1 it ended with an error that nothing caught,
 * or the start document or the input cannot be read.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { AudioFetchResult, Fetcher } from "../../engine/index.ts";
import type { FetchRequest, FetchResult, ProfileName, Recording, SessionEnding } from "../../vxml/index.ts";
import { prepareScripts } from "../../vxml/index.ts";
import type { RecordedAudio } from "../fetching/fetcher.ts";
import { readScriptEngineBytes } from "../workers/script-engine-bytes.ts";
import { CliError } from "./cli-error.ts";
import { runTextMode, type TextInput } from "./text-mode.ts";

export interface RunOptions {
  /** File with the caller's input, one line per wait; absent: the terminal. */
  readonly input?: string;
  readonly profile?: string;
  readonly trace?: boolean;
}

/** Runs the document; returns the exit status. Throws `CliError` for what the user can mend. */
export async function runCommand(target: string, options: RunOptions): Promise<number> {
  const uri = startUri(target);
  const profile: ProfileName = options.profile === "plum" ? "plum" : "w3c";
  const input = await openInput(options.input);
  const scripts = await prepareScripts(await readScriptEngineBytes());
  console.log(`profile ${profile}`);
  const recordings = new Map<string, Recording>();
  const http = openHttp((id) => silenceOf(recordings.get(id)));
  const ending = await runTextMode({
    session: {
      scripts,
      profile,
      start: { uri, method: "GET", fields: [] },
      variables: textSession(uri),
    },
    fetcher: new FileFetcher(http.fetcher, uri.startsWith("file:")),
    input,
    print: (line) => console.log(line),
    recordings,
    showsTrace: options.trace ?? false,
  });
  input.close();
  await http.close();
  console.log(endingLine(ending));
  return ending.kind === "error" ? 1 : 0;
}

function startUri(target: string): string {
  if (/^https?:\/\//i.test(target) || target.startsWith("file:")) return target;
  const [path = "", fragment] = target.split("#");
  if (!existsSync(path))
    throw new CliError(
      `there is no file ${path}. Name a VoiceXML document, or a URL that begins with http://.`,
    );
  return pathToFileURL(path).href + (fragment === undefined ? "" : `#${fragment}`);
}

/** What a call would offer as session variables, as far as text has it. */
function textSession(uri: string): Record<string, unknown> {
  return {
    id: "text",
    telephone: { ani: "", dnis: "" },
    connection: {
      local: { uri },
      remote: { uri: "text:caller" },
      protocol: { name: "text", version: "1" },
      callee_type: "voice",
      beep: false,
    },
  };
}

/** Lines from a file, or from the terminal as they are typed. */
async function openInput(path: string | undefined): Promise<TextInput & { close(): void }> {
  if (path !== undefined) {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (cause) {
      throw new CliError(`cannot read the input ${path}: ${cause instanceof Error ? cause.message : cause}`);
    }
    const lines = text.replace(/\n$/, "").split("\n").values();
    return {
      next: async () => {
        const line = lines.next().value;
        const isInput = line !== undefined && !/^\s*[#>=]\s/.test(line);
        if (isInput) console.log(`< ${line.replace(/^\s*<\s*/, "")}`.trimEnd());
        return line;
      },
      close: () => undefined,
    };
  }
  const terminal = createInterface({ input: process.stdin });
  const lines = terminal[Symbol.asyncIterator]();
  return {
    next: async () => {
      if (process.stdin.isTTY) process.stdout.write("< ");
      const { value, done } = await lines.next();
      return done ? undefined : value;
    },
    close: () => terminal.close(),
  };
}

/** HTTP is only loaded when something is asked of it. */
function openHttp(recordingOf: (id: string) => RecordedAudio | undefined): {
  fetcher: () => Promise<Fetcher>;
  close(): Promise<void>;
} {
  let opened: Promise<{ fetcher: Fetcher; close(): Promise<void> }> | undefined;
  const open = async (): Promise<{ fetcher: Fetcher; close(): Promise<void> }> => {
    const { HttpTransport } = await import("../fetching/http-transport.ts");
    const { createFetcher } = await import("../fetching/fetcher.ts");
    const { addressRule } = await import("../fetching/address-guard.ts");
    const transport = new HttpTransport({ addressRule: addressRule({ allowsLocal: true }) });
    return { fetcher: createFetcher({ transport, recordingOf }), close: () => transport.close() };
  };
  return {
    fetcher: async () => {
      opened ??= open();
      return (await opened).fetcher;
    },
    close: async () => (await opened)?.close(),
  };
}

/** A recording of the length that was said, as µ-law: a caller made of text has no voice. */
function silenceOf(recording: Recording | undefined): RecordedAudio | undefined {
  if (!recording) return undefined;
  const bytes = new Uint8Array(recording.sizeBytes).fill(0xff);
  return { contentType: "audio/basic", fileName: `${recording.recordingId}.ul`, bytes };
}

/** Reads `file:` URIs from disk and leaves the rest to HTTP. */
class FileFetcher implements Fetcher {
  readonly #http: () => Promise<Fetcher>;
  readonly #mayReadFiles: boolean;

  /** A document from elsewhere may not read this machine's files. */
  constructor(http: () => Promise<Fetcher>, mayReadFiles: boolean) {
    this.#http = http;
    this.#mayReadFiles = mayReadFiles;
  }

  async fetch(request: FetchRequest): Promise<FetchResult> {
    if (!request.uri.startsWith("file:")) return (await this.#http()).fetch(request);
    if (!this.#mayReadFiles) return { ok: false, reason: "files are read only for documents from files" };
    try {
      // A query, as <submit> makes one, is no part of the file's name.
      const path = fileURLToPath(request.uri.replace(/\?.*$/, ""));
      const text = await readFile(path, "utf8");
      return { ok: true, uri: request.uri, status: 200, contentType: "", text };
    } catch (cause) {
      return { ok: false, reason: cause instanceof Error ? cause.message : String(cause) };
    }
  }

  async fetchAudio(request: FetchRequest): Promise<AudioFetchResult> {
    return (await this.#http()).fetchAudio(request);
  }
}

function endingLine(ending: SessionEnding): string {
  switch (ending.kind) {
    case "exit":
      return `ended: exit${ending.value === undefined ? "" : ` ${ending.value}`}`;
    case "disconnect":
      return "ended: the application hung up";
    case "hangup":
      return "ended: the caller hung up";
    case "error":
      return `ended: ${ending.event}${ending.message ? `\n  ${ending.message}` : ""}`;
  }
}
