/** A leg that takes messages, slot by slot: prompts, beep, what is heard, keys and the end (VoiceXML 2.0 §2.3.6). */
import { describe, expect, it } from "vitest";
import {
  beep,
  decodeG711,
  dtmf,
  encodeG711,
  type MessageRequest,
  silence,
  tone,
} from "../../../engine/index.ts";
import { serializeRtp } from "../../../sip/rtp/packet.ts";
import { serializeTelephoneEvent } from "../../../sip/rtp/telephone-event.ts";
import { toneLevelDbfs } from "../../support/audio-measure.ts";
import { createTestLeg } from "./test-leg.ts";

const REQUEST: MessageRequest = {
  messageId: 1,
  hasBeep: false,
  timeoutMs: 3000,
  maxTimeMs: 60_000,
  finalSilenceMs: 1000,
  isEndedByAnyKey: true,
};

function connected() {
  const test = createTestLeg();
  test.leg.connect(test.media);
  let sequence = 1;
  const leg = {
    ...test,
    /** The far end sends this, frame by frame; each slot is heard in turn. */
    hears(pcm: Int16Array) {
      for (let at = 0; at + 160 <= pcm.length; at += 160) {
        test.arriveAudio(sequence++, { payload: encodeG711("PCMU", pcm.subarray(at, at + 160)) });
        test.tick();
      }
    },
    presses(event: number) {
      const payload = serializeTelephoneEvent({ event, end: false, volume: 10, duration: 160 });
      test.arriveRtp(
        serializeRtp({ payloadType: 101, sequence, timestamp: sequence * 160, ssrc: 77, payload }),
      );
      sequence++;
    },
    /** What was sent from the packet numbered `from` on. */
    sent: (from = 0) =>
      Int16Array.from(test.sentRtp.slice(from).flatMap(({ payload }) => [...decodeG711("PCMU", payload)])),
    ends: () => test.of("messageEnded").map(({ end }) => end),
  };
  leg.hears(silence(200));
  return leg;
}

const prompt = (bargeIn: "speech" | "none" = "none") => ({
  playbackId: 9,
  items: [{ audio: tone(400, 400, -20), bargeIn }],
});

describe("a leg's message", () => {
  it("begins after the prompt and its beep, and holds what was heard then", () => {
    const leg = connected();
    const before = leg.sentRtp.length;
    leg.leg.play(prompt());
    leg.leg.takeMessage({ ...REQUEST, hasBeep: true });
    leg.hears(beep(1900, 400, -15));
    leg.hears(silence(400));
    const sent = leg.sent(before);
    expect(toneLevelDbfs(sent.subarray(0, 3200), 400)).toBeCloseTo(-20, 0);
    expect(toneLevelDbfs(sent.subarray(3200, 5200), 1000)).toBeCloseTo(-16, 0);
    expect(toneLevelDbfs(sent.subarray(5280), 1000)).toBeLessThan(-60);
    leg.hears(beep(700, 600, -15));
    leg.hears(silence(1200));
    const [end] = leg.ends();
    expect(end).toMatchObject({ messageId: 1, ending: "final-silence" });
    const heard = decodeG711("PCMU", end?.audio ?? new Uint8Array(0));
    expect(toneLevelDbfs(heard, 700)).toBeGreaterThan(-26);
    expect(toneLevelDbfs(heard, 1900)).toBeLessThan(-50);
    // The beep is nobody's playback.
    expect(leg.of("playbackEnded")).toEqual([{ type: "playbackEnded", playbackId: 9, ending: "finished" }]);
  });

  it("ends at a key after the key was told", () => {
    const leg = connected();
    leg.leg.takeMessage(REQUEST);
    leg.hears(beep(700, 600, -15));
    leg.presses(11);
    expect(leg.events.slice(-2)).toMatchObject([
      { type: "key", key: "#" },
      { type: "messageEnded", end: { ending: "key", key: "#" } },
    ]);
    expect(leg.ends()[0]?.audio.length).toBeGreaterThan(4000);
    leg.hears(silence(3000));
    expect(leg.ends()).toHaveLength(1);
  });

  it("ends at a key heard in the audio, without it", () => {
    const leg = connected();
    leg.leg.takeMessage(REQUEST);
    leg.hears(beep(700, 600, -15));
    leg.hears(silence(200));
    leg.hears(dtmf("5"));
    leg.hears(silence(200));
    const [end] = leg.ends();
    expect(end).toMatchObject({ ending: "key", key: "5" });
    const heard = decodeG711("PCMU", end?.audio ?? new Uint8Array(0));
    expect(toneLevelDbfs(heard.subarray(-800), 1336)).toBeLessThan(-45);
    expect(toneLevelDbfs(heard, 700)).toBeGreaterThan(-22);
  });

  it("goes on through keys that do not end it", () => {
    const leg = connected();
    leg.leg.takeMessage({ ...REQUEST, isEndedByAnyKey: false });
    leg.presses(1);
    leg.hears(silence(400));
    expect(leg.ends()).toEqual([]);
  });

  it("ends at a key that barges into its prompt, not at one where none can", () => {
    const barged = connected();
    barged.leg.play(prompt("speech"));
    barged.leg.takeMessage(REQUEST);
    barged.hears(silence(100));
    barged.presses(3);
    expect(barged.ends()).toMatchObject([{ ending: "key", key: "3", audio: new Uint8Array(0) }]);

    const deaf = connected();
    deaf.leg.play(prompt("none"));
    deaf.leg.takeMessage(REQUEST);
    deaf.hears(silence(100));
    deaf.presses(3);
    expect(deaf.ends()).toEqual([]);
  });

  it("stopped during its beep is silent from there", () => {
    const leg = connected();
    leg.leg.takeMessage({ ...REQUEST, hasBeep: true });
    leg.tick(4);
    const before = leg.sentRtp.length;
    leg.leg.stopMessage();
    leg.tick(10);
    expect(leg.ends()).toMatchObject([{ ending: "stopped" }]);
    expect(toneLevelDbfs(leg.sent(before), 1000)).toBeLessThan(-60);
  });

  it("ends with the leg, with what was said, before the leg has closed", async () => {
    const leg = connected();
    leg.leg.takeMessage(REQUEST);
    leg.hears(beep(700, 600, -15));
    await leg.leg.close();
    expect(leg.ends()).toMatchObject([{ ending: "hang-up" }]);
    expect(leg.ends()[0]?.audio.length).toBeGreaterThan(4000);
    leg.leg.takeMessage({ ...REQUEST, messageId: 2 });
    expect(leg.ends()[1]).toMatchObject({ messageId: 2, ending: "hang-up" });
  });

  it("gives way to the next one", () => {
    const leg = connected();
    leg.leg.takeMessage(REQUEST);
    leg.leg.takeMessage({ ...REQUEST, messageId: 2 });
    expect(leg.ends()).toMatchObject([{ messageId: 1, ending: "stopped" }]);
  });

  it("hears what came in while the worker stood still", () => {
    const leg = connected();
    leg.leg.takeMessage(REQUEST);
    leg.hears(beep(700, 600, -15));
    leg.tick(1, 10);
    leg.hears(silence(1400));
    expect(leg.ends()).toMatchObject([{ ending: "final-silence" }]);
  });
});
