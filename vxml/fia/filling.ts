/** From a recognition to filled items and the `<filled>` actions they trigger (VoiceXML 2.0 §3.1.6, §2.4). */
import { type Completion, NORMAL, type Steps } from "../completion.ts";
import { runInOwnScope } from "../executable/run-body.ts";
import type { Outcome } from "../items/visit.ts";
import { type Filled, type FormItem, isInputItem } from "../model/document.ts";
import type { ActiveForm } from "./active-form.ts";
import { executionContext } from "./contexts.ts";
import type { SessionState } from "./session-state.ts";

/** A recognition with its meaning. */
export interface Understood {
  readonly interpretation: unknown;
  readonly utterance: string;
  readonly inputMode: "dtmf" | "voice";
  readonly confidence: number;
  /** Further properties, equal for all readings: marks, the recording (VoiceXML 2.1 §4, §7). */
  readonly circumstances?: Readonly<Record<string, unknown>>;
}

/** Sets `application.lastresult$` (§5.1.5), the likeliest reading first. */
export function putLastResult(session: SessionState, readings: readonly Understood[]): void {
  session.scopes.putLastResult(
    readings.map(({ utterance, inputMode, confidence, interpretation, circumstances }) => ({
      utterance,
      inputmode: inputMode,
      confidence,
      interpretation,
      ...circumstances,
    })),
  );
}

/** A result of the item's own grammar fills the item (Appendix C, process phase). Returns what was filled. */
export function fillItem(
  session: SessionState,
  form: ActiveForm,
  item: FormItem,
  understood: Understood,
): FormItem[] {
  const { interpretation } = understood;
  const slot = item.kind === "field" ? item.slot : item.name;
  const part = isStructure(interpretation) ? propertyAt(interpretation, slot) : undefined;
  putItem(session, item, part === undefined ? interpretation : part, understood);
  finishInitials(session, form);
  return [item];
}

/** Once the caller has filled anything, nothing asks for everything at once any more. */
function finishInitials(session: SessionState, form: ActiveForm): void {
  for (const item of form.dialog.items)
    if (item.kind === "initial") session.scopes.put("dialog", item.name, true);
}

/** A result of the form's grammar fills every item whose slot it names; `<initial>` items are done then. */
export function fillForm(session: SessionState, form: ActiveForm, understood: Understood): FormItem[] {
  const { interpretation } = understood;
  if (!isStructure(interpretation)) return [];
  const filled = form.dialog.items.filter((item) => {
    if (!isInputItem(item)) return false;
    const value = propertyAt(interpretation, item.kind === "field" ? item.slot : item.name);
    if (value === undefined) return false;
    putItem(session, item, value, understood);
    return true;
  });
  if (filled.length > 0) finishInitials(session, form);
  return filled;
}

function isStructure(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A property by name, or by a path with dots. */
function propertyAt(value: unknown, path: string): unknown {
  let at = value;
  for (const name of path.split(".")) {
    if (!isStructure(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

function putItem(session: SessionState, item: FormItem, value: unknown, understood: Understood): void {
  session.scopes.put("dialog", item.name, value);
  // §2.3.1.2 shadow variables.
  session.scopes.put("dialog", `${item.name}$`, {
    utterance: understood.utterance,
    inputmode: understood.inputMode,
    confidence: understood.confidence,
    interpretation: understood.interpretation,
    ...understood.circumstances,
  });
  session.trace("filled", item, { item: item.isNamed ? item.name : undefined, value });
}

/** A value from outside fills the item, with its shadow variables. Returns what was filled. */
export function fillOutcome(session: SessionState, item: FormItem, { value, shadow }: Outcome): FormItem[] {
  if (value === undefined) return [];
  session.scopes.put("dialog", item.name, value);
  session.scopes.put("dialog", `${item.name}$`, shadow);
  session.trace("filled", item, { item: item.isNamed ? item.name : undefined, value });
  return [item];
}

/** What a subdialog returned fills its item. */
export function fillReturned(session: SessionState, item: FormItem, held: number): FormItem[] {
  session.scopes.putHeld("dialog", item.name, held);
  session.trace("filled", item, { item: item.isNamed ? item.name : undefined });
  return [item];
}

/** Where an event thrown by a `<filled>` is caught. */
export interface FilledCompletion {
  readonly completion: Completion;
  /** Undefined: at the form. */
  readonly item?: FormItem;
}

/** Runs the triggered `<filled>` actions in document order; those of items and of the form together. */
export function* runFilled(
  session: SessionState,
  form: ActiveForm,
  justFilled: readonly FormItem[],
): Steps<FilledCompletion> {
  const { document, scopes } = session;
  if (!document) return { completion: NORMAL };
  const inputs = form.dialog.items.filter(isInputItem);
  const actions: { filled: Filled; item?: FormItem; applies: readonly FormItem[] }[] = [
    ...form.dialog.items.flatMap((item) =>
      isInputItem(item) ? item.filled.map((filled) => ({ filled, item, applies: [item] })) : [],
    ),
    ...form.dialog.filled.map((filled) => ({
      filled,
      applies: filled.names ? inputs.filter((item) => filled.names?.includes(item.name)) : inputs,
    })),
  ].sort((a, b) => a.filled.line - b.filled.line || a.filled.column - b.filled.column);
  for (const { filled, item, applies } of actions) {
    const isTriggered =
      applies.some((candidate) => justFilled.includes(candidate)) &&
      (filled.mode === "any" ||
        applies.every((candidate) => scopes.isTrue(`typeof ${candidate.name}!=="undefined"`)));
    if (!isTriggered) continue;
    const context = executionContext(session, document, form, item, document.base);
    const completion = yield* runInOwnScope(filled.body, context);
    if (completion.type !== "normal") return { completion, item };
  }
  return { completion: NORMAL };
}
