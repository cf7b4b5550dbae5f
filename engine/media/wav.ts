/**
 * RIFF/WAVE audio: reading prompts (PCM16, µ-law, A-law, any rate, one or two channels) into 8 kHz mono, and the
 * header of what we write. Bytes in, samples out; files are opened elsewhere.
 */
import { EngineError } from "../errors.ts";
import { SAMPLE_RATE_HZ } from "../model/frame.ts";
import { bytesToPcm, decodeG711, pcmToBytes } from "./g711.ts";
import { resampleTo8kHz } from "./resample.ts";

const FORMAT_PCM = 1;
const FORMAT_ALAW = 6;
const FORMAT_MULAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;

/** Bytes of the header `wavHeader` makes. */
export const WAV_HEADER_BYTES = 44;

// LIMIT: prompts of an hour at most; a longer one is a mistake that would occupy 57 MB per copy.
const MAX_SECONDS = 3600;
// LIMIT: rates outside this range are not speech, and a tiny one would make the resampler write gigabytes.
const MIN_RATE_HZ = 4000;
const MAX_RATE_HZ = 192_000;

/** What a WAV file holds. */
export interface WavFormat {
  readonly encoding: "pcm16" | "mulaw" | "alaw";
  readonly channels: number;
  readonly sampleRateHz: number;
}

/** A WAV file taken apart: its format and one array of samples per channel, at the file's own rate. */
export interface WavAudio {
  readonly format: WavFormat;
  readonly channels: readonly Int16Array[];
}

function unreadable(problem: string, details: Record<string, unknown> = {}): EngineError {
  return new EngineError("ENGINE_AUDIO_UNREADABLE", `WAV audio cannot be read: ${problem}`, { details });
}

function readFormat(view: DataView, at: number, size: number): WavFormat & { readonly blockAlign: number } {
  if (size < 16) throw unreadable(`the fmt chunk has ${size} bytes, at least 16 are needed`, { size });
  let tag = view.getUint16(at, true);
  // WAVE_FORMAT_EXTENSIBLE keeps the real format in the first two bytes of its sub-format GUID.
  if (tag === FORMAT_EXTENSIBLE && size >= 26) tag = view.getUint16(at + 24, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRateHz = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);

  const encoding =
    tag === FORMAT_PCM ? "pcm16" : tag === FORMAT_MULAW ? "mulaw" : tag === FORMAT_ALAW ? "alaw" : undefined;
  if (!encoding) throw unreadable(`format ${tag} is not PCM (1), A-law (6) or mu-law (7)`, { format: tag });
  const wantedBits = encoding === "pcm16" ? 16 : 8;
  if (bits !== wantedBits) {
    throw unreadable(`${bits} bits per sample where ${encoding} has ${wantedBits}`, { bits });
  }
  if (channels !== 1 && channels !== 2) {
    throw unreadable(`${channels} channels where 1 or 2 are supported`, { channels });
  }
  if (sampleRateHz < MIN_RATE_HZ || sampleRateHz > MAX_RATE_HZ) {
    throw unreadable(`a sample rate of ${sampleRateHz} Hz is outside ${MIN_RATE_HZ}–${MAX_RATE_HZ} Hz`, {
      sampleRateHz,
    });
  }
  return { encoding, channels, sampleRateHz, blockAlign: (channels * wantedBits) / 8 };
}

/**
 * Takes a WAV file apart without changing rate or channels. A data chunk that claims more than there is, as in a
 * file whose writer died, is read as far as it goes.
 *
 * Throws `EngineError` `ENGINE_AUDIO_UNREADABLE` that names what is wrong.
 */
export function parseWav(bytes: Uint8Array): WavAudio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12) throw unreadable(`${bytes.length} bytes are too few for a RIFF header`);
  if (tag(0) !== "RIFF") throw unreadable("it does not begin with RIFF");
  if (tag(8) !== "WAVE") throw unreadable("the RIFF form is not WAVE");

  let format: ReturnType<typeof readFormat> | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = tag(at);
    const claimed = view.getUint32(at + 4, true);
    const start = at + 8;
    const size = Math.min(claimed, bytes.length - start);
    if (id === "fmt ") format = readFormat(view, start, size);
    if (id === "data") {
      if (!format) throw unreadable("the data chunk comes before the fmt chunk");
      if (size / format.blockAlign / format.sampleRateHz > MAX_SECONDS) {
        throw unreadable(`it is longer than ${MAX_SECONDS} s`);
      }
      return { format, channels: splitChannels(bytes.subarray(start, start + size), format) };
    }
    // Chunks are padded to even length.
    at = start + claimed + (claimed & 1);
  }
  throw unreadable(format ? "it has no data chunk" : "it has no fmt chunk");
}

function splitChannels(data: Uint8Array, format: WavFormat): Int16Array[] {
  const samples =
    format.encoding === "pcm16"
      ? bytesToPcm(data)
      : decodeG711(format.encoding === "mulaw" ? "PCMU" : "PCMA", data);
  if (format.channels === 1) return [samples];
  const length = samples.length >> 1;
  const channels = [new Int16Array(length), new Int16Array(length)];
  for (let i = 0; i < length; i++) {
    for (let c = 0; c < 2; c++) (channels[c] as Int16Array)[i] = samples[2 * i + c] as number;
  }
  return channels;
}

/**
 * A WAV file as 8 kHz mono; two channels are mixed by their mean.
 *
 * Throws `EngineError` `ENGINE_AUDIO_UNREADABLE` that names what is wrong.
 */
export function readWav(bytes: Uint8Array): Int16Array {
  const { format, channels } = parseWav(bytes);
  return resampleTo8kHz(mixDown(channels), format.sampleRateHz);
}

/** One or two channels of equal length as one, by their mean. */
export function mixDown(channels: readonly Int16Array[]): Int16Array {
  const [left, right] = channels as [Int16Array, Int16Array | undefined];
  if (!right) return left;
  const mono = new Int16Array(Math.min(left.length, right.length));
  for (let i = 0; i < mono.length; i++) mono[i] = ((left[i] as number) + (right[i] as number)) >> 1;
  return mono;
}

/** The 44-byte header of a PCM16 WAV whose data is `dataBytes` long; sizes above 32 bits are held at their maximum. */
export function wavHeader(dataBytes: number, channels: 1 | 2, sampleRateHz = SAMPLE_RATE_HZ): Uint8Array {
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const tag = (at: number, text: string) => {
    for (let i = 0; i < 4; i++) header[at + i] = text.charCodeAt(i);
  };
  const size = Math.min(dataBytes, 0xffff_ffff - 36);
  tag(0, "RIFF");
  view.setUint32(4, 36 + size, true);
  tag(8, "WAVE");
  tag(12, "fmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, FORMAT_PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  tag(36, "data");
  view.setUint32(40, size, true);
  return header;
}

/** A whole mono PCM16 WAV file of `pcm`. */
export function writeWav(pcm: Int16Array, sampleRateHz = SAMPLE_RATE_HZ): Uint8Array {
  const bytes = new Uint8Array(WAV_HEADER_BYTES + pcm.length * 2);
  bytes.set(wavHeader(pcm.length * 2, 1, sampleRateHz));
  bytes.set(pcmToBytes(pcm), WAV_HEADER_BYTES);
  return bytes;
}
