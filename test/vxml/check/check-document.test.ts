/**
 * What a check finds without running anything, and where. Documents are written in one line where the column
 * counts; `«…»` marks the place a problem is expected at and is taken out before the check.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CheckCode } from "../../../vxml/check/check-codes.ts";
import { checkDocuments } from "../../../vxml/check/check-document.ts";
import type { ProfileName } from "../../../vxml/index.ts";
import { parseDocument } from "../../../vxml/index.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures/vxml");
const URI = "http://app.example/start.vxml";

function check(text: string, profile: ProfileName = "w3c") {
  return checkDocuments([{ uri: URI, text }], profile)[0] ?? [];
}

/** A document around some content. */
function vxml(content: string, attributes = ""): string {
  return `<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"${attributes}>${content}</vxml>`;
}

/** Checks a document with one marked place; returns the problems there, each as `code: message`. */
function checkMarked(marked: string, profile: ProfileName = "w3c"): string[] {
  const start = marked.indexOf("«");
  const end = marked.indexOf("»") - 1;
  const text = marked.replace(/[«»]/g, "");
  const lines = text.slice(0, start).split("\n");
  const place = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  return check(text, profile)
    .filter(({ line, column, endColumn }) => {
      const isThere = line === place.line && column === place.column;
      return isThere && (endColumn ?? column + 1) - column === end - start;
    })
    .map(({ code, message }) => `${code}: ${message}`);
}

function codesOf(text: string, profile?: ProfileName): CheckCode[] {
  return check(text, profile).map(({ code }) => code);
}

const FORM = (content: string): string => vxml(`<form>${content}</form>`);
const BLOCK = (content: string): string => FORM(`<block>${content}</block>`);

describe("a check", () => {
  it("finds nothing in a document without problems", () => {
    expect(check(BLOCK("Hello."))).toEqual([]);
  });

  it("finds every kind of problem at once", () => {
    const codes = codesOf(
      vxml(`<form id="a"><field name="f"><grammar mode="dtmf" version="1.0" root="r"><rule id="r">x</rule></grammar>
        <colour/><filled cond="true"><assign name="f" expr="1 +"/><goto next="#b"/><log>never</log></filled></field></form>
        <form id="a"/>`),
    );
    expect(codes.sort()).toEqual([
      "attribute-unknown",
      "content-unreachable",
      "element-unknown",
      "grammar",
      "name-duplicate",
      "script-syntax",
      "target-unknown",
    ]);
  });

  it("of what is not well-formed XML names the first fault alone", () => {
    expect(check('<vxml>\n<form colour="red">\n</vxml>')).toMatchObject([
      { code: "xml", severity: "error", line: 3 },
    ]);
  });

  it("counts what stands behind a byte order mark and carriage returns in lines and columns of the text", () => {
    const text = `\uFEFF${vxml('\r\n<form>\r\n  <block cond="1 +"/></form>')}`;
    expect(check(text)).toMatchObject([{ code: "script-syntax", line: 3, column: 19 }]);
  });

  it.each([
    ["an attribute that is unknown", vxml('<form «colour»="red"/>'), "attribute-unknown"],
    ["a value of the wrong kind", FORM('<block><prompt timeout="«5»">x</prompt></block>'), "attribute-value"],
    ["a missing attribute", BLOCK("«<goto»/>"), "attribute-missing"],
  ])("points at %s", (_, document, code) => {
    expect(checkMarked(document)).toEqual([expect.stringMatching(`^${code}: `)]);
  });
});

