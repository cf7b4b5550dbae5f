/** The door of telephony: the user agent, the media pool and engine, the simulated carrier. */
export { SIP_ERRORS, SipError } from "./errors.ts";
export type * from "./media/media-port.ts";
