/**
 * Text to document: read as XML, checked against the element table, built into the model. Every problem is
 * reported at once; only a document without any runs.
 */
import type { Diagnostic } from "../diagnostics.ts";
import type { ProfileName } from "../effects.ts";
import type { Dialog, VxmlDocument } from "../model/document.ts";
import { isElement, type XmlElement } from "../model/xml-tree.ts";
import { resolveUri, withoutFragment } from "../resources/uri.ts";
import type { BuildContext } from "./build-context.ts";
import {
  buildDeclaration,
  buildForm,
  buildHandlers,
  buildLinks,
  buildProperties,
  childrenNamed,
} from "./dialog-builder.ts";
import { buildMenu } from "./menu-to-form.ts";
import { checkStructure, DiagnosticList } from "./structure-check.ts";
import { readXml } from "./xml-reader.ts";

export type DocumentReading =
  | { readonly ok: true; readonly document: VxmlDocument }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** LIMIT: parsed documents kept per thread, none of them large; a campaign fetches the same few over and over. */
const KEPT_DOCUMENTS = 100;
const LARGEST_KEPT_CHARACTERS = 100_000;
const kept = new Map<string, DocumentReading>();

/** Reads a document. `uri` is where it came from, after redirects. Never throws on bad input. */
export function parseDocument(text: string, uri: string, profile: ProfileName): DocumentReading {
  const key = `${profile} ${uri} ${text}`;
  const known = kept.get(key);
  if (known) return known;
  const reading = readDocument(text, withoutFragment(uri), profile);
  if (text.length > LARGEST_KEPT_CHARACTERS) return reading;
  if (kept.size >= KEPT_DOCUMENTS) kept.delete(kept.keys().next().value ?? "");
  kept.set(key, reading);
  return reading;
}

function readDocument(text: string, uri: string, profile: ProfileName): DocumentReading {
  const xml = readXml(text);
  if (!xml.ok) return xml;
  const diagnostics = new DiagnosticList();
  checkStructure(xml.root, profile, diagnostics);
  // The builders rely on the structure; on a broken one they would only report the same mistakes again.
  const document =
    diagnostics.items.length === 0
      ? build(xml.root, uri, { profile, diagnostics, nextInternalName: 1 })
      : undefined;
  return document && diagnostics.items.length === 0
    ? { ok: true, document }
    : { ok: false, diagnostics: diagnostics.items };
}

function build(root: XmlElement, uri: string, context: BuildContext): VxmlDocument {
  const declaredBase = root.attributes.get("xml:base");
  const base = (declaredBase === undefined ? undefined : resolveUri(declaredBase, uri)) ?? uri;
  const application = root.attributes.get("application");
  const rootUri = application === undefined ? undefined : resolveUri(application, base);
  if (application !== undefined && rootUri === undefined)
    context.diagnostics.add(root, "attribute-value", `application="${application}" is not a URI`);
  const dialogs: Dialog[] = [];
  const ids = new Set<string>();
  for (const element of childrenNamed(root, "form", "menu")) {
    const dialog = element.name === "form" ? buildForm(element, context) : buildMenu(element, context);
    if (dialog.id !== undefined && ids.has(dialog.id))
      context.diagnostics.add(
        element,
        "name-duplicate",
        `the document has two dialogs with id "${dialog.id}"`,
      );
    if (dialog.id !== undefined) ids.add(dialog.id);
    dialogs.push(dialog);
  }
  return {
    uri,
    base,
    language: root.attributes.get("xml:lang"),
    application: rootUri === undefined ? undefined : withoutFragment(rootUri),
    properties: buildProperties(root),
    declarations: root.children.filter(isElement).flatMap(buildDeclaration),
    handlers: buildHandlers(root, context),
    links: buildLinks(root, context),
    dialogs,
  };
}
