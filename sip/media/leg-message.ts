/**
 * The message a leg takes, if any (VoiceXML 2.0 §2.3.6): the beep before it, the frames into it, the key that ends it.
 * Its end is decided here, slot by slot, rather than by a thread that other calls keep busy.
 */
import {
  beep,
  type Frame,
  type MessageEnd,
  MessageRecorder,
  type MessageRequest,
  type Playout,
  type PlayoutState,
} from "../../engine/index.ts";
import type { KeyOrigin } from "./key-merger.ts";

/** The beep is ours, and its end nobody's matter; the caller's playbacks have positive ids. */
export const BEEP_PLAYBACK_ID = -1;
const BEEP = { hz: 1000, durationMs: 250, levelDbfs: -16 } as const;

export class LegMessage {
  readonly #playout: Playout;
  readonly #onEnded: (end: MessageEnd) => void;
  #recorder: MessageRecorder | undefined;

  constructor(playout: Playout, onEnded: (end: MessageEnd) => void) {
    this.#playout = playout;
    this.#onEnded = onEnded;
  }

  take(request: MessageRequest): void {
    this.end("stopped");
    this.#recorder = new MessageRecorder(request);
  }

  /** One slot of what is heard, before what is sent in it is taken from the playout. */
  frame(heard: Frame | undefined): void {
    const step = this.#recorder?.frame(heard, this.#playout.state !== "nothing") ?? "go-on";
    if (step === "play-beep") this.#playBeep();
    else if (step !== "go-on") this.#finish(step);
  }

  /** A key was pressed; what it barged into has been stopped. */
  key(key: string, origin: KeyOrigin, during: PlayoutState): void {
    const recorder = this.#recorder;
    if (!recorder?.isEndedByAnyKey || during === "none") return;
    this.#finish(recorder.end("key", key, origin === "in-band"));
  }

  end(ending: "stopped" | "hang-up"): void {
    if (this.#recorder) this.#finish(this.#recorder.end(ending));
  }

  #playBeep(): void {
    const audio = beep(BEEP.hz, BEEP.durationMs, BEEP.levelDbfs);
    // Pressed during the beep a key counts, as it does after it.
    this.#playout.play({ playbackId: BEEP_PLAYBACK_ID, items: [{ audio, bargeIn: "hotword" }] });
  }

  #finish(end: MessageEnd): void {
    // Nobody is asked to speak any more.
    if (this.#recorder?.isBeeping) this.#playout.stop();
    this.#recorder = undefined;
    this.#onEnded(end);
  }
}
