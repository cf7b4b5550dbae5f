/** Time designations: a number with its unit, `5s`, `250ms` (VoiceXML 2.0 §6.5, as in CSS2). */

/** Milliseconds; undefined when the text is not a time designation. */
export function parseTimeDesignation(text: string): number | undefined {
  const match = /^\s*\+?(\d+(?:\.\d+)?|\.\d+)(ms|s)\s*$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]) * (match[2] === "s" ? 1000 : 1);
  // LIMIT: a day; nothing in a call lasts longer, and larger numbers overflow timers.
  return Math.min(Math.round(value), 86_400_000);
}
