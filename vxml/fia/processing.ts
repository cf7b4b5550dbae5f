/** The process phase (Appendix C): what a recognition or an event leads to. */
import { type Completion, NORMAL, type Steps, thrown, type VxmlEvent } from "../completion.ts";
import type { CollectResult } from "../effects.ts";
import { runBody } from "../executable/run-body.ts";
import { runGoto } from "../executable/transitions.ts";
import { circumstancesOf } from "../items/circumstances.ts";
import type { Collected, ListeningGrammar } from "../items/visit.ts";
import type { FormItem, LinkAction, VxmlDocument } from "../model/document.ts";
import { eventOfFailure } from "../script-failure.ts";
import type { ActiveForm } from "./active-form.ts";
import { executionContext, propertiesAt } from "./contexts.ts";
import { type EventOutcome, processEvent } from "./event-processing.ts";
import {
  fillForm,
  fillItem,
  fillOutcome,
  fillReturned,
  putLastResult,
  runFilled,
  type Understood,
} from "./filling.ts";
import type { SessionState } from "./session-state.ts";
import { understandAll } from "./understanding.ts";

/** Processes what the collect phase brought; events are handled before it returns. */
export function* processCollected(
  session: SessionState,
  form: ActiveForm,
  item: FormItem,
  collected: Collected,
): Steps<EventOutcome> {
  switch (collected.kind) {
    case "completion":
      return yield* settle(session, form, item, collected.completion);
    case "match":
      return yield* processMatch(session, form, item, collected);
    case "outcome":
      return yield* fillAndRun(session, form, item, () => {
        const { input } = collected;
        if (input) understand(session, form, item, input);
        return fillOutcome(session, item, collected);
      });
    case "returned":
      return yield* fillAndRun(session, form, item, () => fillReturned(session, item, collected.held));
    default:
      // The machine went elsewhere with these.
      return { kind: "completion", completion: NORMAL };
  }
}

/** What the caller said or keyed: the grammar that matched decides what follows. */
function* processMatch(
  session: SessionState,
  form: ActiveForm,
  item: FormItem,
  collected: Collected & { kind: "match" },
): Steps<EventOutcome> {
  let understood: Understood;
  const grammar = collected.grammars.find(({ id }) => id === collected.result.grammarIds[0]);
  try {
    understood = understand(session, form, item, collected);
  } catch (error) {
    return yield* settle(session, form, item, { type: "event", event: eventOfFailure(error, item) });
  }
  const meaning = grammar?.meaning ?? { kind: "item" };
  switch (meaning.kind) {
    case "link":
      return yield* settle(
        session,
        form,
        item,
        yield* runAction(session, form, item, meaning.link.action, meaning.document, "link"),
      );
    case "choice":
      return yield* settle(
        session,
        form,
        item,
        yield* runAction(session, form, item, meaning.choice.action, session.document, "choice"),
      );
    case "universal":
      return yield* settle(session, form, item, thrown(meaning.event, undefined, item));
    case "dialog":
      return {
        kind: "completion",
        completion: {
          type: "transition",
          target: {
            loaded:
              meaning.document === session.document
                ? undefined
                : { document: meaning.document, isPreserved: true },
            dialog: meaning.dialog,
            via: "grammar",
            carried: { ...understood, choice: meaning.choice },
          },
        },
      };
    case "option":
      return yield* fillAndRun(session, form, item, () =>
        fillItem(session, form, item, { ...understood, interpretation: meaning.value }),
      );
    case "form":
      return yield* fillAndRun(session, form, item, () => fillForm(session, form, understood));
    case "item":
      return yield* fillAndRun(session, form, item, () => fillItem(session, form, item, understood));
  }
}

/** Processes what another dialog's caller said to this form's grammar. */
export function* processCarried(session: SessionState, form: ActiveForm): Steps<EventOutcome> {
  const carried = form.carried;
  form.carried = undefined;
  if (!carried) return { kind: "completion", completion: NORMAL };
  const { choice } = carried;
  const [item] = form.dialog.items;
  if (choice && item)
    return yield* settle(
      session,
      form,
      item,
      yield* runAction(session, form, item, choice.action, session.document, "choice"),
    );
  return yield* fillAndRun(session, form, undefined, () => fillForm(session, form, carried));
}

/** Handles an event thrown before an item was selected; without a transition the form is over (Appendix C). */
export function* processDialogEvent(
  session: SessionState,
  form: ActiveForm | undefined,
  event: VxmlEvent,
): Steps<EventOutcome> {
  const outcome = yield* processEvent(session, form, undefined, event);
  // A caller who left while nothing was waiting does not end the form: what needs no caller still runs (§1.5.4).
  if (form && event.name.startsWith("connection.disconnect")) return outcome;
  if (outcome.kind === "completion" && outcome.completion.type === "normal")
    return { kind: "completion", completion: { type: "exit" } };
  return outcome;
}

/** Understands the input, and puts its readings where scripts see them. */
function understand(
  session: SessionState,
  form: ActiveForm,
  item: FormItem,
  input: {
    readonly result: CollectResult & { type: "match" };
    readonly grammars: readonly ListeningGrammar[];
  },
): Understood {
  const maxNBest = Number.parseInt(propertiesAt(session, form, item).text("maxnbest"), 10) || 1;
  const circumstances = circumstancesOf(input.result, (id) => session.shared.recordings.add(id));
  const [first, ...others] = understandAll(session, input.grammars, input.result, maxNBest);
  const best = { ...first, circumstances };
  putLastResult(session, [best, ...others.map((reading) => ({ ...reading, circumstances }))]);
  return best;
}

function* runAction(
  session: SessionState,
  form: ActiveForm,
  item: FormItem,
  action: LinkAction,
  owner: VxmlDocument | undefined,
  via: "link" | "choice",
): Steps<Completion> {
  if (!session.document || !owner) return NORMAL;
  const context = executionContext(session, session.document, form, item, owner.base);
  if (action.kind === "throw") return yield* runBody([action], context);
  try {
    return yield* runGoto(action, context, via);
  } catch (error) {
    return { type: "event", event: eventOfFailure(error, action) };
  }
}

function* fillAndRun(
  session: SessionState,
  form: ActiveForm,
  item: FormItem | undefined,
  fill: () => readonly FormItem[],
): Steps<EventOutcome> {
  try {
    const { completion, item: at } = yield* runFilled(session, form, fill());
    return yield* settle(session, form, at, completion);
  } catch (error) {
    return yield* settle(session, form, item, { type: "event", event: eventOfFailure(error, item) });
  }
}

/** Events go to their handlers; everything else stands. */
function* settle(
  session: SessionState,
  form: ActiveForm,
  item: FormItem | undefined,
  completion: Completion,
): Steps<EventOutcome> {
  if (completion.type !== "event") return { kind: "completion", completion };
  return yield* processEvent(session, form, item, completion.event);
}
