/** What a case's caller answers to each request of the interpreter, without a moment passing. */
import { answerRecord, answerTransfer, pressKeys } from "../../api/cli/text-answers.ts";
import type {
  CollectResult,
  RecordEffect,
  RecordResult,
  RequestEffect,
  TransferEffect,
  TransferResult,
} from "../../vxml/index.ts";
import { matchWords } from "../../vxml/index.ts";
import { type CaseInput, chooseInput } from "./voicexml-cases.ts";

/** Transfers that were answered before they ended. */
const ANSWERED = ["answered", "maxtime_disconnect", "far_end_disconnect"];

export class CaseCaller {
  readonly #inputs: readonly CaseInput[];
  readonly #duringTransfer: readonly CaseInput[];
  #nextRecording = 1;

  constructor(inputs: readonly CaseInput[]) {
    this.#inputs = inputs.filter(({ during }) => during !== "transfer");
    this.#duringTransfer = inputs.filter(({ during }) => during === "transfer");
  }

  /** `heard` is the text of all prompts since the last input. */
  answerCollect(effect: RequestEffect & { type: "collect" }, heard: string): CollectResult {
    const input = chooseInput(this.#inputs, heard, ["speech", "dtmf", "hangup", "noinput"]);
    const value = input?.value ?? "";
    switch (input?.type) {
      case "speech":
        return input.nomatch === true
          ? { type: "nomatch", mode: "voice", utterance: value }
          : matchWords(effect.grammars, value);
      case "dtmf":
        return input.nomatch === true
          ? { type: "nomatch", mode: "dtmf", utterance: value.replace(/\s+/g, "") }
          : pressKeys(effect, value);
      case "hangup":
        return { type: "hangup" };
      default:
        return { type: "noinput" };
    }
  }

  answerRecord(effect: RecordEffect, heard: string): RecordResult {
    const input = chooseInput(this.#inputs, heard, ["recording", "speech", "dtmf", "hangup", "noinput"]);
    const id = `r${this.#nextRecording++}`;
    const { type, value = "", duration } = input ?? { type: "noinput" };
    switch (type) {
      case "recording": {
        const keys = /^[0-9*#A-D\s]+$/.test(value) ? ` dtmf ${value.replace(/\s+/g, "")}` : "";
        return answerRecord(effect, "recording", `${timeOf(duration)}${keys}`, id);
      }
      case "speech":
        return answerRecord(effect, "say", value, id);
      default:
        return answerRecord(effect, type, value, id);
    }
  }

  answerTransfer(effect: TransferEffect, heard: string): TransferResult {
    const input = chooseInput(this.#inputs, heard, ["transfer", "hangup", "dtmf", "speech", "noinput"]);
    const { type, value = "", duration } = input ?? { type: "noinput" };
    if (type === "transfer" && ANSWERED.includes(value)) {
      const after = chooseInput(this.#duringTransfer, heard, ["hangup", "dtmf", "speech", "noinput"]);
      const early = after && this.#duringTalk(effect, after);
      if (early) return early;
    }
    if (type === "transfer" && value === "blind")
      return effect.kind === "bridge"
        ? answerTransfer(effect, "transfer", "answered")
        : { type: "handedOver" };
    const talk = duration === undefined && value === "maxtime_disconnect" ? effect.maxTimeMs : undefined;
    const time = talk === undefined ? (duration === undefined ? "" : timeOf(duration)) : `${talk}ms`;
    return answerTransfer(effect, type === "speech" ? "say" : type, `${value} ${time}`.trim());
  }

  /** What the caller does while connected; undefined when it ends nothing. */
  #duringTalk(effect: TransferEffect, { type, value = "", duration }: CaseInput): TransferResult | undefined {
    if (type === "hangup") return { type: "hangup" };
    const result =
      type === "dtmf"
        ? pressKeys(effect, value)
        : type === "speech"
          ? matchWords(effect.grammars, value)
          : undefined;
    if (result?.type !== "match") return undefined;
    const talk = /^(\d+)ms$/.exec(timeOf(duration ?? 5))?.[1];
    return { ...result, durationMs: Number(talk) };
  }
}

/** A duration as text that says its unit. */
function timeOf(duration: number | string | undefined): string {
  if (duration === undefined) return "3000ms";
  if (typeof duration === "string") {
    const match = /^\s*(\d*\.?\d+)\s*(ms|s)?\s*$/.exec(duration);
    if (match) return `${Math.round(Number(match[1]) * (match[2] === "ms" ? 1 : 1000))}ms`;
    return "3000ms";
  }
  // A recording of more than a hundred seconds is not asked of anybody: such a number counts milliseconds.
  return `${Math.round(duration > 100 ? duration : duration * 1000)}ms`;
}
