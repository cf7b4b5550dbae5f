/**
 * The fair queue: deployments take turns, so that a late small queue is not starved by a large one. Within a
 * deployment the queue itself is first in, first out.
 */

/**
 * Whose turn it is: the first candidate after the one served last, going round.
 *
 * @param candidates deployment ids that have a due call and room for it, in any order
 * @param lastServed the deployment that had the previous turn
 */
export function nextTurn(candidates: Iterable<number>, lastServed: number | undefined): number | undefined {
  let first: number | undefined;
  let following: number | undefined;
  for (const id of candidates) {
    if (first === undefined || id < first) first = id;
    if (lastServed !== undefined && id > lastServed && (following === undefined || id < following)) {
      following = id;
    }
  }
  return following ?? first;
}
