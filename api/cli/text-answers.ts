/**
 * What a caller made of text does where a document records or transfers: one line answers, in words.
 *
 *   recording 5 seconds            what was said, then silence; `key #`, `maxtime`, `hangup` or `dtmf 1` end it so
 *   transfer busy                  an outcome; `transfer far_end_disconnect 20 seconds` after a talk
 *   transfer answered              handed over, or as a bridge: a talk of 10 seconds that the far end ends
 *   transfer noroute               what follows `error.connection.`
 *   dtmf, say, silence, hangup     as anywhere
 */
import {
  type ActiveGrammar,
  type CollectorStep,
  type CollectResult,
  DtmfCollector,
  type InputTiming,
  matchWords,
  type RecordEffect,
  type Recording,
  type RecordResult,
  type RequestEffect,
  type TransferEffect,
  type TransferOutcome,
  type TransferResult,
} from "../../vxml/index.ts";

/** Headerless µ-law, 8000 samples a second. */
const BYTES_PER_MS = 8;
/** How long a spoken word takes, where words are all there is. */
const WORD_MS = 400;
const TALK_MS = 10_000;

const OUTCOMES: ReadonlySet<string> = new Set<TransferOutcome>([
  "busy",
  "noanswer",
  "network_busy",
  "near_end_disconnect",
  "far_end_disconnect",
  "network_disconnect",
  "maxtime_disconnect",
  "unknown",
]);
const REFUSALS = /^(?:noauthorization|baddestination|noroute|noresource|protocol\.\d+)$/;

/** Keys one after the other, then as much silence as it takes; `elapse` is told of every wait. */
export function pressKeys(
  listening: { readonly grammars: readonly ActiveGrammar[]; readonly timing: InputTiming },
  keys: string,
  elapse: (ms: number) => void = () => undefined,
): CollectResult {
  const collector = new DtmfCollector(listening.grammars, listening.timing);
  let step: CollectorStep = collector.promptsEnded();
  for (const key of keys.replace(/\s+/g, "")) {
    if (step.type === "result") break;
    step = collector.key(key);
  }
  while (step.type === "wait") {
    if (step.timeoutMs === undefined) throw new Error("the collector waits without a timer");
    elapse(step.timeoutMs);
    step = collector.timeout();
  }
  return step.result;
}

/**
 * An answer with what text knows beside the words: all prompts were heard, so the last mark was reached just now; and
 * words that are to be kept are as long as it takes to say them.
 */
export function withCircumstances(
  effect: RequestEffect & { readonly type: "collect" },
  result: CollectResult,
  nextRecordingId: () => string,
): CollectResult {
  if (result.type !== "match" && result.type !== "nomatch") return result;
  const marks = effect.prompts.flatMap(({ segments }) =>
    segments.flatMap((segment) => (segment.kind === "mark" ? [segment.name] : [])),
  );
  const name = marks[marks.length - 1];
  const durationMs = result.utterance.split(/\s+/).length * WORD_MS;
  return {
    ...result,
    ...(name === undefined ? {} : { mark: { name, elapsedMs: 0 } }),
    ...(effect.utteranceType !== undefined && result.mode === "voice"
      ? {
          utteranceRecording: {
            recordingId: nextRecordingId(),
            durationMs,
            sizeBytes: durationMs * BYTES_PER_MS,
          },
        }
      : {}),
  };
}

/** Answers a `record`. `kind` and `rest` are the line's first word and what follows it. */
export function answerRecord(
  effect: RecordEffect,
  kind: string,
  rest: string,
  recordingId: string,
): RecordResult {
  const recording = (durationMs: number): Recording => ({
    recordingId,
    durationMs,
    sizeBytes: durationMs * BYTES_PER_MS,
  });
  switch (kind) {
    case "hangup":
      return { type: "hangup" };
    case "event":
      return effect.events.includes(rest) ? { type: "event", name: rest } : { type: "noinput" };
    case "say": {
      const match = matchWords(effect.grammars, rest);
      if (match.type === "match") return match;
      const words = rest.split(/\s+/).filter((word) => word !== "").length;
      return { type: "recorded", isMaxTime: false, ...recording(words * WORD_MS) };
    }
    case "dtmf": {
      if (effect.isEndedByAnyKey && rest !== "")
        return { type: "recorded", isMaxTime: false, termChar: rest.slice(0, 1), ...recording(0) };
      const result = pressKeys(effect, rest);
      return result.type === "match" ? result : { type: "noinput" };
    }
    case "recording": {
      const spokenMs = durationIn(rest) ?? 0;
      const isMaxTime = /\bmaxtime\b/.test(rest) || spokenMs >= effect.maxTimeMs;
      const made = recording(Math.min(spokenMs, effect.maxTimeMs));
      if (/\bhangup\b/.test(rest)) return { type: "hangup", recording: made };
      const keys = /\bdtmf\s+([0-9*#A-D]+)/.exec(rest)?.[1];
      const result = keys === undefined ? undefined : pressKeys(effect, keys);
      if (result?.type === "match") return { ...result, recording: made };
      const key = /\bkey\s+([0-9*#A-D])/.exec(rest)?.[1] ?? keys?.slice(0, 1);
      const termChar = effect.isEndedByAnyKey ? key : undefined;
      return { type: "recorded", isMaxTime, termChar, ...made };
    }
    default:
      return { type: "noinput" };
  }
}

/** Answers a `transfer`. */
export function answerTransfer(effect: TransferEffect, kind: string, rest: string): TransferResult {
  const [word = "", ...more] = rest.trim().split(/\s+/);
  const durationMs = durationIn(more.join(" "));
  const isBridge = effect.kind === "bridge";
  switch (kind) {
    case "hangup":
      return { type: "hangup" };
    case "dtmf":
    case "say": {
      const result = kind === "say" ? matchWords(effect.grammars, rest) : pressKeys(effect, rest);
      // What matches nothing is ignored, and so nothing happens.
      return result.type === "match" ? { ...result, durationMs: 0 } : unanswered(effect);
    }
    case "transfer":
      if (word === "answered")
        return isBridge
          ? { type: "transferred", outcome: "far_end_disconnect", durationMs: durationMs ?? TALK_MS }
          : { type: "handedOver" };
      if (word === "hangup") return { type: "hangup" };
      if (word === "uri") return { type: "unsupportedUri" };
      if (word === "unsupported") return { type: "unsupported" };
      if (REFUSALS.test(word)) return { type: "refused", event: word };
      if (word === "dtmf" || word === "say") {
        const input = more
          .join(" ")
          .replace(/\bafter\b.*$/, "")
          .trim();
        const result = word === "say" ? matchWords(effect.grammars, input) : pressKeys(effect, input);
        if (result.type === "match") return { ...result, durationMs: durationMs ?? TALK_MS };
      }
      return OUTCOMES.has(word)
        ? { type: "transferred", outcome: word as TransferOutcome, durationMs: durationMs ?? 0 }
        : unanswered(effect);
    default:
      return unanswered(effect);
  }
}

function unanswered(effect: TransferEffect): TransferResult {
  if (effect.kind === "blind") return { type: "handedOver" };
  return { type: "transferred", outcome: "noanswer", durationMs: 0 };
}

/** `5 seconds`, `5s`, `1.5 s`, `300ms`; undefined when there is no time in the text. */
function durationIn(text: string): number | undefined {
  const match = /(\d+(?:\.\d+)?)\s*(ms|s|seconds?)\b/.exec(text);
  return match ? Math.round(Number(match[1]) * (match[2] === "ms" ? 1 : 1000)) : undefined;
}
