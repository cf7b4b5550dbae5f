/**
 * The form interpretation algorithm's main loop, one function per phase (VoiceXML 2.0 Appendix C, §2.1.6): select
 * an item, collect input or run the block, process what came of it.
 */
import { NORMAL, type Steps, type VxmlEvent } from "../completion.ts";
import type { ExecutionContext } from "../executable/execution-context.ts";
import { runBlock } from "../items/block.ts";
import { collectInput } from "../items/collecting.ts";
import { visitObject } from "../items/object.ts";
import { visitRecord } from "../items/record.ts";
import { prepareSubdialog } from "../items/subdialog.ts";
import { visitTransfer } from "../items/transfer.ts";
import type { Collected, ItemVisit } from "../items/visit.ts";
import type { FormItem } from "../model/document.ts";
import { renderPrompt } from "../prompts/rendering.ts";
import { selectPrompts } from "../prompts/selection.ts";
import { eventOfFailure } from "../script-failure.ts";
import type { ActiveForm } from "./active-form.ts";
import { activeGrammars } from "./active-grammars.ts";
import { executionContext } from "./contexts.ts";
import type { SessionState } from "./session-state.ts";

/** What the select phase decided. */
export type Selection =
  | { readonly kind: "item"; readonly item: FormItem }
  /** The form is full and named no transition. */
  | { readonly kind: "none" }
  | { readonly kind: "event"; readonly event: VxmlEvent };

/** Select phase. */
export function selectItem(session: SessionState, form: ActiveForm): Selection {
  const endless = session.shared.countStep();
  if (endless) return { kind: "event", event: endless };
  if (session.shared.hangupIsPending) return { kind: "event", event: takePendingHangup(session) };
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
  session.shared.hangupIsPending = false;
  session.isDisconnected = true;
  return { name: "connection.disconnect.hangup", message: "the caller hung up" };
}

/** Collect phase. */
export function* collectItem(session: SessionState, form: ActiveForm, item: FormItem): Steps<Collected> {
  session.trace("select", item, { item: item.isNamed ? item.name : undefined, kind: item.kind });
  try {
    const visit = visitOf(session, form, item);
    if (!visit) return { kind: "completion", completion: NORMAL };
    switch (item.kind) {
      case "block":
        return { kind: "completion", completion: yield* runBlock(item, visit.context) };
      case "field":
      case "initial":
        return yield* collectInput(item, visit);
      case "subdialog":
        return yield* prepareSubdialog(item, visit);
      case "record":
        return yield* visitRecord(item, visit);
      case "transfer":
        return yield* visitTransfer(item, visit);
      case "object":
        return visitObject(item, visit);
    }
  } catch (error) {
    return { kind: "completion", completion: { type: "event", event: eventOfFailure(error, item) } };
  }
}

function visitOf(session: SessionState, form: ActiveForm, item: FormItem): ItemVisit | undefined {
  const { document, queue, shared } = session;
  if (!document) return undefined;
  const context = executionContext(session, document, form, item, document.base);
  /** Prompts that were there before this item's own. */
  let earlier = 0;
  return {
    context,
    depth: session.depth,
    queuePrompts: () => {
      earlier = queue.length;
      if (form.saysPrompts && item.kind !== "block") queuePrompts(form, item, context);
      form.saysPrompts = true;
    },
    listen: () => activeGrammars(session, form, item),
    takePrompts: () => {
      session.noteRecordCall(context.properties);
      session.scopes.clearLastResult();
      return queue.drain();
    },
    returnPrompts: (prompts) => queue.putBack(prompts.slice(0, earlier)),
    takePendingHangup: () => (shared.hangupIsPending ? takePendingHangup(session) : undefined),
    inputArrived: () => shared.inputArrived(),
    keepRecording: (recordingId) => shared.recordings.add(recordingId),
  };
}

function queuePrompts(
  form: ActiveForm,
  item: Exclude<FormItem, { kind: "block" }>,
  context: ExecutionContext,
): void {
  const chosen = selectPrompts(item.prompts, form.takePromptCounter(item), (condition) =>
    context.scopes.isTrue(condition),
  );
  for (const prompt of chosen)
    context.queue.push(
      renderPrompt(prompt, { ...context, language: context.document.language }),
      prompt.timeoutMs,
    );
}
