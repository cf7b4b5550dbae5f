/** The session between a played interpreter and a played leg: what is asked is done, and answered once. */
import { beforeEach, describe, expect, it } from "vitest";
import { writeWav } from "../../../engine/media/wav.ts";
import type { PromptSegment } from "../../../vxml/index.ts";
import { ScriptedSession, settled } from "./scripted-session.ts";

let script: ScriptedSession;

beforeEach(() => {
  script = new ScriptedSession();
});

describe("a session", () => {
  it("starts the interpreter with the start request and its variables", () => {
    expect(script.started).toEqual({
      profile: "plum",
      start: { uri: "http://app/start", method: "POST", fields: [["call_id", "1"]] },
      variables: { id: "x" },
    });
  });

  it("fetches, and traces the exchange without what was sent", async () => {
    script.answerFetch = () => ({ ok: false, status: 500, reason: "the server answered 500" });
    await script.ask({
      type: "fetch",
      request: {
        purpose: "document",
        uri: "http://app/x",
        method: "POST",
        fields: [["pin", "1234"]],
        timeoutMs: 1,
      },
    });
    expect(script.answers).toEqual([{ ok: false, status: 500, reason: "the server answered 500" }]);
    const [entry] = script.traced("fetch");
    expect(entry).toMatchObject({
      source: "http",
      data: { uri: "http://app/x", status: 500, failed: "the server answered 500" },
    });
    expect(JSON.stringify(entry)).not.toContain("1234");
  });

  it("traces where a fetch came to rest without its query", async () => {
    script.answerFetch = () => ({
      ok: true,
      uri: "http://app/y?pin=1234",
      status: 200,
      contentType: "text/xml",
      text: "<vxml/>",
    });
    await script.ask({
      type: "fetch",
      request: {
        purpose: "document",
        uri: "http://app/x",
        method: "GET",
        fields: [["pin", "1234"]],
        timeoutMs: 1,
      },
    });
    expect(script.traced("fetch")[0]?.data).toMatchObject({ finalUri: "http://app/y", characters: 7 });
  });

  it("passes live variables on to the interpreter", () => {
    script.session.notify({ type: "variable", path: ["connection", "callee_type"], value: "voice" });
    expect(script.variables).toEqual([["connection", "callee_type", "voice"]]);
  });

  it("traces logs and steps with their place", () => {
    script.host?.notice({ type: "log", label: "app", text: "hello" });
    script.host?.notice({ type: "trace", entry: { step: "goto", document: "http://app/x", line: 7 } });
    expect(script.traced("log")[0]?.data).toEqual({ label: "app", text: "hello" });
    expect(script.traced("goto")[0]?.data).toMatchObject({ document: "http://app/x", line: 7 });
  });

  it("stops tracing a script that never stops, and says so", () => {
    for (let step = 0; step < 6000; step++) script.host?.notice({ type: "log", text: "again" });
    expect(script.count("trace")).toBe(5000);
    expect(script.traced("trace-full")).toHaveLength(1);
  });

  it("ends once", () => {
    script.host?.ended({ kind: "exit" });
    script.host?.ended({ kind: "exit" });
    script.session.terminate();
    expect(script.count("ended")).toBe(1);
  });

  it("says at once that it cannot transfer, and plays nothing of it", async () => {
    await script.ask({
      type: "transfer",
      kind: "bridge",
      destination: "tel:+15550100",
      prompts: [{ segments: [{ kind: "text", text: "Hold on." }], bargeIn: "none" }],
      grammars: [],
      timing: { timeoutMs: 1, interDigitTimeoutMs: 1, termTimeoutMs: 1, termChar: "" },
      connectTimeoutMs: 1,
    });
    expect(script.answers).toEqual([{ type: "unsupported" }]);
    expect(script.commands.filter(({ type }) => type === "play")).toEqual([]);
  });

  it("terminated, it stops the interpreter and answers nothing more", async () => {
    await script.collect([]);
    script.session.terminate();
    expect(script.isStopped).toBe(true);
    await script.passes(10_000);
    expect(script.answers).toEqual([]);
    expect(script.commands.at(-1)).toMatchObject({ type: "ended" });
    expect(script.clock.pending).toBe(0);
  });
});

