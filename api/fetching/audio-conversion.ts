/**
 * Fetched audio to 8 kHz PCM, once per content: what a thousand callees hear is decoded for the first of them and
 * kept in shared memory, least recently used dropped first. Two servers that send the same bytes share it too.
 */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type AudioConverter,
  type AudioResource,
  audioFormatOf,
  type DecodedAudio,
  decodeAudioFile,
  type Pcm,
  resampledLength,
  resampleInto,
  SAMPLE_RATE_HZ,
} from "../../engine/index.ts";
import { inSharedMemory, RenderedPromptCache } from "../speech/rendered-prompt-cache.ts";
import { decodeMp3 } from "./mp3-decoder.ts";

// Two seconds of music at 44.1 kHz take some ten milliseconds; then other sessions of the thread get their turn.
const SLICE_SAMPLES = 2 * SAMPLE_RATE_HZ;

export class AudioConversion implements AudioConverter {
  readonly #converted: RenderedPromptCache;
  readonly #underWay = new Map<string, Promise<Pcm>>();
  #conversions = 0;

  /** `maxBytes`: of samples kept. Default 64 MB. */
  constructor(options: { readonly maxBytes?: number } = {}) {
    this.#converted = new RenderedPromptCache(options);
  }

  /** Files decoded so far. */
  get conversions(): number {
    return this.#conversions;
  }

  convert(audio: AudioResource): Promise<Pcm> {
    // The same bytes may be read in two ways, when one server names another type.
    const format = audioFormatOf(audio) ?? "unknown";
    const content = createHash("sha1").update(audio.bytes).digest("base64");
    const key = `${format} ${audio.contentType} ${audio.sampleRateHz ?? ""} ${content}`;
    const known = this.#converted.find(key);
    if (known) return Promise.resolve(known);
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    const conversion = this.#convert(audio, key).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, conversion);
    return conversion;
  }

  async #convert(audio: AudioResource, key: string): Promise<Pcm> {
    this.#conversions += 1;
    const format = audioFormatOf(audio);
    const decoded = format === "mp3" ? await decodeMp3(audio.bytes) : decodeAudioFile(audio, format);
    const pcm = inSharedMemory(await resample(decoded));
    this.#converted.keep(key, pcm);
    return pcm;
  }
}

async function resample({ pcm, sampleRateHz }: DecodedAudio): Promise<Pcm> {
  if (sampleRateHz === SAMPLE_RATE_HZ) return pcm;
  const out = new Int16Array(resampledLength(pcm, sampleRateHz));
  for (let start = 0; start < out.length; start += SLICE_SAMPLES) {
    resampleInto(out, pcm, sampleRateHz, start, start + SLICE_SAMPLES);
    await nextTurn();
  }
  return out;
}
