/**
 * Every document under fixtures/vxml that has a transcript beside it is played, and what happened is compared with
 * the transcript, line by line. The fixtures cite the sections they are about.
 */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { playTranscript } from "../../api/cli/transcript/transcript-player.ts";
import { readScriptEngineBytes } from "../../api/workers/script-engine-bytes.ts";
import { prepareScripts } from "../../vxml/index.ts";

const FOLDER = join(import.meta.dirname, "../../fixtures/vxml");
const transcripts = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.name.endsWith(".transcript"))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();

const scripts = await prepareScripts(await readScriptEngineBytes());

describe("transcripts", () => {
  it("are there", () => {
    expect(transcripts.length).toBeGreaterThan(20);
  });

  it.each(transcripts.map((path) => [relative(FOLDER, path), path]))("%s", async (_, path) => {
    const { expected, actual, faults } = await playTranscript(path, scripts);
    expect(faults).toEqual([]);
    expect(actual.join("\n")).toBe(expected.join("\n"));
  });
});