describe("playing", () => {
  it("is answered when the prompts have been heard", async () => {
    await script.ask({
      type: "play",
      prompts: [
        {
          bargeIn: "none",
          segments: [
            { kind: "text", text: "Goodbye." },
            { kind: "silence", durationMs: 50 },
            { kind: "mark", name: "m" },
          ],
        },
      ],
    });
    const [playback] = script.playbacks;
    expect(playback?.items.map(({ audio, bargeIn }) => [audio.length, bargeIn])).toEqual([
      [800, "none"],
      [400, "none"],
    ]);
    expect(script.answers).toEqual([]);
    await script.playbackEnds();
    expect(script.answers).toEqual([{ type: "played" }]);
  });

  it("of nothing is answered at once", async () => {
    await script.ask({ type: "play", prompts: [] });
    expect(script.answers).toEqual([{ type: "played" }]);
    expect(script.playbacks).toEqual([]);
  });

  it("plays fetched WAV, and its fallback when it cannot be had or read", async () => {
    const wav = writeWav(Int16Array.of(1, 2, 3));
    script.answerAudio = ({ uri }) =>
      uri.endsWith("good.wav")
        ? { ok: true, contentType: "audio/x-wav", bytes: wav }
        : uri.endsWith("bad.wav")
          ? { ok: true, contentType: "audio/x-wav", bytes: Uint8Array.of(1, 2, 3) }
          : { ok: false, status: 404, reason: "the server answered 404" };
    const audio = (uri: string, text?: string): PromptSegment => ({
      kind: "audio",
      uri,
      timeoutMs: 1000,
      fallback: text ? [{ kind: "text", text }] : [],
    });
    await script.ask({
      type: "play",
      prompts: [
        {
          bargeIn: "none",
          segments: [
            audio("http://app/good.wav", "not needed"),
            audio("http://app/bad.wav", "instead of bad"),
            audio("http://app/gone.wav", "instead of gone"),
            audio("http://app/gone.wav"),
          ],
        },
      ],
    });
    expect([...script.spoken].sort()).toEqual(["instead of bad", "instead of gone"]);
    expect(script.playbacks[0]?.items.map(({ audio }) => audio.length)).toEqual([3, 800, 800]);
    expect(script.traced("prompt")[0]?.data).toMatchObject({
      said: ["<http://app/good.wav>", "instead of bad", "instead of gone"],
      problems: expect.arrayContaining([
        expect.stringContaining("bad.wav: WAV audio cannot be read"),
        expect.stringContaining("gone.wav: HTTP 404"),
      ]),
    });
  });

  it("reads headerless mu-law by its media type", async () => {
    script.answerAudio = () => ({
      ok: true,
      contentType: "audio/basic",
      bytes: new Uint8Array(160).fill(0xff),
    });
    await script.ask({
      type: "play",
      prompts: [
        { bargeIn: "none", segments: [{ kind: "audio", uri: "http://app/x", timeoutMs: 1, fallback: [] }] },
      ],
    });
    expect(script.playbacks[0]?.items[0]?.audio).toHaveLength(160);
  });

  it("a text that cannot be spoken is a problem in the trace, and the rest is played", async () => {
    script.speak = (text) => {
      if (text === "broken") throw new Error("no voice");
      return new Int16Array(8);
    };
    await script.ask({
      type: "play",
      prompts: [
        { bargeIn: "none", segments: [{ kind: "text", text: "broken" }] },
        { bargeIn: "none", segments: [{ kind: "text", text: "fine" }] },
      ],
    });
    expect(script.playbacks[0]?.items).toHaveLength(1);
    expect(script.traced("prompt")[0]?.data).toMatchObject({
      problems: [expect.stringContaining("no voice")],
    });
  });

  it("a hang-up ends the wait for it", async () => {
    await script.ask({
      type: "play",
      prompts: [{ bargeIn: "none", segments: [{ kind: "text", text: "x" }] }],
    });
    script.session.notify({ type: "hungUp" });
    await settled();
    expect(script.answers).toEqual([{ type: "hangup" }]);
  });
});

