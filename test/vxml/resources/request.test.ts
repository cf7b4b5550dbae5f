/** What a document's attributes and properties ask of the host that fetches (VoiceXML 2.0 §6.1, §6.3.5). */
import { describe, expect, it } from "vitest";
import { PropertyScope } from "../../../vxml/properties.ts";
import { fetchLimits } from "../../../vxml/resources/request.ts";

const BASE = "http://app/dir/start.vxml";
const properties = (values: Readonly<Record<string, string>>) =>
  new PropertyScope(
    [Object.entries(values).map(([name, value]) => ({ name, value, line: 1, column: 1 }))],
    {},
    "w3c",
  );

describe("fetchaudio", () => {
  it("is fetched as audio and timed by the properties in force", () => {
    const scope = properties({
      fetchaudio: "../music.wav",
      fetchaudiodelay: "1s",
      fetchaudiominimum: "500ms",
      audiomaxage: "60",
      documentmaxage: "10",
      fetchtimeout: "7s",
    });
    expect(fetchLimits("document", {}, scope, BASE).fetchAudio).toEqual({
      uri: "http://app/music.wav",
      timeoutMs: 7000,
      maxAgeSeconds: 60,
      delayMs: 1000,
      minimumMs: 500,
    });
  });

  it("of an element wins over the property", () => {
    const { fetchAudio } = fetchLimits(
      "document",
      { fetchAudio: "a.wav" },
      properties({ fetchaudio: "b" }),
      BASE,
    );
    expect(fetchAudio).toMatchObject({ uri: "http://app/dir/a.wav", delayMs: 2000, minimumMs: 5000 });
  });

  it("is nothing by default, where nobody waits, and where it is no URI", () => {
    expect(fetchLimits("document", {}, properties({}), BASE)).not.toHaveProperty("fetchAudio");
    expect(fetchLimits("script", {}, properties({ fetchaudio: "a.wav" }))).not.toHaveProperty("fetchAudio");
    const { fetchAudio } = fetchLimits("document", { fetchAudio: "http://" }, properties({}), BASE);
    expect(fetchAudio).toBeUndefined();
  });
});

it("certverifypeer=false waives the server's proof, for the fetchaudio too", () => {
  expect(fetchLimits("audio", {}, properties({}))).not.toHaveProperty("verifiesPeer");
  const scope = properties({ certverifypeer: "false", fetchaudio: "a.wav" });
  expect(fetchLimits("document", {}, scope, BASE)).toMatchObject({
    verifiesPeer: false,
    fetchAudio: { verifiesPeer: false },
  });
});
