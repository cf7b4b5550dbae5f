/** SRGS 1.0 in XML: expansions, repeats, weights, references, and what is refused. */
import { describe, expect, it } from "vitest";
import { Matcher } from "../../../vxml/grammars/matcher.ts";
import { tokensOf } from "../../../vxml/model/grammar.ts";
import { readSrgsText } from "../../support/grammars.ts";

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
  ])("refuses %s", (xml, message) => {
    const reading = read(xml);
    expect(reading.ok ? [] : reading.diagnostics.map((diagnostic) => diagnostic.message)).toEqual(
      expect.arrayContaining([expect.stringContaining(message)]),
    );
  });
});
