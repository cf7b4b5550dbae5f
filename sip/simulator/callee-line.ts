/**
 * A simulated callee's end of the line: plays sounds over line noise, and knows what the caller is doing.
 * Noise never stops, because a real line is never digitally silent.
 */
import type { Pcm } from "../../engine/index.ts";
import type { MediaEvent, MediaLeg } from "../media/media-port.ts";

/** Long enough that refilling it is rare, short enough to stay small. */
const NOISE_CHUNK_SAMPLES = 8000;

export class CalleeLine {
  readonly #leg: MediaLeg;
  readonly #makeNoise: (samples: number) => Pcm;
  #nextPlaybackId = 1;
  /** Resolvers of playbacks under way, by id. */
  readonly #playing = new Map<number, () => void>();
  #noiseId = 0;
  #isHearing = false;
  #listeners: ((what: "sound" | "quiet") => void)[] = [];
  #keysSent: (() => void)[] = [];

  /** `makeNoise` gives fresh line noise of a length. */
  constructor(leg: MediaLeg, makeNoise: (samples: number) => Pcm) {
    this.#leg = leg;
    this.#makeNoise = makeNoise;
  }

  /** Starts the line noise; once media is connected. */
  start(): void {
    if (this.#noiseId === 0) this.#playNoise();
  }

  /** Feeds what the media leg reports. */
  onMedia(event: MediaEvent): void {
    if (event.type === "heard") {
      this.#isHearing = event.what === "sound";
      const listeners = this.#listeners;
      this.#listeners = [];
      for (const listener of listeners) listener(event.what);
    } else if (event.type === "keysSent") {
      this.#keysSent.shift()?.();
    } else if (event.type === "playbackEnded") {
      this.#playing.get(event.playbackId)?.();
      this.#playing.delete(event.playbackId);
      if (event.playbackId === this.#noiseId && event.ending === "finished") this.#playNoise();
    }
  }

  /** Plays a sound over the noise; resolves when it has been played. */
  async play(sound: Pcm): Promise<void> {
    const mixed = this.#makeNoise(sound.length);
    for (let index = 0; index < sound.length; index++) {
      const sum = (mixed[index] ?? 0) + (sound[index] ?? 0);
      mixed[index] = Math.max(-32_768, Math.min(32_767, sum));
    }
    const playbackId = this.#nextPlaybackId++;
    this.#noiseId = 0;
    this.#leg.stopPlayback();
    const played = new Promise<void>((resolve) => this.#playing.set(playbackId, resolve));
    this.#leg.play({ playbackId, items: [{ audio: mixed, bargeIn: "none" }] });
    this.#playNoise();
    await played;
  }

  /** Presses keys; resolves when the last has been sent. */
  async press(keys: string): Promise<void> {
    const sent = new Promise<void>((resolve) => this.#keysSent.push(resolve));
    this.#leg.sendKeys(keys);
    await sent;
  }

  /** Resolves when the caller makes sound (at once when it does already) or has become quiet. */
  async heard(what: "sound" | "quiet"): Promise<void> {
    if (what === "sound" && this.#isHearing) return;
    if (what === "quiet" && !this.#isHearing) return;
    while (await new Promise<boolean>((resolve) => this.#listeners.push((now) => resolve(now !== what))));
  }

  #playNoise(): void {
    const playbackId = this.#nextPlaybackId++;
    this.#noiseId = playbackId;
    this.#leg.play({
      playbackId,
      items: [{ audio: this.#makeNoise(NOISE_CHUNK_SAMPLES), bargeIn: "none" }],
    });
  }
}
