/** An XML document as plain nodes that remember where they stood. */

/** Line and column count from 1; the column is that of the opening bracket. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface XmlElement extends Position {
  readonly kind: "element";
  /** Local name; elements of foreign namespaces keep their prefix. */
  readonly name: string;
  readonly namespace: string;
  /** By qualified name as written: `xml:lang`, `src`. Namespace declarations are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
}

export interface XmlText extends Position {
  readonly kind: "text";
  readonly text: string;
}

export type XmlNode = XmlElement | XmlText;

/** All text inside an element, tags left out. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (child.kind === "text" ? child.text : textOf(child))).join("");
}

export function isElement(node: XmlNode): node is XmlElement {
  return node.kind === "element";
}
