/** Who or what answered: the vocabulary of Plum's callee types, with `fax` inside and `faxmachine` on the DEV wire. */

export const CALLEE_TYPES = [
  "voice",
  "answeringmachine",
  "fax",
  "busy",
  "noanswer",
  "informationtone",
  "linefailure",
  "noattempt",
  "unknown",
] as const;

/** Who or what answered, once known. */
export type CalleeType = (typeof CALLEE_TYPES)[number];

/** What a running script reads in `session.connection.callee_type`. */
export type LiveCalleeType = CalleeType | "processing";
