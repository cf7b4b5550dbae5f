/**
 * What detection costs: one core's time per second of call, with every detector on, over speech, silence, tones and
 * keys under noise.
 */
import {
  beep,
  CallAnalyzer,
  ced,
  concatenate,
  countryTone,
  DEFAULT_DETECTION_SETTINGS,
  dtmf,
  FRAME_SAMPLES,
  mix,
  type Pcm,
  pinkNoise,
  silence,
  tone,
  whiteNoise,
} from "../engine/index.ts";

const SECONDS = 60;
const ROUNDS = 20;

export async function run(): Promise<void> {
  const call = sampleCall();
  const frames = Array.from({ length: call.length / FRAME_SAMPLES }, (_, i) =>
    call.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES),
  );
  const analyze = (): void => {
    const analyzer = new CallAnalyzer(DEFAULT_DETECTION_SETTINGS);
    analyzer.markAnswered();
    for (const frame of frames) analyzer.frame(frame);
  };
  for (let i = 0; i < 5; i++) analyze();
  const before = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) analyze();
  const { user, system } = process.cpuUsage(before);
  const perCallSecondMs = (user + system) / 1000 / (ROUNDS * SECONDS);
  console.log(`detection cpu per call-second: ${perCallSecondMs.toFixed(3)} ms`);
  console.log(`detection all detectors: ${Math.round(1000 / perCallSecondMs)} x real time`);
}

/** A minute that gives every detector something to do: a third voice-like, a third noise, the rest tones. */
function sampleCall(): Pcm {
  const parts = concatenate(
    silence(1000),
    syllables(20_000),
    silence(500),
    beep(1000, 400, -20),
    silence(15_000),
    dtmf("123456789*0#"),
    silence(1000),
    countryTone("us", "busy", 4000, -24),
    ced(3000, -20),
    silence(60_000),
  );
  const call = parts.slice(0, SECONDS * 8000);
  return mix(call, pinkNoise(SECONDS * 1000, -50, 1));
}

/** Harmonics and hisses in turn, five a second, as speech has them. */
function syllables(durationMs: number): Pcm {
  const parts: Pcm[] = [];
  for (let i = 0; i * 200 < durationMs; i++) {
    const pitch = 110 + ((i * 37) % 60);
    const vowel = [1, 2, 3, 4, 5, 6, 7, 8].map((harmonic) => harmonic * pitch);
    parts.push(tone(vowel, 120, -18), whiteNoise(50, -32, i + 1), silence(30));
  }
  return concatenate(...parts);
}
