/**
 * Runs VoiceXML cases against the interpreter, as text: documents come from a server over HTTP, prompts become a
 * transcript, and the case's caller answers each request at once.
 */
import { createFetcher } from "../../api/fetching/fetcher.ts";
import { HttpTransport } from "../../api/fetching/http-transport.ts";
import { ResponseCache } from "../../api/fetching/response-cache.ts";
import { readScriptEngineBytes } from "../../api/workers/script-engine-bytes.ts";
import type { Fetcher } from "../../engine/index.ts";
import {
  type HostResult,
  type InterpreterSession,
  type ProfileName,
  type PromptSegment,
  prepareScripts,
  type QueuedPrompt,
  type RequestEffect,
  type ScriptEngines,
  type SessionEnding,
  startSession,
} from "../../vxml/index.ts";
import { CaseCaller } from "./voicexml-caller.ts";
import { failedCheck, type VoiceXmlCase } from "./voicexml-cases.ts";

export interface CaseResult {
  readonly id: string;
  /** Undefined: passed. */
  readonly failure?: string;
}

export interface CaseRunOptions {
  /** Where the cases are served from. */
  readonly base: string;
  readonly profile: ProfileName;
}

/** LIMIT: requests of one case; a document that asks for more does not come to an end. */
const MAX_REQUESTS = 1_000;
/** LIMIT: how long a case may take on the wall clock, for servers that do not answer. */
const MAX_CASE_MS = 60_000;

export async function runVoiceXmlCases(
  cases: readonly VoiceXmlCase[],
  options: CaseRunOptions,
): Promise<CaseResult[]> {
  const scripts = await prepareScripts(await readScriptEngineBytes());
  const transport = new HttpTransport();
  const results: CaseResult[] = [];
  try {
    for (const testCase of cases) {
      const fetcher = createFetcher({ transport, cache: new ResponseCache() });
      const run = new CaseRun(testCase, options, fetcher);
      results.push({ id: testCase.id, failure: await run.failure(scripts) });
    }
  } finally {
    await transport.close();
  }
  return results;
}

class CaseRun {
  readonly #case: VoiceXmlCase;
  readonly #options: CaseRunOptions;
  readonly #fetcher: Fetcher;
  readonly #caller: CaseCaller;
  readonly #transcript: string[] = [];
  readonly #logs: string[] = [];
  readonly #results: string[] = [];
  readonly #urls: string[] = [];
  /** Since the last input. */
  #heard: string[] = [];
  #requests = 0;

  constructor(testCase: VoiceXmlCase, options: CaseRunOptions, fetcher: Fetcher) {
    this.#case = testCase;
    this.#options = options;
    this.#fetcher = fetcher;
    this.#caller = new CaseCaller(testCase.inputs);
  }

