/**
 * The form interpretation algorithm's main loop, one function per phase (VoiceXML 2.0 Appendix C, §2.1.6): select
 * an item, collect input or run the block, process what came of it.
 */
import { type Completion, NORMAL, type Steps, thrown, type VxmlEvent } from "../completion.ts";
import type { CollectResult, InputTiming } from "../effects.ts";
import { runInOwnScope } from "../executable/run-body.ts";
import type { Block, Field, FormItem, Initial } from "../model/document.ts";
import type { Prompt } from "../model/prompt.ts";
import { profileDoes } from "../profiles.ts";
import { renderPrompt } from "../prompts/rendering.ts";
import { selectPrompts } from "../prompts/selection.ts";
import type { PropertyScope } from "../properties.ts";
import { eventOfFailure } from "../script-failure.ts";
import type { ActiveForm } from "./active-form.ts";
import { activeGrammars, type ListeningGrammar } from "./active-grammars.ts";
import { choicesOf, executionContext, propertiesAt } from "./contexts.ts";
import type { SessionState } from "./session-state.ts";

/** What the select phase decided. */
export type Selection =
  | { readonly kind: "item"; readonly item: FormItem }
  /** The form is full and named no transition. */
  | { readonly kind: "none" }
  | { readonly kind: "event"; readonly event: VxmlEvent };

/** Select phase. */
export function selectItem(session: SessionState, form: ActiveForm): Selection {
  const endless = session.countStep();
  if (endless) return { kind: "event", event: endless };
  if (session.hangupIsPending) return { kind: "event", event: takePendingHangup(session) };
  // A <goto nextitem> in the last round decides.
  if (form.nextItem !== undefined) {
    const item = form.dialog.items.find((candidate) => candidate.name === form.nextItem);
    form.nextItem = undefined;
    if (item) return { kind: "item", item };
  }
  // Otherwise the first item, in document order, whose guard condition holds.
  try {
    const position = Number(session.scopes.evaluate(guardExpression(form.dialog.items)));
    const item = form.dialog.items[position];
    return item ? { kind: "item", item } : { kind: "none" };
  } catch (error) {
    return { kind: "event", event: eventOfFailure(error, form.dialog) };
  }
}

const guards = new WeakMap<readonly FormItem[], string>();

/** All guard conditions as one expression, so that one evaluation finds the item. */
function guardExpression(items: readonly FormItem[]): string {
  const known = guards.get(items);
  if (known !== undefined) return known;
  const tests = items.map(({ name, condition }, position) => {
    const isOpen = `typeof ${name}==="undefined"`;
    return `${condition === undefined ? isOpen : `${isOpen}&&(${condition}\n)`}?${position}:`;
  });
  const expression = `${tests.join("")}-1`;
  guards.set(items, expression);
  return expression;
}

/** The event of a caller who left while nothing was waiting. */
export function takePendingHangup(session: SessionState): VxmlEvent {
  session.hangupIsPending = false;
  session.isDisconnected = true;
  return { name: "connection.disconnect.hangup", message: "the caller hung up" };
}

/** What the collect phase brought. */
export type Collected =
  | { readonly kind: "completion"; readonly completion: Completion }
  | {
      readonly kind: "match";
      readonly result: CollectResult & { type: "match" };
      readonly grammars: readonly ListeningGrammar[];
    }
  /** An item that needs the caller, in a session that has none: it ends (§1.5.4). */
  | { readonly kind: "nobody" };

/** Collect phase. */
export function* collectItem(session: SessionState, form: ActiveForm, item: FormItem): Steps<Collected> {
  session.trace("select", item, { item: item.isNamed ? item.name : undefined, kind: item.kind });
  try {
    switch (item.kind) {
      case "block":
        return { kind: "completion", completion: yield* runBlock(session, form, item) };
      case "field":
      case "initial":
        return yield* collectInput(session, form, item);
      case "unsupported":
        return {
          kind: "completion",
          completion: thrown(`error.unsupported.${item.element}`, `<${item.element}> is not supported`, item),
        };
    }
  } catch (error) {
    return { kind: "completion", completion: { type: "event", event: eventOfFailure(error, item) } };
  }
}

