/**
 * Rewrites a WebAssembly binary so that every loop burns fuel and its memory is bounded. After each `loop`
 * instruction comes `fuel = fuel - 1; if (fuel < 0) unreachable`, on one new exported global `fuel`; the imported
 * memory gets a minimum and a maximum. Native loops of a script engine, which its own interrupt handler never
 * sees, end in a trap that way. Costs 1 to 13 % of speed; runs once per thread, in about 60 ms.
 */
import { VxmlError } from "../errors.ts";

export interface FuelInjectionOptions {
  /** Pages of 64 KB. */
  readonly initialPages: number;
  readonly maximumPages: number;
}

/** Section numbers of the binary format. */
const SECTION = { import: 2, global: 6, export: 7, code: 10 } as const;
/** The kinds of things imported. */
const IMPORT = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** Returns the rewritten binary. Throws `VxmlError` on a file that is not of the supported format. */
export function injectFuel(binary: Uint8Array, options: FuelInjectionOptions): Uint8Array<ArrayBuffer> {
  if (String.fromCharCode(...binary.subarray(0, 4)) !== "\0asm") fail("it is not a WebAssembly binary");
  const sections = readSections(binary);
  const globalIndex = countGlobals(sections);
  const parts: Uint8Array[] = [binary.subarray(0, 8)];
  for (const section of sections) {
    const body = rewriteSection(section, globalIndex, options);
    parts.push(Uint8Array.of(section.id, ...unsigned(body.length)), body);
  }
  return concatenate(parts);
}

interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

function readSections(binary: Uint8Array): Section[] {
  const reader = new BinaryReader(binary, 8);
  const sections: Section[] = [];
  while (!reader.atEnd) {
    const id = reader.byte();
    sections.push({ id, body: reader.bytes(reader.number()) });
  }
  return sections;
}

function countGlobals(sections: readonly Section[]): number {
  let globals = 0;
  for (const section of sections) {
    const reader = new BinaryReader(section.body);
    if (section.id === SECTION.global) globals += reader.number();
    if (section.id === SECTION.import) {
      const count = reader.number();
      for (let index = 0; index < count; index++) if (skipImport(reader).kind === IMPORT.global) globals++;
    }
  }
  return globals;
}

function skipImport(reader: BinaryReader): { kind: number; descriptorAt: number } {
  reader.bytes(reader.number());
  reader.bytes(reader.number());
  const descriptorAt = reader.position;
  const kind = reader.byte();
  switch (kind) {
    case IMPORT.function:
      reader.number();
      break;
    case IMPORT.table:
      reader.byte();
      skipLimits(reader);
      break;
    case IMPORT.memory:
      skipLimits(reader);
      break;
    case IMPORT.global:
      reader.bytes(2);
      break;
    case IMPORT.tag:
      reader.byte();
      reader.number();
      break;
    default:
      fail(`it imports something of unknown kind ${kind}`);
  }
  return { kind, descriptorAt };
}

function skipLimits(reader: BinaryReader): void {
  const flags = reader.byte();
  reader.number();
  if (flags & 1) reader.number();
}

function rewriteSection(section: Section, globalIndex: number, options: FuelInjectionOptions): Uint8Array {
  const reader = new BinaryReader(section.body);
  switch (section.id) {
    case SECTION.import: {
      const count = reader.number();
      const parts: Uint8Array[] = [Uint8Array.from(unsigned(count))];
      for (let index = 0; index < count; index++) {
        const start = reader.position;
        const { kind, descriptorAt } = skipImport(reader);
        if (kind === IMPORT.memory)
          parts.push(
            section.body.subarray(start, descriptorAt),
            Uint8Array.of(
              IMPORT.memory,
              1,
              ...unsigned(options.initialPages),
              ...unsigned(options.maximumPages),
            ),
          );
        else parts.push(section.body.subarray(start, reader.position));
      }
      return concatenate(parts);
    }
    case SECTION.global: {
      const count = reader.number();
      // A mutable i32 that starts at the greatest value: instantiation itself must not run dry.
      const fuel = Uint8Array.of(0x7f, 1, 0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x0b);
      return concatenate([Uint8Array.from(unsigned(count + 1)), reader.rest(), fuel]);
    }
    case SECTION.export: {
      const count = reader.number();
      const name = [...new TextEncoder().encode("fuel")];
      const fuel = Uint8Array.of(name.length, ...name, IMPORT.global, ...unsigned(globalIndex));
      return concatenate([Uint8Array.from(unsigned(count + 1)), reader.rest(), fuel]);
    }
    case SECTION.code: {
      const count = reader.number();
      const parts: Uint8Array[] = [Uint8Array.from(unsigned(count))];
      for (let index = 0; index < count; index++) {
        const body = rewriteFunction(reader.bytes(reader.number()), globalIndex);
        parts.push(Uint8Array.from(unsigned(body.length)), body);
      }
      return concatenate(parts);
    }
    default:
      return section.body;
  }
}

