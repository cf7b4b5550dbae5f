/** Calls we place: what goes over the wire and what is told (RFC 3261 §13.2, §9.1, §22). */
import { describe, expect, it } from "vitest";
import { parsed, requestText, wire } from "../wire-text.ts";
import { OUR_SDP, PEER_SDP, UserAgentBench } from "./user-agent-bench.ts";

const CREDENTIALS = { username: "bob", password: "secret" };
const CHALLENGE = 'Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256';

/** The To or From tag in a request heard by the peer. */
const tagOf = (text: string, header: "From" | "To") =>
  parsed(text)[header === "From" ? "from" : "to"].parameters.get("tag");

/** A request of the peer's in the dialog of a call we placed. */
function inDialog(
  bench: UserAgentBench,
  method: string,
  parts: { cseq?: number; toTag?: string; body?: string } = {},
) {
  const invite = parsed(bench.peer.request("INVITE"));
  return requestText(method, {
    uri: "sip:voxdial@192.0.2.2:5060",
    callId: invite.callId,
    fromTag: "callee",
    toTag: invite.from.parameters.get("tag"),
    cseq: 1,
    branch: `z9hG4bK${method}${parts.cseq ?? 1}`,
    ...parts,
  });
}

async function answered(options = {}) {
  const bench = await UserAgentBench.start();
  const call = await bench.call(options);
  bench.peer.respond("INVITE", 200, "OK", { body: PEER_SDP });
  bench.settle();
  return { bench, call };
}

describe("the INVITE", () => {
  it("carries what §8.1.1 and §13.2.1 ask for", async () => {
    const bench = await UserAgentBench.start({ userAgentName: "voxdial/test" });
    await bench.call({ headers: [["X-Test", "a\r\nInjected: b"]] });
    const invite = parsed(bench.peer.request("INVITE"));
    expect(invite).toMatchObject({ method: "INVITE", requestUri: "sip:alice@192.0.2.1", body: OUR_SDP });
    expect(invite.via).toMatchObject({ host: "192.0.2.2", port: 5060, rport: "" });
    const value = (name: string) => invite.headers.get(name);
    expect(value("Max-Forwards")).toBe("70");
    expect(value("Contact")).toBe("<sip:voxdial@192.0.2.2:5060>");
    expect(value("Allow")).toContain("BYE");
    expect(value("Supported")).toBe("");
    expect(value("User-Agent")).toBe("voxdial/test");
    expect(value("Content-Type")).toBe("application/sdp");
    expect(value("X-Test")).toBe("a Injected: b");
    expect(value("Injected")).toBeUndefined();
  });

  it("waits for beforeSend", async () => {
    const bench = await UserAgentBench.start();
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    await bench.call({ beforeSend: () => gate });
    expect(bench.peer.heard).toEqual([]);
    expect(bench.events).toEqual([]);
    release();
    await bench.clock.advanceAsync(10, 1);
    expect(bench.peer.requests("INVITE")).toHaveLength(1);
    expect(bench.eventTypes).toEqual(["sent"]);
  });

  it("is never sent when beforeSend rejects", async () => {
    const bench = await UserAgentBench.start();
    await bench.call({ beforeSend: () => Promise.reject(new Error("queue closed")) });
    await bench.clock.advanceAsync(1000, 100);
    expect(bench.peer.heard).toEqual([]);
    expect(bench.events).toEqual([
      { type: "failed", failure: { kind: "not-sent", explanation: "queue closed" } },
    ]);
  });

  it("is never sent when the call is canceled before", async () => {
    const bench = await UserAgentBench.start();
    const call = bench.backend.invite(
      { requestUri: "sip:a@192.0.2.1", from: "<sip:b@x>", to: "<sip:a@x>", sdpOffer: OUR_SDP },
      (event) => bench.events.push(event),
    );
    call.cancel();
    await bench.clock.advanceAsync(1000, 100);
    expect(bench.peer.heard).toEqual([]);
    expect(bench.events).toMatchObject([{ type: "failed", failure: { kind: "not-sent" } }]);
  });

  it("goes to the proxy when there is one", async () => {
    const bench = await UserAgentBench.start();
    await bench.call({ requestUri: "tel:+12125551234", proxy: { host: "192.0.2.1", port: 5060 } });
    expect(bench.peer.request("INVITE")).toContain("INVITE tel:+12125551234 SIP/2.0\r\n");
  });

  it("ends as timeout when nothing ever answers", async () => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.clock.advance(32_000);
    expect(bench.events.at(-1)).toEqual({ type: "failed", failure: { kind: "timeout" } });
    expect(bench.backend.openCalls).toBe(0);
  });
});

