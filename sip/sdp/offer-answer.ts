/** Offer and answer for one audio stream (RFC 3264). */
import {
  type LocalMedia,
  localAudioLine,
  type WrittenMedia,
  writeAudio,
  writeDescription,
} from "./local-media.ts";
import type { NegotiatedMedia } from "./negotiated-media.ts";
import {
  directionOf,
  isUsableAudio,
  type MediaLine,
  readDescription,
  receives,
  sends,
  unusable,
  usableAudio,
} from "./session-description.ts";

/** An answer of ours with what it means. */
export interface AnsweredOffer {
  readonly sdp: string;
  readonly media: NegotiatedMedia;
}

/** Our offer: one audio line. RFC 3264 §5.1. */
export function buildOffer(local: LocalMedia): string {
  return writeDescription(local, [writeAudio(local, localAudioLine(local))]);
}

/**
 * Answers an offer: the first usable audio line with the first codec that we have too; every other line is rejected
 * with port 0. Throws a `SipError` `SIP_SDP_UNUSABLE` that names what is wrong. RFC 3264 §6.
 */
export function answerOffer(offer: string, local: LocalMedia): AnsweredOffer {
  const description = readDescription(offer, "offer");
  const ours = localAudioLine(local);
  const offered = pickOfferedLine(
    description.media,
    ours.codecs.map(({ codec }) => codec),
  );
  if (!offered) {
    usableAudio(description, "offer");
    throw unusable(`the offer has none of ${ours.codecs.map(({ codec }) => codec).join(", ")}`);
  }
  const { line, codec } = offered;
  const wanted = ours.direction;
  // §6.1: what they do not receive we do not send, and the other way round.
  const direction = directionOf(
    receives(line.direction) && sends(wanted),
    sends(line.direction) && receives(wanted),
  );
  // §6.1: the payload types of the offer are kept in the answer.
  const telephoneEvent = ours.telephoneEvent === undefined ? undefined : line.telephoneEvent;
  const answer = { codecs: [codec], telephoneEvent, direction };
  const media = description.media.map((other) =>
    other === line ? writeAudio(local, answer) : writeRejected(other),
  );
  return {
    sdp: writeDescription(local, media),
    media: {
      remote: { address: line.address, rtpPort: line.port, rtcpPort: line.rtcpPort },
      codec: codec.codec,
      payloadType: codec.payloadType,
      telephoneEventPayloadType: telephoneEvent,
      direction,
    },
  };
}

/**
 * Reads the answer to an offer of ours. Throws a `SipError` `SIP_SDP_UNUSABLE` that names what is wrong.
 * RFC 3264 §7.
 */
export function readAnswer(offer: string, answer: string): NegotiatedMedia {
  const ours = usableAudio(readDescription(offer, "offer"), "offer");
  const line = usableAudio(readDescription(answer, "answer"), "answer");
  // §6.1: the answer's first format is the one to be used; what we did not offer is none.
  const codec = line.codecs.find((theirs) => ours.codecs.some((mine) => mine.codec === theirs.codec));
  if (!codec) throw unusable(`the answer has no codec of our offer (formats ${line.formats})`);
  return {
    remote: { address: line.address, rtpPort: line.port, rtcpPort: line.rtcpPort },
    codec: codec.codec,
    payloadType: codec.payloadType,
    telephoneEventPayloadType: ours.telephoneEvent === undefined ? undefined : line.telephoneEvent,
    direction: directionOf(
      receives(line.direction) && sends(ours.direction),
      sends(line.direction) && receives(ours.direction),
    ),
  };
}

/**
 * Answers an offer that changes a running session: our address and ports stay what our last description said, its
 * version grows, and the codec stays too as long as it is offered. RFC 3264 §8.
 */
export function answerReoffer(offer: string, ourLast: string): AnsweredOffer {
  const last = readDescription(ourLast, "answer");
  const line = usableAudio(last, "answer");
  const inUse = line.codecs.map(({ codec }) => codec);
  return answerOffer(offer, {
    address: line.address,
    rtpPort: line.port,
    rtcpPort: line.rtcpPort,
    codecs: pickOfferedLine(readDescription(offer, "offer").media, inUse) ? inUse : undefined,
    sessionId: Number(last.sessionId),
    version: last.version + 1,
  });
}

function pickOfferedLine(media: readonly MediaLine[], codecs: readonly string[]) {
  for (const line of media) {
    if (!isUsableAudio(line)) continue;
    const codec = line.codecs.find((candidate) => codecs.includes(candidate.codec));
    if (codec) return { line, codec };
  }
  return undefined;
}

/** §6: a rejected line keeps its place, with port 0 and at least one format. */
function writeRejected(line: MediaLine): WrittenMedia {
  return {
    type: line.type,
    port: 0,
    protocol: line.protocol,
    payloads: line.formats || "0",
    rtp: [],
    fmtp: [],
  };
}
