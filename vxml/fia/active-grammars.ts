/**
 * The grammars that listen while an item is visited (VoiceXML 2.0 §3.1.4), in order of precedence: the item's, the
 * form's, the document's, the root document's; of a modal field only its own. Each remembers what a match means.
 */
import type { Steps } from "../completion.ts";
import { resolveGrammar } from "../grammars/resolution.ts";
import { universalCommands } from "../grammars/universals.ts";
import type { GrammarMeaning, Listening, ListeningGrammar } from "../items/visit.ts";
import { MAX_ACTIVE_GRAMMARS } from "../limits.ts";
import type { Dialog, FormItem, GrammarSource, Link, VxmlDocument } from "../model/document.ts";
import { eventOfFailure } from "../script-failure.ts";
import type { ActiveForm } from "./active-form.ts";
import { propertiesAt } from "./contexts.ts";
import type { SessionState } from "./session-state.ts";

interface PlacedSource {
  readonly source: GrammarSource;
  readonly meaning: GrammarMeaning;
  readonly base: string;
}

export function* activeGrammars(session: SessionState, form: ActiveForm, item: FormItem): Steps<Listening> {
  const properties = propertiesAt(session, form, item);
  const modes = properties.words("inputmodes");
  const grammars: ListeningGrammar[] = [];
  for (const { source, meaning, base } of sourcesFor(session, form, item)) {
    let resolution: Awaited<ReturnType<typeof resolveGrammar> extends Steps<infer T> ? T : never>;
    try {
      resolution = yield* resolveGrammar(source, {
        scopes: session.scopes,
        properties,
        base,
        language: session.document?.language,
        fetched: session.shared.fetchedGrammars,
      });
    } catch (error) {
      return { ok: false, event: eventOfFailure(error, source) };
    }
    if (!resolution.ok) return resolution;
    for (const rules of resolution.grammars)
      if (modes.includes(rules.mode) && grammars.length < MAX_ACTIVE_GRAMMARS)
        grammars.push({ id: `g${grammars.length}`, mode: rules.mode, rules, meaning });
  }
  // §6.3.6: the platform's own come last, and not into modal items.
  if (!isModal(item))
    for (const { event, grammar } of universalCommands(properties.words("universals")))
      if (modes.includes(grammar.mode) && grammars.length < MAX_ACTIVE_GRAMMARS)
        grammars.push({
          id: `g${grammars.length}`,
          mode: grammar.mode,
          rules: grammar,
          meaning: { kind: "universal", event },
        });
  return { ok: true, grammars };
}

/** §3.1.4: a modal item listens to nothing outside itself; a transfer always is one (§2.3.7.2.1). */
function isModal(item: FormItem): boolean {
  return item.kind === "transfer" || ((item.kind === "field" || item.kind === "record") && item.isModal);
}

function sourcesFor(session: SessionState, form: ActiveForm, item: FormItem): PlacedSource[] {
  const { document, root } = session;
  if (!document) return [];
  const placed: PlacedSource[] = [];
  const place = (sources: readonly GrammarSource[], meaning: GrammarMeaning, base = document.base): void => {
    for (const source of sources) placed.push({ source, meaning, base });
  };
  const placeLinks = (links: readonly Link[], owner: VxmlDocument): void => {
    for (const link of links) place(link.grammars, { kind: "link", link, document: owner }, owner.base);
  };
  const placeDialog = (dialog: Dialog, owner: VxmlDocument): void => {
    const listens = (source: GrammarSource): boolean => (source.scope ?? dialog.scope) === "document";
    const meaning = { kind: "dialog", dialog, document: owner } as const;
    place(dialog.grammars.filter(listens), meaning, owner.base);
    // §2.2: of a menu its choices listen.
    for (const inner of dialog.kind === "menu" ? dialog.items : [])
      for (const choice of inner.kind === "field" ? inner.choices : [])
        place(choice.grammars.filter(listens), { ...meaning, choice }, owner.base);
  };
  if (item.kind === "field") {
    place(item.grammars, { kind: "item" });
    for (const option of item.options) place(option.grammars, { kind: "option", value: option.value });
    for (const choice of item.choices) place(choice.grammars, { kind: "choice", choice });
  }
  if (item.kind === "field" || item.kind === "initial") placeLinks(item.links, document);
  if (item.kind === "record" || item.kind === "transfer") place(item.grammars, { kind: "item" });
  if (isModal(item)) return placed;
  place(form.dialog.grammars, { kind: "form" });
  placeLinks(form.dialog.links, document);
  for (const owner of root ? [document, root] : [document]) {
    placeLinks(owner.links, owner);
    for (const dialog of owner.dialogs) if (dialog !== form.dialog) placeDialog(dialog, owner);
  }
  return placed;
}
