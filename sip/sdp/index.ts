/** Session descriptions: offer and answer for G.711 and telephone-event. */
export type { LocalMedia } from "./local-media.ts";
export type { NegotiatedMedia } from "./negotiated-media.ts";
export { type AnsweredOffer, answerOffer, answerReoffer, buildOffer, readAnswer } from "./offer-answer.ts";
export type { AudioCodec } from "./payload-formats.ts";
