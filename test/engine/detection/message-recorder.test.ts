/** Messages frame by frame (VoiceXML 2.0 §2.3.6): when they begin, when they end and what of the audio they hold. */
import { describe, expect, it } from "vitest";
import { MessageRecorder, type MessageStep } from "../../../engine/detection/message-recorder.ts";
import { decodeG711 } from "../../../engine/media/g711.ts";
import { atLevel, beep, concatenate, mix, pinkNoise, silence } from "../../../engine/media/tones.ts";
import type { Pcm } from "../../../engine/model/frame.ts";
import type { MessageEnd, MessageRequest } from "../../../engine/ports.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";
import { framesOf, speak } from "../../support/flite-speech.ts";

const REQUEST: MessageRequest = {
  messageId: 7,
  hasBeep: false,
  timeoutMs: 3000,
  maxTimeMs: 60_000,
  finalSilenceMs: 2000,
  isEndedByAnyKey: true,
};

const low = beep(700, 600, -15);
const high = beep(1300, 600, -15);
const FOREVER = silence(100_000);

function recorder(changes: Partial<MessageRequest> = {}): MessageRecorder {
  return new MessageRecorder({ ...REQUEST, ...changes });
}

/** Feeds audio until there is an end; with the milliseconds that took. */
function feed(message: MessageRecorder, pcm: Pcm, isPlaying = false): { end?: MessageEnd; tookMs: number } {
  let tookMs = 0;
  for (const frame of framesOf(pcm)) {
    tookMs += 20;
    const step: MessageStep = message.frame(frame, isPlaying);
    if (typeof step === "object") return { end: step, tookMs };
  }
  return { tookMs };
}

function heard(end: MessageEnd | undefined): Int16Array {
  return decodeG711("PCMU", end?.audio ?? new Uint8Array(0));
}

const durationMs = (end: MessageEnd | undefined) => (end?.audio.length ?? 0) / 8;

