/**
 * The conformance profiles. `w3c` follows VoiceXML 2.0 and 2.1; `plum` follows the dialect of Plum DEV and Fuse
 * where that departs. Every difference in behaviour is one row of this table; defaults of properties that
 * differ are in `properties.ts`, attributes only plum has in the element table.
 */
import type { ProfileName } from "./effects.ts";

export interface ProfileDifference {
  readonly meaning: string;
  readonly w3c: boolean;
  readonly plum: boolean;
}

export const PROFILE_DIFFERENCES = {
  submitsAllItemsByDefault: {
    meaning:
      "<submit> without namelist sends every named input item (VoiceXML 2.0 §5.3.8); plum sends nothing.",
    w3c: true,
    plum: false,
  },
  untypedTextGrammarIsJsgf: {
    meaning: "A <grammar> of plain text without a type is JSGF.",
    w3c: false,
    plum: true,
  },
  playsOutBeforeTransition: {
    meaning:
      "A transition first plays out the leading queued prompts with bargein=false, so that what the next dialog reads is read after them.",
    w3c: false,
    plum: true,
  },
  bargeInSpreads: {
    meaning: "From the first queued prompt that can be barged into on, all later ones can.",
    w3c: false,
    plum: true,
  },
  fullMatchWaits: {
    meaning:
      "After a complete match that cannot go on, keys are awaited for interdigittimeout still, so that a customary # is not left over; the property termmaxdigits ends that.",
    w3c: false,
    plum: true,
  },
  recordcallIsHeeded: {
    meaning: "The property recordcall starts the recording of the call, or pauses it.",
    w3c: false,
    plum: true,
  },
  transfersAsBridge: {
    meaning:
      "A <transfer> that names neither type nor bridge is a bridge; else it is blind (VoiceXML 2.0 §2.3.7).",
    w3c: false,
    plum: true,
  },
  transfersToPlainNumbers: {
    meaning: "The destination of a <transfer> may be a number alone; it is read as a tel: URI.",
    w3c: false,
    plum: true,
  },
  recordsBasicAudio: {
    meaning: "A <record> without a type makes audio/basic; else audio/x-wav (VoiceXML 2.0 §2.3.6).",
    w3c: false,
    plum: true,
  },
} as const satisfies Record<string, ProfileDifference>;

/** How a profile behaves in one respect. */
export function profileDoes(profile: ProfileName, difference: keyof typeof PROFILE_DIFFERENCES): boolean {
  return PROFILE_DIFFERENCES[difference][profile];
}
