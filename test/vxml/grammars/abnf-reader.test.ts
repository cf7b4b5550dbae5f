/** SRGS 1.0 in ABNF: the header, every operator with its precedence, and what is refused where (Appendix D). */
import { describe, expect, it } from "vitest";
import { readAbnf } from "../../../vxml/grammars/abnf-reader.ts";
import { printLogicalParse } from "../../../vxml/grammars/logical-parse.ts";
import { abnf, accepts, faultsOf, matched } from "../../support/grammars.ts";

const HEADER = "#ABNF 1.0;\nlanguage en-US;\nroot $a;\n";

describe("ABNF", () => {
  it.each([
    // §2.1
    ['$a = "New  York" | Boston;', "new york", true],
    ["$a = public language;", "public language", true],
    // §2.2.3
    ["$a = x $NULL y;", "x y", true],
    ["$a = x $VOID;", "x", false],
    ["$a = x $GARBAGE z;", "x and so on z", true],
    // §2.4
    ["$a = /10/ small | /2./ medium | /.5/ large;", "large", true],
    ["$a = () | word;", "", true],
    ["$a = word | {tag};", "", true],
    ["$a = /2/ word;", "word", true],
    // §2.5
    ["$a = [very] good;", "good", true],
    ["$a = very <0-1> good;", "very good", true],
    ["$a = very <2>;", "very", false],
    ["$a = very < 2- >;", "very very very", true],
    ["$a = very <1-2 /0.6/>;", "very very very", false],
    ["$a = (b | c) <0->;", "b c c b", true],
    // §2.8: repeats bind to what stands before them, sequences before alternatives.
    ["$a = b c <2>;", "b c c", true],
    ["$a = b c <2>;", "b c b c", false],
    ["$a = b c | d e;", "b c", true],
    ["$a = b c | d e;", "b d e", false],
    // §3, §4.13
    ["// one\n$a = $b /* two */ x; /** three\n * @example y x */\nprivate $b = y;", "y x", true],
    // §2.7
    ["$a = yes | oui!fr-CA | (Michel | Andre)!fr-CA <1-2> | [ja]!de nein!de-AT;", "michel andre", true],
  ])("%s on %s: %s", (rules, words, expected) => {
    expect(accepts(abnf(HEADER + rules), words)).toBe(expected);
  });

  it("keeps tags as they are written, between braces of both kinds (§2.6)", () => {
    const grammar = abnf(`${HEADER}$a = this {before;} is {!{ { a } }!} a $b;\n$b = test {};`);
    const parsed = matched(grammar, "THIS is a test").parsed();
    expect(parsed && printLogicalParse(parsed)).toBe(
      '$a["this",{!{before;}!},"is",{!{ { a } }!},"a",$b["test",{!{}!}]]',
    );
  });

  it("reads every declaration in any order (§4.1)", () => {
    const grammar = abnf(`#ABNF 1.0 ISO-8859-1;
// a comment
{var x = 1};
tag-format <semantics/1.0>;
meta "Author" is 'Somebody';
http-equiv "Expires" is '0';
lexicon <http://h/l>; lexicon <http://h/m>~<media/type>;
base <http://h/b/>; root $r; mode voice; language fr-CA;
{!{var y = 2}!};
public $r = oui;`);
    expect(grammar).toMatchObject({
      root: "r",
      language: "fr-CA",
      base: "http://h/b/",
      tagFormat: "script",
      isTagFormatDeclared: true,
      headerTags: ["var x = 1", "var y = 2"],
    });
  });

  it("gives a language to the tokens it is attached to, and to no others (§2.7)", () => {
    const { rules } = abnf(`${HEADER}$a = x (y z!de)!fr;`);
    expect(rules[0]?.expansion).toEqual({
      kind: "sequence",
      parts: [
        { kind: "token", text: "x" },
        {
          kind: "sequence",
          parts: [
            { kind: "token", text: "y", language: "fr" },
            { kind: "token", text: "z", language: "de" },
          ],
        },
      ],
    });
  });

  it("reads keys, quoted where they are signs (Appendix E)", () => {
    const grammar = abnf(
      '#ABNF 1.0;\nmode dtmf; root $p;\n$d = 0 | 1 | 2; public $p = $d <4> "#" | "*" 9 | star pound;',
    );
    expect(["0121#", "*9", "*#", "12#"].map((keys) => accepts(grammar, keys))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it.each([
    ["$a = x;", "#ABNF 1.0;"],
    ["#ABNF V1.0;\nlanguage en; $a = x;", "#ABNF 1.0;"],
    ["#ABNF 1.0; language en; $a = x;", "end of the line"],
    ["#ABNF 1.0;\n$a = x;", "language declaration"],
    ["#ABNF 1.0;\nlanguage en; language de; $a = x;", "only once"],
    ["#ABNF 1.0;\nlanguage en; mode text; $a = x;", "voice or dtmf"],
    ["#ABNF 1.0;\nlanguage en; root $b; $a = x;", '"b" is not defined'],
    ["#ABNF 1.0;\nlanguage en; $a = x; root $a;", "before the first rule"],
    ["#ABNF 1.0;\nlanguage en;", "no rules"],
    [`${HEADER}$a = x; $a = y;`, "defined twice"],
    [`${HEADER}$a = $b;`, '"b" is not defined'],
    [`${HEADER}$a = ;`, "something to match"],
    [`${HEADER}$a = x | ;`, "something to match"],
    [`${HEADER}$a = x | | y;`, "something to match"],
    [`${HEADER}$a = [];`, "something to match"],
    [`${HEADER}$a = (x;`, '")"'],
    [`${HEADER}$a = x*;`, "reserved"],
    [`${HEADER}$a = x <3-1>;`, "m not above n"],
    [`${HEADER}$a = x <0-1 /1.5/>;`, "from 0 to 1"],
    [`${HEADER}$a = x <2> <3>;`, "one repeat"],
    [`${HEADER}$a = /-1/ x;`, "not negative"],
    [`${HEADER}$a = $b!fr; $b = x;`, "takes no language"],
    [`${HEADER}$a = x {unclosed;`, "not closed"],
    [`${HEADER}$NULL = x; $a = y;`, "reserved"],
    [`${HEADER}$a-b = x; $a = y;`, "cannot name a rule"],
    [`${HEADER}$a = x`, '";"'],
    [`${HEADER}$a = x /* y;`, "not closed"],
  ])("refuses %j", (text, message) => {
    expect(faultsOf(readAbnf(text, { kind: "document" })).join()).toContain(message);
  });

  it("says where a fault is", () => {
    const reading = readAbnf(`${HEADER}$a = x\n  | * ;`, { kind: "document" });
    expect(reading).toMatchObject({ ok: false, diagnostics: [{ line: 5, column: 5 }] });
  });

  it("reads inline text with white space before it", () => {
    expect(readAbnf("\n  #ABNF 1.0; root $a; $a = x;", { kind: "inline" }).ok).toBe(true);
  });
});
