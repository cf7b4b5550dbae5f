/** Logs as JSON lines, to standard output or to a file that is opened anew on request (for log rotation). */
import { pino } from "pino";
import type { Logger } from "../engine/index.ts";
import type { Config } from "./config/config-schema.ts";

export interface Logging {
  readonly logger: Logger;
  /** Closes and opens the log file again; nothing on standard output. */
  reopen(): void;
  /** Writes what is buffered. */
  flush(): void;
}

/** Opens the log that the configuration names. */
export function openLog(settings: Config["log"]): Logging {
  const destination = pino.destination({ dest: settings.file ?? 1, mkdir: true, sync: true });
  const logger = pino({ level: settings.level, base: null, redact: ["pin", "password"] }, destination);
  return {
    logger: logger as unknown as Logger,
    reopen() {
      if (settings.file) destination.reopen();
    },
    flush: () => destination.flushSync(),
  };
}
