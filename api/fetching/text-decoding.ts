/**
 * Bytes of a fetched resource to text. The byte order mark decides, then the charset that HTTP names, then the XML
 * declaration or a grammar's first line, then UTF-8 (XML 1.0 Appendix F; RFC 7303 §3.2; SRGS 1.0 §4.2, §4.4). Decoding is strict: a byte sequence that the charset
 * does not know is a failure, because guessing would put other words in the callee's ear.
 */

/** A media type taken apart. */
export interface MediaType {
  /** Lower case, without parameters; empty when there is none. */
  readonly type: string;
  readonly charset?: string;
}

/** Reads a Content-Type header; what cannot be read is taken as absent. */
export function parseMediaType(header: string | undefined): MediaType {
  if (!header) return { type: "" };
  const [type = "", ...parameters] = header.split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/i.exec(parameter)?.[1])
    .find((value) => value !== undefined);
  return { type: type.trim().toLowerCase(), ...(charset === undefined ? {} : { charset }) };
}

export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** Decodes with the charset found in the stated order. */
export function decodeText(bytes: Uint8Array, httpCharset: string | undefined): DecodedText {
  const charset = charsetOfMark(bytes) ?? httpCharset ?? charsetOfDeclaration(bytes) ?? "utf-8";
  try {
    return { ok: true, text: new TextDecoder(charset, { fatal: true }).decode(bytes) };
  } catch (error) {
    const reason =
      error instanceof RangeError
        ? `its charset ${JSON.stringify(charset)} is not known`
        : `its bytes are not valid ${charset}`;
    return { ok: false, reason };
  }
}

function charsetOfMark(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return undefined;
}

function charsetOfDeclaration(bytes: Uint8Array): string | undefined {
  // "<?" or "#A" in UTF-16 without a byte order mark.
  const [first, second] = bytes;
  if (first === 0 && (second === 0x3c || second === 0x23)) return "utf-16be";
  if ((first === 0x3c || first === 0x23) && second === 0) return "utf-16le";
  const head = String.fromCharCode(...bytes.subarray(0, 256));
  const xml = /^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(head)?.[1];
  return xml ?? /^#(?:ABNF 1\.0|JSGF V1\.0) ([A-Za-z][\w.-]*)/.exec(head)?.[1];
}
