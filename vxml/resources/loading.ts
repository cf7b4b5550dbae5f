/** Fetching with its failures as events: documents with their root documents, scripts, grammars. */
import type { LoadedDocument, Steps, VxmlEvent } from "../completion.ts";
import { printDiagnostic } from "../diagnostics.ts";
import type { FetchRequest, FetchResult, ProfileName } from "../effects.ts";
import type { VxmlDocument } from "../model/document.ts";
import { parseDocument } from "../parser/document-builder.ts";

export type Loaded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly event: VxmlEvent };

/** Fetches one resource; a failure is `error.badfetch` with the status where there is one (§5.2.6). */
export function* fetchText(request: FetchRequest): Steps<Loaded<FetchResult & { ok: true }>> {
  const result = (yield { type: "fetch", request }) as FetchResult;
  if (result.ok) return { ok: true, value: result };
  const isHttp = /^https?:/i.test(request.uri) && result.status !== undefined;
  return {
    ok: false,
    event: {
      name: isHttp ? `error.badfetch.http.${result.status}` : "error.badfetch",
      message: `${request.uri}: ${result.reason}`,
    },
  };
}

/** Fetches and parses a document, and its root unless that is `currentRoot` already. */
export function* loadDocument(
  request: FetchRequest,
  profile: ProfileName,
  currentRoot: VxmlDocument | undefined,
): Steps<Loaded<LoadedDocument>> {
  const document = yield* loadOne(request, profile);
  if (!document.ok) return document;
  const rootUri = document.value.application;
  if (rootUri === undefined || rootUri === document.value.uri)
    return { ok: true, value: { document: document.value } };
  // §1.5.2: documents of one application share the root that is there.
  if (currentRoot && currentRoot.uri === rootUri)
    return { ok: true, value: { document: document.value, root: currentRoot } };
  const root = yield* loadOne(
    { purpose: "document", uri: rootUri, method: "GET", timeoutMs: request.timeoutMs },
    profile,
  );
  if (!root.ok) return root;
  if (root.value.application !== undefined)
    // §1.5.2: a root document may not name a root of its own.
    return {
      ok: false,
      event: { name: "error.semantic", message: `the root document ${rootUri} names a root document itself` },
    };
  return { ok: true, value: { document: document.value, root: { ...root.value, uri: rootUri } } };
}

function* loadOne(request: FetchRequest, profile: ProfileName): Steps<Loaded<VxmlDocument>> {
  const fetched = yield* fetchText(request);
  if (!fetched.ok) return fetched;
  const reading = parseDocument(fetched.value.text, fetched.value.uri, profile);
  if (reading.ok) return { ok: true, value: reading.document };
  const message = reading.diagnostics.map(printDiagnostic).join("; ");
  return { ok: false, event: { name: "error.badfetch", message: `${request.uri}: ${message}` } };
}
