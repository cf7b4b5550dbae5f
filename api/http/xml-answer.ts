/** XML answers in the shape of the outbound interface: outcome as attributes, submitted fields as elements. */
import { XMLBuilder } from "fast-xml-parser";

/** An element: attributes begin with `@`, text is `#text`, a list repeats its element. */
export type XmlElement = { readonly [name: string]: XmlContent };
type XmlContent = string | number | XmlElement | readonly XmlElement[];

/** Media type of every XML answer. */
export const XML_TYPE = "text/xml; charset=utf-8";

const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const builder = new XMLBuilder({
  attributeNamePrefix: "@",
  ignoreAttributes: false,
  format: true,
  indentBy: "  ",
  suppressEmptyNode: true,
  processEntities: true,
});

/** A whole document. */
export function xmlDocument(root: string, content: XmlElement): string {
  return XML_DECLARATION + builder.build({ [root]: legal(content) });
}

/**
 * A document whose last children are many: the head first, then the children piece by piece, so that a long list is
 * neither built at once nor keeps others waiting.
 *
 * @param nextTurn awaited between pieces
 */
export async function* xmlDocumentInPieces(
  root: string,
  head: XmlElement,
  child: string,
  pieces: Iterable<readonly XmlElement[]>,
  nextTurn: () => Promise<unknown>,
): AsyncGenerator<string> {
  // A first child marks where the others go, so that the head is written by the same builder.
  const shell = xmlDocument(root, { ...head, [child]: "" });
  const cut = shell.lastIndexOf(`<${child}`);
  yield shell.slice(0, cut).trimEnd();
  for (const piece of pieces) {
    const children = builder.build({ [child]: legal(piece) }) as string;
    yield `\n${children.trimEnd().replaceAll(/^/gm, "  ")}`;
    await nextTurn();
  }
  yield `\n</${root}>\n`;
}

/** XML 1.0 §2.2: most control characters cannot be written at all, not even as references. */
function legal(content: XmlContent): XmlContent {
  if (typeof content === "string") {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters XML excludes
    return content.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
  }
  if (typeof content === "number") return content;
  if (Array.isArray(content)) return content.map((item) => legal(item) as XmlElement);
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, legal(value)]));
}
