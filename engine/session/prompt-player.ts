/**
 * From queued prompts to audio: text is synthesized, `<audio>` fetched and decoded, with its fallback when that
 * fails (VoiceXML 2.0 §4.1.3); silence is made. All pieces of one turn are had at the same time, and kept in order.
 */
import type { PromptSegment, QueuedPrompt } from "../../vxml/index.ts";
import { MAX_AUDIO_FALLBACK_DEPTH, MAX_PROMPT_AUDIO_MS, MAX_SPOKEN_TEXT_CHARS } from "../limits.ts";
import { readAudio } from "../media/audio-file.ts";
import { type Pcm, SAMPLE_RATE_HZ } from "../model/frame.ts";
import type { AudioConverter, Fetcher, PlaybackItem, SpeechSynthesizer } from "../ports.ts";
import { SessionRecordings } from "./session-recordings.ts";

/** What a turn's prompts became. */
export interface PreparedPrompts {
  readonly items: readonly PlaybackItem[];
  /** What is said, piece by piece: the text, or the URI of the audio. */
  readonly said: readonly string[];
  /** Pieces that could not be had and why; the rest is played. */
  readonly problems: readonly string[];
  readonly durationMs: number;
}

/** Reads what needs no decoder: everything but MP3. */
const PLAIN_CONVERTER: AudioConverter = { convert: async (audio) => readAudio(audio) };

export class PromptPlayer {
  readonly #fetcher: Fetcher;
  readonly #synthesizer: SpeechSynthesizer;
  readonly #recordings: SessionRecordings;
  readonly #converter: AudioConverter;

  /** `recordings`: what `recording:…` names; absent: nothing does. */
  constructor(
    fetcher: Fetcher,
    synthesizer: SpeechSynthesizer,
    recordings = new SessionRecordings(),
    converter = PLAIN_CONVERTER,
  ) {
    this.#fetcher = fetcher;
    this.#synthesizer = synthesizer;
    this.#recordings = recordings;
    this.#converter = converter;
  }

  /** Never rejects: what cannot be played is a problem in the result, not the end of the call. */
  async prepare(prompts: readonly QueuedPrompt[]): Promise<PreparedPrompts> {
    const said: string[] = [];
    const problems: string[] = [];
    const pieces = await Promise.all(
      prompts.flatMap((prompt) =>
        prompt.segments.map(async (segment) => ({
          bargeIn: prompt.bargeIn,
          heard: await this.#render(segment, problems, 0),
        })),
      ),
    );
    const items: PlaybackItem[] = [];
    let samples = 0;
    for (const { bargeIn, heard } of pieces) {
      for (const piece of heard) {
        if (piece.said !== undefined) said.push(piece.said);
        if (piece.audio.length === 0) continue;
        const room = (MAX_PROMPT_AUDIO_MS * SAMPLE_RATE_HZ) / 1000 - samples;
        if (piece.audio.length > room) problems.push("the prompt is longer than the limit and was cut");
        if (room <= 0) continue;
        const audio = piece.audio.length > room ? piece.audio.subarray(0, room) : piece.audio;
        samples += audio.length;
        items.push({ audio, bargeIn });
      }
    }
    return { items, said, problems, durationMs: (samples * 1000) / SAMPLE_RATE_HZ };
  }

  async #render(segment: PromptSegment, problems: string[], depth: number): Promise<Rendered[]> {
    switch (segment.kind) {
      case "text": {
        // DEVIATES: VoiceXML 2.0 plays recordings by <audio> alone (Appendix J); older documents say <value>, and a
        // spoken "recording:r1" serves nobody.
        const pieces = this.#recordings.split(segment.text).map((text) => {
          const audio = this.#recordings.soundOf(text);
          return audio ? [{ audio, said: `<${text}>` }] : this.#speak({ ...segment, text }, problems);
        });
        return (await Promise.all(pieces)).flat();
      }
      case "silence":
        return [{ audio: silence(segment.durationMs) }];
      case "mark":
        return [];
      case "audio":
        return this.#fetchAudio(segment, problems, depth);
    }
  }

  async #speak(segment: Extract<PromptSegment, { kind: "text" }>, problems: string[]): Promise<Rendered[]> {
    const text = segment.text.trim();
    if (text === "") return [];
    if (text.length > MAX_SPOKEN_TEXT_CHARS) problems.push("the text is longer than the limit and was cut");
    try {
      const audio = await this.#synthesizer.synthesize({
        text: text.slice(0, MAX_SPOKEN_TEXT_CHARS),
        language: segment.language,
        voice: segment.voice,
      });
      return [{ audio, said: text }];
    } catch (error) {
      problems.push(`"${text.slice(0, 80)}" could not be spoken: ${messageOf(error)}`);
      return [];
    }
  }

  async #fetchAudio(
    segment: Extract<PromptSegment, { kind: "audio" }>,
    problems: string[],
    depth: number,
  ): Promise<Rendered[]> {
    const recorded = this.#recordings.soundOf(segment.uri);
    if (recorded) return [{ audio: recorded, said: `<${segment.uri}>` }];
    const fetched = await this.#fetcher.fetchAudio({
      purpose: "audio",
      uri: segment.uri,
      method: "GET",
      timeoutMs: segment.timeoutMs,
      maxAgeSeconds: segment.maxAgeSeconds,
      maxStaleSeconds: segment.maxStaleSeconds,
      verifiesPeer: segment.verifiesPeer,
    });
    let problem: string;
    if (fetched.ok) {
      try {
        const audio = await this.#converter.convert({ ...fetched, uri: segment.uri });
        return [{ audio, said: `<${segment.uri}>` }];
      } catch (error) {
        problem = messageOf(error);
      }
    } else {
      problem = fetched.status === undefined ? fetched.reason : `HTTP ${fetched.status}: ${fetched.reason}`;
    }
    problems.push(`${segment.uri}: ${problem}`);
    if (depth >= MAX_AUDIO_FALLBACK_DEPTH) return [];
    const fallback = await Promise.all(
      segment.fallback.map((inner) => this.#render(inner, problems, depth + 1)),
    );
    return fallback.flat();
  }
}

interface Rendered {
  readonly audio: Pcm;
  readonly said?: string;
}

function silence(durationMs: number): Pcm {
  const boundedMs = Math.min(Math.max(0, durationMs), MAX_PROMPT_AUDIO_MS);
  return new Int16Array(Math.round((boundedMs * SAMPLE_RATE_HZ) / 1000));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
