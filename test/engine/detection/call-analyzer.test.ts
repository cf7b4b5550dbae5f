/**
 * The rules by which findings become a decision, one test each, and the callees every dialer meets. Sounds are played
 * over the noise of a line.
 */
import { describe, expect, it } from "vitest";
import { CallAnalyzer, DEFAULT_DETECTION_SETTINGS } from "../../../engine/detection/call-analyzer.ts";
import { ced, faxAnswer } from "../../../engine/media/fax-signals.ts";
import { informationTone } from "../../../engine/media/sit-tones.ts";
import { countryTone } from "../../../engine/media/tone-plans.ts";
import {
  atLevel,
  beep,
  concatenate,
  dtmf,
  mix,
  pinkNoise,
  repeatFor,
  silence,
  tone,
  whiteNoise,
} from "../../../engine/media/tones.ts";
import { FRAME_SAMPLES, type Pcm } from "../../../engine/model/frame.ts";
import { type ListeningResult, listen } from "../../support/detection-bench.ts";
import { speak } from "../../support/flite-speech.ts";

const GREETING =
  "Hello, you have reached the Miller family. We are not able to come to the telephone at the moment. " +
  "Please leave your name, your number, and a short message after the tone.";
const say = (text: string): Pcm => atLevel(speak(text, "rms"), -20);
const line = (...parts: Pcm[]): Pcm => {
  const whole = concatenate(...parts);
  return mix(whole, whiteNoise(whole.length / 8, -52, 11));
};
const types = (result: ListeningResult): string[] => result.decisions.map((decision) => decision.calleeType);

describe("a person", () => {
  it("says hello and waits", () => {
    const result = listen({ after: line(silence(500), say("Hello?"), silence(3000)) });
    expect(types(result)).toEqual(["voice"]);
    expect(result.decisions[0]).toMatchObject({ isCorrection: false });
    expect(result.decisions[0]?.decidedAtMs).toBeLessThan(2200);
    expect(result.decisions[0]?.why.length).toBeGreaterThan(0);
    expect(result.decisions[0]?.evidence.some((finding) => finding.kind === "speech")).toBe(true);
  });

  it("asks who it is", () => {
    const after = line(silence(400), say("Hello, who is this?"), silence(3000));
    expect(types(listen({ after }))).toEqual(["voice"]);
  });

  it("says nothing: unknown after the silence timeout, though media flows; a key corrects it", () => {
    const result = listen({ after: line(silence(8000)), keys: { 6000: "2" } });
    expect(types(result)).toEqual(["unknown", "voice"]);
    expect(result.decisions[0]).toMatchObject({ decidedAtMs: 4000, isCorrection: false });
    expect(result.decisions[0]?.why[0]).toBe("silence, but media flows");
    expect(result.decisions[1]).toMatchObject({ isCorrection: true });
    expect(result.decisions[1]?.decidedAtMs).toBeLessThanOrEqual(6020);
  });

  it("presses an in-band key after the unknown", () => {
    const result = listen({ after: line(silence(6000), dtmf("2"), silence(1000)) });
    expect(types(result)).toEqual(["unknown", "voice"]);
    expect(result.of("dtmf").map((finding) => finding.evidence.digit)).toEqual(["2"]);
  });

  it("presses a key before anything is decided", () => {
    const result = listen({ after: line(silence(3000)), keys: { 1000: "1" } });
    expect(types(result)).toEqual(["voice"]);
    expect(result.decisions[0]?.decidedAtMs).toBeLessThanOrEqual(1020);
  });

  it("speaks after the unknown", () => {
    const result = listen({ after: line(silence(5000), say("Hello?"), silence(2000)) });
    expect(types(result)).toEqual(["unknown", "voice"]);
    expect(result.decisions[1]?.isCorrection).toBe(true);
  });

  it("has one key press though it comes as event and in-band", () => {
    const result = listen({ after: line(silence(1000), dtmf("7"), silence(1000)), keys: { 1000: "7" } });
    expect(result.of("dtmf")).toEqual([]);
    expect(types(result)).toEqual(["voice"]);
  });

  it("is heard sooner in fast mode", () => {
    const after = line(silence(500), say("Hello?"), silence(3000));
    const [accurate] = listen({ after }).decisions;
    const [fast] = listen({ after, settings: { mode: "fast" } }).decisions;
    expect(fast?.calleeType).toBe("voice");
    expect(fast?.decidedAtMs).toBeLessThan(accurate?.decidedAtMs ?? 0);
  });
});

