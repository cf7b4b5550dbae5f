/** What the platform does with events no document catches: the table of VoiceXML 2.0 §5.2.5. */

export interface DefaultHandling {
  /** Prefix of the event names it is for; empty: all others. */
  readonly event: string;
  /** What is said first; absent: nothing. */
  readonly message?: string;
  readonly action: "reprompt" | "continue" | "exit";
}

/** The first row whose prefix matches decides. */
export const DEFAULT_HANDLERS: readonly DefaultHandling[] = [
  { event: "cancel", action: "continue" },
  { event: "error", message: "Sorry, an error has occurred. Goodbye.", action: "exit" },
  { event: "exit", action: "exit" },
  { event: "help", message: "Sorry, there is no help here.", action: "reprompt" },
  { event: "noinput", action: "reprompt" },
  { event: "nomatch", message: "Sorry, I did not understand.", action: "reprompt" },
  { event: "maxspeechtimeout", message: "Sorry, that was too long.", action: "reprompt" },
  { event: "connection.disconnect", action: "exit" },
  // DEVIATES: §5.2.5 lets the platform end at every other event; one of our own that a document asked for and
  // does not catch is no reason to hang up.
  { event: "voxdial", action: "continue" },
  { event: "", message: "Sorry, an error has occurred. Goodbye.", action: "exit" },
];

export function defaultHandling(event: string): DefaultHandling {
  const found = DEFAULT_HANDLERS.find(
    (row) => row.event === "" || event === row.event || event.startsWith(`${row.event}.`),
  );
  return found ?? { event: "", action: "exit" };
}
