/** Telephony on a signalling backend and a media pool: what the engine's port asks for, for any backend. */
import type { Clock, Leg, LegEvent, Logger, OutboundLegRequest, Telephony } from "../engine/index.ts";
import type { SignallingBackend } from "./backends/backend.ts";
import type { MediaPool } from "./media/media-port.ts";
import { OutboundLeg } from "./outbound-leg.ts";
import type { Trunk } from "./trunk.ts";

export interface UserAgentOptions {
  readonly backend: SignallingBackend;
  readonly media: MediaPool;
  /** Trunk by name. */
  readonly trunks: ReadonlyMap<string, Trunk>;
  /** The IP address the far end sends audio to, and our domain in From; default: where the backend listens. */
  readonly advertisedAddress?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Builds telephony; the backend must have been started. */
export function createUserAgent(options: UserAgentOptions): Telephony {
  return {
    placeLeg(request: OutboundLegRequest, observer: (event: LegEvent) => void): Leg {
      const leg = new OutboundLeg(request, observer, {
        backend: options.backend,
        media: options.media,
        trunk: options.trunks.get(request.trunk),
        address: options.advertisedAddress ?? options.backend.local.host,
        clock: options.clock,
        logger: options.logger.child({ legId: request.legId }),
      });
      leg.start();
      return leg;
    },
  };
}
