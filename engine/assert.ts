/** Mistakes: states that cannot be. They end the call they happen in, never its neighbours. */

/** Throws when `condition` is false: a mistake in this program, not in its input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Marks what the type system says cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
