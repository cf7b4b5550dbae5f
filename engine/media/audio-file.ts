/**
 * Audio as servers send it: which format it is, and its samples. WAV, `.au`, and headerless µ-law, A-law and L16
 * (VoiceXML 2.0 Appendix E and Plum's table of audio formats). MP3 is recognized here and decoded elsewhere.
 */
import { EngineError } from "../errors.ts";
import { type Pcm, SAMPLE_RATE_HZ } from "../model/frame.ts";
import type { AudioResource } from "../ports.ts";
import { decodeG711 } from "./g711.ts";
import { resampleTo8kHz } from "./resample.ts";
import { mixDown, parseWav } from "./wav.ts";

export type AudioFormat = "wav" | "au" | "mp3" | "mulaw" | "alaw" | "l16";

/** One channel at its own rate. */
export interface DecodedAudio {
  readonly pcm: Pcm;
  readonly sampleRateHz: number;
}

// LIMIT: as for WAV, an hour; what has no header is bounded by the bytes that are fetched.
const MAX_SECONDS = 3600;
const MIN_RATE_HZ = 4000;
const MAX_RATE_HZ = 192_000;

const BY_MEDIA_TYPE: Readonly<Record<string, AudioFormat>> = {
  "audio/x-wav": "wav",
  "audio/wav": "wav",
  "audio/wave": "wav",
  "audio/vnd.wave": "wav",
  "audio/basic": "mulaw",
  "audio/pcmu": "mulaw",
  "audio/x-mulaw": "mulaw",
  "audio/x-alaw-basic": "alaw",
  "audio/pcma": "alaw",
  "audio/x-alaw": "alaw",
  "audio/l16": "l16",
  "audio/mpeg": "mp3",
  "audio/mp3": "mp3",
  "audio/x-mp3": "mp3",
  "audio/x-mpeg": "mp3",
};

const BY_EXTENSION: Readonly<Record<string, AudioFormat>> = {
  wav: "wav",
  au: "au",
  ul: "mulaw",
  ulaw: "mulaw",
  al: "alaw",
  alaw: "alaw",
  l16: "l16",
  mp3: "mp3",
};

/**
 * What the first bytes say, then the media type, then the file name; undefined when none of them tells. A header is
 * believed before the server, which often knows a file by its name alone.
 */
