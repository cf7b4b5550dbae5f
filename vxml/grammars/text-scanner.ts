/** Reads the text of a grammar character by character, knowing where it is; for the forms that are not XML. */
import type { Position } from "../model/xml-tree.ts";

/** Ends the reading of a text at its first syntax fault: what follows cannot be trusted. */
export class TextFault extends Error {
  readonly position: Position;

  constructor(message: string, position: Position) {
    super(message);
    this.position = position;
  }
}

/** LIMIT: nesting of groups; deeper ones are mistakes, and the readers call themselves for each. */
export const MAX_GROUP_DEPTH = 100;

export class TextScanner {
  readonly text: string;
  readonly #start: Position;
  #at = 0;
  #lineAt = 0;
  #line = 0;

  /** `start` is where the text stands in its document. */
  constructor(text: string, start: Position = { line: 1, column: 1 }) {
    this.text = text;
    this.#start = start;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.text.length;
  }

  /** The character that comes next; empty at the end. */
  get next(): string {
    return this.text[this.#at] ?? "";
  }

  get position(): Position {
    for (let next = this.text.indexOf("\n", this.#lineAt); next >= 0 && next < this.#at; ) {
      this.#lineAt = next + 1;
      this.#line++;
      next = this.text.indexOf("\n", this.#lineAt);
    }
    const column = this.#at - this.#lineAt + 1;
    const { line, column: firstColumn } = this.#start;
    return { line: line + this.#line, column: this.#line === 0 ? column + firstColumn - 1 : column };
  }

  /** Takes what a sticky pattern matches here; undefined, and unmoved, when it does not. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.#at += match[0].length;
    return match;
  }

  /** Takes exactly this text. */
  take(text: string): boolean {
    if (!this.text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  sees(text: string): boolean {
    return this.text.startsWith(text, this.#at);
  }

  /** Whether a sticky pattern matches here. */
  peek(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.text);
  }

  /** Skips white space and comments of C's and Java's kinds. */
  skip(): void {
    this.match(/(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y);
    if (this.sees("/*")) this.fail("the comment is not closed");
  }

  /** Throws a `TextFault` that names what stands here. */
  failExpecting(expected: string): never {
    const found = /^(?:[\p{L}\p{Nd}_-]+|[\s\S])/u.exec(this.text.slice(this.#at, this.#at + 40))?.[0];
    this.fail(
      `${found === undefined ? "the end" : JSON.stringify(found)} stands where ${expected} is expected`,
    );
  }

  fail(message: string): never {
    throw new TextFault(message, this.position);
  }
}
