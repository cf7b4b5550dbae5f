/**
 * One answer for all who ask at the same time. A scrape reads every metric at once and each reads its own value, so
 * metrics of one source would otherwise ask it as often as there are metrics.
 */

/** A function like `ask` that is called again only when its last answer has come. */
export function sharedWhileAsked<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let underWay: Promise<Answer> | undefined;
  return () => {
    underWay ??= ask().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
