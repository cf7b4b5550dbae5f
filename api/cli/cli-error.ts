/** The user's mistakes on the command line: the message says what is wrong, where, and how to mend it. */
export class CliError extends Error {}
