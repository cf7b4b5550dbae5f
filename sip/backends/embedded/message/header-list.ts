/** The header fields of a message: order, spelling and unknown fields kept, found by name. */
import { headerKey } from "./header-names.ts";
import { splitList } from "./list-values.ts";

/** One header field line, unfolded. */
export interface HeaderField {
  /** As written. */
  readonly name: string;
  /** Lower case, long form. */
  readonly key: string;
  value: string;
}

export class HeaderList {
  readonly fields: HeaderField[];

  constructor(fields: HeaderField[] = []) {
    this.fields = fields;
  }

  /** First value line of a header field, `undefined` when absent. */
  get(name: string): string | undefined {
    const key = headerKey(name);
    for (const field of this.fields) if (field.key === key) return field.value;
    return undefined;
  }

  /** Every line of a header field, in order, lists not split. */
  lines(name: string): string[] {
    const key = headerKey(name);
    const found: string[] = [];
    for (const field of this.fields) if (field.key === key) found.push(field.value);
    return found;
  }

  /** Every element of a header field that is a comma-separated list (RFC 3261 §7.3.1). */
  elements(name: string): string[] {
    const key = headerKey(name);
    const found: string[] = [];
    for (const field of this.fields) if (field.key === key) found.push(...splitList(field.value));
    return found;
  }

  /** Adds a line at the end. */
  append(name: string, value: string): this {
    this.fields.push({ name, key: headerKey(name), value });
    return this;
  }

  /** Replaces the value of the first line of `name`; nothing happens when there is none. */
  replaceFirst(name: string, value: string): void {
    const key = headerKey(name);
    const field = this.fields.find((candidate) => candidate.key === key);
    if (field) field.value = value;
  }
}
