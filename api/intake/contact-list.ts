/**
 * Reads an uploaded list in either documented form: lines `phone_number[,message_reference[,call_parameters]]` without
 * a header, or a header row that starts with `destination`, whose further columns become variables of the call.
 *
 * The list is parsed in pieces with turns of the event loop between them: signalling shares this thread.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Parser, parse } from "csv-parse";
import type { UploadRow } from "../store/store.ts";
import { MAX_PARAMETERS_CHARS, MAX_ROW_REFERENCE_CHARS, readDestination, readText } from "./call-fields.ts";
import type { ProblemList } from "./field-problem.ts";

// LIMIT: about 1,500 rows, some milliseconds of work between turns.
const PIECE_BYTES = 65_536;
// LIMIT: one row with all its columns.
const MAX_ROW_BYTES = 65_536;
// LIMIT: columns become variables of every call; more is a mistaken file.
const MAX_COLUMNS = 64;
const MAX_VARIABLE_NAME_CHARS = 64;
const MAX_VARIABLE_CHARS = 1_024;

/** Columns that are fields of the call rather than variables. */
const FIELD_COLUMNS = new Set(["message_reference", "call_parameters"]);
/** Names that the start URL is told in any case; a variable of that name would contradict them. */
const RESERVED = new Set(["phone_number", "call_id", "campaign_parameters", "destination"]);

/** The problems' field for what concerns the file itself. */
const FILE_FIELD = "phone_number_list";

/**
 * Every row, in order. After the first problem rows are still checked but no longer kept: the upload is refused as a
 * whole.
 */
export async function readContactList(
  file: Uint8Array,
  maxRows: number,
  problems: ProblemList,
): Promise<readonly UploadRow[]> {
  const reader = new RowReader(maxRows, problems);
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    trim: true,
    max_record_size: MAX_ROW_BYTES,
  });
  // The calls below are told of each error; without a listener the same one would end the process.
  parser.on("error", () => undefined);
  parser.on("data", ({ record, info }: { record: string[]; info: { lines: number } }) => {
    reader.read(record, info.lines);
  });
  try {
    if (!isUtf8(file)) throw new Error("is not UTF-8 text");
    for (let start = 0; start < file.byteLength && !reader.isFull; start += PIECE_BYTES) {
      await write(parser, file.subarray(start, start + PIECE_BYTES));
      await nextTurn();
    }
    await end(parser);
  } catch (error) {
    const line = (error as { lines?: unknown }).lines;
    problems.add(FILE_FIELD, csvMessage(error), typeof line === "number" ? line : undefined);
  }
  parser.destroy();
  if (reader.count === 0 && problems.isEmpty) problems.add(FILE_FIELD, "has no rows");
  return reader.rows;
}

/** Turns records into rows, having learned from the first whether there is a header. */
class RowReader {
  readonly rows: UploadRow[] = [];
  count = 0;
  isFull = false;
  readonly #maxRows: number;
  readonly #problems: ProblemList;
  #header: readonly string[] | undefined;
  #isFirst = true;

  constructor(maxRows: number, problems: ProblemList) {
    this.#maxRows = maxRows;
    this.#problems = problems;
  }