describe("provisional responses", () => {
  it("are told with their session description; 100 is not", async () => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.peer.respond("INVITE", 100, "Trying", { toTag: "" });
    bench.peer.respond("INVITE", 180, "Ringing");
    bench.peer.respond("INVITE", 183, "Session Progress", { body: PEER_SDP });
    bench.settle();
    expect(bench.events.slice(1)).toEqual([
      { type: "provisional", status: 180, phrase: "Ringing", sdp: undefined },
      { type: "provisional", status: 183, phrase: "Session Progress", sdp: PEER_SDP },
    ]);
  });

  it("lend their session description to a 200 without one", async () => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.peer.respond("INVITE", 183, "Session Progress", { body: PEER_SDP });
    bench.peer.respond("INVITE", 200, "OK");
    bench.settle();
    expect(bench.events.at(-1)).toEqual({ type: "answered", sdp: PEER_SDP });
  });
});

describe("the 200", () => {
  it("is acknowledged at the peer's Contact, through its Record-Route", async () => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.peer.respond("INVITE", 200, "OK", {
      body: PEER_SDP,
      contact: "<sip:alice@192.0.2.77:7000>",
      headers: ["Record-Route: <sip:192.0.2.9;lr>", "Record-Route: <sip:192.0.2.1;lr>"],
    });
    bench.settle();
    const ack = bench.peer.request("ACK");
    expect(ack).toContain("ACK sip:alice@192.0.2.77:7000 SIP/2.0\r\n");
    // The route set is the reverse of Record-Route (§12.1.2).
    expect(parsed(ack).headers.lines("Route")).toEqual(["<sip:192.0.2.1;lr>", "<sip:192.0.2.9;lr>"]);
    expect(parsed(ack).cseq).toEqual({ number: 1, method: "ACK" });
  });

  it("is acknowledged again, with the same ACK, when it comes again", async () => {
    const { bench } = await answered();
    bench.clock.advance(500);
    bench.peer.respond("INVITE", 200, "OK", { body: PEER_SDP });
    bench.settle();
    const acks = bench.peer.requests("ACK");
    expect(acks).toHaveLength(2);
    expect(acks[1]).toBe(acks[0]);
    expect(bench.eventTypes).toEqual(["sent", "answered"]);
  });

  it("of a second callee (fork) is acknowledged and hung up", async () => {
    const { bench } = await answered();
    bench.peer.respond("INVITE", 200, "OK", { body: PEER_SDP, toTag: "second" });
    bench.settle();
    expect(bench.peer.requests("ACK").map((ack) => tagOf(ack, "To"))).toEqual(["callee", "second"]);
    expect(bench.peer.requests("BYE").map((bye) => tagOf(bye, "To"))).toEqual(["second"]);
    expect(bench.eventTypes).toEqual(["sent", "answered"]);
  });
});

describe("a refusal", () => {
  it.each([
    [
      486,
      "Busy Here",
      ['Reason: Q.850;cause=17;text="User busy"'],
      { protocol: "Q.850", cause: 17, text: "User busy" },
    ],
    [404, "Not Found", [], undefined],
    [302, "Moved", ["Contact: <sip:else@192.0.2.3>"], undefined],
    [603, "Decline", [], undefined],
  ])("%i is told with its reason", async (status, phrase, headers, reason) => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.peer.respond("INVITE", status, phrase, { headers });
    bench.settle();
    expect(bench.events.at(-1)).toEqual({
      type: "failed",
      failure: { kind: "response", status, phrase, reason, retryAfterSeconds: undefined },
    });
    expect(bench.peer.requests("ACK")).toHaveLength(1);
    expect(bench.backend.openCalls).toBe(0);
  });

  it("tells Retry-After", async () => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.peer.respond("INVITE", 503, "Full", { headers: ["Retry-After: 18 (maintenance);duration=60"] });
    bench.settle();
    expect(bench.events.at(-1)).toMatchObject({ failure: { status: 503, retryAfterSeconds: 18 } });
  });
});

