/** The door of the VoiceXML interpreter: parse, interpret, effect and result types. */
export { CodedError, type ErrorDefinition } from "./coded-error.ts";
export type * from "./effects.ts";
