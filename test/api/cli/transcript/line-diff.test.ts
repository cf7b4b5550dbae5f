/** The diff of a failed transcript: what is missing, what was not expected, and enough around it. */
import { describe, expect, it } from "vitest";
import { diffLines, printDiff } from "../../../../api/cli/transcript/line-diff.ts";

describe("a diff of lines", () => {
  it("marks a changed line as missing and unexpected", () => {
    expect(printDiff(diffLines(["a", "b", "c"], ["a", "x", "c"]))).toEqual(["  a", "- b", "+ x", "  c"]);
  });

  it("keeps what both have, in order", () => {
    const expected = ["a", "b", "c", "d"];
    const actual = ["b", "c", "c", "d", "e"];
    const lines = diffLines(expected, actual);
    expect(lines.filter(({ mark }) => mark !== "+").map(({ text }) => text)).toEqual(expected);
    expect(lines.filter(({ mark }) => mark !== "-").map(({ text }) => text)).toEqual(actual);
    expect(lines.filter(({ mark }) => mark === " ").map(({ text }) => text)).toEqual(["b", "c", "d"]);
  });

  it("leaves out what is far from every difference", () => {
    const same = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    expect(printDiff(diffLines([...same, "old", ...same], [...same, "new", ...same]), 1)).toEqual([
      "  …",
      "  line 19",
      "- old",
      "+ new",
      "  line 0",
      "  …",
    ]);
  });

  it("shows nothing of texts that are the same", () => {
    expect(printDiff(diffLines(["a"], ["a"]))).toEqual(["  …"]);
    expect(diffLines([], [])).toEqual([]);
  });
});
