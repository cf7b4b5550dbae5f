/** The door of the VoiceXML interpreter: parse, interpret, effect and result types. */
export { CHECK_CODES, type CheckCode, type Severity } from "./check/check-codes.ts";
export type { CheckProblem } from "./check/check-context.ts";
export { type CheckedSource, checkDocuments } from "./check/check-document.ts";
export { CodedError, type ErrorDefinition } from "./coded-error.ts";
export type { HostResult } from "./completion.ts";
export { type Diagnostic, printDiagnostic } from "./diagnostics.ts";
export type * from "./effects.ts";
export { VXML_ERRORS, VxmlError } from "./errors.ts";
export {
  type ExpressionReading,
  type InterpreterSession,
  type SessionOptions,
  startSession,
} from "./fia/interpreter.ts";
export type { SessionHost, SessionStart } from "./fia/session-state.ts";
export { type CollectorStep, DtmfCollector } from "./input/dtmf-collector.ts";
export { matchWords } from "./input/word-matcher.ts";
export { type DocumentReading, parseDocument } from "./parser/document-builder.ts";
export { PROFILE_DIFFERENCES } from "./profiles.ts";
export { prepareScripts, ScriptEngines } from "./scopes/script-engine.ts";
