/**
 * The base of every room's error class: a stable code beside the readable message. It lives in the
 * innermost room so that each room can extend it; codes and their explanations sit in one table per room.
 */

/** What a code stands for: one row of a room's error table, repeated in `ERRORS.md`. */
export interface ErrorDefinition {
  /** What is wrong, without the particulars of one case. */
  readonly meaning: string;
  /** What the reader can do about it. */
  readonly remedy: string;
  /** Whether the same operation may succeed later without a change. */
  readonly retryable: boolean;
}

/** A failure with a stable code. Outcomes of calls are data and never thrown; this is for what failed. */
export class CodedError extends Error {
  /** Stable, readable code such as `SIP_TRUNK_UNREACHABLE`. */
  readonly code: string;
  /** The particulars: field, row, value, position. Never secrets. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether the same operation may succeed later without a change. */
  readonly retryable: boolean;

  constructor(
    code: string,
    definition: ErrorDefinition,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = definition.retryable;
  }
}
