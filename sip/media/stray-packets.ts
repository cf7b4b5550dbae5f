/** Datagrams that are none of a leg's business: counted, and told of once per source. */
import type { MediaSource } from "./source-latch.ts";

// LIMIT: sources told of on one leg; a flood from changing addresses stays a number.
const MAX_SOURCES = 16;

export type StrayKind = "not-rtp" | "not-rtcp" | "payload-type" | "other-source";

export class StrayPackets {
  readonly #onFirst: (kind: StrayKind, source: MediaSource, bytes: number) => void;
  readonly #sources = new Set<string>();
  #count = 0;

  /** `onFirst` hears of a source's first stray packet. */
  constructor(onFirst: (kind: StrayKind, source: MediaSource, bytes: number) => void) {
    this.#onFirst = onFirst;
  }

  /** All of them so far. */
  get count(): number {
    return this.#count;
  }

  note(kind: StrayKind, source: MediaSource, bytes: number): void {
    this.#count++;
    if (this.#sources.size >= MAX_SOURCES) return;
    const name = `${source.address} ${source.port}`;
    if (this.#sources.has(name)) return;
    this.#sources.add(name);
    this.#onFirst(kind, source, bytes);
  }
}
