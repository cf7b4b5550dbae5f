import { describe, expect, it } from "vitest";
import { TrustedSources } from "../../api/trusted-sources.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/silent-logger.ts";

function sources(hosts: string[], answers: Record<string, string[]>) {
  const clock = new ManualClock();
  const logger = recordingLogger();
  const trusted = new TrustedSources({
    hosts,
    clock,
    logger,
    resolve: async (host) => {
      const addresses = answers[host];
      if (!addresses) throw new Error(`no address for ${host}`);
      return addresses;
    },
  });
  return { trusted, clock, logger };
}

describe("trusted sources", () => {
  it("are addresses as written, and every address of a name", async () => {
    const { trusted } = sources(["192.0.2.1", "sip.example"], {
      "sip.example": ["192.0.2.7", "2001:db8::7"],
    });
    await trusted.start();
    expect(["192.0.2.1", "192.0.2.7", "2001:db8::7", "192.0.2.8"].map((host) => trusted.has(host))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it("follow a name that moves, and keep its last address while it cannot be looked up", async () => {
    const answers: Record<string, string[]> = { "sip.example": ["192.0.2.7"] };
    const { trusted, clock, logger } = sources(["sip.example"], answers);
    await trusted.start();
    delete answers["sip.example"];
    await clock.advanceAsync(300_000, 100_000);
    expect(trusted.has("192.0.2.7")).toBe(true);
    expect(logger.lines).toMatchObject([{ level: "warn", message: "trunk host has no address" }]);
    answers["sip.example"] = ["192.0.2.9"];
    await clock.advanceAsync(300_000, 100_000);
    expect(trusted.has("192.0.2.9")).toBe(true);
    expect(trusted.has("192.0.2.7")).toBe(false);
  });

  it("look nothing up when there are only addresses, and nothing after the stop", async () => {
    const literal = sources(["192.0.2.1"], {});
    await literal.trusted.start();
    expect(literal.clock.pending).toBe(0);
    const named = sources(["sip.example"], { "sip.example": ["192.0.2.7"] });
    await named.trusted.start();
    named.trusted.stop();
    expect(named.clock.pending).toBe(0);
  });
});
