/** `<field>` and `<initial>` (VoiceXML 2.0 §2.3.1, §2.3.3): the prompts are heard and the caller's input collected. */
import type { Steps } from "../completion.ts";
import type { CollectResult } from "../effects.ts";
import type { Field, FormItem, Initial } from "../model/document.ts";
import { circumstancesOf } from "./circumstances.ts";
import { inputTiming } from "./timing.ts";
import {
  type Collected,
  collectedEvent,
  collectedThrow,
  type ItemVisit,
  type ListeningGrammar,
} from "./visit.ts";

export function* collectInput(item: Field | Initial, visit: ItemVisit): Steps<Collected> {
  const { context } = visit;
  if (context.isDisconnected()) return { kind: "nobody" };
  visit.queuePrompts();
  const listening = yield* visit.listen();
  if (!listening.ok) return { kind: "completion", completion: { type: "event", event: listening.event } };
  const hangup = visit.takePendingHangup();
  if (hangup) return { kind: "completion", completion: { type: "event", event: hangup } };
  const { prompts, timeoutMs } = visit.takePrompts();
  context.trace("collect", item, {
    prompts: prompts.length,
    grammars: listening.grammars.length,
    modes: [...new Set(listening.grammars.map((grammar) => grammar.mode))],
  });
  const result = (yield {
    type: "collect",
    prompts,
    grammars: listening.grammars.map(({ id, mode, rules }) => ({ id, mode, rules })),
    timing: inputTiming(context, timeoutMs),
    events: context.properties.words("voxdial.events"),
    utteranceType: context.properties.flag("recordutterance")
      ? context.properties.text("recordutterancetype")
      : undefined,
  }) as CollectResult;
  visit.inputArrived();
  return collectedInput(item, result, listening.grammars, visit);
}

/** What the caller did, as far as it is the same for every item that listens. */
export function collectedInput(
  item: FormItem,
  result: CollectResult,
  grammars: readonly ListeningGrammar[],
  visit: ItemVisit,
): Collected {
  const { context } = visit;
  switch (result.type) {
    case "match": {
      // §6.3.2: what was understood less surely than asked for was not understood.
      if (result.confidence < Number(context.properties.text("confidencelevel")))
        return collectedInput(item, { ...result, type: "nomatch" }, grammars, visit);
      context.trace("recognized", item, { utterance: result.utterance, mode: result.mode });
      return { kind: "match", result, grammars };
    }
    case "nomatch":
      context.trace("recognized", item, { utterance: result.utterance, mode: result.mode, match: false });
      context.scopes.putLastResult([
        {
          utterance: result.utterance,
          inputmode: result.mode,
          confidence: 0,
          interpretation: result.utterance,
          ...circumstancesOf(result, visit.keepRecording),
        },
      ]);
      return collectedEvent("nomatch", undefined, item);
    case "noinput":
      return collectedEvent("noinput", undefined, item);
    case "hangup":
      context.markDisconnected("caller");
      return collectedEvent("connection.disconnect.hangup", "the caller hung up", item);
    case "event":
      return collectedThrow({ name: result.name, message: result.message }, item);
  }
}
