/**
 * Calling windows: the days and hours, in the callee's time zone, within which a deployment may dial. A call's own
 * window, from its scheduled to its expiration time, is kept by the queue.
 */
import type { CallingWindow } from "../model/call.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Whether a deployment may dial now. Without a window it always may. */
export function isWindowOpen(window: CallingWindow | undefined, nowMs: number): boolean {
  if (!window) return true;
  const { weekday, minute } = localTime(nowMs, window.timeZone);
  if (window.fromMinute <= window.toMinute) {
    return window.days.includes(weekday) && minute >= window.fromMinute && minute < window.toMinute;
  }
  // Past midnight: the part after midnight belongs to the day before.
  const dayBefore = weekday === 1 ? 7 : weekday - 1;
  return (
    (window.days.includes(weekday) && minute >= window.fromMinute) ||
    (window.days.includes(dayBefore) && minute < window.toMinute)
  );
}

/**
 * When the window is open at the earliest: now, or the minute at which it opens next. Undefined: it never opens
 * (no days, or no minutes).
 */
export function nextOpening(window: CallingWindow | undefined, nowMs: number): number | undefined {
  if (isWindowOpen(window, nowMs) || !window) return nowMs;
  if (window.days.length === 0 || window.fromMinute === window.toMinute) return undefined;
  // A change to or from daylight saving time moves the opening, so look at the local clock again after each step
  // instead of adding days. LIMIT: two weeks and a day; every weekly window opens within eight days.
  const horizonMs = nowMs + 15 * DAY_MINUTES * MINUTE_MS;
  let atMs = nowMs - (nowMs % MINUTE_MS) + MINUTE_MS;
  while (atMs < horizonMs) {
    if (isWindowOpen(window, atMs)) return atMs;
    const { minute } = localTime(atMs, window.timeZone);
    // Never past an opening: a quarter hour divides every zone's offset and every shift of daylight saving time.
    const untilFrom = (window.fromMinute - minute + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
    const step = untilFrom > 180 ? untilFrom - 120 : Math.min(untilFrom, 15 - (minute % 15));
    atMs += step * MINUTE_MS;
  }
  return undefined;
}

function localTime(atMs: number, timeZone: string): { readonly weekday: number; readonly minute: number } {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(atMs);
  const value = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return {
    weekday: WEEKDAYS.indexOf(value("weekday")) + 1,
    minute: Number(value("hour")) * 60 + Number(value("minute")),
  };
}
