/** Which handler catches an event: VoiceXML 2.0 §5.2.4, step by step. */
import type { Handler } from "../model/document.ts";
import type { EventCounters } from "./event-counters.ts";

/** A handler with what its relative URIs refer to. */
export interface PlacedHandler {
  readonly handler: Handler;
  readonly base: string;
  /** For the trace. */
  readonly documentUri: string;
}

/**
 * `handlers`: all in scope, innermost first, in document order within a scope. Undefined: none of them catches it
 * and the platform's default does. `holds` evaluates a condition.
 */
export function selectHandler(
  handlers: readonly PlacedHandler[],
  event: string,
  counters: EventCounters,
  holds: (condition: string) => boolean,
): PlacedHandler | undefined {
  // Those whose name matches, whose count has been reached and whose condition holds …
  const eligible = handlers.filter(({ handler }) => {
    const counted = countedName(handler, event);
    return (
      counted !== undefined &&
      handler.count <= counters.of(counted) &&
      (handler.condition === undefined || holds(handler.condition))
    );
  });
  // … of them the highest count, and of those the first.
  const highest = Math.max(0, ...eligible.map(({ handler }) => handler.count));
  return eligible.find(({ handler }) => handler.count === highest);
}

/** The name whose counter decides; undefined when the handler does not catch the event. */
function countedName(handler: Handler, event: string): string | undefined {
  if (handler.events.length === 0) return event;
  // §5.2.4: a name catches itself and everything that begins with it and a dot; trailing dots are ignored.
  return (
    handler.events
      .map((name) => name.replace(/\.+$/, ""))
      .find((name) => name === "" || name === event || event.startsWith(`${name}.`)) || undefined
  );
}
