/**
 * The SIP parser and what follows it, on 100,000 messages made from good ones by seeded changes: nothing throws,
 * nothing hangs, and what is read keeps its promises.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createEmbeddedBackend } from "../../sip/backends/embedded/embedded-backend.ts";
import { parseMessage } from "../../sip/backends/embedded/message/message-parser.ts";
import { parseNameAddr } from "../../sip/backends/embedded/message/name-addr.ts";
import { readReason } from "../../sip/backends/embedded/message/reason-header.ts";
import { parseUri } from "../../sip/backends/embedded/message/sip-uri.ts";
import type { TransportReceiver } from "../../sip/backends/embedded/transport/transport.ts";
import { readChallenges } from "../../sip/backends/embedded/user-agent/digest-challenge.ts";
import { SipError } from "../../sip/index.ts";
import { answerOffer, buildOffer, readAnswer } from "../../sip/sdp/index.ts";
import { ManualClock } from "../support/manual-clock.ts";

const SEED = 3261;
const MESSAGES = 100_000;
const DESCRIPTIONS = 20_000;
/** Messages that are also given to a whole backend. */
const DELIVERED = 20_000;

const FOLDER = fileURLToPath(new URL("../../fixtures/sip/torture/", import.meta.url));
const OFFER = buildOffer({ address: "192.0.2.1", rtpPort: 6000, rtcpPort: 6001 });
const INVITE = [
  "INVITE sip:+12125551234;npdi@192.0.2.2:5060;user=phone SIP/2.0",
  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc;rport, SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKdef",
  "Record-Route: <sip:192.0.2.1;lr>",
  'From: "Caller, A." <sip:alice@192.0.2.1>;tag=1',
  "To: <sip:bob@192.0.2.2>",
  "Call-ID: fuzz",
  "CSeq: 1 INVITE",
  "Contact: <sip:alice@192.0.2.1:5060>",
  "Max-Forwards: 70",
  'Reason: Q.850;cause=16;text="x"',
  'WWW-Authenticate: Digest realm="a", nonce="b", qop="auth,auth-int", algorithm=SHA-256',
  "Content-Type: application/sdp",
  `Content-Length: ${OFFER.length}`,
  "",
  OFFER,
].join("\r\n");

const corpus = [
  INVITE,
  INVITE.replaceAll("INVITE", "BYE").replace("<sip:bob@192.0.2.2>", "<sip:bob@192.0.2.2>;tag=x"),
  INVITE.replace(/^INVITE .* SIP\/2\.0/, "SIP/2.0 401 Unauthorized"),
  ...readdirSync(FOLDER).map((name) => readFileSync(`${FOLDER}${name}`, "utf8").replace(/\n/g, "\r\n")),
].map((text) => Buffer.from(text));

/** Strings that mean something to a parser. */
const SPICE = [
  "\r\n",
  "\r\n\r\n",
  "\n ",
  ":",
  ";",
  ",",
  "<",
  ">",
  '"',
  "\\",
  "=",
  "@",
  "[",
  "]",
  "\0",
  "%",
  "ü",
  "SIP/2.0",
  "z9hG4bK",
  "sip:",
  "tel:",
  "999999999999",
  "-1",
  ";tag=",
  "v: ",
  "l: ",
  " ".repeat(200),
  ";".repeat(300),
  '"'.repeat(99),
  "<".repeat(99),
  ",".repeat(500),
  "\t",
  "a=rtpmap:",
  "m=audio ",
];

