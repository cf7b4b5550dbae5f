import { describe, expect, it } from "vitest";
import { KeyMerger, type KeyOrigin } from "../../../sip/media/key-merger.ts";

/** Presses as `key origin atMs`; returns which were new. */
function delivered(...presses: [key: string, origin: KeyOrigin, atMs: number][]): string[] {
  const merger = new KeyMerger();
  return presses.filter(([key, origin, atMs]) => merger.isNew(key, origin, atMs)).map(([key]) => key);
}

describe("merging keys of both origins", () => {
  it("delivers a press once, whichever origin comes first", () => {
    expect(delivered(["1", "rfc4733", 0], ["1", "in-band", 120])).toEqual(["1"]);
    expect(delivered(["1", "in-band", 0], ["1", "rfc4733", 30])).toEqual(["1"]);
  });

  it("pairs quick presses of one key in order", () => {
    expect(
      delivered(["1", "rfc4733", 0], ["1", "in-band", 100], ["1", "rfc4733", 200], ["1", "in-band", 300]),
    ).toEqual(["1", "1"]);
    expect(
      delivered(["1", "rfc4733", 0], ["1", "rfc4733", 150], ["1", "in-band", 200], ["1", "in-band", 350]),
    ).toEqual(["1", "1"]);
  });

  it("delivers presses of one origin, other keys, and the same key later", () => {
    expect(delivered(["1", "in-band", 0], ["1", "in-band", 150])).toEqual(["1", "1"]);
    expect(delivered(["1", "rfc4733", 0], ["2", "in-band", 50])).toEqual(["1", "2"]);
    expect(delivered(["1", "rfc4733", 0], ["1", "in-band", 500])).toEqual(["1", "1"]);
  });
});
