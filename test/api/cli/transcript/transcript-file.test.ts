/** The form of a transcript file: what its lines mean, and what is said of lines that mean nothing. */
import { describe, expect, it } from "vitest";
import { parseTranscript } from "../../../../api/cli/transcript/transcript-file.ts";

describe("a transcript file", () => {
  it("is settings, inputs and expected lines; comments and spacing do not count", () => {
    const script = parseTranscript(
      '# about\n= profile plum\n\n>   prompt   "One  two"\n<dtmf  1  2\n? a = { "b": 1 }\n> end exit\n',
    );
    expect(script.settings).toEqual([["profile", "plum"]]);
    expect(script.inputs).toEqual([
      { kind: "input", text: "dtmf 1 2" },
      { kind: "expression", text: "a" },
    ]);
    expect(script.lines).toEqual(['> prompt "One  two"', "< dtmf 1  2", '? a = {"b":1}', "> end exit"]);
    expect(script.faults).toEqual([]);
  });

  it.each([
    ["prompt One", 'a line begins with one of > < ? = #, not with "p"'],
    ["< press 1", '"press" is nothing a caller does; known are dtmf, '],
    ["= speed 2", '"speed" is no setting; known are profile, '],
    ["= profile vxml3", '"vxml3" is no profile; w3c and plum are'],
    ["= file /next", "the setting file needs two values"],
    ["= variable connection.callee_type voice", "the value of connection.callee_type must be JSON"],
    ["? count", "a variable's line is: ? EXPRESSION = VALUE"],
  ])("refuses %s", (line, message) => {
    const { faults } = parseTranscript(`> end exit\n${line}\n`);
    expect(faults).toEqual([{ line: 2, message: expect.stringContaining(message) }]);
  });
});
