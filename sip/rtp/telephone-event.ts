/**
 * Keys in RTP as named telephone events, RFC 4733 §2. A key press is one event: all of its packets carry the
 * timestamp of its beginning and a duration that grows; the last is sent three times with the end bit.
 */

/** Keys by event code, RFC 4733 §3.2 table 3. */
const KEYS = "0123456789*#ABCD";

// A packet carries a duration of 16 bits; a longer event goes on in a new segment (RFC 4733 §2.5.1.3).
const MAX_SEGMENT = 0xffff;
// The end is sent three times, so that losing two packets does not make a key endless (RFC 4733 §2.5.1.4).
const END_PACKETS = 3;
// -10 dBm0, within the range that receivers must accept.
const VOLUME_DBM0 = 10;
/** Timestamp units of one packet interval: 20 ms at 8 kHz, 50 packets a second. */
const PACKET_UNITS = 160;

/** The payload of one event packet (RFC 4733 §2.3). */
export interface TelephoneEventPayload {
  readonly event: number;
  readonly end: boolean;
  /** Below 1 mW, 0 to 63. */
  readonly volume: number;
  /** Timestamp units since the segment began. */
  readonly duration: number;
}

/** Reads a payload; undefined when it is too short. Bytes after the first four are left out. */
export function parseTelephoneEvent(payload: Uint8Array): TelephoneEventPayload | undefined {
  if (payload.length < 4) return undefined;
  const flags = payload[1] as number;
  return {
    event: payload[0] as number,
    end: (flags & 0x80) !== 0,
    volume: flags & 0x3f,
    duration: ((payload[2] as number) << 8) | (payload[3] as number),
  };
}

export function serializeTelephoneEvent(fields: TelephoneEventPayload): Uint8Array {
  return Uint8Array.of(
    fields.event & 0xff,
    (fields.end ? 0x80 : 0) | (fields.volume & 0x3f),
    (fields.duration >> 8) & 0xff,
    fields.duration & 0xff,
  );
}

/** Whether `key` has an event code: one of `0-9 * # A-D`. */
export function isTelephoneKey(key: string): boolean {
  return key.length === 1 && KEYS.includes(key);
}

/** One packet of an event to be sent: the marker is set on an event's first packet only. */
export interface EventPacket {
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
}

/** Sends one key press: ask `next` once per 20 ms until it is undefined. */
export class TelephoneEventSender {
  readonly #event: number;
  readonly #totalUnits: number;
  #segmentStart: number;
  /** Units of full segments before the present one, and within it. */
  #earlierUnits = 0;
  #elapsedUnits = 0;
  #endsSent = 0;
  #isFirst = true;

  /** `timestamp` is the RTP timestamp at which the key goes down; `durationMs` is rounded up to whole packets. */
  constructor(key: string, timestamp: number, durationMs: number) {
    this.#event = KEYS.indexOf(key);
    this.#segmentStart = timestamp >>> 0;
    this.#totalUnits = Math.max(1, Math.ceil(durationMs / 20)) * PACKET_UNITS;
  }

  next(): EventPacket | undefined {
    if (this.#event < 0 || this.#endsSent === END_PACKETS) return undefined;
    if (this.#endsSent === 0) this.#elapsedUnits += PACKET_UNITS;
    if (this.#elapsedUnits > MAX_SEGMENT) {
      // A full segment is told as full; the rest goes into the next, which starts where this one ends.
      const full = this.#packet(this.#segmentStart, MAX_SEGMENT, false);
      this.#segmentStart = (this.#segmentStart + MAX_SEGMENT) >>> 0;
      this.#elapsedUnits -= MAX_SEGMENT;
      this.#earlierUnits += MAX_SEGMENT;
      return full;
    }
    const isEnd = this.#earlierUnits + this.#elapsedUnits >= this.#totalUnits;
    if (isEnd) this.#endsSent++;
    return this.#packet(this.#segmentStart, this.#elapsedUnits, isEnd);
  }

  #packet(timestamp: number, duration: number, end: boolean): EventPacket {
    const marker = this.#isFirst;
    this.#isFirst = false;
    return {
      timestamp,
      marker,
      payload: serializeTelephoneEvent({ event: this.#event, end, volume: VOLUME_DBM0, duration }),
    };
  }
}

/**
 * Finds key presses in event packets: one per timestamp, told when its first packet arrives, whichever of its
 * packets that is. The marker bit decides nothing, since the packet that carries it may be lost or many senders
 * forget it.
 */
export class TelephoneEventReceiver {
  #timestamp: number | undefined;
  #event = -1;
  #duration = 0;
  #hasEnded = false;

  /** Takes a packet; returns the key when it begins a press, else undefined. */
  packet(timestamp: number, payload: Uint8Array): string | undefined {
    const fields = parseTelephoneEvent(payload);
    const key = fields && KEYS[fields.event];
    if (!fields || !key) return undefined;

    if (this.#timestamp !== undefined) {
      const later = (timestamp - this.#timestamp) | 0;
      if (later < 0) return undefined; // overtaken by a newer event
      if (later === 0) {
        // A further packet, a repeated one, or one late within the same press.
        if (fields.event === this.#event) this.#note(fields);
        return undefined;
      }
      if (this.#continues(fields, later)) {
        this.#begin(timestamp, fields);
        return undefined;
      }
    }
    this.#begin(timestamp, fields);
    return key;
  }

  /** A new source has timestamps of its own. */
  reset(): void {
    this.#timestamp = undefined;
  }

  /**
   * The next segment of an event longer than 0xFFFF (RFC 4733 §2.5.1.3): the same key, not ended, beginning where
   * the full segment ended, even when the packet that filled it was lost.
   */
  #continues(fields: TelephoneEventPayload, later: number): boolean {
    if (this.#hasEnded || fields.event !== this.#event) return false;
    const isNearlyFull = this.#duration > MAX_SEGMENT - 5 * PACKET_UNITS;
    return later === MAX_SEGMENT || (isNearlyFull && later === this.#duration);
  }

  #begin(timestamp: number, fields: TelephoneEventPayload): void {
    this.#timestamp = timestamp;
    this.#event = fields.event;
    this.#duration = fields.duration;
    this.#hasEnded = fields.end;
  }

  #note(fields: TelephoneEventPayload): void {
    this.#duration = Math.max(this.#duration, fields.duration);
    this.#hasEnded ||= fields.end;
  }
}
