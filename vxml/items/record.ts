/** `<record>` (VoiceXML 2.0 §2.3.6): what the caller says is kept by the host; the document gets a name for it. */
import type { Steps } from "../completion.ts";
import type { Recording, RecordResult } from "../effects.ts";
import { MAX_RECORDING_MS } from "../limits.ts";
import type { RecordItem } from "../model/document.ts";
import { profileDoes } from "../profiles.ts";
import { collectedInput } from "./collecting.ts";
import { nameOfRecording } from "./recording-name.ts";
import { inputTiming } from "./timing.ts";
import {
  type Collected,
  collectedEvent,
  collectedThrow,
  type ItemVisit,
  type ListeningGrammar,
} from "./visit.ts";

/** §2.3.6 leaves these to the platform. */
const DEFAULT_MAX_TIME_MS = 60_000;
const DEFAULT_FINAL_SILENCE_MS = 3_000;

export function* visitRecord(item: RecordItem, visit: ItemVisit): Steps<Collected> {
  const { context } = visit;
  if (context.isDisconnected()) return { kind: "nobody" };
  visit.queuePrompts();
  const listening = yield* visit.listen();
  if (!listening.ok) return { kind: "completion", completion: { type: "event", event: listening.event } };
  const hangup = visit.takePendingHangup();
  if (hangup) return collectedThrow(hangup, item);
  // Speech cannot be used just to end a recording: the element's own voice grammars are inactive.
  const grammars = listening.grammars.filter(
    ({ mode, meaning }) => mode === "dtmf" || meaning.kind !== "item",
  );
  const { prompts, timeoutMs } = visit.takePrompts();
  context.trace("record", item, { prompts: prompts.length, grammars: grammars.length });
  const mediaType =
    item.mediaType ?? (profileDoes(context.profile, "recordsBasicAudio") ? "audio/basic" : "audio/x-wav");
  const result = (yield {
    type: "record",
    prompts,
    grammars: grammars.map(({ id, mode, rules }) => ({ id, mode, rules })),
    timing: inputTiming(context, timeoutMs),
    events: context.properties.words("voxdial.events"),
    beep: item.beep,
    maxTimeMs: Math.min(item.maxTimeMs ?? DEFAULT_MAX_TIME_MS, MAX_RECORDING_MS),
    finalSilenceMs: item.finalSilenceMs ?? DEFAULT_FINAL_SILENCE_MS,
    isEndedByAnyKey: item.isEndedByAnyKey,
    mediaType,
  }) as RecordResult;
  if (result.type === "unsupported") {
    visit.returnPrompts(prompts);
    if (result.isFormat) {
      return collectedEvent("error.unsupported.format", `recordings are not made as ${mediaType}`, item);
    }
    return collectedEvent("error.unsupported.record", "nothing can be recorded here", item);
  }
  visit.inputArrived();
  return recorded(item, result, grammars, visit);
}

function recorded(
  item: RecordItem,
  result: Exclude<RecordResult, { type: "unsupported" }>,
  grammars: readonly ListeningGrammar[],
  visit: ItemVisit,
): Collected {
  const { scopes } = visit.context;
  switch (result.type) {
    case "recorded": {
      const { termChar } = result;
      const input =
        termChar === undefined
          ? undefined
          : {
              result: {
                type: "match",
                mode: "dtmf",
                utterance: termChar,
                grammarIds: [],
                confidence: 1,
              } as const,
              grammars: [],
            };
      // Without any audio the variable stays unfilled, and no noinput is thrown.
      if (result.durationMs === 0) return { kind: "outcome", value: undefined, shadow: {}, input };
      return {
        kind: "outcome",
        ...kept(result, visit, { termchar: termChar, maxtime: result.isMaxTime }),
        input,
      };
    }
    case "match": {
      const isLocal = grammars.find(({ id }) => id === result.grammarIds[0])?.meaning.kind === "item";
      if (!isLocal) return collectedInput(item, result, grammars, visit);
      const { recording } = result;
      const filled =
        recording && recording.durationMs > 0
          ? kept(recording, visit, { maxtime: false })
          : { value: undefined, shadow: {} };
      return { kind: "outcome", ...filled, input: { result, grammars } };
    }
    case "hangup": {
      // What was said before is there for the handler.
      if (result.recording && result.recording.durationMs > 0) {
        const { value, shadow } = kept(result.recording, visit, { maxtime: false });
        scopes.put("dialog", item.name, value);
        scopes.put("dialog", `${item.name}$`, shadow);
      }
      return collectedInput(item, { type: "hangup" }, grammars, visit);
    }
    default:
      return collectedInput(item, result, grammars, visit);
  }
}

/** Table 17: the recording's name and its shadow variables. */
function kept(
  { recordingId, durationMs, sizeBytes }: Recording,
  visit: ItemVisit,
  how: { readonly termchar?: string; readonly maxtime: boolean },
): { value: string; shadow: Record<string, unknown> } {
  visit.keepRecording(recordingId);
  return {
    value: nameOfRecording({ recordingId }),
    shadow: { duration: durationMs, size: sizeBytes, ...how },
  };
}