function* runBlock(session: SessionState, form: ActiveForm, block: Block): Steps<Completion> {
  if (!session.document) return NORMAL;
  session.scopes.put("dialog", block.name, true);
  // This round does not end with a handler: the next input item says its prompts again.
  form.saysPrompts = true;
  const { document } = session;
  const context = executionContext(session, document, form, block, document.base);
  return yield* runInOwnScope(block.body, context);
}

function* collectInput(session: SessionState, form: ActiveForm, item: Field | Initial): Steps<Collected> {
  if (session.isDisconnected) return { kind: "nobody" };
  const properties = propertiesAt(session, form, item);
  if (form.saysPrompts) queuePrompts(session, form, item, properties);
  form.saysPrompts = true;
  const listening = yield* activeGrammars(session, form, item);
  if (!listening.ok) return { kind: "completion", completion: { type: "event", event: listening.event } };
  if (session.hangupIsPending)
    return { kind: "completion", completion: { type: "event", event: takePendingHangup(session) } };
  const { prompts, timeoutMs } = session.queue.drain();
  session.noteRecordCall(properties);
  session.trace("collect", item, {
    prompts: prompts.length,
    grammars: listening.grammars.length,
    modes: [...new Set(listening.grammars.map((grammar) => grammar.mode))],
  });
  const result = (yield {
    type: "collect",
    prompts,
    grammars: listening.grammars.map(({ id, mode, rules }) => ({ id, mode, rules })),
    timing: inputTiming(session, properties, timeoutMs),
    events: properties.words("voxdial.events"),
  }) as CollectResult;
  session.inputArrived();
  // §6.3.2: what was understood less surely than asked for was not understood.
  const isSure = result.type !== "match" || result.confidence >= Number(properties.text("confidencelevel"));
  return collected(session, item, isSure ? result : { ...result, type: "nomatch" }, listening.grammars);
}

function collected(
  session: SessionState,
  item: FormItem,
  result: CollectResult,
  grammars: readonly ListeningGrammar[],
): Collected {
  const event = (name: string, message?: string): Collected => ({
    kind: "completion",
    completion: thrown(name, message, item),
  });
  switch (result.type) {
    case "match":
      session.trace("recognized", item, { utterance: result.utterance, mode: result.mode });
      return { kind: "match", result, grammars };
    case "nomatch":
      session.trace("recognized", item, { utterance: result.utterance, mode: result.mode, match: false });
      session.scopes.putLastResult([
        {
          utterance: result.utterance,
          inputmode: result.mode,
          confidence: 0,
          interpretation: result.utterance,
        },
      ]);
      return event("nomatch");
    case "noinput":
      return event("noinput");
    case "hangup":
      session.isDisconnected = true;
      return event("connection.disconnect.hangup", "the caller hung up");
    case "event":
      return event(result.name, result.message);
  }
}

function queuePrompts(
  session: SessionState,
  form: ActiveForm,
  item: Field | Initial,
  properties: PropertyScope,
): void {
  const { document, scopes } = session;
  if (!document) return;
  const chosen = selectPrompts(item.prompts, form.takePromptCounter(item), (condition) =>
    scopes.isTrue(condition),
  );
  for (const prompt of chosen) queuePrompt(session, prompt, properties, item);
}

function queuePrompt(session: SessionState, prompt: Prompt, properties: PropertyScope, item: FormItem): void {
  const { document, scopes, queue } = session;
  if (!document) return;
  const rendered = renderPrompt(prompt, {
    scopes,
    properties,
    base: document.base,
    language: document.language,
    choices: choicesOf(item),
  });
  queue.push(rendered, prompt.timeoutMs);
}

function inputTiming(
  session: SessionState,
  properties: PropertyScope,
  promptTimeoutMs: number | undefined,
): InputTiming {
  const interDigitTimeoutMs = properties.milliseconds("interdigittimeout");
  const waits = profileDoes(session.profile, "fullMatchWaits") && !properties.flag("termmaxdigits");
  const termTimeoutMs = properties.milliseconds("termtimeout");
  return {
    timeoutMs: promptTimeoutMs ?? properties.milliseconds("timeout"),
    interDigitTimeoutMs,
    termTimeoutMs: waits ? Math.max(termTimeoutMs, interDigitTimeoutMs) : termTimeoutMs,
    termChar: properties.text("termchar").slice(0, 1),
  };
}
