/** Which charset a fetched text is in, and what is refused. */
import { describe, expect, it } from "vitest";
import { decodeText } from "../../../api/fetching/text-decoding.ts";

function bytes(text: string, ...charset: ("utf16le" | "latin1" | "utf8")[]): Buffer {
  return Buffer.from(text, charset[0] ?? "utf8");
}

describe("decoding", () => {
  it.each([
    ["UTF-8 without a word", bytes("é"), "é"],
    ["UTF-16 by its mark", bytes("\ufeffé", "utf16le"), "é"],
    ["UTF-16 in the other order", bytes("\ufeff<é/>", "utf16le").swap16(), "<é/>"],
    ["UTF-16 XML without a mark", bytes("<é/>", "utf16le"), "<é/>"],
    ["the XML declaration", bytes('<?xml version="1.0" encoding="ISO-8859-1"?><é/>', "latin1"), "é"],
    // SRGS 1.0 §4.2, §4.4
    ["an ABNF header", bytes("#ABNF 1.0 ISO-8859-1;\n$a = é;", "latin1"), "é"],
    ["UTF-16 ABNF without a mark", bytes("#ABNF 1.0;\n$a = é;", "utf16le"), "é"],
    ["a JSGF header", bytes("#JSGF V1.0 ISO-8859-1 fr;\n<a> = é;", "latin1"), "é"],
  ])("knows %s", (_, content, expected) => {
    const decoded = decodeText(content, undefined);
    expect(decoded.ok && decoded.text).toContain(expected);
  });

  it("refuses bytes the charset does not know, and charsets nobody knows", () => {
    expect(decodeText(bytes("é", "latin1"), undefined).ok).toBe(false);
    expect(decodeText(bytes("e"), "utf-99").ok).toBe(false);
  });
});
