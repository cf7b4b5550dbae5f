/** What the health routes ask of the program. */

export interface Health {
  /** Whether the parts that calls need are working, by name: `ok`, or what is wrong. */
  check(): Promise<Readonly<Record<string, string>>>;
}
