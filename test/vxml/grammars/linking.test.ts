/** References between grammars (SRGS 1.0 §2.2.2, §3.2, §4.6, §4.7, §4.9), whatever form each has. */
import { describe, expect, it } from "vitest";
import { readExternal } from "../../../vxml/grammars/external-grammar.ts";
import { type Linked, type LoadGrammar, linkGrammar } from "../../../vxml/grammars/linking.ts";
import { printLogicalParse } from "../../../vxml/grammars/logical-parse.ts";
import { abnf, matched } from "../../support/grammars.ts";

const XML = (content: string, more = ""): string =>
  `<grammar xmlns="http://www.w3.org/2001/06/grammar" version="1.0" xml:lang="en" ${more}>${content}</grammar>`;

const FILES: Record<string, string> = {
  "http://h/places.grxml": XML(
    '<rule id="city" scope="public">Boston</rule><rule id="secret">x</rule><rule id="state" scope="public"><ruleref uri="sub/more.gram#state"/></rule>',
    'root="city"',
  ),
  "http://h/sub/more.gram": "#ABNF 1.0;\nlanguage en;\npublic $state = $<up.gram> | Maine;\n$hidden = y;",
  "http://h/sub/up.gram": "#ABNF 1.0;\nlanguage en;\nroot $ring;\n$ring = ring $<more.gram#state> | Ohio;",
  "http://h/keys.gram": "#ABNF 1.0;\nmode dtmf;\nroot $k;\n$k = 1;",
  "http://h/based.grxml": XML(
    '<rule id="r" scope="public"><ruleref uri="up.gram"/></rule>',
    'root="r" xml:base="sub/"',
  ),
  "http://h/broken.gram": "#ABNF 1.0;\nlanguage en;\n$a = ;",
};

const fetched: string[] = [];
const load: LoadGrammar = function* load(uri, type, mode) {
  fetched.push(uri);
  yield* [];
  const text = FILES[uri];
  if (text === undefined) return { ok: false, event: { name: "error.badfetch.http.404", message: uri } };
  return readExternal({ text, uri, contentType: "", preferredType: type, mode });
};

/** Links an inline grammar whose root is this expansion. */
function link(expansion: string): Linked {
  fetched.length = 0;
  const grammar = abnf(`#ABNF 1.0;\nlanguage en;\nroot $r;\n$r = ${expansion};`);
  const step = linkGrammar({ grammar, uri: "http://h/a.vxml", isInline: true }, load).next();
  if (!step.done) throw new Error("linking waits for a host");
  return step.value;
}

function parse(expansion: string, words: string): string {
  const linked = link(expansion);
  if (!linked.ok) return `${linked.event.name} ${linked.event.message}`;
  const parsed = matched(linked.grammar, words).parsed();
  return parsed ? printLogicalParse(parsed) : "no match";
}

describe("references to other grammars", () => {
  it("lead to a named public rule, or to the root", () => {
    expect(parse("to $<places.grxml#city>", "to boston")).toBe('$r["to",$<places.grxml#city>["Boston"]]');
    expect(parse("to $<places.grxml>", "to boston")).toBe('$r["to",$<places.grxml>["Boston"]]');
  });

  it("are followed from grammar to grammar, in circles too, each fetched once", () => {
    expect(parse("$<places.grxml#state>", "ring ring maine")).toBe(
      '$r[$<places.grxml#state>[$<sub/more.gram#state>[$<up.gram>["ring",$<more.gram#state>[$<up.gram>["ring",$<more.gram#state>["Maine"]]]]]]]',
    );
    expect(fetched.sort()).toEqual([
      "http://h/places.grxml",
      "http://h/sub/more.gram",
      "http://h/sub/up.gram",
    ]);
  });

  it("are linked once, as long as what they lead to stays the same", () => {
    const grammar = abnf("#ABNF 1.0;\nlanguage en;\nroot $r;\n$r = $<places.grxml>;");
    const again = () => {
      const step = linkGrammar({ grammar, uri: "http://h/a.vxml", isInline: true }, load).next();
      return step.done && step.value.ok ? step.value.grammar : undefined;
    };
    const first = again();
    expect(again()).toBe(first);
    const places = FILES["http://h/places.grxml"] ?? "";
    FILES["http://h/places.grxml"] = places.replace("Boston", "Dover");
    const changed = again();
    FILES["http://h/places.grxml"] = places;
    expect(changed && matched(changed, "dover").isComplete).toBe(true);
  });

  it("resolve against xml:base (§4.9.1)", () => {
    expect(parse("$<based.grxml#r>", "ohio")).toContain('$<up.gram>["Ohio"]');
  });

  it.each([
    ["$<places.grxml#secret>", "private"],
    ["$<places.grxml#none>", "not defined"],
    ["$<sub/more.gram>", "no root rule"],
    ["$<keys.gram>", "cannot refer to a dtmf grammar"],
    ["$<gone.gram>", "404"],
    ["$<broken.gram#a>", "something to match"],
    ["$<places.grxml#city>~<application/srgs>", "not of its type"],
    ["$<places.grxml#city>~<application/x-gsl>", "error.unsupported.format"],
  ])("%s is refused: %s", (expansion, reason) => {
    expect(parse(expansion, "boston")).toContain(reason);
  });
});

describe("a fetched grammar", () => {
  const text = FILES["http://h/sub/up.gram"] ?? "";
  const read = (base: string) =>
    readExternal({ text, uri: "http://h/up.gram", base, contentType: "", mode: "voice" });

  it("is read once for all calls of a thread, per URI it came from in the end", () => {
    expect(read("http://h/sub/up.gram")).toBe(read("http://h/sub/up.gram"));
    expect(read("http://other/up.gram")).toMatchObject({
      ok: true,
      grammar: { base: "http://other/up.gram" },
    });
  });
});
