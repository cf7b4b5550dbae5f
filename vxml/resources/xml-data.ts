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
  /** Its place in the lists of `DataIndex`. */
  number: number,
];
type AttributeRow = readonly [name: string, value: string, namespace: string];

/**
 * All elements in document order, so that a search costs the sandbox what it finds and not what there is. An element
 * is its number; below it are the numbers up to its end.
 */
export interface DataIndex {
  /** The parent's number; -1: the document. */
  readonly parents: readonly number[];
  /** The place among the parent's children. */
  readonly places: readonly number[];
  /** The number after the last one below. */
  readonly ends: readonly number[];
  /** Numbers by qualified and by local name. */
  readonly names: Readonly<Record<string, readonly number[]>>;
  readonly locals: Readonly<Record<string, readonly number[]>>;
  readonly namespaces: readonly string[];
}

/** A document as it is handed to the sandbox. */
export interface DataTree {
  readonly document: DataRow;
  readonly index: DataIndex;
}

export type DataReading =
  | { readonly ok: true; readonly tree: DataTree }
  | { readonly ok: false; readonly reason: string };

class Unreadable extends Error {}

/** Reads a whole document; never throws on bad input. No DTD is read, no entity beside XML's own is known. */
export function readXmlData(text: string): DataReading {
  if (text.length > MAX_DATA_CHARACTERS)
    return { ok: false, reason: `the data is longer than ${MAX_DATA_CHARACTERS} characters` };
  try {
    return { ok: true, tree: readTree(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, reason: error.message };
    throw error;
  }
}

function readTree(text: string): DataTree {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const top: DataRow[] = [];
  const open: DataRow[][] = [top];
  /** The elements that are open; a list is left out where it stays empty, for the sandbox's sake. */
  const elements: ElementRow[] = [];
  const [parents, places, ends]: [number[], number[], number[]] = [[], [], []];
  const namespaces: string[] = [];
  const names = new Map<string, number[]>();
  const locals = new Map<string, number[]>();
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
    const number = parents.length;
    parents.push(elements[elements.length - 1]?.[5] ?? -1);
    places.push(open[open.length - 1]?.length ?? 0);
    ends.push(number + 1);
    namespaces.push(tag.uri);
    append(names, tag.name, number);
    append(locals, tag.local, number);
    const element: ElementRow = [
      1,
      tag.name,
      tag.uri,
      attributes.length > 0 ? attributes : 0,
      children,
      number,
    ];
    add(element);
    open.push(children);
    elements.push(element);
  });
  parser.on("closetag", () => {
    open.pop();
    const element = elements.pop();
    if (!element) return;
    if (element[4] !== 0 && element[4].length === 0) element[4] = 0;
    ends[element[5]] = parents.length;
  });
  parser.on("text", (content) => {
    // White space around the root element is no node.
    if (open.length > 1 && content !== "") add(content);
  });
  parser.on("cdata", (content) => add([4, content]));
  parser.on("comment", (content) => add([8, content]));
  parser.on("processinginstruction", ({ target, body }) => add([7, target, body]));
  parser.write(text).close();
  return {
    document: [9, top],
    index: {
      parents,
      places,
      ends,
      names: Object.fromEntries(names),
      locals: Object.fromEntries(locals),
      namespaces,
    },
  };
}

function append(lists: Map<string, number[]>, name: string, number: number): void {
  const list = lists.get(name);
  if (list) list.push(number);
  else lists.set(name, [number]);
}
