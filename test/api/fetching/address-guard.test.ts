import { describe, expect, it } from "vitest";
import { addressRule, isLoopbackHost, networkProblem } from "../../../api/fetching/address-guard.ts";

describe("an address rule", () => {
  const open = addressRule({ allowsLocal: true });
  const closed = addressRule({ allowsLocal: false, allowNetworks: ["10.1.0.0/16", "fd12::/16"] });
  const everything = addressRule({ allowsLocal: false, allowNetworks: ["0.0.0.0/0", "::/0"] });
  const strict = addressRule({ allowsLocal: false });

  it.each([
    // Metadata services and link-local addresses, in every dress.
    ["169.254.169.254", "never"],
    ["169.254.0.1", "never"],
    ["::ffff:169.254.169.254", "never"],
    ["::ffff:a9fe:a9fe", "never"],
    ["::a9fe:a9fe", "never"],
    ["64:ff9b::a9fe:a9fe", "never"],
    ["2002:a9fe:a9fe::1", "never"],
    ["fe80::1", "never"],
    ["fe80::1%eth0", "never"],
    ["fd00:ec2::254", "never"],
    ["100.100.100.200", "never"],
    ["224.0.0.1", "never"],
    ["255.255.255.255", "never"],
    ["ff02::1", "never"],
    ["not-an-address", "never"],
    // This machine and its network.
    ["127.0.0.1", "local"],
    ["127.8.0.9", "local"],
    ["0.0.0.0", "local"],
    ["::1", "local"],
    ["::", "local"],
    ["::ffff:127.0.0.1", "local"],
    ["64:ff9b::7f00:1", "local"],
    ["10.2.0.1", "local"],
    ["172.31.255.255", "local"],
    ["192.168.1.1", "local"],
    ["100.64.0.1", "local"],
    ["fd13::1", "local"],
    // The world.
    ["93.184.216.34", "world"],
    ["172.32.0.1", "world"],
    ["169.253.0.1", "world"],
    ["2606::1", "world"],
    ["::ffff:93.184.216.34", "world"],
  ])("%s is of kind %s", (address, kind) => {
    expect(open(address) === undefined).toBe(kind !== "never");
    expect(strict(address) === undefined).toBe(kind === "world");
    expect(everything(address) === undefined).toBe(kind !== "never");
  });

  it("opens the networks that are named, also when spelled as IPv6", () => {
    expect(closed("10.1.2.3")).toBeUndefined();
    expect(closed("::ffff:10.1.2.3")).toBeUndefined();
    expect(closed("10.2.0.1")).toBeDefined();
    expect(closed("fd12::1")).toBeUndefined();
  });

  it("says why, and what would open it", () => {
    expect(strict("10.2.0.1")).toBe(
      "it is in a private network; the setting fetch.allowNetworks can open it",
    );
    expect(open("169.254.169.254")).toBe("it is a link-local address, which no setting opens");
  });

  it.each(["localhost", "10.0.0.0/33", "10.0.0.0/8/8", "::/129", "10.0.0.0/x", "10.0.0.0/", ""])(
    "the network %j is a mistake",
    (network) => {
      expect(networkProblem(network)).toContain("neither an IP address nor a network");
      expect(() => addressRule({ allowsLocal: false, allowNetworks: [network] })).toThrow(RangeError);
    },
  );
});

it.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.0.1", false],
  ["localhost.example", false],
])("listening on %s is listening on the loopback only: %s", (host, isLoopback) => {
  expect(isLoopbackHost(host)).toBe(isLoopback);
});
