/** A logger that keeps what it is told, for tests that look and tests that do not. */
import type { Logger } from "../../engine/index.ts";

export interface RecordingLogger extends Logger {
  readonly lines: { level: string; message: string; fields: object }[];
}

export function recordingLogger(lines: RecordingLogger["lines"] = []): RecordingLogger {
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  return {
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => recordingLogger(lines),
  };
}