describe("a challenge", () => {
  it("is answered with the same Call-ID and tag, the next CSeq and a new branch", async () => {
    const bench = await UserAgentBench.start();
    await bench.call({ credentials: CREDENTIALS });
    bench.peer.respond("INVITE", 407, "Auth", { headers: [`Proxy-Authenticate: ${CHALLENGE}`] });
    bench.settle();
    const [first, second] = bench.peer.requests("INVITE").map(parsed);
    expect(second?.cseq.number).toBe(2);
    expect(second?.callId).toBe(first?.callId);
    expect(second?.from.parameters.get("tag")).toBe(first?.from.parameters.get("tag"));
    expect(second?.via.branch).not.toBe(first?.via.branch);
    expect(second?.to.parameters.has("tag")).toBe(false);
    expect(second?.headers.get("Proxy-Authorization")).toContain('uri="sip:alice@192.0.2.1"');
    expect(bench.eventTypes).toEqual(["sent"]);
  });

  it("of the proxy and then of the callee are both answered; ACK carries the credentials", async () => {
    const bench = await UserAgentBench.start();
    await bench.call({ credentials: CREDENTIALS });
    bench.peer.respond("INVITE", 407, "Auth", { headers: [`Proxy-Authenticate: ${CHALLENGE}`] });
    bench.settle();
    bench.peer.respond("INVITE", 401, "Auth", { headers: [`WWW-Authenticate: ${CHALLENGE}`] });
    bench.settle();
    const third = parsed(bench.peer.request("INVITE"));
    expect(third.headers.get("Authorization")).toContain("nc=00000001");
    expect(third.headers.get("Proxy-Authorization")).toContain("nc=00000002");
    bench.peer.respond("INVITE", 200, "OK", { body: PEER_SDP });
    bench.settle();
    const ack = parsed(bench.peer.request("ACK"));
    expect(ack.cseq.number).toBe(3);
    expect(ack.headers.get("Authorization")).toBe(third.headers.get("Authorization"));
  });

  it("ends the call without credentials", async () => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.peer.respond("INVITE", 401, "Unauthorized", { headers: [`WWW-Authenticate: ${CHALLENGE}`] });
    bench.settle();
    expect(bench.events.at(-1)).toMatchObject({ failure: { kind: "response", status: 401 } });
  });

  it("to the BYE is answered too", async () => {
    const { bench, call } = await answered({ credentials: CREDENTIALS });
    call.bye();
    bench.settle();
    bench.peer.respond("BYE", 401, "Unauthorized", { headers: [`WWW-Authenticate: ${CHALLENGE}`] });
    bench.settle();
    expect(bench.eventTypes).toEqual(["sent", "answered"]);
    const byes = bench.peer.requests("BYE").map(parsed);
    expect(byes.map((bye) => bye.cseq.number)).toEqual([2, 3]);
    expect(byes[1]?.headers.get("Authorization")).toContain('uri="sip:alice@192.0.2.1:5060"');
  });
});

