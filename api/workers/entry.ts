/** Where a worker's entry point lies: a `.ts` source in a clone, a `.js` file in the built package. */

/** The file URL of `api/workers/<name>`, for `new Worker(...)`. */
export function workerEntry(name: "dialog" | "media" | "speech" | "store"): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./${name}.${extension}`, import.meta.url);
}
