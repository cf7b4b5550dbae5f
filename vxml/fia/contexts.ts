/** Builds what content, prompts and handlers run in: properties by nesting, bases, choices to enumerate. */

import type { PlacedHandler } from "../events/handler-selection.ts";
import type { ExecutionContext } from "../executable/execution-context.ts";
import { recordingIdIn } from "../items/recording-name.ts";
import type { FormItem, Property, VxmlDocument } from "../model/document.ts";
import type { EnumeratedChoice } from "../prompts/rendering.ts";
import { PropertyScope } from "../properties.ts";
import type { ActiveForm } from "./active-form.ts";
import type { SessionState } from "./session-state.ts";

/** The properties in force at an item, a form, or the document. */
export function propertiesAt(
  session: SessionState,
  form: ActiveForm | undefined,
  item: FormItem | undefined,
): PropertyScope {
  const levels: (readonly Property[])[] = [];
  if (item && item.kind !== "block") levels.push(item.properties);
  if (form) levels.push(form.dialog.properties);
  if (session.document) levels.push(session.document.properties);
  if (session.root) levels.push(session.root.properties);
  return new PropertyScope(levels, session.options.properties ?? {}, session.profile);
}

export function choicesOf(item: FormItem | undefined): readonly EnumeratedChoice[] {
  if (item?.kind !== "field") return [];
  return item.choices.length > 0 ? item.choices : item.options;
}

/** The context for content of `document`, run at an item or at the form. */
export function executionContext(
  session: SessionState,
  document: VxmlDocument,
  form: ActiveForm | undefined,
  item: FormItem | undefined,
  base: string,
): ExecutionContext {
  const properties = propertiesAt(session, form, item);
  return {
    profile: session.profile,
    scopes: session.scopes,
    queue: session.queue,
    properties,
    document,
    root: session.root,
    base,
    items: form?.dialog.items ?? [],
    choices: choicesOf(item),
    isSubdialog: session.caller !== undefined,
    recordingOf: (text) => {
      const id = recordingIdIn(text);
      return id !== undefined && session.shared.recordings.has(id) ? id : undefined;
    },
    notice: (effect) => session.host.notice(effect),
    trace: (step, position, data) => session.trace(step, position, data),
    noteRecordCall: () => session.noteRecordCall(properties),
    requestReprompt: () => {
      if (form) form.saysPrompts = true;
    },
    resetCounters: (cleared) => form?.resetCounters(cleared),
    isDisconnected: () => session.isDisconnected,
    markDisconnected: (by) => {
      session.isDisconnected = true;
      session.shared.disconnectedByUs = by === "application";
    },
    keepDisconnectValue: (json) => {
      session.shared.disconnectValue = json;
    },
  };
}

/** All handlers in scope, innermost first (§5.2.4). */
export function handlersInScope(
  session: SessionState,
  form: ActiveForm | undefined,
  item: FormItem | undefined,
): PlacedHandler[] {
  const { document, root } = session;
  const place = (
    handlers: readonly PlacedHandler["handler"][],
    owner: VxmlDocument | undefined,
  ): PlacedHandler[] =>
    owner ? handlers.map((handler) => ({ handler, base: owner.base, documentUri: owner.uri })) : [];
  return [
    ...(item && item.kind !== "block" ? place(item.handlers, document) : []),
    ...(form ? place(form.dialog.handlers, document) : []),
    ...place(document?.handlers ?? [], document),
    ...place(root?.handlers ?? [], root),
  ];
}