/** Inserts the fuel check after each `loop` of one function body. */
function rewriteFunction(body: Uint8Array, globalIndex: number): Uint8Array {
  const index = unsigned(globalIndex);
  const check = Uint8Array.of(
    ...[0x23, ...index, 0x41, 1, 0x6b, 0x24, ...index], // fuel = fuel - 1
    ...[0x23, ...index, 0x41, 0, 0x48, 0x04, 0x40, 0x00, 0x0b], // if (fuel < 0) unreachable
  );
  const reader = new BinaryReader(body);
  const localGroups = reader.number();
  for (let group = 0; group < localGroups; group++) {
    reader.number();
    reader.byte();
  }
  const parts: Uint8Array[] = [];
  let copiedTo = 0;
  while (!reader.atEnd) {
    const opcode = reader.byte();
    skipImmediates(reader, opcode);
    if (opcode === 0x03) {
      parts.push(body.subarray(copiedTo, reader.position), check);
      copiedTo = reader.position;
    }
  }
  parts.push(body.subarray(copiedTo));
  return concatenate(parts);
}

/** Moves past what follows an opcode; WebAssembly core specification, binary format of instructions. */
function skipImmediates(reader: BinaryReader, opcode: number): void {
  // Blocks: a type in one byte, or the index of a function type.
  if (opcode === 0x02 || opcode === 0x03 || opcode === 0x04) {
    if ((reader.peek() & 0xc0) === 0x40) reader.byte();
    else reader.number();
  } else if ([0x0c, 0x0d, 0x10, 0x12, 0xd0, 0xd2].includes(opcode) || (opcode >= 0x20 && opcode <= 0x26))
    reader.number();
  else if (opcode === 0x0e) for (let left = reader.number(); left >= 0; left--) reader.number();
  else if (opcode === 0x11 || opcode === 0x13 || (opcode >= 0x28 && opcode <= 0x3e)) {
    reader.number();
    reader.number();
  } else if (opcode === 0x1c) reader.bytes(reader.number());
  else if (opcode === 0x3f || opcode === 0x40) reader.byte();
  else if (opcode === 0x41 || opcode === 0x42) while (reader.byte() & 0x80);
  else if (opcode === 0x43) reader.bytes(4);
  else if (opcode === 0x44) reader.bytes(8);
  else if (opcode === 0xfc) skipBulkImmediates(reader);
  else if (!hasNoImmediates(opcode)) fail(`it uses the unknown instruction 0x${opcode.toString(16)}`);
}

function hasNoImmediates(opcode: number): boolean {
  return (
    [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].includes(opcode) || (opcode >= 0x45 && opcode <= 0xc4)
  );
}

function skipBulkImmediates(reader: BinaryReader): void {
  const operation = reader.number();
  if (operation <= 7) return;
  if (operation === 8) {
    reader.number();
    reader.byte();
  } else if (operation === 9) reader.number();
  else if (operation === 10) reader.bytes(2);
  else if (operation === 11) reader.byte();
  else fail(`it uses the unknown bulk operation ${operation}`);
}

/** Reads bytes and LEB128 numbers in order. */
class BinaryReader {
  readonly #data: Uint8Array;
  position: number;

  constructor(data: Uint8Array, position = 0) {
    this.#data = data;
    this.position = position;
  }

  get atEnd(): boolean {
    return this.position >= this.#data.length;
  }

  peek(): number {
    return this.#data[this.position] ?? fail("it ends in the middle");
  }

  byte(): number {
    return this.#data[this.position++] ?? fail("it ends in the middle");
  }

  bytes(count: number): Uint8Array {
    this.position += count;
    if (this.position > this.#data.length) fail("it ends in the middle");
    return this.#data.subarray(this.position - count, this.position);
  }

  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if ((next & 0x80) === 0) return value;
      scale *= 128;
    }
  }

  rest(): Uint8Array {
    return this.#data.subarray(this.position);
  }
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low | 0x80 : low);
  } while (left > 0);
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function fail(why: string): never {
  throw new VxmlError(
    "VXML_SANDBOX_UNSUITABLE",
    `the script engine's WebAssembly file is unsuitable: ${why}`,
  );
}
