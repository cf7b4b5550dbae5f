/** The door of the engine: models, ports, media, detection, session, call, dialer. */
export { CodedError, type ErrorDefinition } from "../vxml/index.ts";
export { assert, unreachable } from "./assert.ts";
export {
  type AttemptRunnerParts,
  type AttemptRunnerSettings,
  BEEP_EVENT,
  createAttemptRunner,
} from "./call/call-runner.ts";
export { type AttemptEnding, type EarlyTone, outcomeOf } from "./call/outcome-table.ts";
export {
  type AnalyzerOutput,
  CallAnalyzer,
  DEFAULT_DETECTION_SETTINGS,
} from "./detection/call-analyzer.ts";
export { DtmfDetector } from "./detection/dtmf.ts";
export { MessageRecorder, type MessageStep } from "./detection/message-recorder.ts";
export { isWindowOpen, nextOpening } from "./dialer/calling-window.ts";
export { Dialer, type DialerOptions, type DialerState } from "./dialer/dialer.ts";
export { decideRetry, type RetryDecision } from "./dialer/retry-rule.ts";
export { ENGINE_ERRORS, EngineError } from "./errors.ts";
export { legIdOf, maskNumber, scriptSessionId } from "./ids.ts";
export * from "./media/audio-file.ts";
export * from "./media/fax-signals.ts";
export * from "./media/g711.ts";
export * from "./media/jitter-buffer.ts";
export * from "./media/levels.ts";
export * from "./media/message-formats.ts";
export * from "./media/playout.ts";
export * from "./media/recorder.ts";
export * from "./media/resample.ts";
export * from "./media/sit-tones.ts";
export * from "./media/tone-plans.ts";
export * from "./media/tones.ts";
export * from "./media/wav.ts";
export type * from "./model/call.ts";
export * from "./model/callee-type.ts";
export type * from "./model/dial-string.ts";
export { MAX_DIAL_STRING_CHARS, parseDialString } from "./model/dial-string-parser.ts";
export type * from "./model/finding.ts";
export * from "./model/frame.ts";
export type * from "./model/outcome.ts";
export type * from "./ports.ts";
export * from "./session/interpreter-port.ts";
export {
  type PreparedPrompts,
  PromptPlayer,
} from "./session/prompt-player.ts";
export { type RecordingFile, SessionRecordings } from "./session/session-recordings.ts";
export { startVoiceSession, type VoiceSessionParts } from "./session/voice-session.ts";
