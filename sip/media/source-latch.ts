/**
 * Symmetric RTP: where a leg's packets come from, and so where its own go (RFC 4961). The session description often
 * names an address behind a NAT; what counts is the source of the first valid packets. Once latched, other sources
 * are ignored for as long as the latched one is heard.
 */

export interface MediaSource {
  readonly address: string;
  readonly port: number;
}

// RFC 3550 A.1: a stranger must send two packets in sequence before it is believed.
const MIN_SEQUENTIAL = 2;
// A gateway may change its port in mid-call without a new description; a source silent for this long may be replaced.
const SILENT_AFTER_MS = 1000;

export class SourceLatch {
  #described: MediaSource | undefined;
  #latched: MediaSource | undefined;
  #lastHeardMs = 0;
  #candidate: (MediaSource & { readonly sequence: number; readonly count: number }) | undefined;

  /** The description names `source`. A change of it forgets what was latched. */
  describe(source: MediaSource): void {
    if (isSame(this.#described, source)) return;
    this.#described = { address: source.address, port: source.port };
    this.#latched = undefined;
    this.#candidate = undefined;
  }

  /** Where our packets go: the latched source, before that the described one. */
  get target(): MediaSource | undefined {
    return this.#latched ?? this.#described;
  }

  /** Whether packets come from elsewhere than the description says. */
  get isElsewhere(): boolean {
    return this.#latched !== undefined && !isSame(this.#latched, this.#described);
  }

  /** Whether a valid packet with this sequence number is to be used. `nowMs` is monotonic. */
  accept(source: MediaSource, sequence: number, nowMs: number): boolean {
    if (this.#latched && isSame(this.#latched, source)) {
      this.#lastHeardMs = nowMs;
      return true;
    }
    if (this.#latched && nowMs - this.#lastHeardMs < SILENT_AFTER_MS) return false;
    if (!isSame(this.#described, source) && !this.#isSequential(source, sequence)) return false;
    this.#latched = { address: source.address, port: source.port };
    this.#lastHeardMs = nowMs;
    this.#candidate = undefined;
    return true;
  }

  #isSequential(source: MediaSource, sequence: number): boolean {
    const before = this.#candidate;
    const follows =
      before !== undefined && isSame(before, source) && ((before.sequence + 1) & 0xffff) === sequence;
    const count = follows ? before.count + 1 : 1;
    this.#candidate = { address: source.address, port: source.port, sequence, count };
    return count >= MIN_SEQUENTIAL;
  }
}

function isSame(a: MediaSource | undefined, b: MediaSource | undefined): boolean {
  return a !== undefined && b !== undefined && a.port === b.port && a.address === b.address;
}
