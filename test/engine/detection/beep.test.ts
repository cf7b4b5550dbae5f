import { describe, expect, it } from "vitest";
import { BeepDetector } from "../../../engine/detection/beep.ts";
import { LineTracker } from "../../../engine/detection/line-tracker.ts";
import { FrameSpectrum } from "../../../engine/detection/spectrum.ts";
import { ced } from "../../../engine/media/fax-signals.ts";
import { informationTone } from "../../../engine/media/sit-tones.ts";
import { countryTone } from "../../../engine/media/tone-plans.ts";
import {
  atLevel,
  beep,
  concatenate,
  dtmf,
  mix,
  pinkNoise,
  silence,
  tone,
  whiteNoise,
} from "../../../engine/media/tones.ts";
import type { Finding } from "../../../engine/model/finding.ts";
import { FRAME_MS, type Pcm, SAMPLE_RATE_HZ } from "../../../engine/model/frame.ts";
import { framesOf, speak } from "../../support/flite-speech.ts";

interface Found {
  readonly finding: Finding;
  readonly emittedAtMs: number;
}

/** The detector on its own; noise of `noiseDbfs` is known to it, as voice activity would have measured it. */
function detect(pcm: Pcm, isExpected = true, noiseDbfs = -80): Found[] {
  const spectrum = new FrameSpectrum();
  const lines = new LineTracker();
  const detector = new BeepDetector();
  const found: Found[] = [];
  let index = 0;
  for (const frame of framesOf(pcm)) {
    spectrum.analyze(frame);
    lines.update(index, spectrum, 10 ** (noiseDbfs / 10));
    const finding = detector.frame(index, lines, isExpected);
    index++;
    if (finding) found.push({ finding, emittedAtMs: index * FRAME_MS });
  }
  return found;
}

const LEAD_MS = 507;
const line = (pcm: Pcm): Pcm => concatenate(silence(LEAD_MS), pcm, silence(500));

/** A tone that moves from one frequency to another. */
function glide(fromHz: number, toHz: number, durationMs: number): Pcm {
  const pcm = new Int16Array((durationMs * SAMPLE_RATE_HZ) / 1000);
  let phase = 0;
  for (let i = 0; i < pcm.length; i++) {
    phase += (2 * Math.PI * (fromHz + ((toHz - fromHz) * i) / pcm.length)) / SAMPLE_RATE_HZ;
    pcm[i] = Math.round(4000 * Math.sin(phase));
  }
  return pcm;
}

describe("a beep", () => {
  it.each([400, 440, 660, 700, 744, 850, 872, 1000, 1004, 1060, 1336, 1400, 1700, 2050])(
    "of %i Hz is found with its edges and frequency",
    (hz) => {
      for (const durationMs of [170, 400, 740, 1500]) {
        const [found, ...others] = detect(line(beep(hz, durationMs, -20)));
        expect(others).toEqual([]);
        expect(found?.finding.kind).toBe("beep");
        expect(Math.abs(Number(found?.finding.evidence.hz) - hz)).toBeLessThanOrEqual(2);
        expect(Math.abs((found?.finding.startMs ?? 0) - LEAD_MS)).toBeLessThanOrEqual(15);
        expect(Math.abs((found?.finding.endMs ?? 0) - LEAD_MS - durationMs)).toBeLessThanOrEqual(15);
      }
    },
  );

  it("comes out within 60 ms of its end, wherever that falls on the frames", () => {
    for (let extra = 0; extra < 20; extra += 1.25) {
      const endMs = LEAD_MS + 400 + extra;
      const [found] = detect(line(beep(1000, 400 + extra, -20)));
      expect((found?.emittedAtMs ?? Number.POSITIVE_INFINITY) - endMs).toBeLessThanOrEqual(60);
    }
  });

  it.each([-8, -20, -35, -42])("at %i dBFS is found", (level) => {
    expect(detect(line(beep(1000, 300, level)))).toHaveLength(1);
  });

  it.each([
    [-15, -30],
    [-25, -40],
    [-35, -50],
  ])("at %i dBFS is found over noise of %i dBFS", (level, noise) => {
    for (const make of [whiteNoise, pinkNoise]) {
      for (let seed = 1; seed <= 10; seed++) {
        const whole = line(beep([500, 1000, 1400][seed % 3] ?? 0, 170, level));
        const found = detect(mix(whole, make(whole.length / 8, noise, seed)), true, noise);
        expect(found, `${make.name} ${seed}`).toHaveLength(1);
      }
    }
  });

  it("right after speech is found", () => {
    for (const voice of ["slt", "kal", "rms", "awb"] as const) {
      const greeting = atLevel(speak("Please leave a message after the tone.", voice), -20);
      for (const gapMs of [0, 100, 400]) {
        const found = detect(concatenate(greeting, silence(gapMs), beep(1000, 400, -20), silence(200)));
        expect(found, `${voice} ${gapMs}`).toHaveLength(1);
      }
    }
  });

  it.each([
    ["shorter than 0.1 s", beep(1000, 80, -20)],
    ["longer than 1.7 s", beep(1000, 1900, -20)],
    ["below 380 Hz", beep(350, 400, -20)],
    ["above 2.2 kHz", beep(2300, 400, -20)],
    ["a key", dtmf("5", { onMs: 300 })],
    ["dial tone", tone([350, 440], 600, -20)],
    ["ringback", tone([440, 480], 800, -20)],
    ["busy of two lines", countryTone("us", "busy", 3000, -24)],
    ["CNG", tone(1100, 500, -20)],
    ["CED", ced(1200, -20)],
    ["an information tone", informationTone("VC", -20)],
    ["an information tone with gaps", informationTone("generic", -20, { gapMs: 30 })],
    ["a whistle that glides", glide(900, 1100, 500)],
    ["two notes", concatenate(beep(800, 300, -20), beep(1000, 300, -20))],
    ["noise", whiteNoise(3000, -20, 3)],
  ])("is not what is %s", (_name, pcm) => {
    expect(detect(line(pcm), false)).toEqual([]);
  });

  it("is one finding when the same tone is repeated as a cadence", () => {
    const cadence = concatenate(
      ...Array.from({ length: 5 }, () => concatenate(beep(1000, 300, -20), silence(400))),
    );
    expect(detect(line(cadence))).toHaveLength(1);
  });

  it("of 425 Hz is believed only where one is expected, since it may be the first burst of a busy tone", () => {
    expect(detect(line(beep(425, 400, -20)), false)).toEqual([]);
    expect(detect(line(beep(425, 400, -20)), true)).toHaveLength(1);
  });
});
