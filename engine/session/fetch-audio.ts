/**
 * What a caller hears while a document is fetched (VoiceXML 2.0 §6.1.1): nothing for `fetchaudiodelay`, then the
 * clip, over and over, until the document is there and `fetchaudiominimum` has passed. A clip that cannot be had is
 * silence.
 *
 *   waiting --(delay over and clip there)--> playing --(arrived, minimum over)--> over
 *   waiting --(arrived)--> over               playing --(clip ends)--> playing again, or over when arrived
 */
import { type Pcm, SAMPLE_RATE_HZ } from "../model/frame.ts";
import type { Clock } from "../ports.ts";

// LIMIT: a clip shorter than this is played once; repeating it would be a buzz and a message per frame.
const MIN_REPEATED_SAMPLES = SAMPLE_RATE_HZ / 5;

export interface FetchAudioParts {
  readonly clock: Clock;
  readonly delayMs: number;
  readonly minimumMs: number;
  /** Undefined when it cannot be had. */
  readonly clip: Promise<Pcm | undefined>;
  /** Settles when the document is there, or will not be. */
  readonly arrival: Promise<unknown>;
  /** Starts the clip; `ended` is told whether the caller is still there to hear it again. */
  readonly play: (clip: Pcm, ended: (isHeard: boolean) => void) => void;
  readonly stop: () => void;
}

/** Resolves when the dialog may go on: not before the document has arrived, unless the caller is gone. */
export function playWhileFetching(parts: FetchAudioParts): Promise<void> {
  return new Promise((resolve, reject) => {
    const run = new FetchAudioRun(parts, resolve);
    const arrived = () => run.arrived();
    parts.arrival.then(arrived, arrived).catch(reject);
    parts.clip
      .then(
        (clip) => run.clipReady(clip),
        () => run.clipReady(undefined),
      )
      .catch(reject);
  });
}

class FetchAudioRun {
  readonly #parts: FetchAudioParts;
  readonly #over: () => void;
  #state: "waiting" | "playing" | "over" = "waiting";
  #clip: Pcm | undefined;
  #hasArrived = false;
  #isDelayOver = false;
  #isMinimumOver = false;
  #cancelTimer: () => void;

  constructor(parts: FetchAudioParts, over: () => void) {
    this.#parts = parts;
    this.#over = over;
    this.#cancelTimer = parts.clock.after(parts.delayMs, () => {
      this.#isDelayOver = true;
      this.#startWhenReady();
    });
  }

  clipReady(clip: Pcm | undefined): void {
    this.#clip = clip;
    this.#startWhenReady();
  }

  arrived(): void {
    this.#hasArrived = true;
    if (this.#state === "waiting") this.#finish();
    else this.#stopWhenEnough();
  }

  #startWhenReady(): void {
    if (this.#state !== "waiting" || !this.#isDelayOver || !this.#clip?.length) return;
    this.#state = "playing";
    this.#cancelTimer = this.#parts.clock.after(this.#parts.minimumMs, () => {
      this.#isMinimumOver = true;
      this.#stopWhenEnough();
    });
    this.#play(this.#clip);
  }

  #play(clip: Pcm): void {
    this.#parts.play(clip, (isHeard) => {
      if (this.#state !== "playing") return;
      // A clip shorter than the minimum has been heard whole.
      if (!isHeard || this.#hasArrived) this.#finish();
      else if (clip.length >= MIN_REPEATED_SAMPLES) this.#play(clip);
      else {
        this.#clip = undefined;
        this.#state = "waiting";
      }
    });
  }

  #stopWhenEnough(): void {
    if (this.#state !== "playing" || !this.#hasArrived || !this.#isMinimumOver) return;
    this.#finish();
    this.#parts.stop();
  }

  #finish(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#cancelTimer();
    this.#over();
  }
}