describe("collecting", () => {
  it("waits for input only after the prompts have been heard (VoiceXML 2.0 §4.1.7)", async () => {
    await script.collect(["speech"]);
    await script.passes(60_000);
    expect(script.answers).toEqual([]);
    await script.playbackEnds();
    await script.passes(2999);
    expect(script.answers).toEqual([]);
    await script.passes(1);
    expect(script.answers).toEqual([{ type: "noinput" }]);
  });

  it("without prompts begins to wait at once", async () => {
    await script.collect([]);
    await script.passes(3000);
    expect(script.lastAnswer).toEqual({ type: "noinput" });
  });

  it("a key that barges in is the input", async () => {
    await script.collect(["speech"]);
    await script.press("1", "speech");
    await script.playbackEnds("barged");
    expect(script.answers).toEqual([
      { type: "match", mode: "dtmf", utterance: "1", grammarIds: ["digits"], confidence: 1 },
    ]);
  });

  it("keys are timed from each other once they begin", async () => {
    await script.collect([], { digits: 3 });
    await script.press("1");
    await script.passes(999);
    await script.press("2");
    await script.passes(999);
    expect(script.answers).toEqual([]);
    await script.passes(1);
    expect(script.lastAnswer).toMatchObject({ type: "nomatch", utterance: "12" });
  });

  it("the end of a barged prompt does not lengthen the time between keys", async () => {
    await script.collect(["speech"], { digits: 2 });
    await script.press("1", "speech");
    await script.passes(500);
    await script.playbackEnds("barged");
    await script.passes(500);
    expect(script.lastAnswer).toMatchObject({ type: "nomatch", utterance: "1" });
  });

  it("a key that matches while hotword prompts play stops them; one that does not is ignored", async () => {
    await script.collect(["hotword"]);
    await script.press("#", "hotword");
    expect(script.answers).toEqual([]);
    expect(script.count("stopPlayback")).toBe(0);
    await script.press("5", "hotword");
    expect(script.lastAnswer).toMatchObject({ type: "match", utterance: "5" });
    expect(script.count("stopPlayback")).toBe(1);
  });

  it("without a DTMF grammar keys are no input", async () => {
    await script.collect([], { digits: 0 });
    await script.passes(2000);
    await script.press("1");
    await script.passes(1000);
    expect(script.lastAnswer).toEqual({ type: "noinput" });
  });

  it("a hang-up is its result", async () => {
    await script.collect(["speech"]);
    script.session.notify({ type: "hungUp" });
    await settled();
    expect(script.answers).toEqual([{ type: "hangup" }]);
    expect(script.hangUps).toBe(0);
    expect(script.clock.pending).toBe(0);
  });
});

describe("type-ahead (VoiceXML 2.0 §4.1.8)", () => {
  it("keys pressed ahead answer the question without its prompt", async () => {
    await script.press("7");
    await script.collect(["speech"]);
    expect(script.playbacks).toEqual([]);
    expect(script.lastAnswer).toMatchObject({ type: "match", utterance: "7" });
  });

  it("what one question leaves goes to the next", async () => {
    await script.press("78");
    await script.collect([]);
    await script.collect([]);
    expect(script.answers).toMatchObject([{ utterance: "7" }, { utterance: "8" }]);
  });

  it("a prompt that cannot be barged into discards them", async () => {
    await script.press("7");
    await script.collect(["none", "speech"]);
    expect(script.playbacks).toHaveLength(1);
    await script.playbackEnds();
    await script.passes(3000);
    expect(script.lastAnswer).toEqual({ type: "noinput" });
  });

  it("keys pressed while such a prompt plays do not count", async () => {
    await script.collect(["none"]);
    await script.press("7", "none");
    await script.playbackEnds();
    await script.passes(3000);
    expect(script.lastAnswer).toEqual({ type: "noinput" });
  });

  it("the rest of a started input is awaited between the digits", async () => {
    await script.press("7");
    await script.collect(["speech"], { digits: 2 });
    await script.press("8");
    expect(script.lastAnswer).toMatchObject({ utterance: "78" });
  });

  it("is bounded", async () => {
    await script.press("1".repeat(200));
    await script.collect([], { digits: 64 });
    expect(script.lastAnswer).toMatchObject({ utterance: "1".repeat(64) });
    await script.collect([]);
    await script.passes(3000);
    expect(script.lastAnswer).toEqual({ type: "noinput" });
  });
});