  /** Runs the case; undefined when it passed. */
  async failure(scripts: ScriptEngines): Promise<string | undefined> {
    try {
      return this.#judge(await this.#run(scripts));
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #run(scripts: ScriptEngines): Promise<SessionEnding | "decided"> {
    return new Promise((resolve, reject) => {
      const { base, profile } = this.#options;
      const folder = base.endsWith("/") ? base : `${base}/`;
      let session: InterpreterSession | undefined;
      const timer = setTimeout(() => stop("the case does not end"), MAX_CASE_MS);
      const stop = (reason: string | undefined): void => {
        clearTimeout(timer);
        session?.stop();
        if (reason === undefined) resolve("decided");
        else reject(new Error(reason));
      };
      session = startSession(
        {
          scripts,
          profile,
          start: {
            uri: new URL(this.#case.start.replace(/^\/+/, ""), folder).href,
            method: "GET",
            fields: [],
          },
          variables: SESSION_VARIABLES,
        },
        {
          request: (effect) => {
            // Answered after the call has returned, as a host on the network would.
            queueMicrotask(() => {
              if (this.#isDecided) return stop(undefined);
              if (++this.#requests > MAX_REQUESTS) return stop(`more than ${MAX_REQUESTS} requests`);
              this.#answer(effect).then(
                (result) => session?.resume(result),
                (error: unknown) => stop(String(error)),
              );
            });
          },
          notice: (effect) => {
            if (effect.type !== "log") return;
            this.#logs.push(effect.text);
            if (effect.label === "conf:result") this.#results.push(effect.text.trim());
          },
          ended: (ending) => {
            clearTimeout(timer);
            resolve(ending);
          },
        },
      );
    });
  }

  /** A case that waits for its first result needs nothing after it. */
  get #isDecided(): boolean {
    return this.#case.expect === "pass" && this.#results.length > 0;
  }

  #judge(ending: SessionEnding | "decided"): string | undefined {
    const how =
      ending === "decided"
        ? ""
        : `the session ended by ${[ending.kind, ending.event, ending.message].filter(Boolean).join(" ")}`;
    if (this.#case.expect === "pass") {
      const [first] = this.#results;
      if (first === "pass") return undefined;
      return first === undefined
        ? `no result; ${how}`
        : `the result is "${first}"; ${this.#logs.join(" | ")}`;
    }
    if (this.#results.includes("fail")) return `the result is "fail"; ${this.#logs.join(" | ")}`;
    if (ending !== "decided" && ending.kind === "error") return how;
    return failedCheck(this.#case.checks, {
      transcript: this.#transcript.join(" "),
      logs: this.#logs,
      urls: this.#urls,
    });
  }

  async #answer(effect: RequestEffect): Promise<HostResult> {
    if (effect.type === "fetch") {
      const { fields, method, uri } = effect.request;
      const query = method === "GET" && fields && fields.length > 0 ? queryOf(uri, fields) : "";
      this.#urls.push(uri + query);
      return this.#fetcher.fetch(effect.request);
    }
    await this.#hear(effect.prompts);
    if (effect.type === "play") return { type: "played" };
    const heard = this.#heard.join(" ");
    this.#heard = [];
    switch (effect.type) {
      case "collect":
        return this.#caller.answerCollect(effect, heard);
      case "record":
        return this.#caller.answerRecord(effect, heard);
      case "transfer":
        return this.#caller.answerTransfer(effect, heard);
    }
  }

  async #hear(prompts: readonly QueuedPrompt[]): Promise<void> {
    for (const prompt of prompts) {
      const text = (await this.#textOf(prompt.segments)).replace(/\s+/g, " ").trim();
      if (text === "") continue;
      this.#transcript.push(text);
      this.#heard.push(text);
    }
  }

  async #textOf(segments: readonly PromptSegment[]): Promise<string> {
    const texts: string[] = [];
    for (const segment of segments)
      if (segment.kind === "text") texts.push(segment.text);
      else if (segment.kind === "audio") texts.push(await this.#audioText(segment));
    return texts.join(" ");
  }

  /** Audio that can be had is known by its URI; instead of other audio its alternative is heard (§4.1.3). */
  async #audioText(segment: PromptSegment & { kind: "audio" }): Promise<string> {
    const { uri, timeoutMs } = segment;
    this.#urls.push(uri);
    const result = await this.#fetcher.fetchAudio({ purpose: "audio", uri, method: "GET", timeoutMs });
    return result.ok ? uri : this.#textOf(segment.fallback);
  }
}

function queryOf(uri: string, fields: readonly (readonly [string, string])[]): string {
  const query = new URLSearchParams(
    fields.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return `${uri.includes("?") ? "&" : "?"}${query}`;
}

/** What every call has (VoiceXML 2.0 §5.1.4). */
const REMOTE = { uri: "tel:+15550100200" };
const SESSION_VARIABLES = {
  id: "conformance",
  connection: {
    local: { uri: "sip:conformance@127.0.0.1" },
    remote: REMOTE,
    originator: REMOTE,
    protocol: { name: "sip", version: "2.0" },
    redirect: [],
    aai: "",
  },
};
