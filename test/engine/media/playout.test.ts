/** Frames are taken by hand; each sample tells which item it came from. */
import { describe, expect, it } from "vitest";
import { type PlaybackItem, Playout } from "../../../engine/index.ts";

function item(samples: number, value: number, bargeIn: PlaybackItem["bargeIn"] = "speech"): PlaybackItem {
  return { audio: new Int16Array(samples).fill(value), bargeIn };
}

function createPlayout() {
  const ended: string[] = [];
  const playout = new Playout((id, ending) => ended.push(`${id} ${ending}`));
  const frame = new Int16Array(160);
  return { playout, ended, frame };
}

describe("playout", () => {
  it("plays silence and says so when there is nothing", () => {
    const { playout, frame } = createPlayout();
    frame.fill(9);
    expect(playout.next(frame)).toBe(false);
    expect(frame.every((sample) => sample === 0)).toBe(true);
    expect(playout.state).toBe("nothing");
  });

  it("joins items and playbacks without a gap, and finishes each once with its last sample", () => {
    const { playout, ended, frame } = createPlayout();
    playout.play({ playbackId: 1, items: [item(100, 1), item(30, 2)] });
    playout.play({ playbackId: 2, items: [item(190, 3)] });
    expect(playout.next(frame)).toBe(true);
    expect([frame[99], frame[100], frame[129], frame[130], frame[159]]).toEqual([1, 2, 2, 3, 3]);
    expect(ended).toEqual(["1 finished"]);
    expect(playout.next(frame)).toBe(true);
    expect(ended).toEqual(["1 finished", "2 finished"]);
    expect(playout.next(frame)).toBe(false);
    expect(ended).toHaveLength(2);
  });

  it("fills the last frame with silence", () => {
    const { playout, frame } = createPlayout();
    playout.play({ playbackId: 1, items: [item(10, 7)] });
    frame.fill(9);
    playout.next(frame);
    expect([frame[9], frame[10], frame[159]]).toEqual([7, 0, 0]);
  });

  it("finishes a playback without samples on the next frame", () => {
    const { playout, ended, frame } = createPlayout();
    playout.play({ playbackId: 1, items: [] });
    playout.play({ playbackId: 2, items: [item(0, 0)] });
    expect(ended).toEqual([]);
    expect(playout.next(frame)).toBe(false);
    expect(ended).toEqual(["1 finished", "2 finished"]);
  });

  it("stops a speech item and all that follows on a key", () => {
    const { playout, ended, frame } = createPlayout();
    playout.play({ playbackId: 1, items: [item(320, 1), item(160, 2, "none")] });
    playout.play({ playbackId: 2, items: [item(160, 3, "hotword")] });
    playout.next(frame);
    expect(playout.keyPressed()).toBe("speech");
    expect(ended).toEqual(["1 barged", "2 barged"]);
    expect(playout.next(frame)).toBe(false);
    expect(playout.keyPressed()).toBe("nothing");
  });

  it.each(["none", "hotword"] as const)("lets a key change nothing during %s", (bargeIn) => {
    const { playout, ended, frame } = createPlayout();
    playout.play({ playbackId: 1, items: [item(320, 1, bargeIn)] });
    playout.next(frame);
    expect(playout.keyPressed()).toBe(bargeIn);
    expect(ended).toEqual([]);
    expect(playout.next(frame)).toBe(true);
    expect(ended).toEqual(["1 finished"]);
  });

  it("decides by the item that plays, not by those before or behind it", () => {
    const { playout, ended, frame } = createPlayout();
    playout.play({ playbackId: 1, items: [item(160, 1, "none"), item(160, 2, "speech")] });
    expect(playout.keyPressed()).toBe("none");
    playout.next(frame);
    expect(playout.state).toBe("speech");
    expect(playout.keyPressed()).toBe("speech");
    expect(ended).toEqual(["1 barged"]);
  });

  it("drops everything by command, even what no key may stop", () => {
    const { playout, ended } = createPlayout();
    playout.play({ playbackId: 1, items: [item(320, 1, "none")] });
    playout.play({ playbackId: 2, items: [item(320, 1)] });
    playout.stop();
    playout.stop();
    expect(ended).toEqual(["1 stopped", "2 stopped"]);
    expect(playout.state).toBe("nothing");
  });

  it("goes on without a gap with what is queued when a playback ends", () => {
    const frame = new Int16Array(160);
    const playout = new Playout((id) => {
      if (id === 1) playout.play({ playbackId: 2, items: [item(160, 2)] });
    });
    playout.play({ playbackId: 1, items: [item(160, 1)] });
    playout.next(frame);
    expect(playout.next(frame)).toBe(true);
    expect(frame[0]).toBe(2);
  });
});
