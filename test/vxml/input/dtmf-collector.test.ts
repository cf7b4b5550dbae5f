/** DTMF timing as drawn in VoiceXML 2.0 Appendix D.1; each case plays one diagram. */
import { describe, expect, it } from "vitest";
import { builtInGrammars, parseBuiltIn } from "../../../vxml/grammars/built-ins.ts";
import { type ActiveGrammar, DtmfCollector, type InputTiming } from "../../../vxml/index.ts";
import type { Grammar } from "../../../vxml/model/grammar.ts";
import { jsgf } from "../../support/grammars.ts";

const TIMING: InputTiming = { timeoutMs: 5000, interDigitTimeoutMs: 3000, termTimeoutMs: 0, termChar: "#" };

function builtIn(reference: string): Grammar[] {
  const parsed = parseBuiltIn(reference);
  const result = parsed && builtInGrammars(parsed);
  return result?.ok ? [...result.grammars] : [];
}

function active(...grammars: Grammar[]): ActiveGrammar[] {
  return grammars.map((rules, index) => ({ id: `g${index}`, mode: rules.mode, rules }));
}

function collector(grammars: readonly ActiveGrammar[], timing: Partial<InputTiming> = {}): DtmfCollector {
  return new DtmfCollector(grammars, { ...TIMING, ...timing });
}

const match = (utterance: string, ...grammarIds: string[]) => ({
  type: "result",
  result: { type: "match", mode: "dtmf", utterance, grammarIds, confidence: 1 },
});
const nomatch = (utterance: string) => ({
  type: "result",
  result: { type: "nomatch", mode: "dtmf", utterance },
});
const wait = (timeoutMs?: number) =>
  timeoutMs === undefined ? { type: "wait" } : { type: "wait", timeoutMs };

describe("DTMF collection", () => {
  it("waits for timeout after the prompts, then reports noinput (figure 12)", () => {
    const keys = collector(active(...builtIn("digits?length=2")));
    expect(keys.promptsEnded()).toEqual(wait(5000));
    expect(keys.timeout()).toEqual({ type: "result", result: { type: "noinput" } });
  });

  it("reports nomatch when an unfinished input stops (figure 13)", () => {
    const keys = collector(active(...builtIn("digits?length=3")));
    keys.promptsEnded();
    expect(keys.key("1")).toEqual(wait(3000));
    expect(keys.key("2")).toEqual(wait(3000));
    expect(keys.timeout()).toEqual(nomatch("12"));
  });

  it("matches when a finished input that could go on stops (figure 14)", () => {
    const keys = collector(active(...builtIn("digits")));
    expect(keys.key("1")).toEqual(wait(3000));
    expect(keys.timeout()).toEqual(match("1", "g0"));
  });

  it("ends at the termchar, which is no part of the input (figure 15)", () => {
    const keys = collector(active(...builtIn("digits")));
    keys.key("1");
    keys.key("2");
    expect(keys.key("#")).toEqual(match("12", "g0"));
  });

  it("matches at once when nothing can follow and there is no termchar (figure 16)", () => {
    const keys = collector(active(...builtIn("digits?length=2")), { termChar: "", termTimeoutMs: 2000 });
    keys.key("1");
    expect(keys.key("2")).toEqual(match("12", "g0"));
  });

  it("waits for termtimeout when only the termchar can follow (figure 17)", () => {
    const keys = collector(active(...builtIn("digits?length=2")), { termTimeoutMs: 2000 });
    keys.key("1");
    expect(keys.key("2")).toEqual(wait(2000));
    expect(keys.timeout()).toEqual(match("12", "g0"));
  });

  it("takes the termchar within termtimeout (figure 18)", () => {
    const keys = collector(active(...builtIn("digits?length=2")), { termTimeoutMs: 2000 });
    keys.key("1");
    keys.key("2");
    expect(keys.key("#")).toEqual(match("12", "g0"));
  });

  it("matches at once with the default termtimeout of zero", () => {
    const keys = collector(active(...builtIn("boolean")));
    expect(keys.key("1")).toEqual(match("1", "g0"));
  });

  it("collects invalid keys until interdigittimeout, then reports nomatch", () => {
    const keys = collector(active(...builtIn("boolean")));
    expect(keys.key("5")).toEqual(wait(3000));
    expect(keys.key("1")).toEqual(wait(3000));
    expect(keys.timeout()).toEqual(nomatch("51"));
  });

  it("ends invalid input at the termchar", () => {
    const keys = collector(active(...builtIn("boolean")));
    keys.key("5");
    expect(keys.key("#")).toEqual(nomatch("5"));
  });

  it("reports nomatch for a termchar alone", () => {
    expect(collector(active(...builtIn("digits"))).key("#")).toEqual(nomatch(""));
  });

  it("asks a grammar that names the termchar first", () => {
    const keys = collector(active(jsgf("1 | #", "dtmf")));
    expect(keys.key("#")).toEqual(match("#", "g0"));
  });

  it("names every grammar that matches, in order", () => {
    const keys = collector(active(jsgf("1 2", "dtmf"), jsgf("1", "dtmf"), jsgf("1 [2]", "dtmf")));
    expect(keys.key("1")).toEqual(wait(3000));
    expect(keys.timeout()).toEqual(match("1", "g1", "g2"));
  });

  it("runs no timer while prompts play and nothing was pressed", () => {
    const keys = collector(active(...builtIn("digits?length=2")));
    expect(keys.key("1")).toEqual(wait(3000));
    expect(keys.promptsEnded()).toEqual(wait(3000));
  });

  it("ignores keys when no grammar listens to them", () => {
    const keys = collector([]);
    expect(keys.key("1")).toEqual(wait());
    expect(keys.promptsEnded()).toEqual(wait(5000));
    expect(keys.key("1")).toEqual(wait(5000));
    expect(keys.timeout()).toEqual({ type: "result", result: { type: "noinput" } });
  });
});
