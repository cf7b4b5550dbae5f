/**
 * Times as clients write them: `now`, `+3 days`, ISO 8601, RFC 2822, and the documented `oct 14th, 2011 11:05PM EST`.
 * What names no zone is in `zone`.
 */
import { DateTime, Duration, type DurationLikeObject } from "luxon";

export interface TimeBase {
  readonly nowMs: number;
  /** IANA zone for times that name none. Default `UTC`. */
  readonly zone?: string;
}

const UNITS: Readonly<Record<string, keyof DurationLikeObject>> = {
  sec: "seconds",
  second: "seconds",
  min: "minutes",
  minute: "minutes",
  hour: "hours",
  day: "days",
  week: "weeks",
  month: "months",
  year: "years",
};

/** The abbreviations of North America and the world's middle; others are ambiguous. */
const ZONES: Readonly<Record<string, string>> = {
  UTC: "UTC",
  GMT: "UTC",
  Z: "UTC",
  EST: "UTC-5",
  EDT: "UTC-4",
  CST: "UTC-6",
  CDT: "UTC-5",
  MST: "UTC-7",
  MDT: "UTC-6",
  PST: "UTC-8",
  PDT: "UTC-7",
};

const WRITTEN_FORMATS = ["LLL d, yyyy h:mma", "LLL d, yyyy H:mm", "LLL d yyyy h:mma", "LLL d yyyy H:mm"];

/** What `readTime` accepts, for messages. */
export const TIME_FORMS = "now, +3 days, 2030-10-14T23:05:00-05:00, or Oct 14th, 2030 11:05PM EST";

/** Epoch milliseconds, or undefined when the expression is not understood. */
export function readTime(expression: string, base: TimeBase): number | undefined {
  const text = expression.trim();
  const zone = base.zone ?? "UTC";
  if (/^now$/i.test(text)) return base.nowMs;
  const relative = readRelative(text, base.nowMs, zone);
  if (relative !== undefined) return relative;
  for (const time of [
    DateTime.fromISO(text, { zone }),
    DateTime.fromSQL(text, { zone }),
    DateTime.fromRFC2822(text),
    DateTime.fromHTTP(text),
  ]) {
    if (time.isValid) return time.toMillis();
  }
  return readWritten(text, zone);
}

/** `+1 week 2 days`, `-30 minutes`. Days and longer keep the clock of the zone. */
function readRelative(text: string, nowMs: number, zone: string): number | undefined {
  const term = /([+-]?)\s*(\d{1,6})\s*([a-z]+?)s?(?=[\s+-]|$)/gi;
  if (!/^[+-]/.test(text) || text.replace(term, "").trim() !== "") return undefined;
  let time = DateTime.fromMillis(nowMs, { zone });
  let sign = 1;
  for (const [, signText, amount, word = ""] of text.matchAll(term)) {
    const unit = UNITS[word.toLowerCase()];
    if (!unit) return undefined;
    if (signText) sign = signText === "-" ? -1 : 1;
    time = time.plus(Duration.fromObject({ [unit]: sign * Number(amount) }));
  }
  return time.isValid ? time.toMillis() : undefined;
}

function readWritten(text: string, zone: string): number | undefined {
  const parts = /^(.*?\d)(?:\s*([ap]m))?(?:\s+([a-z]{1,4}))?$/i.exec(
    text.replace(/\b(\d{1,2})(?:st|nd|rd|th)\b/gi, "$1").replace(/\s+/g, " "),
  );
  if (!parts) return undefined;
  const [, body = "", meridiem = "", abbreviation] = parts;
  const namedZone = abbreviation === undefined ? zone : ZONES[abbreviation.toUpperCase()];
  if (!namedZone) return undefined;
  for (const format of WRITTEN_FORMATS) {
    const time = DateTime.fromFormat(body + meridiem.toUpperCase(), format, {
      zone: namedZone,
      locale: "en-US",
    });
    if (time.isValid) return time.toMillis();
  }
  return undefined;
}