describe("syntax of scripts", () => {
  it.each([
    ["an expression that breaks off", '<var name="a" expr="(1 + «)»"/>', '")" is unexpected'],
    ["two expressions", '<var name="a" expr="b «c»"/>', '"c" stands where the expression should end'],
    ["a statement", '<log expr="b«;»"/>', '";" stands where the expression should end'],
    ["a keyword", '<if cond="«if»"><exit/></if>', '"if" is unexpected'],
    ["what follows references", '<if cond="1 &lt; 2 &amp;&amp; «)»"><exit/></if>', '")" is unexpected'],
    ["a value in a prompt", '<prompt><value expr="a[«&gt;»"/></prompt>', '">" is unexpected'],
    ["an array", '<foreach item="i" array="[1, 2«;»"><log>x</log></foreach>', '";" is unexpected'],
  ])("points into %s", (_, content, message) => {
    expect(checkMarked(BLOCK(content))).toEqual([expect.stringContaining(message)]);
  });

  it("points into scripts of several lines, also inside CDATA", () => {
    const marked = vxml("<script><![CDATA[\n  var a = 1;\n  var «=» 2;\n]]></script><form/>");
    expect(checkMarked(marked)).toEqual(['script-syntax: script: "=" is unexpected']);
    const references = vxml("<script>\n  a &lt; b &amp;&amp; «var» c;\n</script><form/>");
    expect(checkMarked(references)).toEqual(['script-syntax: script: "var" is unexpected']);
    const plain = vxml(
      "<script>\n  for (;a &lt; b;) { }<!-- what follows is wrong -->\n  var «=» 2;\n</script><form/>",
    );
    expect(checkMarked(plain)).toEqual(['script-syntax: script: "=" is unexpected']);
  });

  it("reads every attribute that is an expression, and no other", () => {
    const wrong = `
      <form><subdialog srcexpr=")" cond=")" expr=")"/>
      <transfer destexpr=")" aaiexpr=")"/>
      <block><goto expr=")"/></block><block><goto expritem=")"/></block>
      <block><throw eventexpr=")" messageexpr=")"/></block>
      <block><prompt cond=")"><mark nameexpr=")"/><audio expr=")"/></prompt></block>
      <catch event=")" cond=")"/></form>`;
    const codes = codesOf(vxml(wrong)).filter((code) => code === "script-syntax");
    expect(codes).toHaveLength(13);
  });

  it("reads script tags of grammars, and leaves literal tags alone", () => {
    const grammar = (format: string): string =>
      FORM(
        `<field name="f"><grammar version="1.0" root="r" tag-format="${format}"><rule id="r">a<tag>out = «;»</tag></rule></grammar></field>`,
      );
    expect(checkMarked(grammar("semantics/1.0"))).toEqual(['script-syntax: tag: ";" is unexpected']);
    expect(checkMarked(grammar("semantics/1.0-literals"))).toEqual([]);
  });

  it("warns of a condition that assigns, unless it is in parentheses", () => {
    expect(checkMarked(BLOCK('<if cond="«a = 1»"><exit/></if>'))).toEqual([
      'condition-assigns: cond="a = 1" assigns',
    ]);
    expect(codesOf(BLOCK('<if cond="(a = 1)"><exit/></if>'))).toEqual([]);
  });

  it.each([
    ["<var name='«dialog.a»'/>", "a declaration's scope is where it stands"],
    ["<var name='«class»'/>", "cannot name a variable"],
    ["<assign name='«a + b»' expr='1'/>", "cannot be assigned to"],
    ["<assign name='«session.id»' expr='1'/>", "is read-only"],
  ])("refuses the name of %s", (content, message) => {
    expect(checkMarked(BLOCK(content))).toEqual([expect.stringMatching(`^variable-name: .*${message}`)]);
  });

  it("assigns to variables, their properties and scoped names", () => {
    const names = ["a", "a.b.c", "a[0]", "document.a", "dialog.a['b']"];
    expect(codesOf(BLOCK(names.map((name) => `<assign name="${name}" expr="1"/>`).join("")))).toEqual([]);
  });
});

