/**
 * What a receiver counts about one source: loss from sequence numbers and interarrival jitter. RFC 3550 §6.4.1,
 * appendices A.1, A.3 and A.8.
 */

/** Timestamp units of one millisecond at 8 kHz. */
const UNITS_PER_MS = 8;
// A.1: a jump further than this is a sender that began anew, not loss.
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

/** One report block's content (RFC 3550 §6.4.1), without the times of the last SR. */
export interface ReceptionReport {
  /** Lost since the previous report, in 1/256. */
  readonly fractionLost: number;
  /** Lost in all; negative when duplicates outnumber losses. */
  readonly cumulativeLost: number;
  /** Sequence number with the count of its wraps above 16 bits. */
  readonly extendedHighest: number;
  /** Timestamp units. */
  readonly jitter: number;
}

/** What arriving packets tell about their order. */
export type SequenceVerdict = "first" | "next" | "gap" | "reordered" | "duplicate" | "restarted";

export class ReceptionStatistics {
  #base: number | undefined;
  #highest = 0;
  #cycles = 0;
  #received = 0;
  #lostBefore = 0;
  #expectedPrior = 0;
  #receivedPrior = 0;
  #transit: number | undefined;
  #jitter = 0;

  /** Packets seen, of all sources this leg has had. */
  packetsReceived = 0;

  /** Takes a packet that arrived at `arrivalMs` (monotonic). Jitter needs audio: events repeat a timestamp. */
  packet(sequence: number, timestamp: number, arrivalMs: number, isAudio = true): SequenceVerdict {
    this.packetsReceived++;
    if (isAudio) this.#measureJitter(timestamp, arrivalMs);
    if (this.#base === undefined) {
      this.#begin(sequence);
      return "first";
    }
    const ahead = (sequence - this.#highest) & 0xffff;
    if (ahead === 0) {
      this.#received++;
      return "duplicate";
    }
    if (ahead < MAX_DROPOUT) {
      if (sequence < this.#highest) this.#cycles++;
      this.#highest = sequence;
      this.#received++;
      return ahead === 1 ? "next" : "gap";
    }
    if (ahead > 0x10000 - MAX_MISORDER) {
      this.#received++;
      return "reordered";
    }
    this.restart();
    this.#begin(sequence);
    return "restarted";
  }

  /** A new source begins; what was lost of the one before stays counted. */
  restart(): void {
    this.#lostBefore = this.packetsLost;
    this.#base = undefined;
    this.#transit = undefined;
  }

  /** Packets that never came, of all sources; not negative. */
  get packetsLost(): number {
    return this.#lostBefore + Math.max(0, this.#expected - this.#received);
  }

  /** Interarrival jitter in milliseconds. */
  get jitterMs(): number {
    return this.#jitter / UNITS_PER_MS;
  }

  /** Whether a packet of the present source has been seen. */
  get hasSource(): boolean {
    return this.#base !== undefined;
  }

  /** The report of the present source, and the beginning of the next interval. */
  report(): ReceptionReport {
    const expected = this.#expected;
    const expectedInterval = expected - this.#expectedPrior;
    const lostInterval = expectedInterval - (this.#received - this.#receivedPrior);
    this.#expectedPrior = expected;
    this.#receivedPrior = this.#received;
    const fraction =
      expectedInterval <= 0 || lostInterval <= 0
        ? 0
        : Math.min(255, Math.floor((lostInterval * 256) / expectedInterval));
    return {
      fractionLost: fraction,
      cumulativeLost: expected - this.#received,
      extendedHighest: ((this.#cycles & 0xffff) * 0x10000 + this.#highest) >>> 0,
      jitter: Math.floor(this.#jitter),
    };
  }

  get #expected(): number {
    return this.#base === undefined ? 0 : this.#cycles * 0x10000 + this.#highest - this.#base + 1;
  }

  #begin(sequence: number): void {
    this.#base = sequence;
    this.#highest = sequence;
    this.#cycles = 0;
    this.#received = 1;
    this.#expectedPrior = 0;
    this.#receivedPrior = 0;
  }

  /** A.8: the smoothed difference in relative transit time of neighbours. */
  #measureJitter(timestamp: number, arrivalMs: number): void {
    // Transit is a difference of clocks without common origin; only its change matters, taken in 32 bits.
    const transit = (Math.round(arrivalMs * UNITS_PER_MS) - timestamp) | 0;
    if (this.#transit !== undefined) {
      const change = Math.abs((transit - this.#transit) | 0);
      // A jump of over 10 s is a new timestamp line, not the network.
      if (change < 80_000) this.#jitter += (change - this.#jitter) / 16;
    }
    this.#transit = transit;
  }
}