describe("an answering machine", () => {
  const greeting = say(GREETING);
  const greetingEndMs = 500 + greeting.length / 8;

  it("talks on, then beeps: beep and greeting-end within 60 ms of the beep's end", () => {
    const result = listen({
      after: line(silence(500), greeting, silence(400), beep(1000, 400, -20), silence(3000)),
    });
    expect(types(result)).toEqual(["answeringmachine"]);
    expect(result.decisions[0]?.decidedAtMs).toBeLessThan(4500);
    const [found] = result.heard.filter(({ finding }) => finding.kind === "beep");
    const beepEndMs = greetingEndMs + 800;
    expect(found?.finding.evidence.hz).toBe(1000);
    expect(Math.abs((found?.finding.endMs ?? 0) - beepEndMs)).toBeLessThan(20);
    expect((found?.emittedAtMs ?? Number.POSITIVE_INFINITY) - beepEndMs).toBeLessThanOrEqual(60);
    expect(result.of("greeting-end")).toHaveLength(1);
    expect(result.of("greeting-end")[0]?.evidence.by).toBe("beep");
  });

  it("without a beep ends its greeting by 2 s of silence", () => {
    const result = listen({ after: line(silence(500), greeting, silence(4000)) });
    const [end] = result.heard.filter(({ finding }) => finding.kind === "greeting-end");
    expect(end?.finding.evidence.by).toBe("silence");
    expect((end?.emittedAtMs ?? 0) - greetingEndMs).toBeGreaterThan(1500);
    expect((end?.emittedAtMs ?? Number.POSITIVE_INFINITY) - greetingEndMs).toBeLessThan(2300);
  });

  it("may beep long after its greeting: the beep is still found", () => {
    const result = listen({
      after: line(silence(500), greeting, silence(6000), beep(850, 300, -25), silence(500)),
    });
    expect(result.of("beep")).toHaveLength(1);
    expect(result.of("greeting-end")).toHaveLength(1);
  });

  it("may beep after a greeting too short to tell: the beep decides", () => {
    const after = line(
      silence(400),
      say("Please leave a message."),
      silence(300),
      beep(1000, 400, -20),
      silence(500),
    );
    const result = listen({ after });
    expect(types(result)).toEqual(["answeringmachine"]);
    expect(result.of("greeting-end")).toHaveLength(1);
  });

  it("taken for a person after a short greeting and a pause is corrected by its beep", () => {
    const after = line(
      silence(400),
      say("This is Bob's phone."),
      silence(1500),
      beep(1000, 400, -20),
      silence(500),
    );
    const result = listen({ after });
    expect(types(result)).toEqual(["voice", "answeringmachine"]);
    expect(result.decisions[1]?.isCorrection).toBe(true);
  });

  it("that presses a key is a person who talks a lot", () => {
    const result = listen({ after: line(silence(500), greeting, silence(500)), keys: { 6000: "1" } });
    expect(types(result)).toEqual(["answeringmachine", "voice"]);
  });

  it("of which one packet in thirty is lost is still found with its beep", () => {
    const after = line(silence(500), greeting, silence(400), beep(1000, 400, -20), silence(1000));
    const result = listen({ after, isLost: (frame) => frame % 30 === 7 });
    expect(types(result)).toEqual(["answeringmachine"]);
    expect(result.of("beep")).toHaveLength(1);
  });
});

