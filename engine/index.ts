/** The door of the engine: models, ports, media, detection, session, call, dialer. */
export { CodedError, type ErrorDefinition } from "../vxml/index.ts";
export { assert, unreachable } from "./assert.ts";
export { ENGINE_ERRORS, EngineError } from "./errors.ts";
export type * from "./model/call.ts";
export * from "./model/callee-type.ts";
export type * from "./model/dial-string.ts";
export type * from "./model/finding.ts";
export * from "./model/frame.ts";
export type * from "./model/outcome.ts";
export type * from "./ports.ts";
