/** The built-in types (VoiceXML 2.0 Appendix P): what they accept in keys and words, and the values they give. */
import { describe, expect, it } from "vitest";
import { readScriptEngineBytes } from "../../../api/workers/script-engine-bytes.ts";
import { builtInGrammars, parseBuiltIn } from "../../../vxml/grammars/built-ins.ts";
import { interpretation } from "../../../vxml/grammars/semantics.ts";
import { matchUtterance } from "../../../vxml/grammars/utterance.ts";
import { prepareScripts } from "../../../vxml/index.ts";
import { ScopeChain } from "../../../vxml/scopes/scope-chain.ts";

const scripts = await prepareScripts(await readScriptEngineBytes());
const scopes = new ScopeChain(await scripts.take());

/** The value of an utterance; "no match" when the type does not accept it. */
function value(reference: string, mode: "dtmf" | "voice", utterance: string): unknown {
  const parsed = parseBuiltIn(reference);
  const result = parsed && builtInGrammars(parsed);
  const grammar = result?.ok ? result.grammars.find((one) => one.mode === mode) : undefined;
  if (!grammar) throw new Error(`${reference} has no ${mode} grammar`);
  const derivation = matchUtterance(grammar, utterance)?.parsed();
  if (!derivation) return "no match";
  return interpretation(grammar, derivation, (body) => scopes.evaluateApart(body));
}

describe("built-in types in keys", () => {
  it.each([
    ["boolean", "1", true],
    ["boolean", "2", false],
    ["boolean?y=7;n=9", "9", false],
    ["boolean?y=7;n=9", "1", "no match"],
    ["digits", "0042", "0042"],
    ["digits?minlength=3;maxlength=5", "12", "no match"],
    ["date", "20000704", "20000704"],
    ["date", "20001304", "no match"],
    ["date", "20000732", "no match"],
    ["number", "007", "7"],
    ["number", "12*5", "12.5"],
    ["number", "*5", "0.5"],
    ["number", "0", "0"],
    ["number", "5*", "5"],
    ["currency", "12*5", "12.50"],
    ["currency", "12", "12.00"],
    ["currency", "12*505", "no match"],
    ["phone", "8005551234*789", "8005551234x789"],
    ["time", "0730", "0730?"],
    ["time", "1530", "1530h"],
    ["time", "0015", "0015h"],
    ["time", "2460", "no match"],
  ])("%s, %s: %s", (type, keys, expected) => {
    expect(value(type, "dtmf", keys)).toBe(expected);
  });
});

describe("built-in types in English words", () => {
  it.each([
    ["boolean", "Yes please", true],
    ["boolean", "nope", false],
    ["digits", "two one oh seven", "2107"],
    ["digits", "2107", "2107"],
    ["digits?length=4", "one two three", "no match"],
    ["date", "July fourth two thousand", "20000704"],
    ["date", "the fourth of July", "????0704"],
    ["date", "July 14, 2026", "20260714"],
    ["date", "march nineteen ninety nine", "199903??"],
    ["date", "Friday the thirteenth", "??????13"],
    ["number", "one hundred twenty-three", "123"],
    ["number", "five point three", "5.3"],
    ["number", "minus two million three hundred thousand and one", "-2300001"],
    ["number", "3.5", "3.5"],
    ["number", "1,250", "1250"],
    ["number", "point five", "0.5"],
    ["number", "", "no match"],
    ["currency", "twelve dollars and fifty cents", "12.50"],
    ["currency", "twenty us dollars", "USD20.00"],
    ["currency", "one hundred euros", "EUR100.00"],
    ["currency", "$12.50", "12.50"],
    ["currency", "five cents", "0.05"],
    ["phone", "eight hundred five five five one two three four extension seven", "8005551234x7"],
    ["phone", "800-555-1234", "8005551234"],
    ["time", "five thirty p.m.", "0530p"],
    ["time", "5:30 pm", "0530p"],
    ["time", "quarter to one", "1245?"],
    ["time", "half past six in the morning", "0630a"],
    ["time", "fourteen hundred hours", "1400h"],
    ["time", "seventeen oh five", "1705h"],
    ["time", "noon", "1200p"],
    ["time", "nine ninety nine", "no match"],
  ])("%s, %s: %s", (type, words, expected) => {
    expect(value(type, "voice", words)).toBe(expected);
  });
});

describe("a built-in reference", () => {
  it.each([
    ["digits?length=2;minlength=1", "en-US", "error.badfetch"],
    ["digits?minlength=4;maxlength=2", "en-US", "error.badfetch"],
    ["boolean?y=1;n=1", "en-US", "error.badfetch"],
    ["colour", "en-US", "error.unsupported.builtin"],
    ["builtin:grammar/date", "ja", "error.unsupported.language"],
  ])("%s in %s is %s", (reference, language, event) => {
    const parsed = parseBuiltIn(reference);
    expect(parsed && builtInGrammars(parsed, language)).toMatchObject({ ok: false, event });
  });

  it("without a spoken form in the language still has keys", () => {
    const parsed = parseBuiltIn("date");
    const result = parsed && builtInGrammars(parsed, "ja-JP");
    expect(result?.ok && result.grammars.map(({ mode }) => mode)).toEqual(["dtmf"]);
  });

  it("ignores parameters its form does not have (table 67)", () => {
    expect(value("builtin:grammar/boolean?y=7", "voice", "yes")).toBe(true);
  });
});
