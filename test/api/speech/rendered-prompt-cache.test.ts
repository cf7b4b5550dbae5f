import { expect, it } from "vitest";
import { inSharedMemory, promptKey, RenderedPromptCache } from "../../../api/speech/rendered-prompt-cache.ts";

const prompt = (bytes: number) => inSharedMemory(new Int16Array(bytes / 2));

it("drops what was heard longest ago when the budget is full", () => {
  const cache = new RenderedPromptCache({ maxBytes: 1000 });
  for (const key of ["a", "b", "c", "d"]) cache.keep(key, prompt(240));
  cache.find("a");
  cache.keep("e", prompt(240));
  expect(cache.find("b")).toBeUndefined();
  for (const key of ["a", "c", "d", "e"]) expect(cache.find(key)).toBeDefined();
  expect(cache.bytes).toBe(960);
});

it("does not keep what would push out everything else", () => {
  const cache = new RenderedPromptCache({ maxBytes: 1000 });
  cache.keep("big", prompt(500));
  expect(cache.find("big")).toBeUndefined();
});

it("keys differ in provider, voice, language and text, however they are cut", () => {
  const keys = [
    promptKey("flite", "a", "b", "c"),
    promptKey("flite", "ab", "", "c"),
    promptKey("flite", "a", "bc", ""),
    promptKey("espeak-ng", "a", "b", "c"),
  ];
  expect(new Set(keys).size).toBe(4);
});

it("shared samples are the same memory, not a copy, on the other side", () => {
  const shared = inSharedMemory(Int16Array.of(1, -2, 3));
  expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
  const received = structuredClone(shared);
  received[0] = 7;
  expect([...shared]).toEqual([7, -2, 3]);
});
