/** A form as it was posted, url-encoded or multipart, with its uploaded file. Bounded in every direction. */

import formbody from "@fastify/formbody";
import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "../errors.ts";

export interface Form {
  /** By name on the wire; of a repeated name the last, as PHP has it. */
  readonly fields: Readonly<Record<string, string>>;
  /** The first uploaded file, whatever its field is called. */
  readonly file?: Uint8Array;
}

// LIMIT: the documented fields are at most 255 characters, some 20 of them.
const MAX_FIELD_BYTES = 8_192;
const MAX_FIELDS = 100;
const MAX_FORM_BYTES = 65_536;

// LIMIT: uploads held in memory at once, before their sender is even known; further ones are told to come back.
const MAX_UPLOADS = 8;

/** Reads the forms of one server. */
export class FormReader {
  readonly #maxUploadBytes: number;
  #uploads = 0;

  constructor(maxUploadBytes: number) {
    this.#maxUploadBytes = maxUploadBytes;
  }

  /** Teaches the server to read both kinds of form; to be called once. */
  async register(server: FastifyInstance): Promise<void> {
    // A form is never plain text; without this its letters would be taken for fields.
    server.removeContentTypeParser("text/plain");
    await server.register(formbody, { bodyLimit: MAX_FORM_BYTES });
    await server.register(multipart, {
      limits: {
        fieldSize: MAX_FIELD_BYTES,
        fields: MAX_FIELDS,
        fileSize: this.#maxUploadBytes,
        files: 1,
        parts: MAX_FIELDS + 1,
        headerPairs: 50,
      },
    });
  }

  /**
   * Reads the posted form.
   *
   * @throws ApiError `API_UPLOAD_TOO_LARGE` when a bound is passed, `API_BUSY` when too many uploads are under way.
   */
  async read(request: FastifyRequest): Promise<Form> {
    if (!request.isMultipart())
      return { fields: textFields((request.body ?? {}) as Record<string, unknown>) };
    if (this.#uploads >= MAX_UPLOADS) throw new ApiError("API_BUSY", "Too many uploads at once; try again");
    this.#uploads++;
    try {
      return await readMultipart(request);
    } catch (error) {
      const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
      if (statusCode !== 413) throw error;
      throw new ApiError("API_UPLOAD_TOO_LARGE", String(message), { cause: error });
    } finally {
      this.#uploads--;
    }
  }
}

async function readMultipart(request: FastifyRequest): Promise<Form> {
  const fields: Record<string, unknown> = {};
  let file: Uint8Array | undefined;
  for await (const part of request.parts()) {
    if (part.type === "field") setField(fields, part.fieldname, part.value);
    else if (file === undefined) file = await part.toBuffer();
    else part.file.resume();
  }
  return { fields: textFields(fields), ...(file === undefined ? {} : { file }) };
}

function textFields(fields: Record<string, unknown>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (typeof last === "string") setField(texts, name, last);
  }
  return texts;
}

/** A field may be called `__proto__`: it stays a field. */
function setField(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
