/** What an offer and its answer agreed on: all that a media leg needs to send and receive. */
export interface NegotiatedMedia {
  readonly remote: { readonly address: string; readonly rtpPort: number; readonly rtcpPort: number };
  readonly codec: "PCMU" | "PCMA";
  /** RTP payload type of `codec`. */
  readonly payloadType: number;
  /** Payload type of RFC 4733 telephone-event at 8 kHz; absent: keys go in-band. */
  readonly telephoneEventPayloadType?: number;
  /** Seen from us. */
  readonly direction: "sendrecv" | "sendonly" | "recvonly" | "inactive";
}
