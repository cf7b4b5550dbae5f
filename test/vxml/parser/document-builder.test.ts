/** Documents as they should not be: every rule of the element table, with the line and column of the fault. */
import { describe, expect, it } from "vitest";
import { type ProfileName, parseDocument } from "../../../vxml/index.ts";

function problems(xml: string, profile: ProfileName = "w3c"): string[] {
  const reading = parseDocument(xml, "http://h/d.vxml", profile);
  if (reading.ok) return [];
  return reading.diagnostics.map(({ code, line, column }) => `${code} ${line}:${column}`);
}

function inVxml(body: string): string {
  return `<vxml version="2.1">\n${body}\n</vxml>`;
}

function inBlock(content: string): string {
  return inVxml(`<form><block>${content}</block></form>`);
}

describe("well-formedness", () => {
  it.each([
    ["nothing", "", "xml 1:1"],
    ["two roots", "<vxml version='2.1'/><vxml/>", "xml 1:27"],
    ["text after the root", "<vxml version='2.1'/>x", "xml 1:22"],
    ["a bare ampersand", "<vxml version='2.1'>a & b</vxml>", "xml 1:24"],
    ["an unknown entity", "<vxml version='2.1'>&nbsp;</vxml>", "xml 1:27"],
    ["an attribute twice", "<vxml version='2.1' version='2.1'/>", "xml 1:34"],
    ["an undeclared prefix", "<vxml version='2.1'><x:a/></vxml>", "xml 1:27"],
    ["a control character", "<vxml version='2.1'>\u0001</vxml>", "xml 1:21"],
    ["an unclosed comment", "<vxml version='2.1'><!-- </vxml>", "xml 1:33"],
  ])("refuses %s", (_, xml, expected) => {
    const [first] = problems(xml);
    expect(first?.split(" ")[0]).toBe(expected.split(" ")[0]);
    expect(problems(xml)).toHaveLength(1);
  });

  it("refuses elements nested too deep, and never recurses into them", () => {
    const deep = `${"<p>".repeat(5000)}${"</p>".repeat(5000)}`;
    expect(problems(inBlock(`<prompt>${deep}</prompt>`))).toEqual(["limit 2:310"]);
  });

  it("does not expand entities a document declares", () => {
    const bomb = `<!DOCTYPE vxml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><vxml version="2.1"><form><block>&b;</block></form></vxml>`;
    expect(problems(bomb)).toHaveLength(1);
  });

  it("reads documents with a byte order mark, CDATA and comments", () => {
    expect(problems(`\uFEFF${inBlock("<![CDATA[a < b]]><!-- c --> &lt;")}`)).toEqual([]);
  });
});

describe("structure", () => {
  it.each([
    ["another root element", "<html/>", "element-unknown 1:1"],
    ["a wrong namespace", '<vxml version="2.1" xmlns="http://x/"/>', "attribute-value 1:1"],
    ["a missing version", "<vxml/>", "attribute-missing 1:1"],
    ["an unknown version", '<vxml version="3.0"/>', "attribute-value 1:1"],
    ["an unknown element", inBlock("\n <shout/>"), "element-unknown 3:2"],
    ["an element of elsewhere", inVxml('<x:form xmlns:x="http://x/"/>'), "element-unknown 2:1"],
    ["a misplaced element", inVxml("<block/>"), "element-misplaced 2:1"],
    ["an unknown attribute", inBlock('<exit value="1"/>'), "attribute-unknown 2:14"],
    ["a missing attribute", inBlock("<assign name='a'/>"), "attribute-missing 2:14"],
    ["two of one kind", inBlock("<throw event='a' eventexpr='b'/>"), "attribute-conflict 2:14"],
    ["none of one kind", inBlock("<throw/>"), "attribute-missing 2:14"],
    ["a wrong boolean", inBlock("<prompt bargein='yes'>a</prompt>"), "attribute-value 2:14"],
    ["a time without unit", inBlock("<break/><prompt timeout='5'>a</prompt>"), "element-misplaced 2:14"],
    ["a wrong count", inVxml("<catch count='0'/>"), "attribute-value 2:1"],
    ["text where none belongs", inVxml("<form>text</form>"), "text-misplaced 2:1"],
    ["else twice", inBlock("<if cond='a'><else/><else/></if>"), "element-misplaced 2:34"],
    ["a choice without target", inVxml("<menu><choice>a</choice></menu>"), "attribute-missing 2:7"],
    [
      "keys that are none",
      inVxml("<menu><choice dtmf='x' next='#a'>a</choice></menu>"),
      "attribute-value 2:7",
    ],
    [
      "filled with mode in a field",
      inVxml("<form><field><filled mode='any'/></field></form>"),
      "attribute-unknown 2:14",
    ],
    ["filled for nobody", inVxml("<form><filled namelist='x'/></form>"), "attribute-value 2:7"],
    [
      "filled for a control item",
      inVxml("<form><initial name='x'/><filled namelist='x'/></form>"),
      "attribute-value 2:26",
    ],
    ["a subdialog to nowhere", inVxml("<form><subdialog/></form>"), "attribute-missing 2:7"],
    [
      "a transfer of two kinds",
      inVxml("<form><transfer dest='tel:1' type='blind' bridge='true'/></form>"),
      "attribute-conflict 2:7",
    ],
    [
      "a parameter with two values",
      inVxml("<form><subdialog src='#a'><param name='p' expr='1' value='1'/></subdialog></form>"),
      "attribute-conflict 2:27",
    ],
    ["a return of two kinds", inBlock("<return namelist='a' event='b'/>"), "attribute-conflict 2:14"],
    [
      "a recording without a unit of time",
      inVxml("<form><record maxtime='5'/></form>"),
      "attribute-value 2:7",
    ],
    [
      "a scoped grammar in a link",
      inVxml("<link event='a'><grammar scope='document' src='a'/></link>"),
      "attribute-conflict 2:17",
    ],
    [
      "a scoped grammar in a field",
      inVxml("<form><field><grammar scope='dialog' src='a'/></field></form>"),
      "attribute-conflict 2:14",
    ],
    ["a grammar without content", inVxml("<form><grammar/></form>"), "grammar 2:7"],
  ])("refuses %s", (_, xml, expected) => {
    expect(problems(xml)).toContain(expected);
  });

  it.each<[string, string, ProfileName, boolean]>([
    ["method raw", inBlock("<submit next='x' method='raw' rawexpr='1'/>"), "plum", true],
    ["method raw", inBlock("<submit next='x' method='raw' rawexpr='1'/>"), "w3c", false],
    ["headers of data", inVxml("<data name='d' src='x' headers='{}'/>"), "plum", true],
    ["headers of data", inVxml("<data name='d' src='x' headers='{}'/>"), "w3c", false],
    [
      "foreign attributes of xsi",
      '<vxml version="2.1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"/>',
      "w3c",
      true,
    ],
    ["metadata of any kind", inVxml('<metadata><x:a xmlns:x="http://x/">t</x:a></metadata>'), "w3c", true],
  ])("%s in %s of profile %s: %s", (_, xml, profile, isFine) => {
    expect(problems(xml, profile).length === 0).toBe(isFine);
  });

  it("tells of a hundred problems at most", () => {
    expect(problems(inBlock("<shout/>".repeat(500)))).toHaveLength(100);
  });
});
