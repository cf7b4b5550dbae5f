import { describe, expect, it } from "vitest";
import { EngineError, parseDialString } from "../../../engine/index.ts";

describe("accepted forms", () => {
  it.each([
    ["6175551234", { number: "6175551234" }],
    ["19998886666", { number: "19998886666" }],
    ["tel:12223456547", { number: "12223456547" }],
    ["tel:+16175551234", { number: "+16175551234" }],
    ["TEL:+16175551234", { number: "+16175551234" }],
    ["+1234567890;ani=8001234567", { number: "+1234567890", ani: "8001234567" }],
    ["tel:16175551234;ani=2125551234", { number: "16175551234", ani: "2125551234" }],
    ["tel:16175551234;ani=+12125551234", { number: "16175551234", ani: "+12125551234" }],
    ["tel:+16177123000;postd=1234", { number: "+16177123000", postDigits: "1234" }],
    ["tel:+16177123000;postd=p1234", { number: "+16177123000", postDigits: "p1234" }],
    ["tel:16175551234;postd=Pp1#a*D", { number: "16175551234", postDigits: "pp1#A*D" }],
    ["tel:16175551234;ani=2125551234;postd=2", { number: "16175551234", ani: "2125551234", postDigits: "2" }],
    ["tel:16175551234;postd=2;ani=2125551234", { number: "16175551234", ani: "2125551234", postDigits: "2" }],
    ["tel:+12223334444; ani=7778889999", { number: "+12223334444", ani: "7778889999" }],
    ["+1 (617) 555-1234", { number: "+16175551234" }],
    ["617.555.1234", { number: "6175551234" }],
    ["  6175551234  ", { number: "6175551234" }],
    ["911", { number: "911" }],
    ["123456789012345", { number: "123456789012345" }],
  ])("%s", (text, expected) => {
    expect(parseDialString(text)).toEqual({ ...expected, original: text.trim() });
  });
});

describe("refused forms name the part and the place", () => {
  it.each([
    ["", "", 0, "empty"],
    ["   ", "", 0, "empty"],
    ["12", "number", 0, "2 digits"],
    ["1234567890123456", "number", 0, "16 digits"],
    ["tel:", "number", 4, "0 digits"],
    ["617555O123", "number", 6, '"O"'],
    ["++16175551234", "number", 1, '"+"'],
    ["1617+5551234", "number", 4, '"+"'],
    ["sip:alice@example.com", "number", 0, '"s"'],
    ["６１７５５５", "number", 0, '"６"'],
    ["6175551234;ani=", "ani", 11, "0 digits"],
    ["6175551234;ani=abc", "ani", 11, '"a"'],
    ["6175551234;ani=2125551234;ani=2125551234", "ani", 26, "twice"],
    ["6175551234;postd=", "postd", 11, "keys 0-9"],
    ["6175551234;postd=12w3", "postd", 11, "keys 0-9"],
    ["6175551234;postd=1;postd=2", "postd", 19, "twice"],
    ["6175551234;isub=5", "isub", 11, '"isub"'],
    ["6175551234;", "", 11, "empty parameter"],
    [`6175551234;postd=${"1".repeat(65)}`, "postd", 11, "65 keys"],
    [`6175551234;postd=${"1".repeat(128)}`, "number", 0, "128"],
  ])("%j", (text, part, position, words) => {
    const error = thrownBy(() => parseDialString(text));
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: "ENGINE_DIAL_STRING_INVALID" });
    expect(error.message).toContain(words);
    expect(error.details.part).toBe(part);
    expect(error.message).toMatch(/character \d+/);
    expect(error.details.position).toBe(position);
  });
});

function thrownBy(fn: () => unknown): EngineError {
  try {
    fn();
  } catch (error) {
    return error as EngineError;
  }
  throw new Error("nothing was thrown");
}
