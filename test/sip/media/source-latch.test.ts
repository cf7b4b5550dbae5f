import { describe, expect, it } from "vitest";
import { SourceLatch } from "../../../sip/media/source-latch.ts";

const DESCRIBED = { address: "192.0.2.1", port: 4000 };
const OTHER = { address: "192.0.2.1", port: 4002 };

function createLatch(): SourceLatch {
  const latch = new SourceLatch();
  latch.describe(DESCRIBED);
  return latch;
}

describe("a source latch", () => {
  it("believes the described source at once", () => {
    const latch = createLatch();
    expect(latch.accept(DESCRIBED, 9, 0)).toBe(true);
    expect(latch.target).toEqual(DESCRIBED);
    expect(latch.isElsewhere).toBe(false);
  });

  it("believes another source after two packets in sequence, over the wrap too (RFC 3550 A.1)", () => {
    const latch = createLatch();
    expect([7, 9, 0xffff, 0].map((sequence) => latch.accept(OTHER, sequence, 0))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(latch.target).toEqual(OTHER);
    expect(latch.isElsewhere).toBe(true);
  });

  it("stays with a latched source that is heard, against the described one as well", () => {
    const latch = createLatch();
    latch.accept(OTHER, 1, 0);
    latch.accept(OTHER, 2, 20);
    expect(latch.accept(DESCRIBED, 50, 900)).toBe(false);
    latch.accept(OTHER, 3, 1000);
    expect(latch.accept(DESCRIBED, 51, 1900)).toBe(false);
    expect(latch.accept(DESCRIBED, 52, 2100)).toBe(true);
  });

  it("forgets on a new description, not on the same one again", () => {
    const latch = createLatch();
    latch.accept(OTHER, 1, 0);
    latch.accept(OTHER, 2, 20);
    latch.describe({ ...DESCRIBED });
    expect(latch.target).toEqual(OTHER);
    latch.describe({ address: "192.0.2.9", port: 4000 });
    expect(latch.target).toEqual({ address: "192.0.2.9", port: 4000 });
  });
});
