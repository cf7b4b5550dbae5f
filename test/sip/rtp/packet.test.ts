import { describe, expect, it } from "vitest";
import { looksLikeRtcp, parseRtp, serializeRtp } from "../../../sip/rtp/packet.ts";

const FIELDS = {
  payloadType: 0,
  sequence: 1,
  timestamp: 160,
  ssrc: 0xdead_beef,
  payload: Buffer.from("abc"),
};

describe("RTP packets", () => {
  it("are read as RFC 3550 §5.1 draws them", () => {
    const bytes = Buffer.from("80e5fffefffffff0000000ff0102", "hex");
    expect(parseRtp(bytes)).toEqual({
      payloadType: 101,
      marker: true,
      sequence: 0xfffe,
      timestamp: 0xffff_fff0,
      ssrc: 0xff,
      csrcs: [],
      payload: Buffer.from([1, 2]),
    });
  });

  it("come back as they were written, with CSRCs, extension and padding", () => {
    const fields = {
      ...FIELDS,
      marker: true,
      csrcs: [1, 0xffff_ffff],
      extension: { profile: 0xbede, data: Buffer.from([1, 2, 3, 4]) },
    };
    const bytes = serializeRtp({ ...fields, paddingBytes: 5 });
    expect(bytes).toHaveLength(12 + 8 + 8 + 3 + 5);
    expect(parseRtp(bytes)).toEqual(fields);
  });

  it("fill an extension up to whole words", () => {
    const bytes = serializeRtp({ ...FIELDS, extension: { profile: 1, data: Buffer.from([9]) } });
    expect(parseRtp(bytes)?.extension?.data).toEqual(Buffer.from([9, 0, 0, 0]));
  });

  it.each([
    ["nothing", ""],
    ["less than a header", "8000000100000000000000"],
    ["another version", "40000001000000a0deadbeef00"],
    ["more CSRCs than there are bytes", "83000001000000a0deadbeef00000001"],
    ["an extension header cut short", "90000001000000a0deadbeef0000"],
    ["an extension longer than the packet", "90000001000000a0deadbeefbede000200000000"],
    ["padding of zero", "a0000001000000a0deadbeef0000"],
    ["more padding than payload", "a0000001000000a0deadbeef0003"],
  ])("are not read from %s", (_what, hex) => {
    expect(parseRtp(Buffer.from(hex, "hex"))).toBeUndefined();
  });

  it("may have no payload, or padding only", () => {
    expect(parseRtp(Buffer.from("80000001000000a0deadbeef", "hex"))?.payload).toHaveLength(0);
    expect(parseRtp(Buffer.from("a0000001000000a0deadbeef0002", "hex"))?.payload).toHaveLength(0);
  });

  it("are told from RTCP on a shared port by their second byte (RFC 5761 §4)", () => {
    expect(looksLikeRtcp(Buffer.from([0x80, 200]))).toBe(true);
    expect(looksLikeRtcp(serializeRtp({ ...FIELDS, marker: true }))).toBe(false);
    expect(looksLikeRtcp(Buffer.alloc(0))).toBe(false);
  });
});
