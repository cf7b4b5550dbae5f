/** Telephony's failures. How a call ended is data; these are what went wrong around it. */
import { CodedError, type ErrorDefinition } from "../engine/index.ts";

export const SIP_ERRORS = {
  SIP_BIND_FAILED: {
    meaning: "The SIP address and port could not be bound.",
    remedy: "Choose a free port with sip.port (0 picks one), or an address of this machine with sip.bind.",
    retryable: false,
  },
  SIP_MEDIA_FULL: {
    meaning: "No media worker has room, or no RTP port pair is free.",
    remedy: "Lower the channel limits, or widen the RTP port range.",
    retryable: true,
  },
  SIP_MEDIA_LOST: {
    meaning: "The media worker that held this leg died.",
    remedy: "Nothing to do: it restarts; report the log line before it.",
    retryable: true,
  },
  SIP_SDP_UNUSABLE: {
    meaning: "The far end's session description has no audio we can use.",
    remedy: "Offer PCMU or PCMA over RTP/AVP.",
    retryable: false,
  },
} as const satisfies Record<string, ErrorDefinition>;

export class SipError extends CodedError {
  declare readonly code: keyof typeof SIP_ERRORS;

  constructor(
    code: keyof typeof SIP_ERRORS,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, SIP_ERRORS[code], message, options);
  }
}
