/**
 * One key for one press. Gateways often send a key both ways: as an RFC 4733 event and as the tone that is still in
 * the audio. Whichever comes first is delivered; its twin from the other side is swallowed.
 */

export type KeyOrigin = "rfc4733" | "in-band";

// The tone trails the event by the jitter buffer's delay and the detector's 40 ms; the other way round an event may
// have lost its first packets. Two presses of one key are rarely closer than this, and pair up in order when they are.
const TWIN_WINDOW_MS = 400;

interface Press {
  readonly key: string;
  readonly origin: KeyOrigin;
  readonly atMs: number;
}

export class KeyMerger {
  /** Presses delivered whose twin has not come, oldest first. */
  #alone: Press[] = [];

  /** Whether this press is a new one. `atMs` is monotonic. */
  isNew(key: string, origin: KeyOrigin, atMs: number): boolean {
    this.#alone = this.#alone.filter((press) => atMs - press.atMs <= TWIN_WINDOW_MS);
    const twin = this.#alone.findIndex((press) => press.key === key && press.origin !== origin);
    if (twin >= 0) {
      this.#alone.splice(twin, 1);
      return false;
    }
    this.#alone.push({ key, origin, atMs });
    return true;
  }
}
