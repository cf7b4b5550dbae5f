/** From an event to its handler and on: selection, execution as if by copy, the platform's defaults (§5.2). */
import { type Completion, NORMAL, type Steps, type VxmlEvent } from "../completion.ts";
import { type DefaultHandling, defaultHandling } from "../events/default-handlers.ts";
import { EventCounters } from "../events/event-counters.ts";
import { type PlacedHandler, selectHandler } from "../events/handler-selection.ts";
import { runBody } from "../executable/run-body.ts";
import { MAX_NESTED_EVENTS } from "../limits.ts";
import type { FormItem } from "../model/document.ts";
import { eventOfFailure } from "../script-failure.ts";
import type { ActiveForm } from "./active-form.ts";
import { executionContext, handlersInScope } from "./contexts.ts";
import type { SessionState } from "./session-state.ts";

/** How handling an event ended. */
export type EventOutcome =
  /** Nothing but "normal", "transition", "item" and "exit" is left. */
  | { readonly kind: "completion"; readonly completion: Completion }
  /** The platform ends the session; this event is the reason. */
  | { readonly kind: "end"; readonly event: VxmlEvent };

/** Handles an event thrown at an item, at the form, or at the document, and those its handlers throw in turn. */
export function* processEvent(
  session: SessionState,
  form: ActiveForm | undefined,
  item: FormItem | undefined,
  event: VxmlEvent,
): Steps<EventOutcome> {
  let current = event;
  for (let depth = 0; depth < MAX_NESTED_EVENTS; depth++) {
    session.trace("event", current.position, { event: current.name, message: current.message });
    if (current.isFatal || session.sandbox.isPoisoned) return { kind: "end", event: current };
    if (current.name.startsWith("connection.disconnect")) session.isDisconnected = true;
    const counters = form ? (item ? form.countersOf(item) : form.counters) : new EventCounters();
    counters.count(current.name);
    // Appendix C: after a handler prompts are said again only where it asks for them.
    if (form) form.saysPrompts = false;
    let chosen: PlacedHandler | undefined;
    try {
      chosen = selectHandler(handlersInScope(session, form, item), current.name, counters, (condition) =>
        session.scopes.isTrue(condition),
      );
    } catch (error) {
      current = eventOfFailure(error);
      continue;
    }
    if (!chosen) return runDefault(session, form, current, defaultHandling(current.name));
    const completion = yield* runHandler(session, form, item, chosen, current);
    if (completion.type !== "event") return { kind: "completion", completion };
    current = completion.event;
  }
  return {
    kind: "end",
    event: { name: "error.com.resource", message: `${MAX_NESTED_EVENTS} handlers threw events in turn` },
  };
}

function* runHandler(
  session: SessionState,
  form: ActiveForm | undefined,
  item: FormItem | undefined,
  { handler, base, documentUri }: PlacedHandler,
  event: VxmlEvent,
): Steps<Completion> {
  const { document, scopes } = session;
  if (!document) return NORMAL;
  session.trace("catch", handler, { event: event.name, document: documentUri });
  const outer = scopes.enterAnonymous();
  try {
    scopes.put("anonymous", "_event", event.name);
    scopes.put("anonymous", "_message", event.message);
    return yield* runBody(handler.body, executionContext(session, document, form, item, base));
  } catch (error) {
    return { type: "event", event: eventOfFailure(error, handler) };
  } finally {
    if (!session.sandbox.isPoisoned) scopes.leaveAnonymous(outer);
  }
}

function runDefault(
  session: SessionState,
  form: ActiveForm | undefined,
  event: VxmlEvent,
  handling: DefaultHandling,
): EventOutcome {
  session.trace("default", undefined, { event: event.name, action: handling.action });
  if (handling.message !== undefined && !session.isDisconnected && !session.queue.isFull)
    session.queue.push({ segments: [{ kind: "text", text: handling.message }], bargeIn: "none" }, undefined);
  if (handling.action === "exit") return { kind: "end", event };
  if (handling.action === "reprompt" && form) form.saysPrompts = true;
  return { kind: "completion", completion: NORMAL };
}
