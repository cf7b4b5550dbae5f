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

/** Teaches a server to read both kinds of form. */
export async function registerForms(server: FastifyInstance, maxUploadBytes: number): Promise<void> {
  // A form is never plain text; without this its letters would be taken for fields.
  server.removeContentTypeParser("text/plain");
  await server.register(formbody, { bodyLimit: MAX_FORM_BYTES });
  await server.register(multipart, {
    limits: {
      fieldSize: MAX_FIELD_BYTES,
      fields: MAX_FIELDS,
      fileSize: maxUploadBytes,
      files: 1,
      parts: MAX_FIELDS + 1,
      headerPairs: 50,
    },
  });
}

/**
 * Reads the posted form.
 *
 * @throws ApiError `API_UPLOAD_TOO_LARGE` when a bound is passed.
 */
export async function readForm(request: FastifyRequest): Promise<Form> {
  if (!request.isMultipart()) return { fields: textFields((request.body ?? {}) as Record<string, unknown>) };
  const fields: Record<string, unknown> = {};
  let file: Uint8Array | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === "field") setField(fields, part.fieldname, part.value);
      else if (file === undefined) file = await part.toBuffer();
      else part.file.resume();
    }
  } catch (error) {
    const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
    if (statusCode !== 413) throw error;
    throw new ApiError("API_UPLOAD_TOO_LARGE", String(message), { cause: error });
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
