/** `<transfer>` (VoiceXML 2.0 §2.3.7, 2.1 §9): the caller is connected to somebody else, for a while or for good. */
import type { Steps } from "../completion.ts";
import type { CollectResult, TransferEffect, TransferOutcome, TransferResult } from "../effects.ts";
import type { ExecutionContext } from "../executable/execution-context.ts";
import { textOf, uriTextOf } from "../executable/transitions.ts";
import type { Transfer } from "../model/document.ts";
import { profileDoes } from "../profiles.ts";
import { fetchLimits } from "../resources/request.ts";
import { resolveUri } from "../resources/uri.ts";
import { inputTiming } from "./timing.ts";
import { type Collected, collectedEvent, collectedThrow, type ItemVisit } from "./visit.ts";

/** §2.3.7 leaves it to the platform. */
const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;
const KNOWN_SCHEMES: ReadonlySet<string> = new Set(["tel", "sip", "sips"]);

export function* visitTransfer(item: Transfer, visit: ItemVisit): Steps<Collected> {
  const { context } = visit;
  if (context.isDisconnected()) return { kind: "nobody" };
  const written = uriTextOf(item.destination, context);
  const applicationData = item.applicationData && textOf(item.applicationData, context);
  const kind = item.transferKind ?? (profileDoes(context.profile, "transfersAsBridge") ? "bridge" : "blind");
  visit.queuePrompts();
  const destination =
    profileDoes(context.profile, "transfersToPlainNumbers") && /^\+?\d/.test(written)
      ? `tel:${written}`
      : written;
  const scheme = /^([a-z][a-z0-9+.-]*):./i.exec(destination)?.[1]?.toLowerCase();
  if (scheme === undefined)
    return collectedEvent("error.connection.baddestination", `"${written}" is no destination`, item);
  if (!KNOWN_SCHEMES.has(scheme)) return unsupportedUri(destination, item);
  const listening = yield* visit.listen();
  if (!listening.ok) return { kind: "completion", completion: { type: "event", event: listening.event } };
  const hangup = visit.takePendingHangup();
  if (hangup) return collectedThrow(hangup, item);
  const { prompts, timeoutMs } = visit.takePrompts();
  context.trace("transfer", item, { kind, prompts: prompts.length });
  const result = (yield {
    type: "transfer",
    kind,
    destination,
    // §2.3.7.2: of a bridge only what matches a grammar stops a prompt.
    prompts:
      kind === "bridge"
        ? prompts.map((prompt) => (prompt.bargeIn === "speech" ? { ...prompt, bargeIn: "hotword" } : prompt))
        : prompts,
    grammars: listening.grammars.map(({ id, mode, rules }) => ({ id, mode, rules })),
    timing: inputTiming(context, timeoutMs),
    connectTimeoutMs: item.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    maxTimeMs: kind === "bridge" && item.maxTimeMs ? item.maxTimeMs : undefined,
    audio: kind === "blind" ? undefined : audioOf(item, context),
    applicationData,
  }) as TransferResult;
  switch (result.type) {
    case "transferred":
      visit.inputArrived();
      return ended(result.outcome, result.durationMs);
    case "match":
      visit.inputArrived();
      context.trace("recognized", item, { utterance: result.utterance, mode: result.mode });
      return {
        ...ended("near_end_disconnect", result.durationMs, result),
        input: { result, grammars: listening.grammars },
      };
    case "handedOver":
      context.markDisconnected("application");
      return collectedEvent("connection.disconnect.transfer", "the caller was transferred", item);
    case "hangup":
      context.markDisconnected("caller");
      return collectedEvent("connection.disconnect.hangup", "the caller hung up", item);
    case "refused":
      return collectedEvent(`error.connection.${result.event}`, result.message, item);
    case "unsupportedUri":
      return unsupportedUri(destination, item);
    case "unsupported":
      visit.returnPrompts(prompts);
      return collectedEvent(
        `error.unsupported.transfer.${kind}`,
        `${kind} transfers are not possible here`,
        item,
      );
  }
}

/** Tables 19 and 23: the duration in seconds. */
function ended(
  value: TransferOutcome,
  durationMs: number,
  input?: CollectResult & { type: "match" },
): Collected & { kind: "outcome" } {
  return {
    kind: "outcome",
    value,
    shadow: { duration: durationMs / 1000, inputmode: input?.mode, utterance: input?.utterance },
  };
}

/** Table 25 fixes the message. */
function unsupportedUri(uri: string, item: Transfer): Collected {
  return collectedEvent("error.unsupported.uri", `The URI ${uri} is not a supported URI format`, item);
}

/** What cannot be fetched is ignored. */
function audioOf(item: Transfer, { base, properties }: ExecutionContext): TransferEffect["audio"] {
  const uri = item.audio === undefined ? undefined : resolveUri(item.audio, base);
  if (uri === undefined) return undefined;
  return { kind: "audio", uri, ...fetchLimits("audio", {}, properties), fallback: [] };
}