describe("cancel", () => {
  it("is held until a provisional response (§9.1), then repeats the INVITE's identity", async () => {
    const bench = await UserAgentBench.start();
    const call = await bench.call();
    call.cancel({ protocol: "SIP", cause: 200, text: "Call completed elsewhere" });
    bench.settle();
    expect(bench.peer.requests("CANCEL")).toEqual([]);
    bench.peer.respond("INVITE", 100, "Trying", { toTag: "" });
    bench.settle();
    const invite = parsed(bench.peer.request("INVITE"));
    const cancel = parsed(bench.peer.request("CANCEL"));
    expect(cancel).toMatchObject({ requestUri: "sip:alice@192.0.2.1", callId: invite.callId });
    expect(cancel.via).toEqual(invite.via);
    expect(cancel.cseq).toEqual({ number: 1, method: "CANCEL" });
    expect(cancel.headers.get("To")).toBe(invite.headers.get("To"));
    expect(cancel.headers.get("From")).toBe(invite.headers.get("From"));
    expect(cancel.headers.get("Reason")).toBe('SIP;cause=200;text="Call completed elsewhere"');
    bench.peer.respond("CANCEL", 200, "OK");
    bench.peer.respond("INVITE", 487, "Request Terminated");
    bench.settle();
    expect(bench.eventTypes).toEqual(["sent", "failed"]);
    expect(bench.events.at(-1)).toMatchObject({ failure: { kind: "canceled" } });
  });

  it("is sent once, however often it is asked for", async () => {
    const bench = await UserAgentBench.start();
    const call = await bench.call();
    bench.peer.respond("INVITE", 180, "Ringing");
    bench.settle();
    call.cancel();
    call.cancel();
    bench.peer.respond("INVITE", 180, "Ringing");
    bench.settle();
    expect(bench.peer.requests("CANCEL")).toHaveLength(1);
  });

  it("crossed by a 200: ACK, then BYE, and the call failed as canceled", async () => {
    const bench = await UserAgentBench.start();
    const call = await bench.call();
    bench.peer.respond("INVITE", 180, "Ringing");
    bench.settle();
    call.cancel();
    bench.peer.respond("INVITE", 200, "OK", { body: PEER_SDP });
    bench.settle();
    expect(bench.peer.heard.map((text) => text.split(" ")[0])).toEqual(["INVITE", "CANCEL", "ACK", "BYE"]);
    expect(bench.events.at(-1)).toEqual({ type: "failed", failure: { kind: "canceled" } });
    expect(bench.eventTypes.filter((type) => type === "failed")).toHaveLength(1);
  });

  it("crossed by another final response tells that response", async () => {
    const bench = await UserAgentBench.start();
    const call = await bench.call();
    bench.peer.respond("INVITE", 180, "Ringing");
    bench.settle();
    call.cancel();
    bench.peer.respond("INVITE", 486, "Busy Here");
    bench.settle();
    expect(bench.events.at(-1)).toMatchObject({ failure: { kind: "response", status: 486 } });
  });

  it("counts as done after 64·T1 without a final response (§9.1)", async () => {
    const bench = await UserAgentBench.start();
    const call = await bench.call();
    bench.peer.respond("INVITE", 180, "Ringing");
    bench.settle();
    call.cancel();
    bench.clock.advance(32_000);
    expect(bench.events.at(-1)).toEqual({ type: "failed", failure: { kind: "canceled" } });
  });

  it("ends as timeout when not even a provisional response came", async () => {
    const bench = await UserAgentBench.start();
    const call = await bench.call();
    call.cancel();
    bench.clock.advance(32_000);
    expect(bench.peer.requests("CANCEL")).toEqual([]);
    expect(bench.events.at(-1)).toEqual({ type: "failed", failure: { kind: "timeout" } });
  });

  it("does not answer a challenge any more", async () => {
    const bench = await UserAgentBench.start();
    const call = await bench.call({ credentials: CREDENTIALS });
    call.cancel();
    bench.peer.respond("INVITE", 407, "Auth", { headers: [`Proxy-Authenticate: ${CHALLENGE}`] });
    bench.settle();
    expect(bench.peer.requests("INVITE")).toHaveLength(1);
    expect(bench.events.at(-1)).toEqual({ type: "failed", failure: { kind: "canceled" } });
  });
});