  read(record: readonly string[], line: number): void {
    if (this.isFull) return;
    if (this.#isFirst) {
      this.#isFirst = false;
      if (record[0]?.toLowerCase() === "destination") {
        this.#header = this.#readHeader(record, line);
        return;
      }
    }
    if (this.count >= this.#maxRows) {
      this.isFull = true;
      this.#problems.add(FILE_FIELD, `has more than ${this.#maxRows} rows; split it`, line);
      return;
    }
    this.count++;
    const row = this.#header ? this.#readNamed(this.#header, record, line) : this.#readPlain(record, line);
    if (row && this.#problems.isEmpty) this.rows.push(row);
  }

  #readHeader(record: readonly string[], line: number): readonly string[] {
    if (record.length > MAX_COLUMNS) {
      this.#problems.add(
        FILE_FIELD,
        `has ${record.length} columns; at most ${MAX_COLUMNS} are allowed`,
        line,
      );
    }
    const seen = new Set<string>(["destination"]);
    for (const [index, name] of record.entries()) {
      if (index === 0) continue;
      if (name === "") this.#problems.add(FILE_FIELD, `has no name for column ${index + 1}`, line);
      else if (name.length > MAX_VARIABLE_NAME_CHARS) {
        this.#problems.add(
          FILE_FIELD,
          `names column ${index + 1} with more than ${MAX_VARIABLE_NAME_CHARS} characters`,
          line,
        );
      } else if (seen.has(name)) this.#problems.add(name, "names two columns", line);
      else if (RESERVED.has(name.toLowerCase())) {
        this.#problems.add(name, "is told to the start URL by the engine; choose another column name", line);
      }
      seen.add(name);
    }
    return record;
  }

  #readPlain(record: readonly string[], line: number): UploadRow | undefined {
    const [number, messageReference = "", callParameters = ""] = record;
    if (record.length > 3) {
      this.#problems.add(
        FILE_FIELD,
        `has ${record.length} columns; write phone_number,message_reference,call_parameters, ` +
          "or begin the file with a header row whose first column is destination",
        line,
      );
      return undefined;
    }
    const destination = readDestination(number, "phone_number", this.#problems, line);
    return this.#row(
      destination,
      { message_reference: messageReference, call_parameters: callParameters },
      {},
      line,
    );
  }

  #readNamed(header: readonly string[], record: readonly string[], line: number): UploadRow | undefined {
    if (record.length > header.length) {
      const message = `has ${record.length} columns; the header has ${header.length}`;
      this.#problems.add(FILE_FIELD, message, line);
      return undefined;
    }
    const destination = readDestination(record[0], "destination", this.#problems, line);
    const fields: Record<string, string> = {};
    const variables: Record<string, string> = {};
    for (let index = 1; index < header.length; index++) {
      const name = header[index] ?? "";
      const value = record[index] ?? "";
      if (FIELD_COLUMNS.has(name)) fields[name] = value;
      else if (value.length > MAX_VARIABLE_CHARS) {
        const message = `has ${value.length} characters; at most ${MAX_VARIABLE_CHARS} are allowed`;
        this.#problems.add(name, message, line);
      } else setOwn(variables, name, value);
    }
    return this.#row(destination, fields, variables, line);
  }

  #row(
    destination: UploadRow["destination"] | undefined,
    fields: Readonly<Record<string, string>>,
    variables: UploadRow["variables"],
    line: number,
  ): UploadRow | undefined {
    const problems = this.#problems;
    const messageReference = readText(fields, "message_reference", MAX_ROW_REFERENCE_CHARS, problems, line);
    const callParameters = readText(fields, "call_parameters", MAX_PARAMETERS_CHARS, problems, line);
    if (!destination) return undefined;
    return {
      destination,
      ...(messageReference === undefined ? {} : { messageReference }),
      ...(callParameters === undefined ? {} : { callParameters }),
      variables,
    };
  }
}

/** A column may be called `__proto__`: it stays a column. */
function setOwn(target: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function isUtf8(file: Uint8Array): boolean {
  // A mark at the beginning says UTF-16, which the parser reads too.
  if ((file[0] === 0xff && file[1] === 0xfe) || (file[0] === 0xfe && file[1] === 0xff)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(file);
    return true;
  } catch {
    return false;
  }
}

function write(parser: Parser, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

function end(parser: Parser): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.once("error", reject);
    parser.once("end", resolve);
    parser.end();
  });
}

function csvMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown }).code;
  if (code === "CSV_MAX_RECORD_SIZE")
    return `has a row of more than ${MAX_ROW_BYTES} bytes; is a quote not closed?`;
  return typeof code === "string" ? `is no CSV: ${text}` : text;
}
