/**
 * One call at the simulated carrier: carries out a callee's script on an inbound call.
 *
 * The script runs until its last step, a CANCEL or the caller's BYE, whichever is first; every wait ends with the call.
 */
import { type Clock, type Logger, type Pcm, unreachable } from "../../engine/index.ts";
import type { InboundCall } from "../backends/backend.ts";
import type { MediaLeg, MediaPool } from "../media/media-port.ts";
import { type AnsweredOffer, answerOffer } from "../sdp/index.ts";
import { CalleeLine } from "./callee-line.ts";
import type { CalleeStep, LineCharacter, Sound } from "./callee-script.ts";

/** The caller is quiet when nothing has been heard for this long; longer than a pause between sentences. */
const QUIET_AFTER_MS = 1000;
/** LIMIT: nobody stays on a simulated line longer. */
const LONGEST_CALL_MS = 600_000;

/** Makes a callee's sounds audible. */
export interface SoundSource {
  render(sound: Sound, character: LineCharacter): Promise<Pcm>;
  noise(samples: number, character: LineCharacter): Pcm;
}

export interface CalleeCallParts {
  readonly media: MediaPool;
  readonly sounds: SoundSource;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Our IP address in SDP. */
  readonly address: string;
  readonly character: LineCharacter;
  /** Told what the callee does and what becomes of the call. */
  readonly tell: (
    event: "ringing" | "answered" | "pressed" | "rejected" | "canceled" | "ended",
    detail?: string,
  ) => void;
}

export class CalleeCall {
  readonly #call: InboundCall;
  readonly #parts: CalleeCallParts;
  readonly #over = new AbortController();
  #leg: MediaLeg | undefined;
  #line: CalleeLine | undefined;
  #answer: AnsweredOffer | undefined;
  #isAnswered = false;

  constructor(call: InboundCall, parts: CalleeCallParts) {
    this.#call = call;
    this.#parts = parts;
    call.observe((event) => {
      if (event.type === "canceled") {
        parts.tell("canceled");
        this.#over.abort();
      } else if (event.type === "ended") {
        parts.tell("ended", event.by === "local" ? "callee" : event.by === "remote" ? "caller" : "failure");
        this.#over.abort();
      }
    });
  }

  /** Resolves when the call is over. Never rejects. */
  async run(steps: readonly CalleeStep[]): Promise<void> {
    try {
      for (const step of steps) {
        if (this.#over.signal.aborted) return;
        await this.#carryOut(step);
      }
      await this.#wait(LONGEST_CALL_MS);
      if (!this.#over.signal.aborted) this.#call.bye();
    } catch (error) {
      this.#parts.logger.error({ error }, "callee script failed");
      if (!this.#isAnswered) this.#call.reject(500, "Server Internal Error");
      else this.#call.bye();
    } finally {
      await this.#leg?.close();
    }
  }

  async #carryOut(step: CalleeStep): Promise<void> {
    const { character, sounds, tell } = this.#parts;
    switch (step.do) {
      case "ring":
        this.#call.progress(180);
        tell("ringing");
        return this.#wait(step.forMs);
      case "early-media":
        return this.#connect((sdp) => this.#call.progress(183, sdp));
      case "answer":
        await this.#connect((sdp) => this.#call.answer(sdp));
        this.#isAnswered = true;
        return tell("answered");
      case "wait":
        return this.#wait(step.forMs * character.tempo);
      case "play":
        return this.#whileOnLine(this.#line?.play(await sounds.render(step.sound, character)));
      case "press":
        tell("pressed", step.keys);
        return this.#whileOnLine(this.#line?.press(step.keys));
      case "await-sound":
        return this.#whileOnLine(this.#line?.heard("sound"), step.timeoutMs);
      case "await-quiet":
        return this.#whileOnLine(this.#line?.heard("quiet"), step.timeoutMs);
      case "reject": {
        const reason = `Q.850;cause=${step.q850Cause ?? 16}`;
        this.#call.reject(step.status, step.phrase, step.q850Cause ? [["Reason", reason]] : []);
        tell("rejected", String(step.status));
        return this.#over.abort();
      }
      case "hang-up":
        this.#call.bye();
        return this.#over.abort();
      default:
        return unreachable(step);
    }
  }

  /** Opens media on first use, sends our SDP with `send`, and lets the line be heard. */
  async #connect(send: (sdp: string) => void): Promise<void> {
    if (!this.#answer) {
      const leg = await this.#parts.media.open(
        { legId: this.#call.callId, reportHeardAfterQuietMs: QUIET_AFTER_MS },
        (event) => this.#line?.onMedia(event),
      );
      this.#leg = leg;
      this.#answer = answerOffer(this.#call.sdpOffer ?? "", {
        address: this.#parts.address,
        rtpPort: leg.local.rtpPort,
        rtcpPort: leg.local.rtcpPort,
      });
      this.#line = new CalleeLine(leg, (samples) => this.#parts.sounds.noise(samples, this.#parts.character));
    }
    if (this.#over.signal.aborted) return;
    send(this.#answer.sdp);
    this.#leg?.connect(this.#answer.media);
    this.#line?.start();
  }

  async #wait(forMs: number): Promise<void> {
    await this.#whileOnLine(new Promise(() => {}), forMs);
  }

  /** Waits for `done`, the end of the call, or the time-out, whichever comes first. */
  async #whileOnLine(done: Promise<void> | undefined, timeoutMs = LONGEST_CALL_MS): Promise<void> {
    if (!done || this.#over.signal.aborted) return;
    let cancelTimer = () => {};
    const timedOut = new Promise<void>((resolve) => {
      cancelTimer = this.#parts.clock.after(timeoutMs, resolve);
    });
    let onAbort = () => {};
    const aborted = new Promise<void>((resolve) => {
      onAbort = resolve;
      this.#over.signal.addEventListener("abort", onAbort);
    });
    await Promise.race([done, timedOut, aborted]);
    cancelTimer();
    this.#over.signal.removeEventListener("abort", onAbort);
  }
}
