/** Offer and answer for one audio stream (RFC 3264), with the descriptions that real equipment sends. */
import { describe, expect, it } from "vitest";
import { SipError } from "../../../sip/index.ts";
import { answerOffer, answerReoffer, buildOffer, readAnswer } from "../../../sip/sdp/index.ts";

const LOCAL = { address: "192.0.2.2", rtpPort: 4000, rtcpPort: 4001 };
const OFFER = buildOffer(LOCAL);

/** A description of the far end: session lines, then the given media lines. */
function sdp(media: readonly string[], session: readonly string[] = ["c=IN IP4 192.0.2.1"]): string {
  const head = ["v=0", "o=far 18446744073709551615 7 IN IP4 192.0.2.1", "s=-", ...session, "t=0 0"];
  return `${[...head, ...media].join("\r\n")}\r\n`;
}

const AUDIO = "m=audio 6000 RTP/AVP 0 8 101";
const EVENTS = ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"];

function failure(action: () => unknown): SipError {
  try {
    action();
  } catch (error) {
    if (error instanceof SipError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("our offer", () => {
  it("has PCMU, PCMA and telephone-event, 20 ms", () => {
    expect(OFFER.split("\r\n")).toEqual([
      "v=0",
      "o=- 4000 0 IN IP4 192.0.2.2",
      "s=voxdial",
      "c=IN IP4 192.0.2.2",
      "t=0 0",
      "m=audio 4000 RTP/AVP 0 8 101",
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:8 PCMA/8000",
      "a=rtpmap:101 telephone-event/8000",
      "a=fmtp:101 0-15",
      "a=ptime:20",
      "a=sendrecv",
      "",
    ]);
  });

  it("takes codecs, event payload type, identifiers, RTCP port and direction from its caller", () => {
    const offer = buildOffer({
      address: "2001:db8::1",
      rtpPort: 4000,
      rtcpPort: 4100,
      codecs: ["PCMA"],
      telephoneEvent: 96,
      sessionId: 99,
      version: 3,
      direction: "recvonly",
    });
    expect(offer).toContain("o=- 99 3 IN IP6 2001:db8::1\r\n");
    expect(offer).toContain("c=IN IP6 2001:db8::1\r\n");
    expect(offer).toContain("m=audio 4000 RTP/AVP 8 96\r\n");
    expect(offer).toContain("a=rtcp:4100\r\n");
    expect(offer).toContain("a=recvonly\r\n");
    expect(buildOffer({ ...LOCAL, telephoneEvent: false })).not.toContain("telephone-event");
  });
});

describe("reading an answer", () => {
  const agreed = {
    remote: { address: "192.0.2.1", rtpPort: 6000, rtcpPort: 6001 },
    codec: "PCMU",
    payloadType: 0,
    telephoneEventPayloadType: 101,
    direction: "sendrecv",
  };

  it.each<[string, string, object]>([
    ["everything spelt out", sdp([AUDIO, "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", ...EVENTS]), {}],
    ["static payloads without rtpmap", sdp([AUDIO, ...EVENTS]), {}],
    [
      "PCMA first",
      sdp(["m=audio 6000 RTP/AVP 8 0"]),
      { codec: "PCMA", payloadType: 8, telephoneEventPayloadType: undefined },
    ],
    ["names in lower case", sdp([AUDIO, "a=rtpmap:0 pcmu/8000", "a=rtpmap:101 Telephone-Event/8000"]), {}],
    [
      "events under another number",
      sdp(["m=audio 6000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000"]),
      { telephoneEventPayloadType: 96 },
    ],
    [
      "events at another rate do not count",
      sdp(["m=audio 6000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/16000"]),
      { telephoneEventPayloadType: undefined },
    ],
    [
      "PCMU under a dynamic number",
      sdp(["m=audio 6000 RTP/AVP 97", "a=rtpmap:97 PCMU/8000/1"]),
      { payloadType: 97, telephoneEventPayloadType: undefined },
    ],
    [
      "formats we did not offer before ours",
      sdp(["m=audio 6000 RTP/AVP 9 18 0", "a=rtpmap:9 G722/8000"]),
      { telephoneEventPayloadType: undefined },
    ],
    [
      "its address in the media section",
      sdp([AUDIO, "c=IN IP4 198.51.100.9", ...EVENTS]),
      { remote: { address: "198.51.100.9", rtpPort: 6000, rtcpPort: 6001 } },
    ],
    [
      "RTCP elsewhere (RFC 3605)",
      sdp([AUDIO, "a=rtcp:7001 IN IP4 192.0.2.1", ...EVENTS]),
      { remote: { address: "192.0.2.1", rtpPort: 6000, rtcpPort: 7001 } },
    ],
    ["a count of ports", sdp(["m=audio 6000/2 RTP/AVP 0 101", ...EVENTS]), {}],
    ["bare line feeds", sdp([AUDIO, ...EVENTS]).replaceAll("\r\n", "\n"), {}],
    ["sendonly: we listen", sdp([AUDIO, "a=sendonly", ...EVENTS]), { direction: "recvonly" }],
    ["recvonly: we speak", sdp([AUDIO, "a=recvonly", ...EVENTS]), { direction: "sendonly" }],
    [
      "inactive at the session level",
      sdp([AUDIO, ...EVENTS], ["c=IN IP4 192.0.2.1", "a=inactive"]),
      { direction: "inactive" },
    ],
    [
      "hold as of old: address 0.0.0.0",
      sdp([AUDIO, ...EVENTS], ["c=IN IP4 0.0.0.0"]),
      { direction: "recvonly", remote: { address: "0.0.0.0", rtpPort: 6000, rtcpPort: 6001 } },
    ],
    ["a rejected line before the audio", sdp(["m=video 0 RTP/AVP 31", AUDIO, ...EVENTS]), {}],
  ])("%s", (_what, answer, different) => {
    expect(readAnswer(OFFER, answer)).toEqual({ ...agreed, ...different });
  });

  it.each<[string, string, string]>([
    ["nothing", "", "the answer has no session description"],
    ["no SDP", "hello", "the answer has no v=0 line"],
    ["no audio", sdp(["m=video 6000 RTP/AVP 31"]), "the answer has no m=audio line"],
    ["audio rejected", sdp(["m=audio 0 RTP/AVP 0"]), "the answer rejects audio (port 0)"],
    [
      "only codecs we lack",
      sdp(["m=audio 6000 RTP/AVP 18 9"]),
      "the answer has neither PCMU nor PCMA (formats 18 9)",
    ],
    ["encrypted audio", sdp(["m=audio 6000 RTP/SAVP 0"]), "the answer has audio over RTP/SAVP, not RTP/AVP"],
    ["no address", sdp([AUDIO], []), "the answer has no IP address for audio"],
    [
      "a host name as address",
      sdp([AUDIO], ["c=IN IP4 media.example.com"]),
      "the answer has no IP address for audio",
    ],
    ["a media line cut short", sdp(["m=audio"]), "the answer has a malformed media line: m=audio"],
    [
      "a port beyond 65535",
      sdp(["m=audio 99999 RTP/AVP 0"]),
      "the answer has a malformed media line: m=audio 99999 RTP/AVP 0",
    ],
    [
      "too long a text",
      sdp([AUDIO, `a=x:${"y".repeat(20_000)}`]),
      "the answer is longer than 16384 characters",
    ],
    [
      "too many media lines",
      sdp(Array.from({ length: 40 }, () => AUDIO)),
      "the answer has more than 32 media lines",
    ],
  ])("cannot use %s", (_what, answer, message) => {
    const error = failure(() => readAnswer(OFFER, answer));
    expect(error.code).toBe("SIP_SDP_UNUSABLE");
    expect(error.message).toBe(message);
  });

  it("cannot use a codec that was not offered", () => {
    const onlyPcma = buildOffer({ ...LOCAL, codecs: ["PCMA"] });
    expect(failure(() => readAnswer(onlyPcma, sdp(["m=audio 6000 RTP/AVP 0"]))).message).toBe(
      "the answer has no codec of our offer (formats 0)",
    );
  });
});

describe("answering an offer", () => {
  it("takes the first codec that both have, the offer's payload types, and one codec only", () => {
    const { sdp: answer, media } = answerOffer(
      sdp(["m=audio 6000 RTP/AVP 18 8 0 96", "a=rtpmap:96 telephone-event/8000"]),
      LOCAL,
    );
    expect(answer).toContain("m=audio 4000 RTP/AVP 8 96\r\n");
    expect(media).toEqual({
      remote: { address: "192.0.2.1", rtpPort: 6000, rtcpPort: 6001 },
      codec: "PCMA",
      payloadType: 8,
      telephoneEventPayloadType: 96,
      direction: "sendrecv",
    });
  });

  it("rejects every other media line in its place (RFC 3264 §6)", () => {
    const { sdp: answer } = answerOffer(
      sdp(["m=video 7000 RTP/AVP 31 34", AUDIO, "m=image 8000 udptl t38", "m=audio 9000 RTP/AVP 0"]),
      LOCAL,
    );
    expect(answer.split("\r\n").filter((line) => line.startsWith("m="))).toEqual([
      "m=video 0 RTP/AVP 31 34",
      "m=audio 4000 RTP/AVP 0",
      "m=image 0 udptl t38",
      "m=audio 0 RTP/AVP 0",
    ]);
  });

  it.each([
    ["sendrecv", "sendrecv"],
    ["sendonly", "recvonly"],
    ["recvonly", "sendonly"],
    ["inactive", "inactive"],
  ])("answers %s with %s", (offered, answered) => {
    const { sdp: answer, media } = answerOffer(sdp([AUDIO, `a=${offered}`]), LOCAL);
    expect(answer).toContain(`a=${answered}\r\n`);
    expect(media.direction).toBe(answered);
  });

  it("does not send to a caller on hold by address", () => {
    expect(answerOffer(sdp([AUDIO], ["c=IN IP4 0.0.0.0"]), LOCAL).media.direction).toBe("recvonly");
  });

  it.each([
    ["", "the offer has no session description"],
    [sdp(["m=audio 6000 RTP/AVP 18"]), "the offer has neither PCMU nor PCMA (formats 18)"],
    [sdp(["m=audio 6000 UDP/TLS/RTP/SAVPF 0"]), "the offer has audio over UDP/TLS/RTP/SAVPF, not RTP/AVP"],
  ])("cannot use %j", (offer, message) => {
    expect(failure(() => answerOffer(offer, LOCAL)).message).toBe(message);
  });

  it("cannot use an offer without a codec that we allow", () => {
    const offer = sdp(["m=audio 6000 RTP/AVP 0"]);
    expect(failure(() => answerOffer(offer, { ...LOCAL, codecs: ["PCMA"] })).message).toBe(
      "the offer has none of PCMA",
    );
  });

  it("agrees with what the offerer reads", () => {
    const { sdp: answer, media } = answerOffer(OFFER, {
      address: "192.0.2.9",
      rtpPort: 5000,
      rtcpPort: 5001,
    });
    expect(readAnswer(OFFER, answer)).toEqual({
      ...media,
      remote: { address: "192.0.2.9", rtpPort: 5000, rtcpPort: 5001 },
    });
  });
});

describe("answering a changed offer (RFC 3264 §8)", () => {
  it("keeps our address, port and identifier and raises our version", () => {
    const first = answerOffer(sdp([AUDIO, ...EVENTS]), LOCAL).sdp;
    const held = answerReoffer(sdp([AUDIO, ...EVENTS, "a=sendonly"]), first);
    expect(held.sdp).toContain("o=- 4000 1 IN IP4 192.0.2.2\r\n");
    expect(held.sdp).toContain("m=audio 4000 RTP/AVP 0 101\r\n");
    expect(held.media.direction).toBe("recvonly");
    const resumed = answerReoffer(sdp(["m=audio 6200 RTP/AVP 0 101", ...EVENTS]), held.sdp);
    expect(resumed.sdp).toContain("o=- 4000 2 IN IP4 192.0.2.2\r\n");
    expect(resumed.media).toMatchObject({ direction: "sendrecv", remote: { rtpPort: 6200 } });
  });

  it("stays with the codec in use while it is offered, and changes when it is not", () => {
    const first = answerOffer(sdp(["m=audio 6000 RTP/AVP 8"]), LOCAL).sdp;
    expect(answerReoffer(sdp(["m=audio 6000 RTP/AVP 0 8"]), first).media.codec).toBe("PCMA");
    expect(answerReoffer(sdp(["m=audio 6000 RTP/AVP 0"]), first).media.codec).toBe("PCMU");
    expect(failure(() => answerReoffer(sdp(["m=audio 6000 RTP/AVP 9"]), first)).code).toBe(
      "SIP_SDP_UNUSABLE",
    );
  });
});
