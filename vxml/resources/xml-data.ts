/** XML of any kind to the rows of `scopes/data-dom.ts`: what `<data>` fetches (VoiceXML 2.1 §5). */
import { SaxesParser } from "saxes";
import { MAX_DATA_CHARACTERS, MAX_DATA_NODES, MAX_ELEMENT_DEPTH } from "../limits.ts";

/** A node as the sandbox reads it. */
export type DataRow =
  | string
  | ElementRow
  | readonly [4, text: string]
  | readonly [7, target: string, text: string]
  | readonly [8, text: string]
  | readonly [9, children: DataRow[]];

type ElementRow = [
  1,
  name: string,
  namespace: string,
  attributes: readonly AttributeRow[] | 0,
  children: DataRow[] | 0,
];
type AttributeRow = readonly [name: string, value: string, namespace: string];

export type DataReading =
  | { readonly ok: true; readonly rows: DataRow }
  | { readonly ok: false; readonly reason: string };

class Unreadable extends Error {}

/** Reads a whole document; never throws on bad input. No DTD is read, no entity beside XML's own is known. */
export function readXmlData(text: string): DataReading {
  if (text.length > MAX_DATA_CHARACTERS)
    return { ok: false, reason: `the data is longer than ${MAX_DATA_CHARACTERS} characters` };
  try {
    return { ok: true, rows: [9, readRows(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)] };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, reason: error.message };
    throw error;
  }
}

function readRows(text: string): DataRow[] {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const top: DataRow[] = [];
  const open: DataRow[][] = [top];
  /** The elements that are open; a list is left out where it stays empty, for the sandbox's sake. */
  const elements: ElementRow[] = [];
  let count = 0;
  const add = (row: DataRow): void => {
    if (++count > MAX_DATA_NODES) throw new Unreadable(`the data has more than ${MAX_DATA_NODES} nodes`);
    open[open.length - 1]?.push(row);
  };
  parser.on("error", (error) => {
    throw new Unreadable(`the data is not well-formed: ${error.message}`);
  });
  parser.on("opentag", (tag) => {
    if (open.length > MAX_ELEMENT_DEPTH)
      throw new Unreadable(`elements of the data are nested deeper than ${MAX_ELEMENT_DEPTH}`);
    const attributes = Object.values(tag.attributes).map(
      ({ name, value, uri }): AttributeRow => [name, value, uri],
    );
    const children: DataRow[] = [];
    const element: ElementRow = [1, tag.name, tag.uri, attributes.length > 0 ? attributes : 0, children];
    add(element);
    open.push(children);
    elements.push(element);
  });
  parser.on("closetag", () => {
    open.pop();
    const element = elements.pop();
    if (element && element[4] !== 0 && element[4].length === 0) element[4] = 0;
  });
  parser.on("text", (content) => {
    // White space around the root element is no node.
    if (open.length > 1 && content !== "") add(content);
  });
  parser.on("cdata", (content) => add([4, content]));
  parser.on("comment", (content) => add([8, content]));
  parser.on("processinginstruction", ({ target, body }) => add([7, target, body]));
  parser.write(text).close();
  return top;
}