describe("a message", () => {
  it("ends after the final silence and begins where the caller does", () => {
    const { end, tookMs } = feed(recorder(), concatenate(silence(1500), low, silence(300), high, FOREVER));
    expect(end).toMatchObject({ messageId: 7, ending: "final-silence" });
    expect(end).not.toHaveProperty("key");
    expect(end?.audio.buffer).toBeInstanceOf(SharedArrayBuffer);
    // 1.5 s before, 1.5 s of sound and 2 s after.
    expect(tookMs).toBeGreaterThanOrEqual(4980);
    expect(tookMs).toBeLessThanOrEqual(5060);
    // 200 ms of lead, 1.5 s of sound, the silence.
    expect(durationMs(end)).toBeGreaterThanOrEqual(3680);
    expect(durationMs(end)).toBeLessThanOrEqual(3760);
    const pcm = heard(end);
    expect(toneLevelDbfs(pcm.subarray(2400, 5600), 700)).toBeCloseTo(-15, 0);
    expect(toneLevelDbfs(pcm.subarray(9600, 12_800), 1300)).toBeCloseTo(-15, 0);
    expect(toneLevelDbfs(pcm.subarray(2400, 5600), 1300)).toBeLessThan(-50);
  });

  it("keeps every word of speech over a line's noise, at all levels", () => {
    for (const level of [-12, -20, -30]) {
      const words = atLevel(speak("Please call me back after eight. My number is five five five."), level);
      const said = concatenate(silence(1000), words, silence(8000));
      const line = mix(said, pinkNoise(said.length / 8, level - 22, 5));
      const { end, tookMs } = feed(recorder({ finalSilenceMs: 1500 }), line);
      expect(end?.ending).toBe("final-silence");
      const spokenMs = words.length / 8;
      expect(tookMs).toBeGreaterThan(1000 + spokenMs + 1000);
      expect(tookMs).toBeLessThan(1000 + spokenMs + 1800);
      expect(durationMs(end)).toBeGreaterThan(spokenMs + 1000);
    }
  });

  it("is no input when nobody speaks in time, and noise is nobody", () => {
    expect(feed(recorder(), FOREVER)).toMatchObject({ end: { ending: "no-input" }, tookMs: 3000 });
    const noise = feed(recorder(), concatenate(silence(1000), pinkNoise(20_000, -30, 3)));
    expect(noise.end?.ending).toBe("no-input");
    expect(noise.end?.audio.length).toBe(0);
    expect(noise.tookMs).toBeLessThan(3500);
  });

  it("counts its time from where somebody speaks, and is no longer than that", () => {
    const long = concatenate(silence(2000), ...Array.from({ length: 20 }, () => [low, silence(100)]).flat());
    const { end, tookMs } = feed(recorder({ maxTimeMs: 4000 }), long);
    expect(end?.ending).toBe("max-time");
    expect(durationMs(end)).toBe(4000);
    expect(tookMs).toBe(5800);
  });

  it("waits for the prompts, then asks for its beep, then listens", () => {
    const message = recorder({ hasBeep: true });
    expect(feed(message, concatenate(high, silence(4000)), true).end).toBeUndefined();
    expect(message.frame(undefined, false)).toBe("play-beep");
    expect(message.isBeeping).toBe(true);
    expect(feed(message, silence(240), true).end).toBeUndefined();
    const { end } = feed(message, concatenate(silence(500), low, FOREVER));
    expect(end?.ending).toBe("final-silence");
    expect(toneLevelDbfs(heard(end), 1300)).toBeLessThan(-50);
  });

  it("does not take the echo of its beep for a voice, yet keeps who speaks at once", () => {
    const echoed = recorder({ hasBeep: true });
    echoed.frame(undefined, false);
    feed(echoed, beep(1000, 240, -30), true);
    expect(feed(echoed, concatenate(beep(1000, 160, -30), FOREVER)).end?.ending).toBe("no-input");

    const quick = recorder({ hasBeep: true });
    quick.frame(undefined, false);
    feed(quick, silence(240), true);
    const { end } = feed(quick, concatenate(low, FOREVER));
    expect(end?.ending).toBe("final-silence");
    expect(toneLevelDbfs(heard(end).subarray(0, 4800), 700)).toBeCloseTo(-15, 0);
  });

  it("ended by a key has what was said before it, without the tone of the key", () => {
    const message = recorder();
    feed(message, concatenate(silence(400), low, silence(400)));
    feed(message, beep(1500, 60, -10));
    const end = message.end("key", "#", true);
    expect(end).toMatchObject({ ending: "key", key: "#" });
    expect(toneLevelDbfs(heard(end), 700)).toBeGreaterThan(-25);
    expect(toneLevelDbfs(heard(end).subarray(-1600), 1500)).toBeLessThan(-60);
  });

  it("ended before anybody spoke is empty, whatever ended it", () => {
    for (const ending of ["key", "stopped", "hang-up"] as const) {
      const message = recorder();
      feed(message, silence(1000));
      expect(message.end(ending).audio.length).toBe(0);
      expect(recorder().end(ending).audio.length).toBe(0);
    }
  });

  it("holds silence where nothing arrived", () => {
    const message = recorder();
    feed(message, low);
    let step: MessageStep = "go-on";
    for (let slot = 0; slot < 200 && step === "go-on"; slot++) step = message.frame(undefined, false);
    expect(step).toMatchObject({ ending: "final-silence" });
    expect(
      heard(step as MessageEnd)
        .subarray(-8000)
        .every((sample) => sample === 0),
    ).toBe(true);
  });

  it("forgets a noise that was taken for a voice, and stays small while it waits", () => {
    const message = recorder({ timeoutMs: 60_000 });
    const line = concatenate(silence(2000), pinkNoise(30_000, -35, 9));
    const voice = mix(concatenate(silence(10_000), low), pinkNoise(10_600, -35, 9));
    expect(feed(message, line).end).toBeUndefined();
    const { end } = feed(message, concatenate(voice, pinkNoise(10_000, -35, 10)));
    expect(end?.ending).toBe("final-silence");
    expect(durationMs(end)).toBeLessThan(3000);
    expect(toneLevelDbfs(heard(end).subarray(1600, 6400), 700)).toBeCloseTo(-15, 0);
  });
});
