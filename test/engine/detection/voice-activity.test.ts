import { describe, expect, it } from "vitest";
import { FrameSpectrum } from "../../../engine/detection/spectrum.ts";
import { VoiceActivity } from "../../../engine/detection/voice-activity.ts";
import {
  atLevel,
  concatenate,
  mix,
  pinkNoise,
  silence,
  tone,
  whiteNoise,
} from "../../../engine/media/tones.ts";
import type { Pcm } from "../../../engine/model/frame.ts";
import { FLITE_VOICES, framesOf, speak } from "../../support/flite-speech.ts";

function activityOf(pcm: Pcm, toneFrames = 0): VoiceActivity {
  const spectrum = new FrameSpectrum();
  const voice = new VoiceActivity();
  voice.restart(0);
  for (const frame of framesOf(pcm)) {
    spectrum.analyze(frame);
    const share = spectrum.isAudible ? spectrum.linePower / spectrum.bandPower : 0;
    voice.update(spectrum.isAudible ? 10 * Math.log10(spectrum.bandPower) : -120, share, toneFrames);
  }
  return voice;
}

const withNoise = (pcm: Pcm, make: typeof whiteNoise, level: number, seed: number): Pcm =>
  mix(pcm, make(pcm.length / 8, level, seed));

describe("voice activity", () => {
  it("finds a word's beginning and end within 100 ms, at every level and 15 dB above noise", () => {
    for (const voice of FLITE_VOICES) {
      const word = atLevel(speak("Hello?", voice), -20);
      const clean = activityOf(concatenate(silence(1000), word, silence(1000))).view;
      expect(clean.stretches, voice).toBe(1);
      const { firstFrame, lastFrame } = clean;
      for (const [level, noise] of [
        [-10, -25],
        [-20, -35],
        [-35, -50],
        [-35, -80],
      ] as const) {
        for (const make of [whiteNoise, pinkNoise]) {
          const pcm = concatenate(silence(1000), atLevel(word, level), silence(1000));
          const { view } = activityOf(withNoise(pcm, make, noise, 5));
          const name = `${voice} ${level} ${make.name}`;
          expect(view.stretches, name).toBe(1);
          expect(Math.abs(view.firstFrame - firstFrame), name).toBeLessThanOrEqual(6);
          expect(Math.abs(view.lastFrame - lastFrame), name).toBeLessThanOrEqual(8);
        }
      }
    }
  });

  it("finds a word that begins with the first frame, when the noise's level is not yet known", () => {
    for (const make of [whiteNoise, pinkNoise]) {
      const pcm = concatenate(atLevel(speak("Hello?", "rms"), -20), silence(1500));
      const { view } = activityOf(withNoise(pcm, make, -36, 2));
      expect(view.stretches, make.name).toBe(1);
      expect(view.isSpeaking).toBe(false);
      expect(view.lastFrame * 20).toBeLessThan(pcm.length / 8 - 1300);
    }
  });

  it.each([-25, -35, -50, -70])("takes steady noise of %i dBFS for no speech", (level) => {
    for (const make of [whiteNoise, pinkNoise]) {
      for (let seed = 1; seed <= 5; seed++) {
        const { view, floorDbfs } = activityOf(make(5000, level, seed));
        expect(view.speechFrames, `${make.name} ${seed}`).toBe(0);
        // Of pink noise 5 dB lie below the telephone band.
        if (level >= -50) expect(Math.abs(floorDbfs - level)).toBeLessThan(6);
      }
    }
  });

  it("takes a humming machine for no speech within about a second", () => {
    const hum = tone([200, 300, 400, 500, 600], 6000, -30);
    const { view } = activityOf(withNoise(hum, whiteNoise, -45, 1));
    expect(view.isSpeaking).toBe(false);
    expect(view.lastFrame).toBeLessThan(80);
  });

  it("joins pauses of up to 200 ms and keeps longer ones apart", () => {
    const word = atLevel(speak("Yes", "rms"), -20);
    const spoken = (gapMs: number): number =>
      activityOf(concatenate(silence(500), word, silence(gapMs), word, silence(1000))).view.stretches;
    const alone = activityOf(concatenate(silence(500), word, silence(1000))).view;
    expect(alone.stretches).toBe(1);
    // The word itself ends in silence; what is added to it makes the pause.
    expect(spoken(600)).toBe(2);
  });

  it("drops clicks of 40 ms", () => {
    const click = whiteNoise(40, -15, 1);
    const pcm = concatenate(silence(500), click, silence(600), click, silence(600));
    expect(activityOf(pcm).view.speechFrames).toBe(0);
  });

  it("takes frames that a tone claims for no speech", () => {
    expect(activityOf(tone(1000, 1000, -20), 15).view.speechFrames).toBe(0);
  });

  it("forgets what was heard at a restart, not the noise", () => {
    const voice = activityOf(
      withNoise(concatenate(silence(1000), speak("Hello?", "rms"), silence(800)), whiteNoise, -40, 1),
    );
    expect(voice.view.stretches).toBe(1);
    voice.restart(200);
    expect(voice.view).toMatchObject({ stretches: 0, speechFrames: 0, firstFrame: -1 });
    expect(Math.abs(voice.floorDbfs + 40)).toBeLessThan(3);
  });
});
