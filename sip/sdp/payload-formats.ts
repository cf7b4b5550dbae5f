/** The audio formats voxdial speaks, and how SDP names them: RFC 3551 §6 static payload types, RFC 4733 events. */

/** G.711, both laws. */
export type AudioCodec = "PCMU" | "PCMA";

/** Static payload types (RFC 3551 table 4): used with or without an `a=rtpmap` line. */
export const STATIC_PAYLOAD_TYPES: Readonly<Record<AudioCodec, number>> = { PCMU: 0, PCMA: 8 };

/** What we offer for telephone-event: the number most equipment uses. */
export const TELEPHONE_EVENT_PAYLOAD_TYPE = 101;

/** DTMF keys 0–9, *, #, A–D (RFC 4733 §3.2). */
export const TELEPHONE_EVENTS = "0-15";

export const SAMPLE_RATE_HZ = 8000;

/** The codec of a static payload type, when it is one of ours. */
export function codecOfStaticPayload(payloadType: number): AudioCodec | undefined {
  if (payloadType === STATIC_PAYLOAD_TYPES.PCMU) return "PCMU";
  return payloadType === STATIC_PAYLOAD_TYPES.PCMA ? "PCMA" : undefined;
}

/** The codec of an encoding name, which SDP compares without case (RFC 8866 §6.6). */
export function codecOfName(name: string): AudioCodec | undefined {
  const upper = name.toUpperCase();
  return upper === "PCMU" || upper === "PCMA" ? upper : undefined;
}