describe("platform events", () => {
  const beep = { type: "event", name: "voxdial.beep", message: "beep of 1000 Hz" } as const;

  it("reach a collect that names them, and stop what plays", async () => {
    await script.collect(["speech"], { events: ["voxdial.beep"] });
    script.session.notify(beep);
    await settled();
    expect(script.lastAnswer).toEqual(beep);
    expect(script.count("stopPlayback")).toBe(1);
  });

  it("do not reach one that does not", async () => {
    await script.collect([]);
    script.session.notify(beep);
    await script.passes(3000);
    expect(script.lastAnswer).toEqual({ type: "noinput" });
  });

  it("wait for the script that is not listening yet, once", async () => {
    script.session.notify(beep);
    await script.collect(["speech"], { events: ["voxdial.beep"] });
    expect(script.lastAnswer).toEqual(beep);
    expect(script.playbacks).toEqual([]);
    await script.collect([], { events: ["voxdial.beep"] });
    await script.passes(3000);
    expect(script.lastAnswer).toEqual({ type: "noinput" });
  });
});

describe("hanging up", () => {
  it("while nothing waits for the caller is told to the interpreter", () => {
    script.session.notify({ type: "hungUp" });
    expect(script.hangUps).toBe(1);
  });

  it("is told once, and later prompts are not played", async () => {
    script.session.notify({ type: "hungUp" });
    script.session.notify({ type: "hungUp" });
    expect(script.hangUps).toBe(1);
    await script.ask({
      type: "play",
      prompts: [{ bargeIn: "none", segments: [{ kind: "text", text: "x" }] }],
    });
    expect(script.answers).toEqual([{ type: "played" }]);
    expect(script.playbacks).toEqual([]);
  });

  it("by recordcall starts and stops the recording, and gives it back to the deployment", () => {
    script.host?.notice({ type: "recordCall", isOn: true });
    script.host?.notice({ type: "recordCall", isOn: false });
    script.host?.notice({ type: "recordCall" });
    const asked = script.commands.flatMap((command) => (command.type === "recordCall" ? [command.isOn] : []));
    expect(asked).toEqual([true, false, undefined]);
  });

  it("by <disconnect> hangs up the leg, and the session goes on without a caller", async () => {
    script.host?.notice({ type: "disconnect" });
    expect(script.count("hangUp")).toBe(1);
    script.session.notify({ type: "hungUp" });
    expect(script.hangUps).toBe(0);
    script.answerFetch = () => ({ ok: true, uri: "http://app/x", status: 200, contentType: "", text: "" });
    await script.ask({
      type: "fetch",
      request: { purpose: "document", uri: "http://app/x", method: "GET", timeoutMs: 1 },
    });
    expect(script.answers).toMatchObject([{ ok: true }]);
  });
});

describe("what goes wrong", () => {
  const ending = (session: ScriptedSession) => session.commands.find((command) => command.type === "ended");

  it("an interpreter that cannot start ends the session as a failure of the platform", () => {
    const broken = new ScriptedSession(() => {
      throw new Error("no sandbox");
    });
    expect(ending(broken)).toEqual({
      type: "ended",
      ending: { kind: "error", event: "error.voxdial.internal", message: "no sandbox" },
    });
  });

  it("a fetcher that breaks its promise ends only this session", async () => {
    script.answerFetch = () => {
      throw new Error("not a result");
    };
    await script.ask({
      type: "fetch",
      request: { purpose: "document", uri: "http://app/x", method: "GET", timeoutMs: 1 },
    });
    expect(ending(script)).toMatchObject({ ending: { kind: "error", message: "not a result" } });
    expect(script.isStopped).toBe(true);
  });
});
