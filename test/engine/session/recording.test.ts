/** `<record>` between a played interpreter and a played leg (VoiceXML 2.0 §2.3.6). */
import { beforeEach, describe, expect, it } from "vitest";
import { ScriptedSession } from "./scripted-session.ts";

let script: ScriptedSession;

/** What was asked of the leg, in order. */
const asked = () => script.commands.map(({ type }) => type).filter((type) => type !== "trace");

beforeEach(() => {
  script = new ScriptedSession();
});

describe("recording", () => {
  it("asks the leg for a message after the prompts, and answers with what was said", async () => {
    await script.record(["speech"]);
    expect(asked()).toEqual(["play", "takeMessage"]);
    expect(script.messages).toEqual([
      {
        messageId: 1,
        hasBeep: true,
        timeoutMs: 3000,
        maxTimeMs: 60_000,
        finalSilenceMs: 2000,
        isEndedByAnyKey: true,
      },
    ]);
    await script.playbackEnds();
    await script.passes(30_000);
    expect(script.answers).toEqual([]);
    await script.messageEnds("final-silence", 16_000);
    expect(script.answers).toEqual([
      { type: "recorded", isMaxTime: false, recordingId: "r1", durationMs: 2000, sizeBytes: 16_000 },
    ]);
    expect(script.recordings.fileOf("r1")?.bytes.length).toBe(16_000);
    expect(script.traced("recorded")[0]?.data).toMatchObject({ ending: "final-silence", durationMs: 2000 });
    expect(asked()).toEqual(["play", "takeMessage"]);
  });

  it("says that its time was over", async () => {
    await script.record([]);
    await script.messageEnds("max-time", 8);
    expect(script.answers).toMatchObject([{ type: "recorded", isMaxTime: true, durationMs: 1 }]);
  });

  it("names the key that ended it, also where nothing was said", async () => {
    await script.record([]);
    await script.press("#");
    await script.messageEnds("key", 800, "#");
    await script.record([]);
    await script.messageEnds("key", 0, "5");
    expect(script.answers).toMatchObject([
      { type: "recorded", termChar: "#", durationMs: 100 },
      { type: "recorded", termChar: "5", durationMs: 0, sizeBytes: 0 },
    ]);
    expect(script.recordings.fileOf("r2")).toBeUndefined();
  });

  it("is no input when nobody speaks", async () => {
    await script.record(["none"]);
    await script.playbackEnds();
    await script.messageEnds("no-input");
    expect(script.answers).toEqual([{ type: "noinput" }]);
  });

  it("ended while its prompts play, it stops them", async () => {
    await script.record(["hotword"]);
    await script.messageEnds("key", 0, "1");
    expect(asked()).toEqual(["play", "takeMessage", "stopPlayback"]);
  });

  it("by a key pressed ahead ends before it began", async () => {
    await script.press("7");
    await script.record(["speech"]);
    expect(script.answers).toMatchObject([{ type: "recorded", termChar: "7", durationMs: 0 }]);
    expect(asked()).toEqual([]);
    await script.press("7");
    await script.record(["none"]);
    expect(asked()).toEqual(["play", "takeMessage"]);
  });

  it("plays its prompts in spite of keys that nobody listens to", async () => {
    await script.press("#");
    await script.record(["speech"], { isEndedByAnyKey: false });
    expect(asked()).toEqual(["play", "takeMessage"]);
  });

  it("ends at a grammar's match, with what was said before it", async () => {
    await script.record([], { digits: 2, isEndedByAnyKey: false });
    await script.press("1");
    expect(asked()).toEqual(["takeMessage"]);
    await script.press("2");
    expect(asked()).toEqual(["takeMessage", "stopMessage"]);
    expect(script.answers).toEqual([]);
    await script.messageEnds("stopped", 800);
    expect(script.answers).toEqual([
      {
        type: "match",
        mode: "dtmf",
        utterance: "12",
        grammarIds: ["digits"],
        confidence: 1,
        recording: { recordingId: "r1", durationMs: 100, sizeBytes: 800 },
      },
    ]);
  });

  it("goes on through keys that match nothing", async () => {
    await script.record([], { digits: 2, isEndedByAnyKey: false });
    await script.press("1");
    await script.passes(1000);
    await script.press("**");
    await script.passes(10_000);
    expect(script.answers).toEqual([]);
    await script.press("34");
    await script.messageEnds("stopped", 8);
    expect(script.answers).toMatchObject([{ type: "match", utterance: "34" }]);
    expect(script.clock.pending).toBe(0);
  });

  it("ends at an event it names, and without one that has happened already", async () => {
    await script.record(["none"], { events: ["voxdial.beep"] });
    script.session.notify({ type: "event", name: "voxdial.beep", message: "1000 Hz" });
    await script.messageEnds("stopped", 800);
    expect(script.answers).toEqual([{ type: "event", name: "voxdial.beep", message: "1000 Hz" }]);
    script.session.notify({ type: "event", name: "voxdial.beep" });
    await script.record(["none"], { events: ["voxdial.beep"] });
    expect(script.answers).toHaveLength(2);
    expect(script.messages).toHaveLength(1);
  });

  it("keeps what was said until the caller hung up", async () => {
    await script.record([]);
    script.session.notify({ type: "hungUp" });
    await script.passes(0);
    expect(script.answers).toEqual([]);
    await script.messageEnds("hang-up", 1600);
    expect(script.answers).toEqual([
      { type: "hangup", recording: { recordingId: "r1", durationMs: 200, sizeBytes: 1600 } },
    ]);
    expect(script.hangUps).toBe(0);
    expect(asked()).toEqual(["takeMessage"]);
  });

  it("is a hang-up once, whichever is told first, and also after a match", async () => {
    await script.record([]);
    await script.messageEnds("hang-up");
    script.session.notify({ type: "hungUp" });
    expect(script.answers).toEqual([{ type: "hangup" }]);
    expect(script.hangUps).toBe(0);

    script = new ScriptedSession();
    await script.record([], { digits: 1, isEndedByAnyKey: false });
    await script.press("1");
    script.session.notify({ type: "hungUp" });
    await script.messageEnds("hang-up", 8);
    expect(script.answers).toMatchObject([{ type: "hangup", recording: { recordingId: "r1" } }]);
  });

  it("in a format that is not made says so, and plays nothing", async () => {
    await script.record(["none"], { mediaType: "audio/mpeg" });
    expect(script.answers).toEqual([{ type: "unsupported", isFormat: true }]);
    expect(asked()).toEqual([]);
  });

  it("goes on past the end of an earlier message", async () => {
    await script.record([]);
    const audio = new Uint8Array(0);
    script.session.notify({ type: "messageEnded", end: { messageId: 0, ending: "stopped", audio } });
    await script.passes(0);
    expect(script.answers).toEqual([]);
  });

  it("is over with its session", async () => {
    await script.record([]);
    script.session.terminate();
    await script.messageEnds("final-silence", 8);
    expect(script.answers).toEqual([]);
  });
});

describe("a recording that was made", () => {
  beforeEach(async () => {
    await script.record([]);
    await script.messageEnds("final-silence", 1600);
  });

  it("is played by <audio>", async () => {
    const audio = { kind: "audio", uri: "recording:r1", timeoutMs: 1000, fallback: [] } as const;
    await script.ask({ type: "play", prompts: [{ bargeIn: "none", segments: [audio] }] });
    expect(script.playbacks[0]?.items.map((item) => item.audio.length)).toEqual([1600]);
    expect(script.fetched).toEqual([]);
  });

  it("is heard where its value is said", async () => {
    const text = { kind: "text", text: "You said: recording:r1 Good?" } as const;
    await script.ask({ type: "play", prompts: [{ bargeIn: "none", segments: [text] }] });
    expect(script.spoken).toEqual(["You said:", "Good?"]);
    expect(script.playbacks[0]?.items.map((item) => item.audio.length)).toEqual([800, 1600, 800]);
  });
});
