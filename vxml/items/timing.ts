/** The timing properties in force for one wait (VoiceXML 2.0 §6.3.3, Appendix D). */
import type { InputTiming } from "../effects.ts";
import type { ExecutionContext } from "../executable/execution-context.ts";
import { profileDoes } from "../profiles.ts";

/** `promptTimeoutMs`: the last prompt's own, which decides (§4.1.7). */
export function inputTiming(
  { properties, profile }: ExecutionContext,
  promptTimeoutMs: number | undefined,
): InputTiming {
  const interDigitTimeoutMs = properties.milliseconds("interdigittimeout");
  const waits = profileDoes(profile, "fullMatchWaits") && !properties.flag("termmaxdigits");
  const termTimeoutMs = properties.milliseconds("termtimeout");
  return {
    timeoutMs: promptTimeoutMs ?? properties.milliseconds("timeout"),
    interDigitTimeoutMs,
    termTimeoutMs: waits ? Math.max(termTimeoutMs, interDigitTimeoutMs) : termTimeoutMs,
    termChar: properties.text("termchar").slice(0, 1),
  };
}
