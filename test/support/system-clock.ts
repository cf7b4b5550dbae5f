/** Real time, for tests on real sockets. */
import type { Clock } from "../../engine/index.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
};