describe("the line", () => {
  it("plays an information tone before the answer: decided at once, at a negative time", () => {
    const result = listen({ early: line(silence(300), informationTone("IC", -20), silence(500)) });
    expect(types(result)).toEqual(["informationtone"]);
    expect(result.decisions[0]?.decidedAtMs).toBeLessThan(0);
    expect(result.decisions[0]?.evidence[0]).toMatchObject({ kind: "sit", evidence: { category: "IC" } });
  });

  it("plays an information tone after the answer", () => {
    const result = listen({ after: line(silence(300), informationTone("VC", -20), silence(1000)) });
    expect(types(result)).toEqual(["informationtone"]);
  });

  it("plays an information tone soon after its noise begins: no noise of the line is a person's greeting", () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const before = silence(100 + 40 * (seed % 12));
      const sound = concatenate(before, informationTone("VC", -21), silence(1500));
      const noise = pinkNoise(sound.length / 8, -52 + (seed % 10), seed);
      // The far end's noise begins with its media, a frame or two after the answer.
      const result = listen({ after: concatenate(silence(20 * (seed % 3)), mix(sound, noise)) });
      if (types(result).join() !== "informationtone") wrong.push(`${seed}: ${types(result).join()}`);
    }
    expect(wrong).toEqual([]);
  });

  it("an announcement after the information tone changes nothing", () => {
    const after = line(silence(300), informationTone("VC", -20), silence(300), say(GREETING), silence(1000));
    expect(types(listen({ after }))).toEqual(["informationtone"]);
  });

  it.each(["us", "de", "gb"])("is busy after the answer (%s)", (country) => {
    const result = listen({ after: line(silence(300), countryTone(country, "busy", 4000, -24)) });
    expect(types(result)).toEqual(["busy"]);
    expect(result.decisions[0]?.decidedAtMs).toBeLessThan(2500);
  });

  it("asks anew who is there when a call is answered after a busy tone in early media", () => {
    const early = line(silence(300), countryTone("us", "reorder", 4000, -24));
    const result = listen({ early, after: line(silence(400), say("Hello?"), silence(2000)) });
    expect(result.decisions.map((decision) => decision.calleeType)).toEqual(["busy", "voice"]);
    expect(result.decisions.map((decision) => decision.isCorrection)).toEqual([false, true]);
  });

  it("is busy in early media: decided at a negative time", () => {
    const result = listen({ early: line(silence(300), countryTone("us", "reorder", 4000, -24)) });
    expect(types(result)).toEqual(["busy"]);
    expect(result.decisions[0]?.decidedAtMs).toBeLessThan(0);
  });

  it("gives a busy tone after a conversation, which does not change who answered", () => {
    const after = line(silence(400), say("Hello?"), silence(2000), countryTone("us", "busy", 4000, -24));
    const result = listen({ after });
    expect(types(result)).toEqual(["voice"]);
    expect(result.of("busy-tone")).toHaveLength(1);
  });

  it("rings before the answer, which decides nothing", () => {
    const early = line(silence(200), countryTone("us", "ringback", 8000, -20));
    const result = listen({ early, after: line(silence(400), say("Hello?"), silence(2000)) });
    expect(result.of("ringback")).toHaveLength(1);
    expect(types(result)).toEqual(["voice"]);
    expect(result.decisions[0]?.decidedAtMs).toBeLessThan(2200);
  });

  it("rings on after the answer, which holds the decision until somebody speaks", () => {
    const after = line(countryTone("us", "ringback", 8000, -20), say("Hello?"), silence(2000));
    const result = listen({ after });
    expect(types(result)).toEqual(["voice"]);
    expect(result.decisions[0]?.decidedAtMs).toBeGreaterThan(8000);
  });

  it("rings on and on: unknown when the total time is up", () => {
    const result = listen({ after: line(countryTone("us", "ringback", 12_000, -20)) });
    expect(types(result)).toEqual(["unknown"]);
    expect(result.decisions[0]).toMatchObject({
      decidedAtMs: 10_000,
      why: ["It still rings after the answer."],
    });
  });

  it("holds a tone that does not stop, after the answer: a failure", () => {
    expect(types(listen({ after: line(silence(200), tone(400, 6000, -20)) }))).toEqual(["linefailure"]);
  });

  it("number unobtainable is a failure, not busy", () => {
    const after = line(repeatFor(concatenate(tone(425, 2500, -20), silence(500)), 7000));
    expect(types(listen({ after, settings: { country: "au" } }))).toEqual(["linefailure"]);
  });

  it("carries no media for 5 s after the answer: a failure", () => {
    const result = listen({ after: silence(6000), isLost: () => true });
    expect(types(result)).toEqual(["linefailure"]);
    expect(result.decisions[0]?.decidedAtMs).toBe(5000);
    expect(result.of("no-media")).toHaveLength(1);
  });

  it("carries no media before the answer, which is ordinary", () => {
    const analyzer = new CallAnalyzer(DEFAULT_DETECTION_SETTINGS);
    for (let i = 0; i < 500; i++) expect(analyzer.frame(undefined)).toEqual([]);
  });

  it("loses its media after the decision: found, but not who answered is doubted", () => {
    const after = line(silence(400), say("Hello?"), silence(9000));
    const result = listen({ after, isLost: (frame) => frame > 150 });
    expect(types(result)).toEqual(["voice"]);
    expect(result.of("no-media")).toHaveLength(1);
  });

  it("carries a fax", () => {
    expect(types(listen({ after: line(silence(1800), faxAnswer(3000, 1000, -20), silence(500)) }))).toEqual([
      "fax",
    ]);
  });

  it("carries a fax that was silent for longer than the silence timeout", () => {
    const result = listen({ after: line(silence(5000), ced(3000, -20), silence(500)) });
    expect(types(result)).toEqual(["unknown", "fax"]);
  });
});

