/** `fetchaudio` on a manual clock (VoiceXML 2.0 §6.1.1, §6.3.5): delay 2 s, minimum 5 s, a clip of one second. */
import { describe, expect, it } from "vitest";
import type { FetchResult } from "../../../vxml/index.ts";
import { ScriptedSession, settled } from "./scripted-session.ts";

const DOCUMENT: FetchResult = {
  ok: true,
  uri: "http://app/next",
  status: 200,
  contentType: "",
  text: "<vxml/>",
};
const FETCH_AUDIO = { uri: "http://app/music.ul", timeoutMs: 1000, delayMs: 2000, minimumMs: 5000 };

/** A session that fetches, with the document's arrival in the test's hands. */
async function fetching(clip: "there" | "missing" | "short" = "there") {
  const script = new ScriptedSession();
  let arrive: (result: FetchResult) => void = () => undefined;
  script.answerFetch = () =>
    new Promise<FetchResult>((resolve) => {
      arrive = resolve;
    }) as unknown as FetchResult;
  script.answerAudio = () =>
    clip === "missing"
      ? { ok: false, status: 404, reason: "the server answered 404" }
      : {
          ok: true,
          contentType: "audio/basic",
          bytes: new Uint8Array(clip === "short" ? 100 : 8000).fill(1),
        };
  await script.ask({
    type: "fetch",
    request: {
      purpose: "document",
      uri: "http://app/next",
      method: "GET",
      timeoutMs: 60_000,
      fetchAudio: FETCH_AUDIO,
    },
  });
  return {
    script,
    arrives: async (result: FetchResult = DOCUMENT) => {
      arrive(result);
      await settled();
    },
  };
}

describe("a fetchaudio", () => {
  it("is not heard when the document comes within the delay", async () => {
    const { script, arrives } = await fetching();
    await script.passes(1999);
    await arrives();
    expect(script.answers).toEqual([DOCUMENT]);
    await script.passes(60_000);
    expect(script.playbacks).toEqual([]);
  });

  it("begins after the delay and ends when the document comes", async () => {
    const { script, arrives } = await fetching();
    await script.passes(2000);
    expect(script.playbacks.map(({ items }) => items[0]?.audio.length)).toEqual([8000]);
    expect(script.playbacks[0]?.items[0]?.bargeIn).toBe("none");
    await script.passes(5000);
    expect(script.answers).toEqual([]);
    await arrives();
    expect(script.answers).toEqual([DOCUMENT]);
    expect(script.count("stopPlayback")).toBe(1);
  });

  it("once begun is heard for the minimum", async () => {
    const { script, arrives } = await fetching();
    await script.passes(2000);
    await arrives();
    await script.passes(4999);
    expect(script.answers).toEqual([]);
    await script.passes(1);
    expect(script.answers).toEqual([DOCUMENT]);
    expect(script.count("stopPlayback")).toBe(1);
  });

  it("is repeated until the document comes, and not once it has", async () => {
    const { script, arrives } = await fetching();
    await script.passes(2000);
    await script.playbackEnds();
    await script.playbackEnds();
    expect(script.playbacks).toHaveLength(3);
    await arrives();
    await script.playbackEnds();
    expect(script.answers).toEqual([DOCUMENT]);
    expect(script.playbacks).toHaveLength(3);
    expect(script.count("stopPlayback")).toBe(0);
  });

  it("too short to be repeated is heard once", async () => {
    const { script, arrives } = await fetching("short");
    await script.passes(2000);
    await script.playbackEnds();
    expect(script.playbacks).toHaveLength(1);
    await arrives();
    expect(script.answers).toEqual([DOCUMENT]);
  });

  it("that cannot be had is silence, and no event", async () => {
    const { script, arrives } = await fetching("missing");
    await script.passes(30_000);
    expect(script.playbacks).toEqual([]);
    await arrives();
    expect(script.answers).toEqual([DOCUMENT]);
    expect(script.traced("fetchaudio")[0]?.data?.problems).toEqual([
      "http://app/music.ul: HTTP 404: the server answered 404",
    ]);
  });

  it("ends with the caller, and the document is still waited for", async () => {
    const { script, arrives } = await fetching();
    await script.passes(2000);
    script.session.notify({ type: "hungUp" });
    await settled();
    expect(script.hangUps).toBe(1);
    expect(script.answers).toEqual([]);
    await arrives();
    expect(script.answers).toEqual([DOCUMENT]);
    expect(script.playbacks).toHaveLength(1);
  });

  it("of a fetch that fails ends like any other", async () => {
    const { script, arrives } = await fetching();
    const failed: FetchResult = { ok: false, reason: "timed out after 60 s" };
    await script.passes(60_000);
    await arrives(failed);
    expect(script.answers).toEqual([failed]);
    expect(script.count("stopPlayback")).toBe(1);
  });
});
