/**
 * What a simulated callee does with a call, as data: ring, early media, answer, speak, beep, listen, press, hang up.
 * A script is a list of steps carried out in order; after the last one the callee stays on the line until the caller
 * hangs up (after an answer) or until CANCEL (before one).
 */

/** One action of a callee. Durations are milliseconds. */
export type CalleeStep =
  /** 180 Ringing, then nothing for `forMs`. */
  | { readonly do: "ring"; readonly forMs: number }
  /** 183 with SDP: from here on sounds are heard before the answer. */
  | { readonly do: "early-media" }
  | { readonly do: "answer" }
  /** Nothing but line noise. */
  | { readonly do: "wait"; readonly forMs: number }
  | { readonly do: "play"; readonly sound: Sound }
  | { readonly do: "press"; readonly keys: string }
  /** Goes on when the caller begins to make sound, or after `timeoutMs`. */
  | { readonly do: "await-sound"; readonly timeoutMs: number }
  /** Goes on when the caller has been quiet for a second after making sound, or after `timeoutMs`. */
  | { readonly do: "await-quiet"; readonly timeoutMs: number }
  /** A final answer instead of the call. */
  | {
      readonly do: "reject";
      readonly status: number;
      readonly phrase?: string;
      /** Q.850 cause in a Reason header (RFC 3326). */
      readonly q850Cause?: number;
    }
  | { readonly do: "hang-up" };

/** Something a callee lets be heard. Levels are dBFS. */
export type Sound =
  | { readonly kind: "speech"; readonly text: string; readonly voice?: string }
  | { readonly kind: "beep"; readonly hz: number; readonly forMs: number }
  /** CED with phase reversals, 75 ms of silence, then V.21 flags (T.30). */
  | { readonly kind: "fax-answer"; readonly cedMs: number; readonly preambleMs: number }
  /** Special information tone: a North American category, or `generic`. */
  | { readonly kind: "information-tone"; readonly category: string }
  | { readonly kind: "busy-tone" | "ringback-tone"; readonly country: string; readonly forMs: number };

/** How one callee sounds, drawn from the seed. */
export interface LineCharacter {
  /** flite voice name. */
  readonly voice: string;
  /** Level of what the callee lets be heard, dBFS. */
  readonly levelDbfs: number;
  /** Level of the noise under it, dBFS. */
  readonly noiseDbfs: number;
  /** Multiplies waits before speaking and pressing. */
  readonly tempo: number;
}

/** One simulated callee. */
export interface CalleeDefinition {
  /** What it really is, in words for a result table: `person, presses 1`. */
  readonly title: string;
  /** One script per attempt; the last one repeats. */
  readonly attempts: readonly (readonly CalleeStep[])[];
}