describe("targets (§5.3.7)", () => {
  it.each([
    ["goto", BLOCK('<goto next="«#ab»"/>')],
    ["a constant expression", BLOCK(`<goto expr="«'#' + 'ab'»"/>`)],
    ["the document by its name", BLOCK('<goto next="«start.vxml#ab»"/>')],
    ["link", vxml('<link next="«#ab»"><grammar src="builtin:boolean"/></link><form/>')],
    ["choice", vxml('<menu><choice next="«#ab»">x</choice></menu>')],
    ["subdialog", FORM('<subdialog src="«#ab»"/>')],
  ])("of %s must be there", (_, document) => {
    expect(checkMarked(document)).toEqual(['target-unknown: the document has no dialog with id "ab"']);
  });

  it("are looked for in the other documents of the check, and elsewhere not at all", () => {
    const other = { uri: "http://app.example/other.vxml", text: vxml('<form id="main"/>') };
    const start = BLOCK('<goto next="other.vxml#mian"/><goto next="third.vxml#x"/>');
    const [problems = []] = checkDocuments([{ uri: URI, text: start }, other], "w3c");
    expect(problems.filter(({ code }) => code === "target-unknown").map(({ message }) => message)).toEqual([
      'other.vxml has no dialog with id "mian"; did you mean "main"?',
    ]);
  });

  it("of nextitem are items of the same form", () => {
    const document = vxml(
      '<form id="a"><field name="one" type="digits"/><block><goto nextitem="«two»"/></block></form><form id="b" scope="document"><field name="two" type="digits"/></form>',
    );
    expect(checkMarked(document)).toEqual(['item-unknown: the form has no item "two"']);
    expect(codesOf(vxml('<catch><goto nextitem="two"/></catch><form/>'))).toEqual([]);
  });
});

describe("what never runs", () => {
  it.each([
    ["after a transition", "<exit/>«<log»>x</log>"],
    ["text after a transition", "<exit/>\n  «x»yz"],
    [
      "after branches that all leave",
      '<if cond="a"><exit/><elseif cond="b"/><goto next="#f"/><else/><throw event="e"/></if>«<log»/>',
    ],
    ["inside a branch", '<if cond="a"><exit/>«<log»/><else/><log/></if>'],
  ])("is content %s", (_, content) => {
    const document = vxml(`<form id="f"><block>${content}</block></form>`);
    expect(checkMarked(document)).toEqual([expect.stringMatching(/^content-unreachable: this never runs/)]);
  });

  it.each([
    ["a branch that goes on", '<if cond="a"><exit/><else/><log/></if><log/>'],
    ["no else", '<if cond="a"><exit/></if><log/>'],
    ["a loop that may have no turn", '<foreach item="i" array="a"><exit/></foreach><log/>'],
    ["a comment", "<exit/><!-- the end -->"],
  ])("is not content after %s", (_, content) => {
    expect(codesOf(BLOCK(content))).toEqual([]);
  });

  it("is an item after a block that always leaves the form", () => {
    expect(checkMarked(FORM("<block><exit/></block>«<block»>x</block>"))).toEqual([
      "item-unreachable: this item is never visited: the block in line 1 always leaves the form",
    ]);
  });

  it.each([
    ["the block has a condition", '<block cond="a"><exit/></block><block>x</block>'],
    ["the block's variable may be filled", '<block name="b"><exit/></block><block>x</block>'],
    ["an event may be caught here", '<block><throw event="e"/></block><block>x</block>'],
    [
      "a nextitem leads there",
      '<catch><goto nextitem="b"/></catch><block><exit/></block><block name="b">x</block>',
    ],
    ["a nextitem is computed", '<catch><goto expritem="a"/></catch><block><exit/></block><block>x</block>'],
  ])("is no item when %s", (_, content) => {
    expect(codesOf(FORM(content))).toEqual([]);
  });

  it("is a dialog that nothing leads to, not even another that is reached", () => {
    const text = vxml(
      '<form id="a"><block><goto next="#b"/></block></form><form id="b"/><form id="c"><block><goto next="#d"/></block></form><form id="d"/><form/>',
    );
    expect(check(text).map(({ message }) => message)).toEqual([
      'nothing leads to the form "c"',
      'nothing leads to the form "d"',
      "nothing leads to this form: it is not the first dialog and has no id",
    ]);
  });

  it.each([
    [
      "a link of the document",
      '<link next="#b"><grammar src="builtin:boolean"/></link><form/><form id="b"/>',
    ],
    [
      "a grammar of document scope",
      '<form/><form id="b" scope="document"><grammar src="builtin:boolean"/></form>',
    ],
    ["a computed transition", '<form><block><goto expr="where"/></block></form><form id="b"/>'],
  ])("is no dialog that %s leads to", (_, content) => {
    expect(codesOf(vxml(content))).toEqual([]);
  });

  it("is no dialog that another document of the check leads to", () => {
    const start = BLOCK('<goto next="other.vxml#b"/>');
    const other = vxml('<form id="a"/><form id="b"/>');
    const uri = "http://app.example/other.vxml";
    expect(
      checkDocuments(
        [
          { uri: URI, text: start },
          { uri, text: other },
        ],
        "w3c",
      ),
    ).toEqual([[], []]);
    expect(checkDocuments([{ uri, text: other }], "w3c")[0]).toMatchObject([{ code: "dialog-unreached" }]);
  });
});

