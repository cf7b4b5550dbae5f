/** The engine's failures. Outcomes of calls are data (`model/outcome.ts`); these are what went wrong around them. */
import { CodedError, type ErrorDefinition } from "../vxml/index.ts";

export const ENGINE_ERRORS = {
  ENGINE_DIAL_STRING_INVALID: {
    meaning: "A phone number or one of its parameters is not of the documented form.",
    remedy: "Write digits with an optional leading +, or tel: with ani= and postd= parameters.",
    retryable: false,
  },
  ENGINE_AUDIO_UNREADABLE: {
    meaning: "An audio file is not of a supported format.",
    remedy:
      "Use WAV or .au with PCM16, mu-law or A-law, headerless mu-law, A-law or L16 with its media type, or MP3.",
    retryable: false,
  },
  ENGINE_SPEECH_FAILED: {
    meaning: "A prompt's text could not be synthesized.",
    remedy: "Check the configured speech provider and voice.",
    retryable: true,
  },
} as const satisfies Record<string, ErrorDefinition>;

export class EngineError extends CodedError {
  declare readonly code: keyof typeof ENGINE_ERRORS;

  constructor(
    code: keyof typeof ENGINE_ERRORS,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, ENGINE_ERRORS[code], message, options);
  }
}
