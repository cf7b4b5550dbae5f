/**
 * From a grammar as a document names it to rules that can be matched: inline, built-in, or fetched (VoiceXML 2.0
 * §3.1.1), together with all it refers to.
 */
import type { Steps, VxmlEvent } from "../completion.ts";
import type { GrammarSource } from "../model/document.ts";
import type { Grammar } from "../model/grammar.ts";
import type { PropertyScope } from "../properties.ts";
import { fetchText } from "../resources/loading.ts";
import { getRequest } from "../resources/request.ts";
import { fragmentOf, resolveUri, withoutFragment } from "../resources/uri.ts";
import type { ScopeChain } from "../scopes/scope-chain.ts";
import { builtInGrammars, parseBuiltIn } from "./built-ins.ts";
import { readExternal } from "./external-grammar.ts";
import { type LoadGrammar, linkGrammar } from "./linking.ts";

export type GrammarResolution =
  | { readonly ok: true; readonly grammars: readonly Grammar[] }
  | { readonly ok: false; readonly event: VxmlEvent };

export interface ResolutionContext {
  readonly scopes: ScopeChain;
  readonly properties: PropertyScope;
  readonly base: string;
  /** Language of the referring document; built-in grammars are spoken in it. Absent: en-US. */
  readonly language?: string;
  /** Grammars fetched before in this session, by URI, mode and type. */
  readonly fetched: Map<string, Grammar>;
}

const builtIns = new Map<string, readonly Grammar[]>();

export function* resolveGrammar(source: GrammarSource, context: ResolutionContext): Steps<GrammarResolution> {
  switch (source.kind) {
    case "inline": {
      const load = loader(context, {});
      const start = { grammar: source.grammar, uri: context.base, isInline: true };
      return asResolution(yield* linkGrammar(start, load), source);
    }
    case "built-in":
      return resolveBuiltIn(source.reference, context, source);
    case "external":
      return yield* resolveExternal(source, context);
  }
}

function* resolveExternal(
  source: GrammarSource & { kind: "external" },
  context: ResolutionContext,
): Steps<GrammarResolution> {
  const reference =
    source.uri.kind === "literal" ? source.uri.uri : context.scopes.text(source.uri.expression).trim();
  if (reference.startsWith("builtin:")) return resolveBuiltIn(reference, context, source);
  if (reference === "")
    return failed("error.unsupported.format", `grammars of type ${source.type} are not supported`, source);
  // §3.1.1.4: rules of the document itself cannot be referred to.
  if (reference.startsWith("#"))
    return failed("error.semantic", `"${reference}" refers to a rule without its grammar`, source);
  const uri = resolveUri(reference, context.base);
  if (uri === undefined) return failed("error.badfetch", `"${reference}" is not a URI`, source);
  const load = loader(context, source.fetch);
  const loading = yield* load(withoutFragment(uri), source.type, source.mode);
  if (!loading.ok) return { ok: false, event: { ...loading.event, position: source } };
  const start = {
    grammar: loading.grammar,
    uri: withoutFragment(uri),
    rule: fragmentOf(uri),
    isInline: false,
  };
  return asResolution(yield* linkGrammar(start, load), source);
}

/** Fetches and reads grammars, each once in a session. */
function loader(context: ResolutionContext, fetch: Parameters<typeof getRequest>[2]): LoadGrammar {
  return function* load(uri, type, mode) {
    if (uri.startsWith("builtin:")) {
      const resolution = resolveBuiltIn(uri, context, undefined);
      if (!resolution.ok) return resolution;
      const grammar = resolution.grammars.find((one) => one.mode === mode) ?? resolution.grammars[0];
      if (grammar) return { ok: true, grammar };
      return { ok: false, event: { name: "error.unsupported.builtin", message: `${uri} has no grammar` } };
    }
    const key = `${uri} ${mode} ${type ?? ""}`;
    const known = context.fetched.get(key);
    if (known) return { ok: true, grammar: known };
    const loaded = yield* fetchText(getRequest("grammar", uri, fetch, context.properties));
    if (!loaded.ok) return loaded;
    const { text, contentType, uri: finalUri } = loaded.value;
    const reading = readExternal({
      text,
      uri,
      base: finalUri,
      contentType,
      preferredType: type,
      mode,
      // DEVIATES: §4.5 of SRGS wants a language in every voice grammar of its own; one that lacks it is heard in the
      // language of the document that refers to it.
      language: context.language ?? DEFAULT_LANGUAGE,
    });
    if (!reading.ok) return reading;
    context.fetched.set(key, reading.grammar);
    return reading;
  };
}

/** VoiceXML 2.0 §1.5: a document that names no language is in the platform's. */
const DEFAULT_LANGUAGE = "en-US";

function resolveBuiltIn(
  reference: string,
  context: ResolutionContext,
  source: GrammarSource | undefined,
): GrammarResolution {
  const language = context.language ?? DEFAULT_LANGUAGE;
  const key = `${reference} ${language}`;
  const known = builtIns.get(key);
  if (known) return { ok: true, grammars: known };
  const parsed = parseBuiltIn(reference);
  const result = parsed
    ? builtInGrammars(parsed, language)
    : ({
        ok: false,
        event: "error.unsupported.builtin",
        reason: `"${reference}" does not name a built-in type`,
      } as const);
  if (!result.ok) return failed(result.event, result.reason, source);
  // LIMIT: references are few; a document that invents them without end does not fill the table.
  if (builtIns.size < 1000) builtIns.set(key, result.grammars);
  return { ok: true, grammars: result.grammars };
}

function asResolution(
  linked: { ok: true; grammar: Grammar } | { ok: false; event: VxmlEvent },
  source: GrammarSource,
): GrammarResolution {
  if (linked.ok) return { ok: true, grammars: [linked.grammar] };
  return { ok: false, event: { ...linked.event, position: source } };
}

function failed(name: string, message: string, source: GrammarSource | undefined): GrammarResolution {
  return { ok: false, event: { name, message, position: source } };
}
