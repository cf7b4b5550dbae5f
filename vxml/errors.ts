/**
 * The interpreter's failures. What goes wrong inside a document is a VoiceXML event, never one of these; they
 * are for what a caller handed in.
 */
import { CodedError, type ErrorDefinition } from "./coded-error.ts";

export const VXML_ERRORS = {
  VXML_SANDBOX_UNSUITABLE: {
    meaning: "The ECMAScript engine's WebAssembly file could not be prepared.",
    remedy: "Install the pinned version of the engine's package again: npm ci.",
    retryable: false,
  },
  VXML_GRAMMAR_INVALID: {
    meaning: "A grammar cannot be read, or exceeds the limits.",
    remedy: "Correct the grammar at the line and column named in the message.",
    retryable: false,
  },
  VXML_SCRIPT_FAILED: {
    meaning: "An expression or a script ended with an error.",
    remedy: "Correct the expression named in the message; the session sees error.semantic.",
    retryable: false,
  },
  VXML_SCRIPT_EXHAUSTED: {
    meaning: "A script used up its time or memory.",
    remedy: "Make the script shorter; the session sees error.com.resource.",
    retryable: false,
  },
} as const satisfies Record<string, ErrorDefinition>;

export class VxmlError extends CodedError {
  declare readonly code: keyof typeof VXML_ERRORS;

  constructor(
    code: keyof typeof VXML_ERRORS,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, VXML_ERRORS[code], message, options);
  }
}
