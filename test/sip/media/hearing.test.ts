import { describe, expect, it } from "vitest";
import { tone } from "../../../engine/index.ts";
import { Hearing } from "../../../sip/media/hearing.ts";

const LOUD = tone(1000, 20, -20);
const NOISE = tone(1000, 20, -55);

function listen(quietMs: number) {
  const heard: string[] = [];
  const hearing = new Hearing(quietMs, (what) => heard.push(what));
  return {
    heard,
    feed: (frames: number, frame: Int16Array | undefined) => {
      for (let i = 0; i < frames; i++) hearing.frame(frame);
    },
  };
}

describe("hearing", () => {
  it("reports sound when it begins and quiet when it has lasted", () => {
    const { heard, feed } = listen(200);
    feed(20, LOUD);
    expect(heard).toEqual(["sound"]);
    feed(9, NOISE);
    expect(heard).toEqual(["sound"]);
    feed(1, NOISE);
    expect(heard).toEqual(["sound", "quiet"]);
  });

  it("does not take a click for sound, nor a pause between words for quiet", () => {
    const { heard, feed } = listen(200);
    feed(1, LOUD);
    feed(5, NOISE);
    expect(heard).toEqual([]);
    for (let word = 0; word < 5; word++) {
      feed(5, LOUD);
      feed(8, undefined);
    }
    expect(heard).toEqual(["sound"]);
  });

  it("takes missing media for quiet, and reports no quiet before any sound", () => {
    const { heard, feed } = listen(100);
    feed(100, undefined);
    expect(heard).toEqual([]);
    feed(2, LOUD);
    feed(5, undefined);
    expect(heard).toEqual(["sound", "quiet"]);
  });
});
