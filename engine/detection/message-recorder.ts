/**
 * What a caller says to a `<record>`, frame by frame: waits until the prompts have been heard, has the beep played,
 * waits for a voice, keeps it, and knows when it is over (VoiceXML 2.0 §2.3.6). Its only clock is the frame count.
 *
 *   prompting ─► beeping ─► waiting ─┬─ a voice ─► recording ─┬─ final silence, its time, a key
 *                                    └─ timeout: no input     └─ stopped, hang-up
 *
 * A message begins where the caller does: the specification lets a platform wait for the voice, and so the silence
 * before it is neither kept nor counted. A stretch that turns out to be a noise of the line was no beginning.
 */
import { MAX_MESSAGE_MS } from "../limits.ts";
import { encodeG711, G711_SILENCE } from "../media/g711.ts";
import { FRAME_MS, FRAME_SAMPLES, type Frame } from "../model/frame.ts";
import type { MessageEnd, MessageRequest } from "../ports.ts";
import { FrameSpectrum, SILENT_DBFS } from "./spectrum.ts";
import { VoiceActivity } from "./voice-activity.ts";

/** Kept from before the first loud frame: the soft beginnings of words. */
const LEAD_FRAMES = 200 / FRAME_MS;
/** After our own sound what comes back of it is no voice; a voice that began in it is kept by the lead. */
const ECHO_FRAMES = 200 / FRAME_MS;
/** A voice is certain 300 ms after it began; until there is one, this much is kept. */
const KEPT_FRAMES = LEAD_FRAMES + 300 / FRAME_MS;
/** A shorter silence cannot be told from a breath within a phrase. */
const MIN_FINAL_FRAMES = 300 / FRAME_MS;
/** A key heard in the audio is known 60 ms after it began; that much of it is cut off. */
const KEY_TAIL_FRAMES = 3;
const FIRST_CAPACITY_BYTES = 16_000;

/** What the leg does next. */
export type MessageStep = "go-on" | "play-beep" | MessageEnd;

export class MessageRecorder {
  readonly #request: MessageRequest;
  readonly #maxFrames: number;
  readonly #finalFrames: number;
  readonly #spectrum = new FrameSpectrum();
  readonly #voice = new VoiceActivity();
  #phase: "prompting" | "beeping" | "listening" = "prompting";
  /** Whether the caller heard anything of ours before, which may echo. */
  #hasPlayed = false;
  /** Number of the next frame, and of the first after prompts and beep. */
  #frame = 0;
  #beginFrame = 0;
  /** µ-law of the newest `#keptFrames` frames. */
  #bytes = new Uint8Array(FIRST_CAPACITY_BYTES);
  #keptFrames = 0;

  constructor(request: MessageRequest) {
    this.#request = request;
    this.#maxFrames = Math.ceil(Math.min(request.maxTimeMs, MAX_MESSAGE_MS) / FRAME_MS);
    this.#finalFrames = Math.max(MIN_FINAL_FRAMES, Math.ceil(request.finalSilenceMs / FRAME_MS));
  }

  /** Whether our beep is what is being played. */
  get isBeeping(): boolean {
    return this.#phase === "beeping";
  }

  /** Whether any key ends it. */
  get isEndedByAnyKey(): boolean {
    return this.#request.isEndedByAnyKey;
  }

  /** Takes 20 ms of what is heard, undefined when nothing arrived; `isPlaying`: the caller hears something of ours. */
  frame(frame: Frame | undefined, isPlaying: boolean): MessageStep {
    const step = this.#phase === "listening" ? "go-on" : this.#begin(isPlaying);
    this.#listen(frame);
    if (this.#phase !== "listening") return step;
    this.#keep(frame);
    return this.#judge();
  }

  /** Ends it for a reason from outside. `inBand`: the key was heard in the audio, of which it is no part. */
  end(ending: "key" | "stopped" | "hang-up", key?: string, inBand = false): MessageEnd {
    return this.#ended(ending, key, inBand ? KEY_TAIL_FRAMES : 0);
  }

  #begin(isPlaying: boolean): MessageStep {
    if (isPlaying) {
      this.#hasPlayed = true;
      return "go-on";
    }
    if (this.#phase === "prompting" && this.#request.hasBeep) {
      this.#phase = "beeping";
      this.#hasPlayed = true;
      return "play-beep";
    }
    this.#phase = "listening";
    this.#beginFrame = this.#frame;
    this.#voice.restart(this.#frame);
    return "go-on";
  }