describe("declarations", () => {
  it.each([
    ["variable-duplicate", FORM('<var name="a"/><var name="«a»"/>')],
    ["variable-duplicate", FORM('<var name="a"/><field name="«a»" type="digits"/>')],
    [
      "key-duplicate",
      vxml('<menu><choice dtmf="1" event="a">x</choice><choice dtmf="«1»" event="b">y</choice></menu>'),
    ],
    ["key-duplicate", FORM('<field><option dtmf="1 2">x</option><option dtmf="«12»">y</option></field>')],
    ["field-without-grammar", FORM('«<field» name="a"/>')],
    ["property-unknown", vxml('<property name="«timout»" value="5s"/><form/>')],
    ["property-value", vxml('<property name="timeout" value="«5»"/><form/>')],
    ["builtin-grammar", FORM('<field name="a" type="«colour»"/>')],
    [
      "builtin-grammar",
      FORM('<field><grammar src="«builtin:dtmf/digits?minlength=3;maxlength=1»"/></field>'),
    ],
  ])("are reported as %s", (code, document) => {
    expect(checkMarked(document)).toEqual([expect.stringMatching(`^${code}: `)]);
  });

  it("of platforms and of forms with grammars are let be", () => {
    expect(
      codesOf(
        vxml('<property name="com.example.x" value="1"/><property name="sensitivity" value="0.5"/><form/>'),
      ),
    ).toEqual([]);
    expect(codesOf(FORM('<grammar src="a.grxml"/><field name="a"/>'))).toEqual([]);
  });

  it("of a property with a typing mistake name the one that was meant", () => {
    expect(check(vxml('<property name="timout" value="5s"/><form/>'))[0]?.message).toBe(
      'there is no property "timout"; did you mean "timeout"?',
    );
  });
});

describe("the fixtures", () => {
  const files = readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith(".vxml"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));

  it("have the errors that the reader has, and no others of its kinds", () => {
    for (const text of files) {
      const reading = parseDocument(text, URI, "plum");
      const messages = check(text, "plum").map(({ message }) => message);
      for (const { message } of reading.ok ? [] : reading.diagnostics) expect(messages).toContain(message);
    }
  });

  it("are checked without failure however they are mangled", () => {
    const seed = 20_261;
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let checked = 0;
    for (const text of files) {
      const tags = [...text.matchAll(/<(\w[\w-]*)|\s([\w:-]+)="([^"]*)"/g)];
      for (let turn = 0; turn < 12; turn++) {
        const [from, to] = [tags[random(tags.length)], tags[random(tags.length)]];
        if (!from || !to) continue;
        // Attributes change their names or values, or go; elements change their names where they are empty.
        const [whole, element, name, value] = from;
        const changes = element
          ? [`<${to[1] ?? "block"}`]
          : ["", ` ${to[2] ?? "expr"}x="${value}"`, ` ${name}="${to[3] ?? ")"}"`, ` ${name}=")"`];
        const change = changes[random(changes.length)] ?? "";
        const mangled = text.slice(0, from.index) + change + text.slice(from.index + whole.length);
        const problems = check(mangled, turn % 2 ? "plum" : "w3c");
        const lines = mangled.split("\n");
        for (const { line, column } of problems) {
          expect(line, `seed ${seed}`).toBeLessThanOrEqual(lines.length);
          expect(column, `seed ${seed}`).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(1000);
  });
});
