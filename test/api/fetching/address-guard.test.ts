import { describe, expect, it } from "vitest";
import { refuseNetworks } from "../../../api/fetching/address-guard.ts";

describe("refused networks", () => {
  const allows = refuseNetworks(["127.0.0.0/8", "169.254.169.254", "fd00::/8"]);
  it.each([
    ["127.0.0.1", false],
    ["127.255.0.9", false],
    ["169.254.169.254", false],
    ["::ffff:127.0.0.1", false],
    ["fd12::1", false],
    ["169.254.169.253", true],
    ["93.184.216.34", true],
    ["2606::1", true],
  ])("%s is allowed: %s", (address, isAllowed) => {
    expect(allows(address)).toBe(isAllowed);
  });

  it.each(["localhost", "10.0.0.0/33", "10.0.0.0/8/8", "::/129", "10.0.0.0/x"])(
    "%s is a mistake",
    (network) => {
      expect(() => refuseNetworks([network])).toThrow(RangeError);
    },
  );
});