describe("an answered call", () => {
  it("ends with our BYE once it is answered, with the Reason given", async () => {
    const { bench, call } = await answered();
    call.bye({ protocol: "Q.850", cause: 16 });
    call.bye();
    bench.settle();
    const bye = parsed(bench.peer.request("BYE"));
    expect(bye).toMatchObject({ requestUri: "sip:alice@192.0.2.1:5060", cseq: { number: 2, method: "BYE" } });
    expect(bye.headers.get("Reason")).toBe("Q.850;cause=16");
    expect(bench.eventTypes).toEqual(["sent", "answered"]);
    bench.peer.respond("BYE", 200, "OK");
    bench.settle();
    expect(bench.peer.requests("BYE")).toHaveLength(1);
    expect(bench.events.at(-1)).toEqual({ type: "ended", by: "local", reason: undefined });
  });

  it.each([
    ["481 to the BYE", (bench: UserAgentBench) => bench.peer.respond("BYE", 481, "Gone")],
    ["no response to the BYE", (bench: UserAgentBench) => bench.clock.advance(32_000)],
  ])("ends with %s", async (_what, happens) => {
    const { bench, call } = await answered();
    call.bye();
    bench.settle();
    happens(bench);
    bench.settle();
    expect(bench.events.at(-1)).toMatchObject({ type: "ended", by: "local" });
    expect(bench.backend.openCalls).toBe(0);
  });

  it("ends with the peer's BYE, which is answered 200 and may say why", async () => {
    const { bench } = await answered();
    const bye = inDialog(bench, "BYE").replace(
      "Max-Forwards",
      'Reason: Q.850;cause=31;text="x"\r\nMax-Forwards',
    );
    bench.send(bye);
    bench.settle();
    expect(bench.peer.statuses).toEqual(["200 BYE"]);
    expect(bench.events.at(-1)).toEqual({
      type: "ended",
      by: "remote",
      reason: { protocol: "Q.850", cause: 31, text: "x" },
    });
  });

  it("answers a retransmitted BYE and refuses a second one", async () => {
    const { bench } = await answered();
    bench.send(inDialog(bench, "BYE"));
    bench.send(inDialog(bench, "BYE"));
    bench.send(inDialog(bench, "BYE", { cseq: 2 }));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["200 BYE", "200 BYE", "481 BYE"]);
  });

  it.each([
    ["OPTIONS", 200],
    ["INFO", 200],
    ["UPDATE", 200],
    ["PRACK", 481],
    ["REFER", 405],
    ["NOTIFY", 405],
  ])("answers %s with %i", async (method, status) => {
    const { bench } = await answered();
    bench.send(inDialog(bench, method));
    bench.settle();
    expect(bench.peer.statuses).toEqual([`${status} ${method}`]);
    expect(bench.eventTypes).toEqual(["sent", "answered"]);
  });

  it("refuses requests out of order (§12.2.2) and of another dialog", async () => {
    const { bench } = await answered();
    bench.send(inDialog(bench, "INFO", { cseq: 5 }));
    bench.send(inDialog(bench, "INFO", { cseq: 4 }));
    bench.send(inDialog(bench, "BYE", { cseq: 6, toTag: "unknown" }));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["200 INFO", "500 INFO", "481 BYE"]);
  });

  it("answers a re-INVITE within the same session and tells what changed", async () => {
    const { bench, call } = await answered();
    const hold = PEER_SDP.replace("a=sendrecv", "a=sendonly").replaceAll("6000", "6100");
    bench.send(
      inDialog(bench, "INVITE", { body: hold }).replace("alice@192.0.2.1:5060>", "alice@192.0.2.1:7777>"),
    );
    bench.settle();
    const answer = parsed(bench.peer.response("INVITE"));
    expect(answer.body).toContain("m=audio 4000 RTP/AVP 0 101\r\n");
    expect(answer.body).toContain("a=recvonly\r\n");
    expect(answer.body).toMatch(/o=- 4000 1 IN/);
    expect(bench.events.at(-1)).toMatchObject({
      type: "renegotiated",
      media: { direction: "recvonly", remote: { rtpPort: 6100 } },
    });
    // Until the ACK the 200 is repeated; the target is the new Contact (§12.2.2).
    bench.clock.advance(500);
    bench.send(inDialog(bench, "ACK"));
    bench.clock.advance(10_000);
    expect(bench.peer.statuses).toEqual(["200 INVITE", "200 INVITE"]);
    call.bye();
    expect(bench.network.packets.at(-1)?.to).toEqual({ host: "192.0.2.1", port: 7777 });
  });

  it("refuses a re-INVITE it cannot use with 488 and goes on", async () => {
    const { bench } = await answered();
    bench.send(inDialog(bench, "INVITE", { body: PEER_SDP.replaceAll("RTP/AVP", "RTP/SAVP") }));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["488 INVITE"]);
    bench.send(inDialog(bench, "ACK"));
    expect(bench.eventTypes).toEqual(["sent", "answered"]);
  });

  it("offers in the 200 to a re-INVITE without offer and reads the answer in the ACK", async () => {
    const { bench } = await answered();
    bench.send(inDialog(bench, "INVITE"));
    bench.settle();
    expect(parsed(bench.peer.response("INVITE")).body).toBe(OUR_SDP);
    // Meanwhile a change from the other side has to wait (§14.1, RFC 3311 §5.2).
    bench.send(inDialog(bench, "UPDATE", { cseq: 2, body: PEER_SDP }));
    bench.send(inDialog(bench, "INVITE", { cseq: 3, body: PEER_SDP }));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["200 INVITE", "491 UPDATE", "491 INVITE"]);
    bench.send(inDialog(bench, "ACK", { body: PEER_SDP.replaceAll("6000", "6200") }));
    bench.settle();
    expect(bench.events.at(-1)).toMatchObject({ type: "renegotiated", media: { remote: { rtpPort: 6200 } } });
  });

  it("ends when a re-INVITE's 200 is never acknowledged (§13.3.1.4)", async () => {
    const { bench } = await answered();
    bench.send(inDialog(bench, "INVITE", { body: PEER_SDP }));
    bench.clock.advance(32_000);
    bench.settle();
    expect(bench.peer.requests("BYE").length).toBeGreaterThan(0);
    expect(bench.events.at(-1)).toMatchObject({ type: "ended", by: "failure" });
  });

  it("ends as failure when the backend stops", async () => {
    const { bench } = await answered();
    await bench.backend.stop();
    expect(bench.events.at(-1)).toMatchObject({ type: "ended", by: "failure" });
    expect(bench.clock.pending).toBe(0);
  });
});

