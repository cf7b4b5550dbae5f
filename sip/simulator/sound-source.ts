/** Makes a callee's sounds audible: speech from a synthesizer, everything else from the tone generators. */
import {
  atLevel,
  beep,
  countryTone,
  faxAnswer,
  informationTone,
  type Pcm,
  pinkNoise,
  SAMPLE_RATE_HZ,
  SIT_CATEGORIES,
  type SitCategory,
  type SpeechSynthesizer,
  unreachable,
} from "../../engine/index.ts";
import type { SoundSource } from "./callee-call.ts";
import type { LineCharacter, Sound } from "./callee-script.ts";

/** The beep of a machine is usually a little louder than its greeting. */
const BEEP_OVER_VOICE_DB = 3;

/** A sound source on a synthesizer; `seed` varies the noise. */
export function createSoundSource(speech: SpeechSynthesizer, seed: number): SoundSource {
  let noises = 0;
  return {
    async render(sound: Sound, character: LineCharacter): Promise<Pcm> {
      const level = character.levelDbfs;
      switch (sound.kind) {
        case "speech": {
          const spoken = await speech.synthesize({ text: sound.text, voice: sound.voice ?? character.voice });
          return atLevel(spoken, level);
        }
        case "beep":
          return beep(sound.hz, sound.forMs, level + BEEP_OVER_VOICE_DB);
        case "fax-answer":
          return faxAnswer(sound.cedMs, sound.preambleMs, level);
        case "information-tone":
          return informationTone(sitCategory(sound.category), level);
        case "busy-tone":
          return countryTone(sound.country, "busy", sound.forMs, level);
        case "ringback-tone":
          return countryTone(sound.country, "ringback", sound.forMs, level);
        default:
          return unreachable(sound);
      }
    },
    noise(samples: number, character: LineCharacter): Pcm {
      return pinkNoise((samples * 1000) / SAMPLE_RATE_HZ, character.noiseDbfs, seed + noises++);
    },
  };
}

function sitCategory(name: string): SitCategory {
  const category = SIT_CATEGORIES.find((known) => known === name);
  if (!category) throw new Error(`no information tone ${name}; there are ${SIT_CATEGORIES.join(", ")}`);
  return category;
}
