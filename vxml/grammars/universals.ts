/**
 * The commands the platform knows by itself, in each language it speaks (VoiceXML 2.0 §6.3.6): off unless the
 * property `universals` turns them on. Each throws the event of its name.
 */
import type { Grammar } from "../model/grammar.ts";

/** DEVIATES: English words only; a document in another language defines its own by `<link>`. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  help: ["help"],
  cancel: ["cancel"],
  exit: ["exit", "goodbye"],
};

export interface UniversalCommand {
  readonly event: string;
  readonly grammar: Grammar;
}

const COMMANDS: readonly UniversalCommand[] = Object.entries(WORDS).map(([event, words]) => ({
  event,
  grammar: {
    mode: "voice",
    root: event,
    rules: [
      {
        name: event,
        expansion: { kind: "alternatives", choices: words.map((text) => ({ kind: "token", text })) },
      },
    ],
    tagFormat: "literals",
  },
}));

/** Those a value of the property names; `all` and `none` are names for all and none. */
export function universalCommands(names: readonly string[]): readonly UniversalCommand[] {
  return COMMANDS.filter(({ event }) => names.includes("all") || names.includes(event));
}
