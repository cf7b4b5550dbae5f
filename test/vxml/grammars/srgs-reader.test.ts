/** SRGS 1.0 in XML: expansions, repeats, weights, references, and what is refused. */
import { describe, expect, it } from "vitest";
import { Matcher } from "../../../vxml/grammars/matcher.ts";
import { tokensOf } from "../../../vxml/model/grammar.ts";
import { faultsOf, matched, readSrgsText, srgs } from "../../support/grammars.ts";

const NAMESPACE = 'xmlns="http://www.w3.org/2001/06/grammar"';

/** Reads a grammar to which the test adds what every grammar needs. */
function read(xml: string) {
  const language = xml.includes("xml:lang") ? "" : 'xml:lang="en-US"';
  const version = xml.includes("version=") ? "" : 'version="1.0"';
  return readSrgsText(xml.replace("<grammar", `<grammar ${NAMESPACE} ${language} ${version}`));
}

function accepts(rule: string, mode: "dtmf" | "voice", utterance: string): boolean {
  const reading = read(
    `<grammar version="1.0" mode="${mode}" root="r"><rule id="r">${rule}</rule><rule id="s">1 2</rule></grammar>`,
  );
  if (!reading.ok) throw new Error(reading.diagnostics.map(({ message }) => message).join());
  const matcher = new Matcher(reading.grammar);
  return tokensOf(mode, utterance).every((token) => matcher.push(token)) && matcher.isComplete;
}