describe("speech before the answer", () => {
  it("decides neither person nor machine", () => {
    const result = listen({ early: line(silence(300), say(GREETING), silence(2000)) });
    expect(result.decisions).toEqual([]);
    expect(result.of("speech").length).toBeGreaterThan(0);
  });

  it("counts for nothing after the answer", () => {
    const early = line(say("Please hold the line while we connect you to the next agent."));
    const result = listen({ early, after: line(silence(300), say("Hello?"), silence(2000)) });
    expect(types(result)).toEqual(["voice"]);
  });

  it("a beep decides nothing either", () => {
    const result = listen({ early: line(say(GREETING), beep(1000, 400, -20), silence(500)) });
    expect(result.of("beep")).toEqual([]);
    expect(result.decisions).toEqual([]);
  });
});

describe("settings", () => {
  it("the silence timeout is kept", () => {
    const result = listen({ after: line(silence(4000)), settings: { silenceTimeoutMs: 2500 } });
    expect(result.decisions[0]).toMatchObject({ calleeType: "unknown", decidedAtMs: 2500 });
  });

  it("a decision comes at the latest with the total timeout", () => {
    // Words with pauses too short for a person, and too little speech for a machine.
    const word = say("Yes");
    const after = line(...Array.from({ length: 12 }, () => concatenate(word, silence(100))));
    const result = listen({ after, settings: { totalTimeoutMs: 1500, silenceTimeoutMs: 1500 } });
    expect(result.decisions).toHaveLength(1);
    expect(result.decisions[0]?.decidedAtMs).toBeLessThanOrEqual(1500);
  });

  it("off: no person, no machine, no silence; tones and keys are found", () => {
    const after = line(
      silence(500),
      say(GREETING),
      silence(5000),
      dtmf("5"),
      silence(300),
      informationTone("generic", -20),
      silence(500),
    );
    const result = listen({ after, settings: { mode: "off" }, keys: { 200: "9" } });
    expect(types(result)).toEqual(["informationtone"]);
    expect(result.of("dtmf").map((finding) => finding.evidence.digit)).toEqual(["5"]);
  });

  it("the country's plan says what a cadence means", () => {
    const after = line(silence(200), countryTone("de", "reorder", 3000, -20));
    expect(listen({ after, settings: { country: "de" } }).of("reorder-tone")).toHaveLength(1);
    expect(listen({ after, settings: { country: "br" } }).of("busy-tone")).toHaveLength(1);
  });
});

describe("what comes out", () => {
  it("can cross a thread and has increasing times", () => {
    const result = listen({
      after: line(
        silence(500),
        say(GREETING),
        silence(400),
        beep(1000, 400, -20),
        silence(500),
        dtmf("12"),
        silence(300),
      ),
    });
    expect(structuredClone(result.decisions)).toEqual(result.decisions);
    expect(structuredClone(result.findings)).toEqual(result.findings);
    for (const { finding, emittedAtMs } of result.heard) {
      expect(finding.startMs).toBeGreaterThanOrEqual(0);
      expect(finding.startMs).toBeLessThanOrEqual(emittedAtMs);
      expect(finding.endMs ?? emittedAtMs).toBeLessThanOrEqual(emittedAtMs);
      expect(finding.confidence).toBeGreaterThan(0);
      expect(finding.confidence).toBeLessThanOrEqual(1);
    }
  });

  it("is the same for the same frames", () => {
    const after = line(silence(500), say(GREETING), beep(1000, 400, -20), silence(500));
    expect(listen({ after }).heard).toEqual(listen({ after }).heard);
  });

  it("is nothing for frames that are too short, and no exception", () => {
    const analyzer = new CallAnalyzer(DEFAULT_DETECTION_SETTINGS);
    analyzer.markAnswered();
    expect(analyzer.frame(new Int16Array(FRAME_SAMPLES - 1))).toEqual([]);
    expect(analyzer.frame(new Int16Array(0))).toEqual([]);
  });

  it("survives any samples", () => {
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state;
    };
    const analyzer = new CallAnalyzer(DEFAULT_DETECTION_SETTINGS);
    analyzer.markAnswered();
    for (let i = 0; i < 3000; i++) {
      const kind = random() % 4;
      const frame = Int16Array.from({ length: FRAME_SAMPLES }, () =>
        kind === 0 ? random() >> 8 : kind === 1 ? 32_767 : kind === 2 ? -32_768 : 0,
      );
      for (const output of analyzer.frame(random() % 7 === 0 ? undefined : frame)) {
        if (output.type === "finding") expect(Number.isFinite(output.finding.startMs)).toBe(true);
      }
    }
  });
});
