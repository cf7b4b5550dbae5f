/** A number with its parameters: `tel:+16175551234;ani=2125551234;postd=p12`. */

/** A parsed dial string. The parser is `parseDialString`. */
export interface DialString {
  /** Digits with an optional leading `+`, visual separators removed. */
  readonly number: string;
  /** Caller ID for this call: digits with an optional leading `+`. */
  readonly ani?: string;
  /** Keys to press after the answer: `0-9*#A-D` and `p` for a pause. */
  readonly postDigits?: string;
  /** As the client wrote it; echoed in answers and callbacks. */
  readonly original: string;
}
