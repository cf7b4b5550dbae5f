import { describe, expect, it } from "vitest";
import { StrayPackets } from "../../../sip/media/stray-packets.ts";

describe("stray packets", () => {
  it("are counted all, and told of once per source", () => {
    const told: string[] = [];
    const strays = new StrayPackets((kind, { port }, bytes) => told.push(`${kind} ${port} ${bytes}`));
    for (const port of [1, 2, 1, 1, 2]) strays.note("not-rtp", { address: "192.0.2.1", port }, 9);
    expect(strays.count).toBe(5);
    expect(told).toEqual(["not-rtp 1 9", "not-rtp 2 9"]);
  });

  it("from ever changing sources stay a number", () => {
    let told = 0;
    const strays = new StrayPackets(() => told++);
    for (let port = 1; port <= 1000; port++) strays.note("not-rtp", { address: "192.0.2.1", port }, 9);
    expect(strays.count).toBe(1000);
    expect(told).toBe(16);
  });
});
