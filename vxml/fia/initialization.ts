/** The initialization phases: of documents (VoiceXML 2.0 §1.5.1) and of forms (Appendix C). */
import { type Completion, NORMAL, type Steps, type TransitionTarget, thrown } from "../completion.ts";
import { runData } from "../executable/data.ts";
import { runScript } from "../executable/run-body.ts";
import type { Declaration, Dialog, VxmlDocument } from "../model/document.ts";
import { isVariableName, type ScopeName } from "../scopes/scope-chain.ts";
import { eventOfFailure } from "../script-failure.ts";
import { ActiveForm } from "./active-form.ts";
import { executionContext } from "./contexts.ts";
import type { SessionState } from "./session-state.ts";

/** What entering a target gives: the dialog to interpret, or why not. */
export type Entry =
  | { readonly ok: true; readonly form: ActiveForm }
  | { readonly ok: false; readonly completion: Completion };

/** Opens the scopes of a target, runs its documents' declarations and finds its dialog. */
export function* enterTarget(session: SessionState, target: TransitionTarget): Steps<Entry> {
  const endless = session.shared.countTransition();
  if (endless) return { ok: false, completion: { type: "event", event: endless } };
  if (target.loaded) {
    const { document, root } = target.loaded;
    const { needsRoot, needsDocument } = session.enterDocument(target.loaded);
    session.trace("document", undefined, { via: target.via, root: root?.uri });
    if (root && needsRoot) {
      const completion = yield* declareAll(session, root.declarations, "application", root);
      if (completion.type !== "normal") return { ok: false, completion };
    }
    if (root && needsRoot) session.scopes.enterDocument();
    const completion = needsDocument
      ? yield* declareAll(session, document.declarations, "document", document)
      : NORMAL;
    if (completion.type !== "normal") return { ok: false, completion };
  }
  const dialog = target.dialog ?? dialogOf(session.document, target.dialogId);
  if (!dialog)
    // A document without dialogs says nothing further (§1.5.1: it exits).
    return { ok: false, completion: { type: "exit" } };
  session.scopes.enterDialog();
  return { ok: true, form: new ActiveForm(dialog, target.carried, target.params) };
}

function dialogOf(document: VxmlDocument | undefined, id: string | undefined): Dialog | undefined {
  return id === undefined ? document?.dialogs[0] : document?.dialogs.find((dialog) => dialog.id === id);
}

/** Appendix C, initialization phase: variables, scripts and form items in document order. */
export function* initializeForm(session: SessionState, form: ActiveForm): Steps<Completion> {
  const { document, scopes } = session;
  const { dialog } = form;
  if (!document) return NORMAL;
  session.trace("dialog", dialog, { id: dialog.id, kind: dialog.kind });
  for (const entry of dialog.initialization) {
    if (entry.kind !== "item") {
      const completion = yield* declareAll(session, [entry], "dialog", document, form);
      if (completion.type !== "normal") return completion;
      continue;
    }
    const item = dialog.items[entry.index];
    if (!item) continue;
    try {
      if (item.expression === undefined) scopes.put("dialog", item.name, undefined);
      else scopes.declareWithValue("dialog", item.name, item.expression);
    } catch (error) {
      return { type: "event", event: eventOfFailure(error, item) };
    }
  }
  return NORMAL;
}

function* declareAll(
  session: SessionState,
  declarations: readonly Declaration[],
  scope: ScopeName,
  document: VxmlDocument,
  form?: ActiveForm,
): Steps<Completion> {
  const context = executionContext(session, document, form, undefined, document.base);
  for (const declaration of declarations) {
    try {
      if (declaration.kind === "script") {
        const completion = yield* runScript(declaration, scope, context);
        if (completion.type !== "normal") return completion;
      } else if (declaration.kind === "data") {
        const completion = yield* runData(declaration, scope, context);
        if (completion.type !== "normal") return completion;
      } else if (form?.params?.has(declaration.name))
        // §2.3.4: what was passed counts, not the element's own expression.
        session.scopes.putHeld(scope, declaration.name, form.params.get(declaration.name) ?? 0);
      else if (declaration.expression !== undefined)
        session.scopes.declareWithValue(scope, declaration.name, declaration.expression);
      else if (isVariableName(declaration.name)) session.scopes.declare(scope, [declaration.name]);
      else return thrown("error.semantic", `"${declaration.name}" cannot name a variable`, declaration);
    } catch (error) {
      return { type: "event", event: eventOfFailure(error, declaration) };
    }
  }
  return NORMAL;
}
