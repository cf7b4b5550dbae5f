/**
 * MP3 to samples, by libmpg123 as WebAssembly. A decoder is made per file and freed after it: its memory is its own,
 * and what a hostile file does to it ends with it.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type DecodedAudio, EngineError } from "../../engine/index.ts";

// LIMIT: ten minutes, as much as one turn may play, and a second that shows it was longer.
const MAX_SECONDS = 601;
// LIMIT: a decoder that lost its way this often is reading something else.
const MAX_ERRORS = 16;
// Between pieces other sessions of the thread get their turn: 8 KB are about half a second of speech.
const PIECE_BYTES = 8192;

/** Rejects with `EngineError` `ENGINE_AUDIO_UNREADABLE` when there is not a single frame. */
export async function decodeMp3(bytes: Uint8Array): Promise<DecodedAudio> {
  // Loaded when the first MP3 arrives; most applications play none.
  const { MPEGDecoder } = await import("mpg123-decoder");
  const decoder = new MPEGDecoder();
  await decoder.ready;
  const pieces: Int16Array[] = [];
  let sampleRateHz = 0;
  let samples = 0;
  let errors = 0;
  try {
    for (let at = 0; at < bytes.length && errors < MAX_ERRORS; at += PIECE_BYTES) {
      const decoded = decoder.decode(bytes.subarray(at, at + PIECE_BYTES));
      errors += decoded.errors.length;
      // A file whose rate changes midway is spliced; what comes first is played.
      if (sampleRateHz !== 0 && decoded.samplesDecoded > 0 && decoded.sampleRate !== sampleRateHz) break;
      if (decoded.samplesDecoded > 0) {
        sampleRateHz = decoded.sampleRate;
        samples += decoded.samplesDecoded;
        pieces.push(toMono(decoded.channelData, decoded.samplesDecoded));
      }
      if (samples > MAX_SECONDS * sampleRateHz) break;
      await nextTurn();
    }
  } finally {
    decoder.free();
  }
  if (samples === 0) {
    throw new EngineError("ENGINE_AUDIO_UNREADABLE", "audio cannot be read: it has no MP3 frame");
  }
  const pcm = new Int16Array(samples);
  let offset = 0;
  for (const piece of pieces) {
    pcm.set(piece, offset);
    offset += piece.length;
  }
  return { pcm, sampleRateHz };
}

function toMono(channels: readonly Float32Array[], length: number): Int16Array {
  const mono = new Int16Array(length);
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (const channel of channels) sum += channel[i] ?? 0;
    mono[i] = Math.max(-32_768, Math.min(32_767, Math.round((sum / channels.length) * 32_768)));
  }
  return mono;
}