export function audioFormatOf({ bytes, contentType, uri }: AudioResource): AudioFormat | undefined {
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic === "RIFF") return "wav";
  if (magic === ".snd") return "au";
  if (magic.startsWith("ID3")) return "mp3";
  const byType = Object.hasOwn(BY_MEDIA_TYPE, contentType) ? BY_MEDIA_TYPE[contentType] : undefined;
  if (byType) return byType;
  const extension = /\.(\w+)$/.exec(uri.replace(/[?#].*$/s, ""))?.[1]?.toLowerCase() ?? "";
  if (Object.hasOwn(BY_EXTENSION, extension)) return BY_EXTENSION[extension];
  return isMpegFrame(bytes) ? "mp3" : undefined;
}

/** Eleven bits of sync, then a version, layer, bit rate and sample rate that exist (ISO 11172-3 §2.4.1.3). */
function isMpegFrame([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return false;
  const version = (second >> 3) & 3;
  const layer = (second >> 1) & 3;
  return version !== 1 && layer === 1 && third >> 4 !== 15 && ((third >> 2) & 3) !== 3;
}

/** Throws `EngineError` `ENGINE_AUDIO_UNREADABLE`, for MP3 too. */
export function decodeAudioFile(audio: AudioResource, format = audioFormatOf(audio)): DecodedAudio {
  const { bytes } = audio;
  switch (format) {
    case "wav": {
      const wav = parseWav(bytes);
      return { pcm: mixDown(wav.channels), sampleRateHz: wav.format.sampleRateHz };
    }
    case "au":
      return decodeAu(bytes);
    case "mulaw":
      return { pcm: decodeG711("PCMU", bytes), sampleRateHz: rateOf(audio) };
    case "alaw":
      return { pcm: decodeG711("PCMA", bytes), sampleRateHz: rateOf(audio) };
    case "l16":
      return { pcm: decodeL16(audio), sampleRateHz: rateOf(audio) };
    case "mp3":
      throw unreadable("MP3 is not decoded here");
    case undefined:
      throw unreadable(
        bytes.length === 0
          ? "it is empty"
          : `neither its first bytes nor the media type ${JSON.stringify(audio.contentType)} nor its name tell the format`,
      );
  }
}

/** The whole file as 8 kHz PCM. Throws as `decodeAudioFile` does. */
export function readAudio(audio: AudioResource): Pcm {
  const { pcm, sampleRateHz } = decodeAudioFile(audio);
  return resampleTo8kHz(pcm, sampleRateHz);
}

function rateOf({ sampleRateHz = SAMPLE_RATE_HZ }: AudioResource): number {
  return checkedRate(sampleRateHz);
}

function checkedRate(sampleRateHz: number): number {
  if (sampleRateHz >= MIN_RATE_HZ && sampleRateHz <= MAX_RATE_HZ) return sampleRateHz;
  throw unreadable(`a sample rate of ${sampleRateHz} Hz is outside ${MIN_RATE_HZ}–${MAX_RATE_HZ} Hz`);
}

/** The media type says big-endian (RFC 2586 §2). A file of that name alone may be either, and is heard out. */
function decodeL16({ bytes, contentType }: AudioResource): Pcm {
  const big = pcm16(bytes, false);
  if (contentType === "audio/l16") return big;
  const little = pcm16(bytes, true);
  // Bytes in the wrong order are noise: its samples are far from their neighbours.
  return roughness(little) < roughness(big) ? little : big;
}

// LIMIT: a second tells the byte order, of silence too.
const HEARD_SAMPLES = 8000;

function roughness(pcm: Pcm): number {
  let sum = 0;
  const end = Math.min(pcm.length, HEARD_SAMPLES);
  for (let i = 1; i < end; i++) sum += Math.abs((pcm[i] as number) - (pcm[i - 1] as number));
  return sum;
}

function pcm16(bytes: Uint8Array, isLittleEndian: boolean): Pcm {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pcm = new Int16Array(bytes.length >> 1);
  for (let i = 0; i < pcm.length; i++) pcm[i] = view.getInt16(2 * i, isLittleEndian);
  return pcm;
}

/** Sun's format: six big-endian words, an annotation, the samples. */
function decodeAu(bytes: Uint8Array): DecodedAudio {
  if (bytes.length < 24) throw unreadable(`${bytes.length} bytes are too few for the header of an .au file`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x2e73_6e64) throw unreadable("the .au file does not begin with .snd");
  const start = view.getUint32(4);
  const claimed = view.getUint32(8);
  const encoding = view.getUint32(12);
  const sampleRateHz = checkedRate(view.getUint32(16));
  const channels = view.getUint32(20);
  if (start < 24 || start > bytes.length)
    throw unreadable(`its samples begin at ${start}, which is not in it`);
  if (channels !== 1 && channels !== 2) throw unreadable(`${channels} channels where 1 or 2 are supported`);
  // A writer that could not know the length says 0xffffffff.
  const data = bytes.subarray(start, Math.min(bytes.length, start + claimed));
  const decoders: Readonly<Record<number, () => Pcm>> = {
    1: () => decodeG711("PCMU", data),
    3: () => pcm16(data, false),
    27: () => decodeG711("PCMA", data),
  };
  const decode = decoders[encoding];
  if (!decode) throw unreadable(`encoding ${encoding} is not mu-law (1), linear 16 bit (3) or A-law (27)`);
  const interleaved = decode();
  if (interleaved.length / channels / sampleRateHz > MAX_SECONDS)
    throw unreadable(`it is longer than ${MAX_SECONDS} s`);
  if (channels === 1) return { pcm: interleaved, sampleRateHz };
  const sides = [0, 1].map((side) => interleaved.filter((_, index) => index % 2 === side));
  return { pcm: mixDown(sides), sampleRateHz };
}

function unreadable(problem: string): EngineError {
  return new EngineError("ENGINE_AUDIO_UNREADABLE", `audio cannot be read: ${problem}`);
}