  #listen(frame: Frame | undefined): void {
    const isEchoOver = this.#hasPlayed && this.#frame === this.#beginFrame + ECHO_FRAMES;
    if (this.#phase === "listening" && isEchoOver) this.#voice.restart(this.#frame);
    this.#frame++;
    if (!frame) {
      this.#voice.update(SILENT_DBFS, 0, 0);
      return;
    }
    const spectrum = this.#spectrum;
    spectrum.analyze(frame);
    const level = spectrum.isAudible ? 10 * Math.log10(spectrum.bandPower) : spectrum.levelDbfs;
    const lineShare = spectrum.isAudible ? spectrum.linePower / spectrum.bandPower : 0;
    // Whoever whistles or plays a tone into a recording means it to be there.
    this.#voice.update(Math.max(SILENT_DBFS, level), lineShare, 0);
  }

  #keep(frame: Frame | undefined): void {
    if (this.#startFrame === undefined && this.#keptFrames >= 2 * KEPT_FRAMES) {
      const dropped = this.#keptFrames - KEPT_FRAMES;
      this.#bytes.copyWithin(0, dropped * FRAME_SAMPLES, this.#keptFrames * FRAME_SAMPLES);
      this.#keptFrames = KEPT_FRAMES;
    }
    const at = this.#keptFrames * FRAME_SAMPLES;
    if (at + FRAME_SAMPLES > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    if (frame) encodeG711("PCMU", frame, this.#bytes, at);
    else this.#bytes.fill(G711_SILENCE.PCMU, at, at + FRAME_SAMPLES);
    this.#keptFrames++;
  }

  /** The message's first frame; undefined while nobody has spoken. */
  get #startFrame(): number | undefined {
    if (this.#phase !== "listening" || this.#isEcho) return undefined;
    const { firstFrame } = this.#voice.view;
    return firstFrame < 0 ? undefined : Math.max(this.#beginFrame, firstFrame - LEAD_FRAMES);
  }

  get #isEcho(): boolean {
    return this.#hasPlayed && this.#frame <= this.#beginFrame + ECHO_FRAMES;
  }

  #judge(): MessageStep {
    if (this.#isEcho) return "go-on";
    const { view } = this.#voice;
    const start = this.#startFrame;
    if (start === undefined) {
      const waitedMs = (this.#frame - this.#beginFrame) * FRAME_MS;
      // Who has just opened their mouth is not told that nothing was heard.
      return waitedMs >= this.#request.timeoutMs && !view.isSpeaking ? this.#ended("no-input") : "go-on";
    }
    if (this.#frame - start >= this.#maxFrames) return this.#ended("max-time");
    return this.#frame - view.lastFrame >= this.#finalFrames ? this.#ended("final-silence") : "go-on";
  }

  #ended(ending: MessageEnd["ending"], key?: string, cutFrames = 0): MessageEnd {
    const { messageId } = this.#request;
    const audio = this.#audio(cutFrames);
    return key === undefined ? { messageId, ending, audio } : { messageId, ending, audio, key };
  }

  /** From the message's beginning, over shared memory: it crosses two threads on its way to the script. */
  #audio(cutFrames: number): Uint8Array {
    const start = this.#startFrame;
    if (start === undefined) return new Uint8Array(new SharedArrayBuffer(0));
    const firstKept = this.#frame - this.#keptFrames;
    const from = Math.max(0, start - firstKept);
    const frames = Math.max(0, Math.min(this.#keptFrames - from - cutFrames, this.#maxFrames));
    const audio = new Uint8Array(new SharedArrayBuffer(frames * FRAME_SAMPLES));
    audio.set(this.#bytes.subarray(from * FRAME_SAMPLES, (from + frames) * FRAME_SAMPLES));
    return audio;
  }
}
