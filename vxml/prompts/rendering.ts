/**
 * Prompt content to segments the host can play: expressions evaluated, audio with its fallback, pauses, language
 * and voice carried down to the text (VoiceXML 2.0 §4.1).
 */
import type { BargeIn, PromptSegment, QueuedPrompt } from "../effects.ts";
import { VxmlError } from "../errors.ts";
import { MAX_PROMPT_CHARACTERS } from "../limits.ts";
import type { Prompt, PromptContent } from "../model/prompt.ts";
import type { PropertyScope } from "../properties.ts";
import { fetchLimits } from "../resources/request.ts";
import { resolveUri } from "../resources/uri.ts";
import type { ScopeChain } from "../scopes/scope-chain.ts";
import { readingOf } from "./say-as.ts";

/** A choice or option that `<enumerate>` reads out. */
export interface EnumeratedChoice {
  readonly content: readonly PromptContent[];
  readonly dtmf?: string;
}

export interface RenderContext {
  readonly scopes: ScopeChain;
  readonly properties: PropertyScope;
  /** What relative audio URIs refer to. */
  readonly base: string;
  readonly language?: string;
  readonly choices: readonly EnumeratedChoice[];
}

/** LIMIT: rounds of a `<foreach>` inside a prompt. */
const MAX_ROUNDS = 1000;

/** Throws `VxmlError` when an expression fails. */
export function renderPrompt(prompt: Prompt, context: RenderContext): QueuedPrompt {
  const base =
    prompt.base === undefined ? context.base : (resolveUri(prompt.base, context.base) ?? context.base);
  const renderer = new Renderer({ ...context, base });
  renderer.add(prompt.content, { language: prompt.language ?? context.language });
  return { segments: renderer.segments(), bargeIn: bargeInOf(prompt, context.properties) };
}

function bargeInOf(prompt: Prompt, properties: PropertyScope): BargeIn {
  if (!(prompt.bargeIn ?? properties.flag("bargein"))) return "none";
  const type = prompt.bargeInType ?? properties.text("bargeintype");
  return type === "hotword" ? "hotword" : "speech";
}

interface Voice {
  readonly language?: string;
  readonly voice?: string;
}

class Renderer {
  readonly #context: RenderContext;
  readonly #segments: PromptSegment[] = [];
  #characters = 0;

  constructor(context: RenderContext) {
    this.#context = context;
  }

  segments(): PromptSegment[] {
    return this.#segments
      .map((segment) =>
        segment.kind === "text" ? { ...segment, text: segment.text.replace(/\s+/g, " ").trim() } : segment,
      )
      .filter((segment) => segment.kind !== "text" || segment.text !== "");
  }

  add(content: readonly PromptContent[], voice: Voice): void {
    for (const part of content) this.#addPart(part, voice);
  }

  #addPart(part: PromptContent, voice: Voice): void {
    const { scopes } = this.#context;
    switch (part.kind) {
      case "text":
        this.#text(part.text, voice);
        break;
      case "value":
        this.#text(scopes.text(part.expression), voice);
        break;
      case "break":
        if (part.durationMs > 0) this.#segments.push({ kind: "silence", durationMs: part.durationMs });
        break;
      case "mark": {
        const name = part.name ?? scopes.text(part.expression ?? "undefined");
        this.#segments.push({ kind: "mark", name });
        break;
      }
      case "say-as": {
        const inner = new Renderer(this.#context);
        inner.add(part.content, voice);
        const text = inner.segments().flatMap((segment) => (segment.kind === "text" ? [segment.text] : []));
        this.#text(` ${readingOf(text.join(" "), part.interpret)} `, voice);
        break;
      }
      case "structure":
        this.#pause(part.pauseMs);
        this.add(part.content, voice);
        this.#pause(part.pauseMs);
        break;
      case "voice":
        this.add(part.content, {
          language: part.language ?? voice.language,
          voice: part.voice ?? voice.voice,
        });
        break;
      case "audio":
        this.#audio(part, voice);
        break;
      case "foreach": {
        const length = Number(scopes.evaluate(`(${part.array}\n).length`));
        const outer = scopes.enterAnonymous();
        try {
          for (let index = 0; index < Math.min(length, MAX_ROUNDS); index++) {
            scopes.declareWithValue("anonymous", part.item, `(${part.array}\n)[${index}]`);
            this.add(part.content, voice);
          }
        } finally {
          scopes.leaveAnonymous(outer);
        }
        break;
      }
      case "enumerate":
        for (const choice of this.#context.choices) this.#enumerate(choice, part.template, voice);
        break;
    }
  }

  #audio(part: PromptContent & { kind: "audio" }, voice: Voice): void {
    const { scopes, base, properties } = this.#context;
    // §4.1.3: an expression that is undefined leaves the element out, its fallback too.
    const reference = part.src ?? scopes.evaluate(part.expression ?? "undefined");
    if (reference === undefined || reference === null) return;
    const fallback = new Renderer(this.#context);
    fallback.add(part.fallback, voice);
    const uri = resolveUri(String(reference), base);
    if (uri === undefined) this.#segments.push(...fallback.segments());
    else
      this.#segments.push({
        kind: "audio",
        uri,
        ...fetchLimits("audio", part.fetch, properties),
        fallback: fallback.segments(),
      });
  }

  /** §2.2.4: the template once per choice, with `_prompt` and `_dtmf`; without one a plain sentence. */
  #enumerate(choice: EnumeratedChoice, template: readonly PromptContent[], voice: Voice): void {
    const { scopes } = this.#context;
    if (template.every((part) => part.kind === "text" && part.text.trim() === "")) {
      if (choice.dtmf !== undefined) this.#text(" For ", voice);
      this.add(choice.content, voice);
      this.#text(choice.dtmf === undefined ? ". " : `, press ${[...choice.dtmf].join(" ")}. `, voice);
      return;
    }
    const inner = new Renderer(this.#context);
    inner.add(choice.content, voice);
    const words = inner.segments().flatMap((segment) => (segment.kind === "text" ? [segment.text] : []));
    const outer = scopes.enterAnonymous();
    try {
      scopes.put("anonymous", "_prompt", words.join(" "));
      scopes.put("anonymous", "_dtmf", choice.dtmf ?? "");
      this.add(template, voice);
    } finally {
      scopes.leaveAnonymous(outer);
    }
  }

  #text(text: string, voice: Voice): void {
    this.#characters += text.length;
    if (this.#characters > MAX_PROMPT_CHARACTERS)
      throw new VxmlError(
        "VXML_SCRIPT_EXHAUSTED",
        `the prompt is longer than ${MAX_PROMPT_CHARACTERS} characters`,
      );
    const last = this.#segments[this.#segments.length - 1];
    if (last?.kind === "text" && last.language === voice.language && last.voice === voice.voice)
      this.#segments[this.#segments.length - 1] = { ...last, text: last.text + text };
    else this.#segments.push({ kind: "text", text, ...voice });
  }

  /** A pause between sentences; none at the very beginning, and never two in a row. */
  #pause(durationMs: number): void {
    const last = this.#segments[this.#segments.length - 1];
    if (!last || last.kind === "silence" || (last.kind === "text" && last.text.trim() === "")) return;
    this.#segments.push({ kind: "silence", durationMs });
  }
}
