/**
 * `<subdialog>` (VoiceXML 2.0 §2.3.4): finds the dialog to call and computes what is passed to it. Running it, in an
 * execution context of its own, is the interpreter's.
 */
import type { LoadedDocument, Steps } from "../completion.ts";
import { submissionContent } from "../executable/submission.ts";
import { playQueued, uriTextOf } from "../executable/transitions.ts";
import { MAX_SUBDIALOG_DEPTH } from "../limits.ts";
import type { Dialog, Subdialog } from "../model/document.ts";
import { loadDocument } from "../resources/loading.ts";
import { fetchLimits } from "../resources/request.ts";
import { fragmentOf, resolveUri, withoutFragment } from "../resources/uri.ts";
import { type Collected, collectedEvent, collectedThrow, type ItemVisit } from "./visit.ts";

export function* prepareSubdialog(item: Subdialog, visit: ItemVisit): Steps<Collected> {
  const { context } = visit;
  if (visit.depth >= MAX_SUBDIALOG_DEPTH)
    return collectedEvent("error.com.resource", `more than ${MAX_SUBDIALOG_DEPTH} subdialogs are open`, item);
  visit.queuePrompts();
  const reference = uriTextOf(item.uri, context);
  const { document, root } = context;
  const content = submissionContent(item.submission, item.submission.names ?? [], context);
  const isHere = reference.startsWith("#") && item.submission.names === undefined;
  // §2.3.4: a fragment alone means this document; with variables to send it is fetched anew.
  const uri = reference.startsWith("#") ? document.uri + reference : resolveUri(reference, context.base);
  if (uri === undefined) return collectedEvent("error.badfetch", `"${reference}" is not a URI`, item);
  context.trace("subdialog", item, { to: reference });
  let loaded: LoadedDocument = { document, root };
  if (!isHere) {
    const limits = fetchLimits("document", item.fetch, context.properties, context.base);
    const interruption = limits.fetchAudio && (yield* playQueued(context.queue.drain().prompts, context));
    if (interruption?.type === "event") return collectedThrow(interruption.event, item);
    const fetched = yield* loadDocument(
      {
        purpose: "document",
        uri: withoutFragment(uri),
        ...content,
        ...limits,
      },
      context.profile,
      root ?? document,
    );
    if (!fetched.ok) return collectedThrow(fetched.event, item);
    loaded = fetched.value;
  }
  const dialogId = fragmentOf(uri);
  const { dialogs } = loaded.document;
  const dialog = dialogId === undefined ? dialogs[0] : dialogs.find(({ id }) => id === dialogId);
  if (!dialog) return collectedEvent("error.badfetch", `there is no dialog "${reference}"`, item);
  const unknown = item.params.find(({ name }) => !declares(dialog, name));
  if (unknown)
    return collectedEvent(
      "error.semantic",
      `the dialog "${reference}" has no <var name="${unknown.name}">`,
      unknown,
    );
  // Evaluated here, in the caller's scopes; objects are passed as they are.
  const params = new Map(item.params.map(({ name, expression }) => [name, context.scopes.hold(expression)]));
  return { kind: "subdialog", call: { target: { loaded, dialogId, via: "subdialog", params } } };
}

function declares(dialog: Dialog, name: string): boolean {
  return dialog.initialization.some((entry) => entry.kind === "var" && entry.name === name);
}
