/**
 * The simulated carrier: answers every INVITE as the callee its directory names, and keeps a log of what it saw.
 * It is built on the same SIP core and media engine as the dialer, seen from the other side, and runs as a process of
 * its own, reached over SIP and RTP only.
 */
import type { Clock, Logger } from "../../engine/index.ts";
import type { InboundCall, SignallingBackend } from "../backends/backend.ts";
import type { MediaPool } from "../media/media-port.ts";
import { CalleeCall, type SoundSource } from "./callee-call.ts";
import type { CalleeDefinition } from "./callee-script.ts";
import { drawLineCharacter } from "./line-character.ts";

/** One line of the carrier's log. */
export interface CarrierEvent {
  readonly event: "invite" | "ringing" | "answered" | "pressed" | "rejected" | "canceled" | "ended";
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly number: string;
  readonly sipCallId: string;
  /** 1 for the first INVITE to this number. */
  readonly attempt: number;
  readonly callee: string;
  readonly detail?: string;
}

export interface SimulatedCarrierOptions {
  readonly backend: SignallingBackend;
  readonly media: MediaPool;
  readonly sounds: SoundSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly seed: number;
  /** Who answers a number; undefined: 404. */
  readonly findCallee: (number: string) => CalleeDefinition | undefined;
  readonly onEvent: (event: CarrierEvent) => void;
}

/** Starts answering; the backend must have been started. Calls under way end with the backend. */
export function startSimulatedCarrier(options: SimulatedCarrierOptions): void {
  const attemptsByNumber = new Map<string, number>();
  options.backend.onInvite((call) => {
    const number = calledNumber(call);
    const attempt = (attemptsByNumber.get(number) ?? 0) + 1;
    attemptsByNumber.set(number, attempt);
    const callee = options.findCallee(number);
    const tell = (event: CarrierEvent["event"], detail?: string) =>
      options.onEvent({
        event,
        atMs: options.clock.now(),
        number,
        sipCallId: call.callId,
        attempt,
        callee: callee?.title ?? "nobody",
        detail,
      });
    tell("invite");
    if (!callee) {
      call.reject(404, "Not Found");
      return;
    }
    const script = callee.attempts[Math.min(attempt, callee.attempts.length) - 1] ?? [];
    const calleeCall = new CalleeCall(call, {
      media: options.media,
      sounds: options.sounds,
      clock: options.clock,
      logger: options.logger.child({ number, sipCallId: call.callId }),
      address: options.backend.local.host,
      character: drawLineCharacter(options.seed, number),
      tell,
    });
    calleeCall.run(script).catch((error: unknown) => {
      options.logger.error({ error }, "simulated call failed");
    });
  });
}

/** The user part of the Request-URI. */
function calledNumber(call: InboundCall): string {
  return /^(?:sips?:|tel:)([^@;>]*)/i.exec(call.requestUri)?.[1] ?? "";
}