/** A small generator with a fixed seed (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutate(original: Buffer, random: (below: number) => number): Buffer {
  let data = original;
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(data.length + 1);
    const length = random(Math.min(40, data.length - at + 1));
    const before = data.subarray(0, at);
    switch (random(5)) {
      case 0: // bytes overwritten
        data = Buffer.from(data);
        for (let index = at; index < at + length; index++) data[index] = random(256);
        break;
      case 1: // cut out
        data = Buffer.concat([before, data.subarray(at + length)]);
        break;
      case 2: // doubled
        data = Buffer.concat([before, data.subarray(at, at + length), data.subarray(at)]);
        break;
      case 3: // spiced
        data = Buffer.concat([before, Buffer.from(SPICE[random(SPICE.length)] ?? ""), data.subarray(at)]);
        break;
      default: // cut off
        data = random(4) === 0 ? before : data;
    }
  }
  return data;
}

describe(`seed ${SEED}`, () => {
  it(`${MESSAGES} changed messages are read or refused`, () => {
    const random = seeded(SEED);
    let read = 0;
    for (let round = 0; round < MESSAGES; round++) {
      const data = mutate(corpus[random(corpus.length)] ?? Buffer.alloc(0), random);
      const result = parseMessage(data);
      if (!result.ok) {
        expect(result.problem.explanation.length).toBeLessThan(200);
        continue;
      }
      read++;
      const { message } = result;
      if (message.callId === "" || message.cseq.number < 0 || message.via.host === "")
        throw new Error("hollow");
      // Whatever a later layer may look at.
      for (const header of ["Contact", "Route", "Record-Route"]) {
        for (const element of message.headers.elements(header)) parseNameAddr(element);
      }
      readReason(message.headers);
      readChallenges(message.headers);
      parseUri(message.from.uri);
    }
    // Both outcomes are well represented, or the changes test nothing.
    expect(read).toBeGreaterThan(MESSAGES / 10);
    expect(read).toBeLessThan((MESSAGES * 9) / 10);
  });

  it(`${DELIVERED} changed messages do not disturb a backend`, async () => {
    const random = seeded(SEED + 1);
    const clock = new ManualClock();
    const mistakes: unknown[] = [];
    let receiver: TransportReceiver | undefined;
    const quiet = () => {};
    const logger = {
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: (fields: object) => mistakes.push(fields),
      child: () => logger,
    };
    const backend = createEmbeddedBackend({
      bindAddress: "192.0.2.2",
      port: 5060,
      clock,
      logger,
      transport: {
        protocol: "UDP",
        isReliable: false,
        local: { host: "192.0.2.2", port: 5060 },
        start: async (given) => {
          receiver = given;
        },
        send: quiet,
        resolve: async (peer) => peer,
        close: async () => {},
      },
    });
    await backend.start();
    backend.onInvite((call) => {
      call.observe(quiet);
      call.progress(180);
      if (random(2) === 0) call.answer(OFFER);
      else call.reject(486);
    });
    for (let round = 0; round < DELIVERED; round++) {
      receiver?.onData(mutate(corpus[random(corpus.length)] ?? Buffer.alloc(0), random), {
        host: "192.0.2.1",
        port: 5060,
      });
      if (round % 100 === 0) clock.advance(5000);
    }
    clock.advance(70_000);
    expect(mistakes).toEqual([]);
    expect(backend.stats.garbage + backend.stats.messagesReceived + backend.stats.keepAlives).toBe(DELIVERED);
    await backend.stop();
    expect(clock.pending).toBe(0);
  });

  it(`${DESCRIPTIONS} changed session descriptions are used or refused by SIP_SDP_UNUSABLE`, () => {
    const random = seeded(SEED + 2);
    const original = Buffer.from(OFFER);
    const local = { address: "192.0.2.2", rtpPort: 4000, rtcpPort: 4001 };
    let used = 0;
    for (let round = 0; round < DESCRIPTIONS; round++) {
      const text = mutate(original, random).toString();
      try {
        const { media, sdp } = answerOffer(text, local);
        readAnswer(OFFER, text);
        expect(media.remote.rtpPort).toBeGreaterThan(0);
        expect(sdp).toContain("m=audio 4000 RTP/AVP");
        used++;
      } catch (error) {
        if (!(error instanceof SipError)) throw error;
      }
    }
    expect(used).toBeGreaterThan(DESCRIPTIONS / 10);
  });
});