describe("SRGS", () => {
  it.each([
    ["1 2", "12", true],
    ["12", "12", true],
    ["star <token>pound</token>", "*#", true],
    ['<item repeat="2">1</item>', "11", true],
    ['<item repeat="2-3">1</item>', "1111", false],
    ['<item repeat="1-">1</item>', "11111", true],
    ['<item repeat="0-1">1</item>2', "2", true],
    ['<one-of><item>1</item><item><ruleref uri="#s"/></item></one-of>', "12", true],
    ['<ruleref special="NULL"/>1', "1", true],
    ['1<ruleref special="VOID"/>', "1", false],
    ['1<ruleref special="GARBAGE"/>#', "1987#", true],
  ])("%s on %s: %s", (rule, keys, expected) => {
    expect(accepts(rule, "dtmf", keys)).toBe(expected);
  });

  it("matches words without regard to case and punctuation", () => {
    expect(accepts("Yes please", "voice", "YES, please!")).toBe(true);
  });

  it.each([
    ['<grammar root="r"><rule id="r">a</rule><rule id="r">b</rule></grammar>', "defined twice"],
    ['<grammar root="x"><rule id="r">a</rule></grammar>', '"x" is not defined'],
    ['<grammar root="r"/>', "no rules"],
    ['<grammar root="r"><rule id="r"><ruleref uri="#q"/></rule></grammar>', '"q" is not defined'],
    ['<grammar root="r"><rule id="r"><ruleref/></rule></grammar>', "exactly one of"],
    ['<grammar root="r"><rule id="r"><item repeat="3-1">a</item></rule></grammar>', 'repeat="3-1"'],
    ['<grammar root="r"><rule id="r"><one-of/></rule></grammar>', "at least one <item>"],
    ['<grammar root="r" mode="dtmf"><rule id="r">7 x</rule></grammar>', '"x" is not a key'],
    ['<grammar root="VOID"><rule id="VOID">a</rule></grammar>', "reserved"],
    ['<grammar root="r"><rule id="r"><para/></rule></grammar>', "may not stand"],
    // §4.1, §4.3, §4.5, §4.6
    ['<grammar version="2.0" root="r"><rule id="r">a</rule></grammar>', 'must be "1.0"'],
    ['<grammar xml:lang="en US" root="r"><rule id="r">a</rule></grammar>', "not a language identifier"],
    ['<grammar mode="text" root="r"><rule id="r">a</rule></grammar>', "voice or dtmf"],
    ['<grammar root="r" start="r"><rule id="r">a</rule></grammar>', "does not have the attribute start"],
    [
      '<grammar root="r"><rule id="r">a</rule><meta name="n" content="c"/></grammar>',
      "before the first <rule>",
    ],
    [
      '<grammar root="r"><meta name="n" http-equiv="h" content="c"/><rule id="r">a</rule></grammar>',
      "exactly one of name",
    ],
    ['<grammar root="r"><meta name="n"/><rule id="r">a</rule></grammar>', "attribute content"],
    ['<grammar root="r"><lexicon/><rule id="r">a</rule></grammar>', "attribute uri"],
    ['<grammar root="r">a<rule id="r">a</rule></grammar>', "only inside a <rule>"],
    // §2.1, §2.2
    ['<grammar root="r"><rule id="r">a "b c</rule></grammar>', "not closed"],
    ['<grammar root="r"><rule id="r"><token>a "b"</token></rule></grammar>', "double quotes"],
    ['<grammar root="r"><rule id="r"><token>a<item/></token></rule></grammar>', "only text"],
    ['<grammar root="r"><rule id="r"><ruleref special="ANY"/></rule></grammar>', "NULL, VOID or GARBAGE"],
    ['<grammar root="r"><rule id="r"><ruleref special="NULL">x</ruleref></rule></grammar>', "must be empty"],
    // §2.4, §2.5
    ['<grammar root="r"><rule id="r"><one-of>a<item>b</item></one-of></rule></grammar>', "only <item>"],
    [
      '<grammar root="r"><rule id="r"><one-of><item weight="1e3">b</item></one-of></rule></grammar>',
      "weight=",
    ],
    [
      '<grammar root="r"><rule id="r"><item repeat="2-3" repeat-prob="2">b</item></rule></grammar>',
      "from 0 to 1",
    ],
    // §3.1, §3.2, §3.3
    ['<grammar root="r"><rule id="r"> </rule></grammar>', "must not be empty"],
    ['<grammar root="r"><rule id="r" scope="open">a</rule></grammar>', "public or private"],
    ['<grammar root="r.s"><rule id="r.s">a</rule></grammar>', "cannot name a rule"],
    ['<grammar root="r"><rule id="r">a<example>a</example></rule></grammar>', "must stand first"],
  ])("refuses %s", (xml, message) => {
    const reading = read(xml);
    expect(reading.ok ? [] : reading.diagnostics.map((diagnostic) => diagnostic.message)).toEqual(
      expect.arrayContaining([expect.stringContaining(message)]),
    );
  });

  it("refuses a document without namespace, version or language (§4.3, §4.5)", () => {
    const faults = faultsOf(readSrgsText('<grammar root="r"><rule id="r">a</rule></grammar>')).join();
    for (const missing of ["namespace", "version", "xml:lang"]) expect(faults).toContain(missing);
  });

  it("needs no language for keys, and no root for a library of rules (§4.5, §4.7)", () => {
    const text = `<grammar ${NAMESPACE} version="1.0" mode="dtmf"><rule id="r" scope="public">1</rule></grammar>`;
    expect(srgs(text)).toMatchObject({ mode: "dtmf", root: "", rules: [{ name: "r", isPublic: true }] });
  });

  it("ignores elements and attributes of other namespaces (§5.4)", () => {
    const text = `<grammar ${NAMESPACE} xmlns:x="http://x/" version="1.0" xml:lang="en" root="r" x:y="1">
      <metadata><x:any>thing</x:any></metadata><rule id="r"><x:note>no</x:note><item x:w="2">yes</item></rule></grammar>`;
    expect(matched(srgs(text), "yes").isComplete).toBe(true);
  });

  it("keeps spelling, languages and probabilities beside what is compared", () => {
    const text = `<grammar ${NAMESPACE} version="1.0" xml:lang="en-US" root="r"><rule id="r">
      <item xml:lang="fr" repeat="0-1" repeat-prob=".6">"Jean  Francois"</item></rule></grammar>`;
    expect(srgs(text).rules[0]?.expansion).toEqual({
      kind: "repeat",
      of: { kind: "token", text: "jean francois", spelling: "Jean Francois", language: "fr" },
      min: 0,
      max: 1,
      probability: 0.6,
    });
  });
});
