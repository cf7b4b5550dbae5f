/**
 * Where attributes and text stand in a document's source, exactly: the tree of nodes knows only where elements
 * begin. Character references and CDATA sections are resolved, and every resolved character knows its place. For
 * documents that are well-formed.
 */
import type { Position, XmlElement } from "../model/xml-tree.ts";

/** Text as a reader sees it; `offsets[i]` is where character i stands in the source, one more for the end. */
export interface PlacedText {
  readonly text: string;
  readonly offsets: readonly number[];
}

interface StartTag {
  /** Offset of each attribute's name and value, by name as written. */
  readonly attributes: ReadonlyMap<string, { readonly name: number; readonly value: PlacedText }>;
  /** Offset behind the closing bracket. */
  readonly end: number;
  readonly isEmpty: boolean;
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export class SourceText {
  readonly text: string;
  readonly #lineStarts: readonly number[];
  readonly #tags = new Map<XmlElement, StartTag | undefined>();

  constructor(text: string) {
    this.text = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    this.#lineStarts = [0, ...[...this.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  positionAt(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  offsetOf({ line, column }: Position): number {
    return (this.#lineStarts[line - 1] ?? 0) + column - 1;
  }

  /** An attribute's value; undefined when the element does not have it. */
  attribute(element: XmlElement, name: string): PlacedText | undefined {
    return this.#tag(element)?.attributes.get(name)?.value;
  }

  /** Where the name of an attribute of the element that begins at a place stands, and its value. */
  attributeAt(
    element: Position,
    name: string,
  ): { readonly name: number; readonly value: PlacedText } | undefined {
    return this.#readTag(this.offsetOf(element))?.attributes.get(name);
  }

  /** The text inside an element without elements; undefined when there are some. */
  content(element: XmlElement): PlacedText | undefined {
    const tag = this.#tag(element);
    if (!tag) return undefined;
    const content = new TextPlacer(this.text);
    if (tag.isEmpty) return content.placed(tag.end);
    for (let at = tag.end; ; ) {
      const next = this.text.indexOf("<", at);
      if (next < 0) return undefined;
      content.addReferences(at, next, false);
      if (this.text.startsWith("</", next)) return content.placed(next);
      if (this.text.startsWith("<![CDATA[", next)) {
        const end = this.text.indexOf("]]>", next);
        content.addPlain(next + 9, end, false);
        at = end + 3;
      } else if (this.text.startsWith("<!--", next)) at = this.text.indexOf("-->", next + 4) + 3;
      else if (this.text.startsWith("<?", next)) at = this.text.indexOf("?>", next) + 2;
      else return undefined;
    }
  }

  #tag(element: XmlElement): StartTag | undefined {
    if (!this.#tags.has(element)) this.#tags.set(element, this.#readTag(this.offsetOf(element)));
    return this.#tags.get(element);
  }

  #readTag(start: number): StartTag | undefined {
    const attributes = new Map<string, { name: number; value: PlacedText }>();
    const name = /<[^\s/>]+/y;
    const attribute = /\s+([^\s=/>]+)\s*=\s*(["'])/y;
    const end = /\s*(\/?)>/y;
    name.lastIndex = start;
    if (!name.test(this.text)) return undefined;
    for (let at = name.lastIndex; ; ) {
      end.lastIndex = at;
      const close = end.exec(this.text);
      if (close) return { attributes, end: end.lastIndex, isEmpty: close[1] === "/" };
      attribute.lastIndex = at;
      const match = attribute.exec(this.text);
      if (!match) return undefined;
      const valueStart = attribute.lastIndex;
      const valueEnd = this.text.indexOf(match[2] ?? '"', valueStart);
      const value = new TextPlacer(this.text);
      value.addReferences(valueStart, valueEnd, true);
      attributes.set(match[1] ?? "", {
        name: at + match[0].search(/\S/),
        value: value.placed(valueEnd),
      });
      at = valueEnd + 1;
    }
  }
}

/** Puts resolved text together. */
class TextPlacer {
  readonly #source: string;
  readonly #offsets: number[] = [];
  #text = "";

  constructor(source: string) {
    this.#source = source;
  }

  placed(end: number): PlacedText {
    return { text: this.#text, offsets: [...this.#offsets, end] };
  }

  /** Text in which references are resolved; in attributes white space becomes spaces (XML 1.0 §3.3.3). */
  addReferences(start: number, end: number, isAttribute: boolean): void {
    let at = start;
    for (const match of this.#source.slice(start, end).matchAll(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g)) {
      const place = start + match.index;
      this.addPlain(at, place, isAttribute);
      const [reference, decimal, hexadecimal, name] = match;
      const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
      this.#add(name === undefined ? String.fromCodePoint(code) : (NAMED[name] ?? reference), place);
      at = place + reference.length;
    }
    this.addPlain(at, end, isAttribute);
  }

  addPlain(start: number, end: number, isAttribute: boolean): void {
    for (let at = start; at < end; at++) {
      const character = this.#source[at] ?? "";
      if (character === "\r" && this.#source[at + 1] === "\n") continue;
      const plain = character === "\r" ? "\n" : character;
      this.#add(isAttribute && /[\n\t]/.test(plain) ? " " : plain, at);
    }
  }

  #add(characters: string, offset: number): void {
    for (let index = 0; index < characters.length; index++) this.#offsets.push(offset);
    this.#text += characters;
  }
}
