/** What the platform does with events no document catches: the table of VoiceXML 2.0 §5.2.5. */

export interface DefaultHandling {
  /** Prefix of the event names it is for; empty: all others. */
  readonly event: string;
  /** What is said first; absent: nothing. */
  readonly message?: string;
  readonly then: "reprompt" | "continue" | "exit";
}

/** The first row whose prefix matches decides. */
export const DEFAULT_HANDLERS: readonly DefaultHandling[] = [
  { event: "cancel", then: "continue" },
  { event: "error", message: "Sorry, an error has occurred. Goodbye.", then: "exit" },
  { event: "exit", then: "exit" },
  { event: "help", message: "Sorry, there is no help here.", then: "reprompt" },
  { event: "noinput", then: "reprompt" },
  { event: "nomatch", message: "Sorry, I did not understand.", then: "reprompt" },
  { event: "maxspeechtimeout", message: "Sorry, that was too long.", then: "reprompt" },
  { event: "connection.disconnect", then: "exit" },
  // DEVIATES: §5.2.5 lets the platform end at every other event; one of our own that a document asked for and
  // does not catch is no reason to hang up.
  { event: "voxdial", then: "continue" },
  { event: "", message: "Sorry, an error has occurred. Goodbye.", then: "exit" },
];

export function defaultHandling(event: string): DefaultHandling {
  const found = DEFAULT_HANDLERS.find(
    (row) => row.event === "" || event === row.event || event.startsWith(`${row.event}.`),
  );
  return found ?? { event: "", then: "exit" };
}
