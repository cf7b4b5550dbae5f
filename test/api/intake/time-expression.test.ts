import { describe, expect, it } from "vitest";
import { readTime } from "../../../api/intake/time-expression.ts";

const nowMs = Date.parse("2011-10-14T12:00:00Z");
const read = (text: string, zone?: string) => {
  const atMs = readTime(text, zone === undefined ? { nowMs } : { nowMs, zone });
  return atMs === undefined ? undefined : new Date(atMs).toISOString();
};

describe("accepted expressions", () => {
  it.each([
    ["now", "2011-10-14T12:00:00.000Z"],
    [" NOW ", "2011-10-14T12:00:00.000Z"],
    ["+3 days", "2011-10-17T12:00:00.000Z"],
    ["+1 day", "2011-10-15T12:00:00.000Z"],
    ["+90 seconds", "2011-10-14T12:01:30.000Z"],
    ["+90sec", "2011-10-14T12:01:30.000Z"],
    ["+15 minutes", "2011-10-14T12:15:00.000Z"],
    ["+2 hours", "2011-10-14T14:00:00.000Z"],
    ["+1 week 2 days 4 hours 2 seconds", "2011-10-23T16:00:02.000Z"],
    ["+1 month", "2011-11-14T12:00:00.000Z"],
    ["-30 minutes", "2011-10-14T11:30:00.000Z"],
    ["2011-10-14T23:05:00-05:00", "2011-10-15T04:05:00.000Z"],
    ["2011-10-14T23:05:00Z", "2011-10-14T23:05:00.000Z"],
    ["2011-10-14 23:05:00", "2011-10-14T23:05:00.000Z"],
    ["2011-10-14", "2011-10-14T00:00:00.000Z"],
    ["Fri, 14 Oct 2011 23:05:00 -0500", "2011-10-15T04:05:00.000Z"],
    ["Fri, 14 Oct 2011 23:05:00 GMT", "2011-10-14T23:05:00.000Z"],
    ["oct 14th, 2011 11:05PM EST", "2011-10-15T04:05:00.000Z"],
    ["Oct 14, 2011 11:05 pm EDT", "2011-10-15T03:05:00.000Z"],
    ["oct 1st 2011 9:30am", "2011-10-01T09:30:00.000Z"],
  ])("%s", (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it("what names no zone is in the given one", () => {
    expect(read("2011-10-14 09:00:00", "America/New_York")).toBe("2011-10-14T13:00:00.000Z");
  });

  it("days keep the clock over the change to standard time", () => {
    expect(read("+30 days", "America/New_York")).toBe("2011-11-13T13:00:00.000Z");
  });
});

describe("refused expressions", () => {
  it.each([
    "",
    "someday",
    "tomorrow-ish",
    "+3",
    "+3 fortnights",
    "3 days",
    "+x days",
    "2011-13-40",
    "oct 14th, 2011 25:05",
    "oct 14th, 2011 11:05PM XYZ",
    "+99999999999999999 days",
  ])("%j", (text) => {
    expect(read(text)).toBeUndefined();
  });
});
