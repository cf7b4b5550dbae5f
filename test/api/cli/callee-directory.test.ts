import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directoryByLastDigits, readCalleeDirectory } from "../../../api/cli/callee-directory.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxdial-directory-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const path = join(folder, "callees.yaml");
  writeFileSync(path, text);
  return path;
}

describe("a callee directory", () => {
  it("finds a callee of the library by the last two digits", () => {
    const find = directoryByLastDigits();
    expect(find("+12025550107")?.title).toBe("busy line");
    expect(find("+12025550199")?.title).toBe("person, presses 1");
  });

  it("names callees of the library and scripts of the file by number, with * for everybody else", () => {
    const find = readCalleeDirectory(
      fileWith(`
numbers: { "+1": busy, "+2": slow, "*": fax }
scripts:
  slow:
    title: slow person
    attempts: [[{ do: ring, forMs: 8000 }, { do: answer }, { do: play, sound: { kind: speech, text: Hello } }]]
`),
    );
    expect(find("+1")?.title).toBe("busy line");
    expect(find("+2")?.attempts[0]?.[0]).toEqual({ do: "ring", forMs: 8000 });
    expect(find("+3")?.title).toBe("fax machine");
  });

  it("refuses an unknown callee and lists the library", () => {
    expect(() => readCalleeDirectory(fileWith('numbers: { "+1": bussy }'))).toThrow(
      /numbers\.\+1: there is no callee "bussy"[\s\S]*busy-then-person/,
    );
  });

  it("names the place of a step that is none", () => {
    const text = `
numbers: { "+1": mine }
scripts: { mine: { title: x, attempts: [[{ do: ring }]] } }
`;
    expect(() => readCalleeDirectory(fileWith(text))).toThrow(/scripts\.mine\.attempts\.0\.0/);
  });

  it("says which file cannot be read", () => {
    expect(() => readCalleeDirectory(join(folder, "none.yaml"))).toThrow(/none\.yaml cannot be read/);
  });
});
