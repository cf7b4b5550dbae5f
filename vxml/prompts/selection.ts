/** Which prompts of a form item are said this time (VoiceXML 2.0 §4.1.6): by condition, then by count. */
import type { Prompt } from "../model/prompt.ts";

/** `counter` is 1 at the first visit. `holds` evaluates a condition. */
export function selectPrompts(
  prompts: readonly Prompt[],
  counter: number,
  holds: (condition: string) => boolean,
): Prompt[] {
  const eligible = prompts.filter(
    (prompt) => prompt.count <= counter && (prompt.condition === undefined || holds(prompt.condition)),
  );
  const highest = Math.max(0, ...eligible.map((prompt) => prompt.count));
  return eligible.filter((prompt) => prompt.count === highest);
}
