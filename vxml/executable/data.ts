/** `<data>` (VoiceXML 2.1 §5): fetches without leaving the dialog; XML becomes a read-only DOM. */
import { type Completion, NORMAL, type Steps, thrown } from "../completion.ts";
import type { FetchRequest } from "../effects.ts";
import { MAX_DATA_CHARACTERS } from "../limits.ts";
import type { DataElement } from "../model/executable.ts";
import { fetchText } from "../resources/loading.ts";
import { fetchLimits } from "../resources/request.ts";
import { resolveUri, withoutFragment } from "../resources/uri.ts";
import { readXmlData } from "../resources/xml-data.ts";
import type { ScopeName } from "../scopes/scope-chain.ts";
import type { ExecutionContext } from "./execution-context.ts";
import { submissionContent } from "./submission.ts";
import { playQueued, uriTextOf } from "./transitions.ts";

/** Types that say nothing about the content; it is tried as XML. */
const UNTOLD_TYPES: ReadonlySet<string> = new Set(["", "text/plain", "application/octet-stream"]);

export function* runData(
  element: DataElement,
  scope: ScopeName,
  context: ExecutionContext,
): Steps<Completion> {
  const reference = uriTextOf(element.uri, context);
  const uri = resolveUri(reference, context.base);
  if (uri === undefined) return thrown("error.badfetch", `"${reference}" is not a URI`, element);
  const headers = headersOf(element);
  if (!headers) return thrown("error.semantic", "headers is not the text of a JSON object", element);
  context.trace("data", element, { from: reference, name: element.name });
  const limits = fetchLimits("data", element.fetch, context.properties, context.base);
  const interruption = limits.fetchAudio && (yield* playQueued(context.queue.drain().prompts, context));
  if (interruption) return interruption;
  const fetched = yield* fetchText({
    purpose: "data",
    uri: withoutFragment(uri),
    ...submissionContent(element.submission, element.submission.names ?? [], context),
    headers: Object.keys(headers).length > 0 ? headers : undefined,
    ...limits,
  });
  if (!fetched.ok) return { type: "event", event: { ...fetched.event, position: element } };
  // Without a name what comes back is ignored.
  if (element.name === undefined) return NORMAL;
  const { text, contentType } = fetched.value;
  const unreadable = (reason: string): Completion => thrown("error.badfetch", `${uri}: ${reason}`, element);
  if (element.accept?.trim() === "application/json") {
    if (text.length > MAX_DATA_CHARACTERS)
      return unreadable(`the data is longer than ${MAX_DATA_CHARACTERS} characters`);
    try {
      context.scopes.put(scope, element.name, JSON.parse(text));
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      return unreadable(`the data is not JSON: ${cause.message}`);
    }
    return NORMAL;
  }
  if (!isXmlType(contentType) && !UNTOLD_TYPES.has(contentType))
    return unreadable(`data of the type ${contentType} is not understood`);
  const reading = readXmlData(text);
  if (!reading.ok) return unreadable(reading.reason);
  context.scopes.putData(scope, element.name, reading.tree);
  return NORMAL;
}

/** RFC 3023 §3, §7. */
function isXmlType(type: string): boolean {
  return /^(?:text|application)\/xml(?:-external-parsed-entity|-dtd)?$|\+xml$/.test(type);
}

/** The plum profile's request headers; undefined when they are not readable. */
function headersOf(element: DataElement): FetchRequest["headers"] {
  const accept: Record<string, string> =
    element.accept === undefined ? {} : { Accept: element.accept.trim() };
  if (element.headers === undefined) return accept;
  try {
    const parsed: unknown = JSON.parse(element.headers);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    const given = Object.entries(parsed).map(([name, value]) => [name, String(value)]);
    return { ...accept, ...Object.fromEntries(given) };
  } catch {
    return undefined;
  }
}
