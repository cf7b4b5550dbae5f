/** Two media legs that face each other on loopback, for tests of a whole engine or pool. */
import type {
  MediaEvent,
  MediaLeg,
  MediaLegOptions,
  MediaPool,
  NegotiatedMedia,
} from "../../../sip/index.ts";

export interface ObservedLeg {
  readonly leg: MediaLeg;
  readonly events: MediaEvent[];
  /** Resolves with the first event that matches, past or future. */
  until<T extends MediaEvent["type"]>(
    type: T,
    matches?: (event: Extract<MediaEvent, { type: T }>) => boolean,
  ): Promise<Extract<MediaEvent, { type: T }>>;
}

/** Opens a leg and keeps its events. */
export async function openObserved(
  pool: MediaPool,
  options: Partial<MediaLegOptions> = {},
): Promise<ObservedLeg> {
  const events: MediaEvent[] = [];
  const waiting = new Set<(event: MediaEvent) => void>();
  const leg = await pool.open({ legId: "leg", ...options }, (event) => {
    events.push(event);
    for (const check of [...waiting]) check(event);
  });
  return {
    leg,
    events,
    until(type, matches = () => true) {
      return new Promise((resolve) => {
        const check = (event: MediaEvent) => {
          const wanted = event as Extract<MediaEvent, { type: typeof type }>;
          if (event.type !== type || !matches(wanted)) return;
          waiting.delete(check);
          resolve(wanted);
        };
        waiting.add(check);
        for (const event of events) check(event);
      });
    },
  };
}

/** What negotiation with the leg at `local` would give the other side. */
export function mediaTo(
  local: { readonly rtpPort: number; readonly rtcpPort: number },
  changes: Partial<NegotiatedMedia> = {},
): NegotiatedMedia {
  return {
    remote: { address: "127.0.0.1", ...local },
    codec: "PCMU",
    payloadType: 0,
    telephoneEventPayloadType: 101,
    direction: "sendrecv",
    ...changes,
  };
}

/** Connects both legs to each other. */
export function join(a: ObservedLeg, b: ObservedLeg, changes: Partial<NegotiatedMedia> = {}): void {
  a.leg.connect(mediaTo(b.leg.local, changes));
  b.leg.connect(mediaTo(a.leg.local, changes));
}
