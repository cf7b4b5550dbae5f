/** URIs, name-addrs, Vias, Reasons: the parts of header fields. */
import { describe, expect, it } from "vitest";
import { HeaderList } from "../../../../../sip/backends/embedded/message/header-list.ts";
import { newBranch, newTag } from "../../../../../sip/backends/embedded/message/identifiers.ts";
import { parseNameAddr } from "../../../../../sip/backends/embedded/message/name-addr.ts";
import { readReason, writeReason } from "../../../../../sip/backends/embedded/message/reason-header.ts";
import { parseUri } from "../../../../../sip/backends/embedded/message/sip-uri.ts";
import { parseVia, stampVia } from "../../../../../sip/backends/embedded/message/via.ts";

const entries = (map: ReadonlyMap<string, string>) => Object.fromEntries(map);

describe("a SIP URI", () => {
  it.each([
    ["sip:example.com", { scheme: "sip", host: "example.com" }],
    ["SIPS:bob@Example.COM:5061", { scheme: "sips", user: "bob", host: "Example.COM", port: 5061 }],
    ["sip:bob:secret@192.0.2.4", { user: "bob", password: "secret", host: "192.0.2.4" }],
    ["sip:[2001:db8::10]:5070", { host: "2001:db8::10", port: 5070 }],
    ["sip:a?b;c@example.com", { user: "a?b", host: "example.com" }],
    ["sip:bob@example.com?Subject=x%40y", { user: "bob", headers: "Subject=x%40y" }],
    ["sip:a%40b@example.com", { user: "a%40b", host: "example.com" }],
  ])("%s", (text, expected) => {
    expect(parseUri(text)).toMatchObject(expected);
  });

  it("keeps user parameters apart from URI parameters", () => {
    const uri = parseUri("sip:+12125551234;npdi;rn=+12125550000@example.com:5060;user=phone;lr");
    if (!uri || uri.scheme === "tel") throw new Error("not a SIP URI");
    expect(uri.user).toBe("+12125551234");
    expect(entries(uri.userParameters)).toEqual({ npdi: "", rn: "+12125550000" });
    expect(entries(uri.parameters)).toEqual({ user: "phone", lr: "" });
  });

  it.each(["", "bob", "sip:", "sip:@host", "sip:bob@", "sip:bob@host:99999", "sip:b b@host", "http://x/"])(
    "%j is none",
    (text) => {
      expect(parseUri(text)).toBeUndefined();
    },
  );
});

describe("a tel URI", () => {
  it("has a number and parameters", () => {
    const uri = parseUri("tel:+1-212-555-1234;phone-context=example.com");
    expect(uri).toMatchObject({ scheme: "tel", number: "+1-212-555-1234" });
    expect(entries(uri?.parameters ?? new Map())).toEqual({ "phone-context": "example.com" });
  });
});

describe("a name-addr", () => {
  it.each([
    ["sip:a@x;tag=1", undefined, "sip:a@x", { tag: "1" }],
    ["<sip:a@x;lr>;tag=1", undefined, "sip:a@x;lr", { tag: "1" }],
    ["Alice Smith <sip:a@x>", "Alice Smith", "sip:a@x", {}],
    ['"A \\"B\\" <c>" <sip:a@x> ; tag = "q;r"', 'A "B" <c>', "sip:a@x", { tag: "q;r" }],
    ["<tel:+12125551234>;tag=x", undefined, "tel:+12125551234", { tag: "x" }],
  ])("%s", (text, displayName, uri, parameters) => {
    const address = parseNameAddr(text);
    expect(address).toMatchObject({ uri });
    expect(address?.displayName).toBe(displayName);
    expect(entries(address?.parameters ?? new Map())).toEqual(parameters);
  });

  it.each(["", "Bob", "<sip:a@x", '"Bob <sip:a@x>', "<>", "<sip:a b@x>", '"Bob" sip:a@x', "<sip:a@x> tag=1"])(
    "%j is none",
    (text) => {
      expect(parseNameAddr(text)).toBeUndefined();
    },
  );
});

describe("Via", () => {
  it("may have spaces around its slashes and colon", () => {
    expect(parseVia("SIP / 2.0 / UDP first.example.com: 4000;ttl=16;branch=z9hG4bKa")).toMatchObject({
      transport: "UDP",
      host: "first.example.com",
      port: 4000,
      branch: "z9hG4bKa",
    });
  });

  it.each([
    [
      "rport asked for: received and rport are written (RFC 3581 §4)",
      "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;rport",
      "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;received=192.0.2.1;rport=4000",
    ],
    [
      "another address than sent-by: received is written (§18.2.1)",
      "SIP/2.0/UDP host.example.com;branch=z9hG4bK1",
      "SIP/2.0/UDP host.example.com;branch=z9hG4bK1;received=192.0.2.1",
    ],
    [
      "the same address: nothing is written",
      "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
      "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
    ],
    [
      "what the sender wrote there itself is replaced",
      "SIP/2.0/UDP 10.0.0.1;received=8.8.8.8;rport=1;branch=z9hG4bK1",
      "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=192.0.2.1;rport=4000",
    ],
  ])("%s", (_what, text, stamped) => {
    const via = parseVia(text);
    if (!via) throw new Error("not a Via");
    expect(stampVia(text, via, { host: "192.0.2.1", port: 4000 })).toBe(stamped);
  });
});

describe("Reason (RFC 3326)", () => {
  it.each([
    ['Q.850;cause=17;text="User busy"', { protocol: "Q.850", cause: 17, text: "User busy" }],
    ['SIP ;cause=200 ;text="Call completed elsewhere"', { protocol: "SIP", cause: 200 }],
    ["SIP;cause=480, Q.850;cause=34", { protocol: "Q.850", cause: 34 }],
    ["q.850 ; cause=16", { protocol: "Q.850", cause: 16 }],
  ])("%s", (value, reason) => {
    expect(readReason(new HeaderList().append("Reason", value))).toMatchObject(reason);
  });

  it.each(["", "Q.850", "Q.850;cause=x", "preemption;cause=1"])("%j says nothing", (value) => {
    expect(readReason(new HeaderList().append("Reason", value))).toBeUndefined();
  });

  it("is written with its text quoted", () => {
    expect(writeReason({ protocol: "Q.850", cause: 16, text: 'a "b"' })).toBe(
      'Q.850;cause=16;text="a \\"b\\""',
    );
  });
});

describe("identifiers", () => {
  it("are random: 128 bits in a branch, 64 in a tag", () => {
    expect(newBranch()).toMatch(/^z9hG4bK[0-9a-f]{32}$/);
    expect(newTag()).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(Array.from({ length: 100 }, newBranch)).size).toBe(100);
  });
});
