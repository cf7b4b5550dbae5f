/** From a grammar as a document names it to its rules: inline, built-in, or fetched (VoiceXML 2.0 §3.1.1). */
import type { Steps, VxmlEvent } from "../completion.ts";
import { printDiagnostic } from "../diagnostics.ts";
import { VxmlError } from "../errors.ts";
import type { GrammarSource } from "../model/document.ts";
import type { Grammar } from "../model/grammar.ts";
import { readXml } from "../parser/xml-reader.ts";
import type { PropertyScope } from "../properties.ts";
import { fetchText } from "../resources/loading.ts";
import { getRequest } from "../resources/request.ts";
import { fragmentOf, resolveUri, withoutFragment } from "../resources/uri.ts";
import type { ScopeChain } from "../scopes/scope-chain.ts";
import { builtInGrammars, parseBuiltIn } from "./built-ins.ts";
import { readJsgf } from "./jsgf-reader.ts";
import { readSrgs } from "./srgs-reader.ts";

export type GrammarResolution =
  | { readonly ok: true; readonly grammars: readonly Grammar[] }
  | { readonly ok: false; readonly event: VxmlEvent };

export interface ResolutionContext {
  readonly scopes: ScopeChain;
  readonly properties: PropertyScope;
  readonly base: string;
  /** Grammars fetched before in this session, by URI, mode and type. */
  readonly fetched: Map<string, Grammar>;
}

const builtIns = new Map<string, readonly Grammar[]>();

export function* resolveGrammar(source: GrammarSource, context: ResolutionContext): Steps<GrammarResolution> {
  if (source.kind === "inline") return { ok: true, grammars: [source.grammar] };
  if (source.kind === "built-in") return resolveBuiltIn(source.reference, source);
  const reference =
    source.uri.kind === "literal" ? source.uri.uri : context.scopes.text(source.uri.expression).trim();
  if (reference.startsWith("builtin:")) return resolveBuiltIn(reference, source);
  if (reference === "")
    return failed("error.unsupported.format", `grammars of type ${source.type} are not supported`, source);
  const uri = resolveUri(reference, context.base);
  if (uri === undefined) return failed("error.badfetch", `"${reference}" is not a URI`, source);
  const key = `${uri} ${source.mode} ${source.type ?? ""}`;
  const known = context.fetched.get(key);
  if (known) return { ok: true, grammars: [known] };
  const loaded = yield* fetchText(getRequest("grammar", uri, source.fetch, context.properties));
  if (!loaded.ok) return { ok: false, event: { ...loaded.event, position: source } };
  const type = source.type ?? loaded.value.contentType;
  const resolution = readExternal(loaded.value.text, uri, type, source);
  const [grammar] = resolution.ok ? resolution.grammars : [];
  if (grammar) context.fetched.set(key, grammar);
  return resolution;
}

function readExternal(
  text: string,
  uri: string,
  type: string,
  source: GrammarSource & { kind: "external" },
): GrammarResolution {
  const looksLikeXml = text.trimStart().startsWith("<");
  if (type.includes("jsgf") || (!looksLikeXml && text.trimStart().startsWith("#JSGF"))) {
    try {
      return { ok: true, grammars: [readJsgf(text, source.mode)] };
    } catch (error) {
      if (!(error instanceof VxmlError)) throw error;
      return failed("error.badfetch", `${uri}: ${error.message}`, source);
    }
  }
  if (!looksLikeXml)
    return failed("error.unsupported.format", `${uri}: the grammar is neither SRGS XML nor JSGF`, source);
  const xml = readXml(text);
  // §3.1.1.2: a fragment names the rule to begin with.
  const reading = xml.ok ? readSrgs(xml.root, source.mode, fragmentOf(uri)) : xml;
  if (reading.ok) return { ok: true, grammars: [reading.grammar] };
  const problems = reading.diagnostics.map(printDiagnostic);
  return failed("error.badfetch", `${withoutFragment(uri)}: ${problems.join("; ")}`, source);
}

function resolveBuiltIn(reference: string, source: GrammarSource): GrammarResolution {
  const known = builtIns.get(reference);
  if (known) return { ok: true, grammars: known };
  const parsed = parseBuiltIn(reference);
  const result = parsed
    ? builtInGrammars(parsed)
    : ({
        ok: false,
        event: "error.unsupported.builtin",
        reason: `"${reference}" does not name a built-in type`,
      } as const);
  if (!result.ok) return failed(result.event, result.reason, source);
  // LIMIT: references are few; a document that invents them without end does not fill the table.
  if (builtIns.size < 1000) builtIns.set(reference, result.grammars);
  return { ok: true, grammars: result.grammars };
}

function failed(name: string, message: string, source: GrammarSource): GrammarResolution {
  return { ok: false, event: { name, message, position: source } };
}
