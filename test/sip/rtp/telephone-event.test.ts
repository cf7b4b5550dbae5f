/** RFC 4733: what a key press is on the wire, and how presses are found when the network mistreats their packets. */
import { describe, expect, it } from "vitest";
import {
  type EventPacket,
  parseTelephoneEvent,
  serializeTelephoneEvent,
  TelephoneEventReceiver,
  TelephoneEventSender,
} from "../../../sip/rtp/telephone-event.ts";

function packetsOf(key: string, timestamp: number, durationMs: number): EventPacket[] {
  const sender = new TelephoneEventSender(key, timestamp, durationMs);
  const packets: EventPacket[] = [];
  for (let packet = sender.next(); packet; packet = sender.next()) packets.push(packet);
  return packets;
}

function keysFrom(packets: readonly EventPacket[], receiver = new TelephoneEventReceiver()): string[] {
  return packets.flatMap(({ timestamp, payload }) => receiver.packet(timestamp, payload) ?? []);
}

describe("the payload of an event", () => {
  it("has event, end bit, volume and duration (§2.3)", () => {
    const fields = { event: 11, end: true, volume: 10, duration: 0x1234 };
    const payload = serializeTelephoneEvent(fields);
    expect(Buffer.from(payload).toString("hex")).toBe("0b8a1234");
    expect(parseTelephoneEvent(payload)).toEqual(fields);
    expect(parseTelephoneEvent(Uint8Array.of(1, 2, 3))).toBeUndefined();
  });
});

describe("a sent key", () => {
  it("has one timestamp, the marker once, a growing duration, and its end three times", () => {
    const packets = packetsOf("#", 7000, 100);
    expect(
      packets.map(({ timestamp, marker, payload }) => ({
        timestamp,
        marker,
        ...parseTelephoneEvent(payload),
      })),
    ).toEqual([
      { timestamp: 7000, marker: true, event: 11, end: false, volume: 10, duration: 160 },
      { timestamp: 7000, marker: false, event: 11, end: false, volume: 10, duration: 320 },
      { timestamp: 7000, marker: false, event: 11, end: false, volume: 10, duration: 480 },
      { timestamp: 7000, marker: false, event: 11, end: false, volume: 10, duration: 640 },
      { timestamp: 7000, marker: false, event: 11, end: true, volume: 10, duration: 800 },
      { timestamp: 7000, marker: false, event: 11, end: true, volume: 10, duration: 800 },
      { timestamp: 7000, marker: false, event: 11, end: true, volume: 10, duration: 800 },
    ]);
  });

  it("goes on in a new segment beyond 0xFFFF (§2.5.1.3), and is still one key", () => {
    const packets = packetsOf("5", 0xffff_ff00, 10_000);
    expect([...new Set(packets.map(({ timestamp }) => timestamp))]).toEqual([0xffff_ff00, 0xfeff]);
    const fields = packets.map(({ payload }) => parseTelephoneEvent(payload));
    const full = fields.findIndex((each) => each?.duration === 0xffff);
    expect(fields[full]).toMatchObject({ end: false });
    expect(fields[full + 1]?.duration).toBe(411 * 160 - 0xffff);
    expect(fields.at(-1)).toMatchObject({ end: true, duration: 80_000 - 0xffff });
    expect(keysFrom(packets)).toEqual(["5"]);
  });
});

describe("received keys", () => {
  const one = packetsOf("1", 1000, 100);
  const two = packetsOf("2", 3400, 100);

  it.each("0123456789*#ABCD".split(""))("know %s", (key) => {
    expect(keysFrom(packetsOf(key, 5, 60))).toEqual([key]);
  });

  it("are told with the first packet that arrives", () => {
    const receiver = new TelephoneEventReceiver();
    expect(receiver.packet(1000, one[0]?.payload as Uint8Array)).toBe("1");
    expect(keysFrom(one.slice(1), receiver)).toEqual([]);
  });

  it.each<[string, readonly EventPacket[], string[]]>([
    ["the marked packet is lost", [...one.slice(1), ...two.slice(1)], ["1", "2"]],
    ["only an end packet comes", [...one.slice(-1), ...two.slice(-1)], ["1", "2"]],
    ["all end packets are lost", [...one.slice(0, 4), ...two], ["1", "2"]],
    [
      "the end is lost and the same key follows",
      [...one.slice(0, 4), ...packetsOf("1", 3400, 100)],
      ["1", "1"],
    ],
    ["every packet comes twice", [...one, ...two].flatMap((packet) => [packet, packet]), ["1", "2"]],
    ["packets of one key are reordered", [...one].reverse(), ["1"]],
    [
      "an end packet comes after the next key began",
      [...one.slice(0, 5), two[0] as EventPacket, ...one.slice(5), ...two.slice(1)],
      ["1", "2"],
    ],
    [
      "every packet carries the marker",
      [...one, ...two].map((packet) => ({ ...packet, marker: true })),
      ["1", "2"],
    ],
    [
      "a key is pressed over the wrap of timestamps",
      [...packetsOf("1", 0xffff_ff00, 100), ...packetsOf("1", 0x200, 100)],
      ["1", "1"],
    ],
  ])("are one per press when %s", (_what, packets, keys) => {
    expect(keysFrom(packets)).toEqual(keys);
  });

  it("stay one when the packet that filled a long segment is lost", () => {
    const long = packetsOf("7", 0, 9000).filter(({ payload }) => {
      const duration = parseTelephoneEvent(payload)?.duration ?? 0;
      return duration < 0xf000;
    });
    expect(keysFrom(long)).toEqual(["7"]);
  });

  it("leave out events that are no keys, and payloads that are too short", () => {
    const flash = serializeTelephoneEvent({ event: 16, end: false, volume: 0, duration: 160 });
    expect(keysFrom([{ timestamp: 1, marker: true, payload: flash }])).toEqual([]);
    expect(keysFrom([{ timestamp: 1, marker: true, payload: Uint8Array.of(1) }])).toEqual([]);
  });

  it("begin anew with a new source", () => {
    const receiver = new TelephoneEventReceiver();
    expect(keysFrom(packetsOf("1", 9000, 60), receiver)).toEqual(["1"]);
    receiver.reset();
    expect(keysFrom(packetsOf("2", 500, 60), receiver)).toEqual(["2"]);
  });
});