describe("while it rings", () => {
  it("a re-INVITE or an offer from the callee has to wait: 491", async () => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.peer.respond("INVITE", 180, "Ringing");
    bench.settle();
    bench.send(inDialog(bench, "INVITE", { body: PEER_SDP }));
    bench.send(inDialog(bench, "UPDATE", { cseq: 2, body: PEER_SDP }));
    bench.send(inDialog(bench, "OPTIONS", { cseq: 3 }));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["491 INVITE", "491 UPDATE", "200 OPTIONS"]);
  });
});

describe("strict routers (§12.2.1.1)", () => {
  it("get their own URI as Request-URI and the target as last Route", async () => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.peer.respond("INVITE", 200, "OK", { body: PEER_SDP, headers: ["Record-Route: <sip:192.0.2.1>"] });
    bench.settle();
    const ack = parsed(bench.peer.request("ACK"));
    expect(ack).toMatchObject({ requestUri: "sip:192.0.2.1" });
    expect(ack.headers.lines("Route")).toEqual(["<sip:alice@192.0.2.1:5060>"]);
  });
});

describe("the trace", () => {
  it("shows every message of the call in order", async () => {
    const shown: string[] = [];
    const { bench, call } = await answered({
      onMessage: (message: { direction: string; text: string }) =>
        shown.push(`${message.direction} ${message.text.split(" ").slice(0, 2).join(" ")}`),
    });
    call.bye();
    bench.settle();
    bench.peer.respond("BYE", 200, "OK");
    bench.settle();
    expect(shown).toEqual([
      "sent INVITE sip:alice@192.0.2.1",
      "received SIP/2.0 200",
      "sent ACK sip:alice@192.0.2.1:5060",
      "sent BYE sip:alice@192.0.2.1:5060",
      "received SIP/2.0 200",
    ]);
  });
});

describe("with garbage around", () => {
  it("a broken response changes nothing", async () => {
    const bench = await UserAgentBench.start();
    await bench.call();
    bench.send(wire(["SIP/2.0 200 OK", "nonsense"]));
    bench.send("\r\n\r\n");
    expect(bench.backend.stats).toMatchObject({ garbage: 1, keepAlives: 1 });
    expect(bench.eventTypes).toEqual(["sent"]);
  });
});
