/**
 * The media engine: port pool, clock and legs of one thread. In a media worker it is driven by messages
 * (`media-worker.ts`); it implements the same `MediaPool` by itself, so tests and small tools run it in-process.
 */

import { SipError } from "../errors.ts";
import { MediaClock, type TickSource } from "../rtp/media-clock.ts";
import { PortPool } from "../rtp/port-pool.ts";
import { RtpLeg } from "./media-leg.ts";
import type { MediaEvent, MediaLeg, MediaLegOptions, MediaPool } from "./media-port.ts";
import type { MediaEngineHealth, MediaWorkerSettings } from "./media-protocol.ts";

/**
 * LIMIT: measured on one core of two, 300 legs with tone detection take 29 % of it; twice as many with detection in
 * one thread begin to be late.
 */
export const MAX_LEGS_PER_ENGINE = 300;

export interface MediaEngineOptions extends MediaWorkerSettings {
  /** Default `MAX_LEGS_PER_ENGINE`. */
  readonly maxLegs?: number;
  /** Replaced in tests by a clock that is moved by hand. */
  readonly ticks?: TickSource;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

export class MediaEngine implements MediaPool {
  readonly #options: MediaEngineOptions;
  readonly #ports: PortPool;
  readonly #clock: MediaClock | undefined;
  readonly #ticks: TickSource;
  readonly #legs = new Set<RtpLeg>();
  #opening = 0;
  #straysOfClosedLegs = 0;
  #isClosed = false;

  constructor(options: MediaEngineOptions) {
    this.#options = options;
    this.#ports = new PortPool({
      bindAddress: options.bindAddress,
      ...(options.portRange ? { range: options.portRange } : {}),
    });
    // Legs contain their own failures; a tick never throws.
    this.#clock = options.ticks ? undefined : new MediaClock(() => {});
    this.#ticks = options.ticks ?? (this.#clock as MediaClock);
  }

  /** Binds the first port pairs. */
  async warmUp(): Promise<void> {
    await this.#ports.warmUp();
  }

  async open(options: MediaLegOptions, observer: (event: MediaEvent) => void): Promise<MediaLeg> {
    const maxLegs = this.#options.maxLegs ?? MAX_LEGS_PER_ENGINE;
    if (this.#isClosed || this.#legs.size + this.#opening >= maxLegs) {
      throw new SipError("SIP_MEDIA_FULL", `all ${maxLegs} legs of a media engine are taken`, {
        details: { legs: this.#legs.size },
      });
    }
    this.#opening++;
    try {
      const ports = await this.#ports.acquire();
      const leg: RtpLeg = new RtpLeg({
        options,
        ports,
        ticks: this.#ticks,
        observer,
        minFreeBytes: this.#options.recording.minFreeBytes,
        random: this.#options.random ?? Math.random,
        epochMs: Date.now,
        onClosed: () => {
          this.#legs.delete(leg);
          this.#straysOfClosedLegs += leg.strayPackets;
        },
      });
      this.#legs.add(leg);
      // The engine may have been closed while the ports were bound.
      if (this.#isClosed) await leg.close();
      return leg;
    } finally {
      this.#opening--;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#legs].map((leg) => leg.close()));
    this.#ports.close();
  }

  get health(): MediaEngineHealth {
    return {
      legs: this.#legs.size,
      warmPortPairs: this.#ports.warmPairs,
      strayPackets: [...this.#legs].reduce((sum, leg) => sum + leg.strayPackets, this.#straysOfClosedLegs),
      lateness: this.#clock?.lateness() ?? { p50Ms: 0, p99Ms: 0, maxMs: 0, skippedSlots: 0 },
    };
  }
}
