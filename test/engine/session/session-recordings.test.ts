import { describe, expect, it } from "vitest";
import { MAX_SESSION_MESSAGE_BYTES } from "../../../engine/limits.ts";
import { encodeG711 } from "../../../engine/media/g711.ts";
import { type MessageFormat, messageFormatOf } from "../../../engine/media/message-formats.ts";
import { tone } from "../../../engine/media/tones.ts";
import { SessionRecordings } from "../../../engine/session/session-recordings.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";

const WAV = messageFormatOf("audio/x-wav") as MessageFormat;
const message = encodeG711("PCMU", tone(800, 1000, -12));

describe("a session's recordings", () => {
  it("are files to send and sounds to play, by their id", () => {
    const recordings = new SessionRecordings();
    const kept = recordings.keep(message, WAV);
    const file = recordings.fileOf(kept.recordingId);
    expect(kept).toEqual({ recordingId: "r1", durationMs: 1000, sizeBytes: file?.bytes.length });
    expect(file).toMatchObject({ contentType: "audio/x-wav", fileName: "r1.wav" });
    expect(toneLevelDbfs(recordings.soundOf("recording:r1") as Int16Array, 800)).toBeCloseTo(-12, 0);
    expect(recordings.soundOf("r1")).toBeUndefined();
    expect(recordings.soundOf("recording:r2")).toBeUndefined();
  });

  it("of nothing said are not kept", () => {
    const recordings = new SessionRecordings();
    expect(recordings.keep(new Uint8Array(0), WAV)).toEqual({
      recordingId: "r1",
      durationMs: 0,
      sizeBytes: 0,
    });
    expect(recordings.fileOf("r1")).toBeUndefined();
    expect(recordings.keep(message, WAV).recordingId).toBe("r2");
  });

  it("give way, the oldest first, when there are too many", () => {
    const recordings = new SessionRecordings();
    const half = new Uint8Array(MAX_SESSION_MESSAGE_BYTES / 2);
    for (let n = 0; n < 3; n++) recordings.keep(half, WAV);
    expect(["r1", "r2", "r3"].map((id) => recordings.fileOf(id) !== undefined)).toEqual([false, true, true]);
  });

  it("are found by name in a text", () => {
    const recordings = new SessionRecordings();
    expect(recordings.split("You said recording:r1.")).toEqual(["You said recording:r1."]);
    recordings.keep(message, WAV);
    expect(recordings.split("You said recording:r1.")).toEqual(["You said ", "recording:r1", "."]);
    expect(recordings.split("recording:r1 recording:r1")).toEqual(["recording:r1", "recording:r1"]);
  });
});
