/** A problem as it is printed: where, what, and the line with a caret. */
import { describe, expect, it } from "vitest";
import { linesOf, printCheckSummary, printProblem } from "../../../../api/cli/check-report/problem-text.ts";
import type { CheckProblem } from "../../../../vxml/index.ts";

function problem(place: { line: number; column: number; endColumn?: number }): CheckProblem {
  return { code: "target-unknown", severity: "error", message: "it is not there", ...place };
}

describe("a printed problem", () => {
  it("underlines its place", () => {
    const lines = linesOf('\uFEFF<form>\r\n\t<goto next="#a"/>\r\n');
    expect(printProblem("a.vxml", problem({ line: 2, column: 14, endColumn: 16 }), lines)).toEqual([
      "a.vxml:2:14: error target-unknown: it is not there",
      '    2 |  <goto next="#a"/>',
      "      |              ^^",
    ]);
  });

  it("has one caret where nothing is to be underlined, also behind the end of a line", () => {
    expect(printProblem("a.vxml", problem({ line: 1, column: 3 }), ["ab"]).slice(1)).toEqual([
      "    1 | ab",
      "      |   ^",
    ]);
  });

  it("shows of a long line what stands around the place", () => {
    const line = `${"a".repeat(500)}#${"b".repeat(500)}`;
    const [, source = "", marks = ""] = printProblem("a.vxml", problem({ line: 1, column: 501 }), [line]);
    expect(source.length).toBeLessThan(130);
    expect(source[marks.indexOf("^")]).toBe("#");
    expect(source).toMatch(/\| …a+#b+…$/);
  });

  it("is counted at the end", () => {
    const error = problem({ line: 1, column: 1 });
    expect(printCheckSummary([[], []])).toBe("2 documents: no problems");
    expect(printCheckSummary([[error, { ...error, severity: "warning" }], [error]])).toBe(
      "2 errors, 1 warning in 2 of 2 documents",
    );
  });
});
