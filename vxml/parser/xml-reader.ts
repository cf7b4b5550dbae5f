/**
 * XML text to nodes with line and column, strictly: what is not well-formed is refused with its position. Only
 * the five built-in entities and character references are known; a DOCTYPE is read over, nothing external is
 * ever loaded.
 */
import { SaxesParser } from "saxes";
import type { Diagnostic } from "../diagnostics.ts";
import { MAX_DOCUMENT_CHARACTERS, MAX_ELEMENT_DEPTH } from "../limits.ts";
import type { XmlElement, XmlNode } from "../model/xml-tree.ts";

export type XmlReading =
  | { readonly ok: true; readonly root: XmlElement }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** An element whose children are still being read. */
interface OpenElement {
  readonly element: XmlElement;
  readonly children: XmlNode[];
}

/** Stops reading at the first fault: what follows it cannot be trusted. */
class NotWellFormed extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

/** Reads a whole document. Never throws on bad input. */
export function readXml(text: string): XmlReading {
  if (text.length > MAX_DOCUMENT_CHARACTERS)
    return failed({
      code: "limit",
      message: `the document is longer than ${MAX_DOCUMENT_CHARACTERS} characters`,
      line: 1,
      column: 1,
    });
  try {
    return { ok: true, root: readRoot(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) };
  } catch (error) {
    if (error instanceof NotWellFormed) return failed(error.diagnostic);
    throw error;
  }
}

function failed(diagnostic: Diagnostic): XmlReading {
  return { ok: false, diagnostics: [diagnostic] };
}

function readRoot(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let start = { line: 1, column: 1 };
  /** Where the last tag ended, and so where text begins. */
  let textStart = start;
  const tagEnded = (): void => {
    textStart = { line: parser.line, column: parser.column + 1 };
  };

  parser.on("error", (error) => {
    // saxes puts "line:column: " in front of its messages.
    const message = error.message.replace(/^\d+:\d+:\s*/, "");
    throw new NotWellFormed({
      code: "xml",
      message: `the document is not well-formed: ${message}`,
      line: parser.line,
      column: parser.column + 1,
    });
  });
  parser.on("opentagstart", (tag) => {
    // Reported after the name and the character that ended it, which may be the end of the line.
    const bracket = text.lastIndexOf(`<${tag.name}`, parser.position - tag.name.length - 1);
    const line = text[bracket + tag.name.length + 1] === "\n" ? parser.line - 1 : parser.line;
    start = { line, column: bracket - text.lastIndexOf("\n", bracket) };
  });
  parser.on("opentag", (tag) => {
    if (open.length >= MAX_ELEMENT_DEPTH)
      throw new NotWellFormed({
        code: "limit",
        message: `elements are nested deeper than ${MAX_ELEMENT_DEPTH}`,
        ...start,
      });
    const attributes = new Map<string, string>();
    for (const attribute of Object.values(tag.attributes))
      if (attribute.prefix !== "xmlns" && attribute.name !== "xmlns")
        attributes.set(attribute.name, attribute.value);
    const children: XmlNode[] = [];
    const element: XmlElement = {
      kind: "element",
      name: tag.local,
      namespace: tag.uri,
      attributes,
      children,
      ...start,
    };
    open[open.length - 1]?.children.push(element);
    root ??= element;
    open.push({ element, children });
    tagEnded();
  });
  parser.on("closetag", () => {
    open.pop();
    tagEnded();
  });
  const addText = (content: string): void => {
    const children = open[open.length - 1]?.children;
    if (!children || content === "") return;
    const last = children[children.length - 1];
    if (last?.kind === "text") children[children.length - 1] = { ...last, text: last.text + content };
    else children.push({ kind: "text", text: content, ...textStart });
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.write(text).close();
  if (!root) throw new NotWellFormed({ code: "xml", message: "the document is empty", line: 1, column: 1 });
  return root;
}
