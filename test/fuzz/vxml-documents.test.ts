/**
 * Documents broken at random, run with answers drawn at random: whatever happens is an ending or a wait, never an
 * exception, never a session that does not stop. The seed is fixed; a failure prints the document.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readScriptEngineBytes } from "../../api/workers/script-engine-bytes.ts";
import {
  DtmfCollector,
  type HostResult,
  parseDocument,
  prepareScripts,
  type RequestEffect,
  startSession,
} from "../../vxml/index.ts";

const SEED = 20_040_316;
const PARSED = 4000;
const RUN = 400;

const folder = join(import.meta.dirname, "../../fixtures/vxml");
const documents = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.name.endsWith(".vxml"))
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
  .sort();
const scripts = await prepareScripts(await readScriptEngineBytes());

/** A small generator of numbers from 0 to 1 that repeats itself for a seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const PIECES = [
  '"',
  "'",
  "<",
  ">",
  "&",
  "</form>",
  "<field name='x'>",
  "expr=''",
  "\u0000",
  "]]>",
  "&#x0;",
  "{",
  ")",
];

/** Some of: a piece cut out, doubled, moved, a word swapped for one of another document, a stray mark. */
function mutate(text: string, random: () => number): string {
  let mutated = text;
  const pick = (length: number): number => Math.floor(random() * length);
  for (let round = 0; round <= pick(4); round++) {
    const at = pick(mutated.length);
    const length = pick(30);
    switch (pick(5)) {
      case 0:
        mutated = mutated.slice(0, at) + mutated.slice(at + length);
        break;
      case 1:
        mutated = mutated.slice(0, at + length) + mutated.slice(at);
        break;
      case 2:
        mutated = mutated.slice(0, at) + (PIECES[pick(PIECES.length)] ?? "") + mutated.slice(at);
        break;
      case 3: {
        const words = mutated.match(/\w+/g) ?? [""];
        const from = words[pick(words.length)] ?? "";
        mutated = mutated.replace(from, words[pick(words.length)] ?? "");
        break;
      }
      default: {
        const other = documents[pick(documents.length)] ?? "";
        const lines = other.split("\n");
        const into = mutated.split("\n");
        into.splice(pick(into.length), 0, lines[pick(lines.length)] ?? "");
        mutated = into.join("\n");
      }
    }
  }
  return mutated;
}

describe("mutated documents", () => {
  it(`parse or are refused with positions (seed ${SEED})`, () => {
    const random = randomFrom(SEED);
    let refused = 0;
    for (let round = 0; round < PARSED; round++) {
      const text = mutate(documents[round % documents.length] ?? "", random);
      const reading = parseDocument(text, "http://h/", round % 2 ? "plum" : "w3c");
      if (reading.ok) continue;
      refused++;
      expect(reading.diagnostics.length, text).toBeGreaterThan(0);
      for (const { line, column } of reading.diagnostics) {
        expect(line, text).toBeGreaterThan(0);
        expect(column, text).toBeGreaterThan(0);
      }
    }
    expect(refused).toBeGreaterThan(PARSED / 10);
  });

  it(`run to an ending or a wait (seed ${SEED})`, async () => {
    const random = randomFrom(SEED);
    const endings = new Map<string, number>();
    for (let round = 0; round < RUN; round++) {
      const text = mutate(documents[round % documents.length] ?? "", random);
      const ending = await runOnce(text, random);
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
      expect(ending, text).not.toContain("error.voxdial.internal");
    }
    expect(endings.size).toBeGreaterThan(3);
  });
});

/** Runs a document for at most thirty requests. */
function runOnce(text: string, random: () => number): Promise<string> {
  return new Promise((resolve) => {
    let requests = 0;
    const session = startSession(
      {
        scripts,
        profile: random() < 0.5 ? "plum" : "w3c",
        start: { uri: "http://h/a.vxml", method: "GET", fields: [] },
        variables: { connection: { callee_type: "voice" } },
      },
      {
        request: (effect) => {
          queueMicrotask(() => {
            if (++requests > 30) {
              session.stop();
              resolve("stopped");
            } else session.resume(answer(effect, text, random));
          });
        },
        notice: () => undefined,
        ended: (ending) =>
          resolve(
            `${ending.kind} ${ending.event ?? ""} ${ending.event === "error.voxdial.internal" ? ending.message : ""}`.trim(),
          ),
      },
    );
  });
}

function answer(effect: RequestEffect, text: string, random: () => number): HostResult {
  if (effect.type === "play") return { type: random() < 0.1 ? "hangup" : "played" };
  if (effect.type === "fetch") {
    if (random() < 0.2) return { ok: false, status: 500, reason: "drawn at random" };
    return { ok: true, uri: effect.request.uri, status: 200, contentType: "", text };
  }
  const draw = random();
  if (draw < 0.1) return { type: "hangup" };
  if (effect.type === "record" && draw < 0.7) {
    const recording = { recordingId: `r${Math.floor(random() * 3)}`, durationMs: 500, sizeBytes: 4000 };
    if (draw < 0.2) return { type: "hangup", recording };
    if (draw < 0.3) return { type: "unsupported" };
    return { type: "recorded", isMaxTime: random() < 0.5, ...recording, durationMs: draw < 0.5 ? 0 : 500 };
  }
  if (effect.type === "transfer") {
    if (draw < 0.3) return { type: "handedOver" };
    if (draw < 0.5) return { type: "refused", event: "noroute" };
    if (draw < 0.6) return { type: "unsupported" };
    return { type: "transferred", outcome: "busy", durationMs: 0 };
  }
  if (draw < 0.2) return { type: "noinput" };
  const collector = new DtmfCollector(effect.grammars, effect.timing);
  let step = collector.promptsEnded();
  while (step.type === "wait")
    step =
      random() < 0.7 ? collector.key("0123456789*#"[Math.floor(random() * 12)] ?? "1") : collector.timeout();
  return step.result;
}
