/**
 * Everything that is wrong with documents, without running them: what the reader refuses, and beyond it what would
 * fail, or never happen, while they run. Pure; several documents are checked together, so that transitions
 * between them are known.
 */
import type { Diagnostic } from "../diagnostics.ts";
import type { ProfileName } from "../effects.ts";
import { buildForm, buildLinks } from "../parser/dialog-builder.ts";
import { parseDocument } from "../parser/document-builder.ts";
import { buildMenu } from "../parser/menu-to-form.ts";
import { checkStructure, DiagnosticList } from "../parser/structure-check.ts";
import { readXml } from "../parser/xml-reader.ts";
import { withoutFragment } from "../resources/uri.ts";
import { type CheckContext, type CheckProblem, report, reportInText } from "./check-context.ts";
import { checkDeclarations } from "./declarations.ts";
import { checkReachability } from "./reachability.ts";
import { checkScripts } from "./script-syntax.ts";
import { SourceText } from "./source-text.ts";
import { checkTargets, dialogsOf, transitionsOf } from "./transitions.ts";

export interface CheckedSource {
  /** Absolute URI. */
  readonly uri: string;
  readonly text: string;
}

/** The problems of each document, in the order of the documents; each list by line and column. Never throws on bad input. */
export function checkDocuments(sources: readonly CheckedSource[], profile: ProfileName): CheckProblem[][] {
  const readings = sources.map(({ uri, text }) => read(withoutFragment(uri), text, profile));
  const contexts = readings.flatMap(({ context }) => context ?? []);
  const transitions = new Map(contexts.map((context) => [context, transitionsOf(context)]));
  const dialogIds = new Map(
    contexts.map(({ uri, root }) => [
      uri,
      new Set(dialogsOf(root).flatMap((dialog) => dialog.attributes.get("id") ?? [])),
    ]),
  );
  for (const context of contexts) {
    const own = transitions.get(context);
    if (!own) continue;
    const enteredFromOutside = new Set(
      [...transitions].flatMap(([other, { known }]) =>
        other === context
          ? []
          : known.flatMap(({ uri, dialogId }) => (uri === context.uri ? (dialogId ?? []) : [])),
      ),
    );
    checkScripts(context);
    checkTargets(context, own, dialogIds);
    checkDeclarations(context);
    checkReachability(context, own, enteredFromOutside);
  }
  return readings.map(({ problems }) =>
    problems.sort((a, b) => a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1)),
  );
}

/** What the reader says; a context for the rest when the document is VoiceXML at all. */
function read(
  uri: string,
  text: string,
  profile: ProfileName,
): { readonly problems: CheckProblem[]; readonly context?: CheckContext } {
  const source = new SourceText(text);
  const problems: CheckProblem[] = [];
  const xml = readXml(text);
  if (!xml.ok) {
    const [fault] = xml.diagnostics;
    const { line = 1, column = 1, code = "xml", message = "" } = fault ?? {};
    problems.push({ code, severity: "error", message, line, column });
    return { problems };
  }
  const { root } = xml;
  const context: CheckContext = { root, uri, profile, source, problems, known: new Set() };
  const structure = new DiagnosticList();
  checkStructure(root, profile, structure);
  const reading = parseDocument(text, uri, profile);
  const found = reading.ok ? [] : reading.diagnostics;
  // A broken structure keeps the reader from building; what building would have found is wanted at once all the same.
  const built = structure.items.length > 0 ? buildAnyway(context) : [];
  for (const diagnostic of [...found, ...built]) reportDiagnostic(diagnostic, context);
  return root.name === "vxml" ? { problems, context } : { problems };
}

/** The reader's finding, at the attribute where it is about one. */
function reportDiagnostic(diagnostic: Diagnostic, context: CheckContext): void {
  const { code, message, attribute } = diagnostic;
  const { source } = context;
  const place = attribute === undefined ? undefined : source.attributeAt(diagnostic, attribute);
  if (place && attribute !== undefined && code === "attribute-unknown")
    report(context, source.positionAt(place.name), code, message, attribute.length);
  else if (place) reportInText(context, place.value, 0, place.value.text.length, code, message);
  else {
    const offset = source.offsetOf(diagnostic);
    const written = source.text.slice(offset, offset + 80);
    const length = /^(?:<[^\s/>]+|[\p{L}\p{Nd}]+)/u.exec(written)?.[0].length;
    report(context, diagnostic, code, message, length);
  }
}

/** Problems of the kinds that a broken structure does not make up. */
function buildAnyway({ root, profile }: CheckContext): DiagnosticList["items"] {
  if (root.name !== "vxml") return [];
  const diagnostics = new DiagnosticList();
  const context = { profile, diagnostics, nextInternalName: 1 };
  for (const dialog of dialogsOf(root))
    if (dialog.name === "form") buildForm(dialog, context);
    else buildMenu(dialog, context);
  buildLinks(root, context);
  return diagnostics.items.filter(({ code }) => code === "grammar" || code === "name-duplicate");
}
