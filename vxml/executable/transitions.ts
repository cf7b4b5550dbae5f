/** `<goto>` and `<submit>` (VoiceXML 2.0 §5.3.7, §5.3.8): the target is fetched before the dialog is left. */
import {
  type Completion,
  type LoadedDocument,
  type Steps,
  type TransitionTarget,
  thrown,
} from "../completion.ts";
import type { FetchRequest, QueuedPrompt } from "../effects.ts";
import { isInputItem } from "../model/document.ts";
import type { GotoElement, SubmitElement, TextSource, UriSource } from "../model/executable.ts";
import type { FetchAttributes } from "../model/prompt.ts";
import { profileDoes } from "../profiles.ts";
import { loadDocument } from "../resources/loading.ts";
import { fetchLimits } from "../resources/request.ts";
import { fragmentOf, resolveUri, withoutFragment } from "../resources/uri.ts";
import type { ExecutionContext } from "./execution-context.ts";
import { submissionContent } from "./submission.ts";

export function* runGoto(
  element: GotoElement,
  context: ExecutionContext,
  via: TransitionTarget["via"] = "goto",
): Steps<Completion> {
  const { target } = element;
  if (target.kind === "item") {
    const name = textOf(target.name, context);
    // §5.3.7: an item that is not there is error.badfetch.
    if (!context.items.some((item) => item.name === name))
      return thrown("error.badfetch", `the form has no item "${name}"`, element);
    context.trace("goto", element, { item: name });
    return { type: "item", name };
  }
  const interruption = yield* playOut(context);
  if (interruption) return interruption;
  const reference = uriTextOf(target.uri, context);
  context.trace("goto", element, { to: reference });
  // A fragment alone stays in the document it was written in.
  if (reference.startsWith("#") && context.base === context.document.base) {
    const dialogId = fragmentOf(reference);
    if (!context.document.dialogs.some((dialog) => dialog.id === dialogId))
      return thrown("error.badfetch", `the document has no dialog "${reference}"`, element);
    return { type: "transition", target: { dialogId, via } };
  }
  const { root } = context;
  const uri = resolveUri(reference, context.base);
  // §1.5.2: from a leaf to its root by goto, link or choice the root document goes on as it is.
  if (root && uri !== undefined && withoutFragment(uri) === root.uri)
    return toDialog(element, uri, { document: root, isPreserved: true }, via);
  return yield* fetchTarget(element, reference, { method: "GET" }, element.fetch, context, via);
}

export function* runSubmit(element: SubmitElement, context: ExecutionContext): Steps<Completion> {
  const interruption = yield* playOut(context);
  if (interruption) return interruption;
  const reference = uriTextOf(element.uri, context);
  const names =
    element.submission.names ??
    (profileDoes(context.profile, "submitsAllItemsByDefault")
      ? context.items.filter((item) => item.isNamed && isInputItem(item)).map((item) => item.name)
      : []);
  const content = submissionContent(element.submission, names, context);
  context.trace("submit", element, { to: reference, names });
  return yield* fetchTarget(element, reference, content, element.fetch, context, "submit");
}

export function textOf(source: TextSource, context: ExecutionContext): string {
  return source.kind === "literal" ? source.text : context.scopes.text(source.expression);
}

export function uriTextOf(source: UriSource, context: ExecutionContext): string {
  return source.kind === "literal" ? source.uri : context.scopes.text(source.expression).trim();
}

/** The plum profile hears out what may not be interrupted before it leaves the dialog. */
function* playOut(context: ExecutionContext): Steps<Completion | undefined> {
  if (!profileDoes(context.profile, "playsOutBeforeTransition") || context.isDisconnected()) return undefined;
  return yield* playQueued(context.queue.takeUninterruptible(), context);
}

/** Plays and waits; undefined unless the caller hangs up meanwhile. */
export function* playQueued(
  prompts: readonly QueuedPrompt[],
  context: ExecutionContext,
): Steps<Completion | undefined> {
  if (prompts.length === 0 || context.isDisconnected()) return undefined;
  context.noteRecordCall();
  const result = yield { type: "play", prompts };
  if ("type" in result && result.type === "hangup") {
    context.markDisconnected("caller");
    return thrown("connection.disconnect.hangup", "the caller hung up");
  }
  return undefined;
}

function* fetchTarget(
  element: GotoElement | SubmitElement,
  reference: string,
  content: Pick<FetchRequest, "method" | "fields" | "recordings" | "body" | "enctype">,
  attributes: FetchAttributes,
  context: ExecutionContext,
  via: TransitionTarget["via"],
): Steps<Completion> {
  const uri = resolveUri(reference, context.base);
  if (uri === undefined) return thrown("error.badfetch", `"${reference}" is not a URI`, element);
  const limits = fetchLimits("document", attributes, context.properties, context.base);
  // §4.1.8: what was queued before a fetchaudio is heard before it.
  const interruption = limits.fetchAudio && (yield* playQueued(context.queue.drain().prompts, context));
  if (interruption) return interruption;
  const loaded = yield* loadDocument(
    {
      purpose: "document",
      uri: withoutFragment(uri),
      ...content,
      ...limits,
    },
    context.profile,
    context.root ?? context.document,
  );
  if (!loaded.ok) return { type: "event", event: { ...loaded.event, position: element } };
  return toDialog(element, uri, loaded.value, via);
}

/** The dialog a URI's fragment names, or the first one. */
function toDialog(
  element: GotoElement | SubmitElement,
  uri: string,
  loaded: LoadedDocument,
  via: TransitionTarget["via"],
): Completion {
  const dialogId = fragmentOf(uri);
  if (dialogId !== undefined && !loaded.document.dialogs.some((dialog) => dialog.id === dialogId))
    return thrown("error.badfetch", `${uri} has no dialog "${dialogId}"`, element);
  return { type: "transition", target: { loaded, dialogId, via } };
}
