/** Calls placed to us: what is answered and what is told (RFC 3261 §13.3, §9.2, §8.2). */
import { describe, expect, it } from "vitest";
import { parsed, type RequestText, requestText } from "../wire-text.ts";
import { OUR_SDP, PEER_SDP, UserAgentBench } from "./user-agent-bench.ts";

const INVITE = requestText("INVITE", { body: PEER_SDP });

/** A request of the caller's in the dialog that our responses opened. */
function inDialog(bench: UserAgentBench, method: string, parts: RequestText = {}): string {
  const toTag = parsed(bench.peer.response("INVITE")).to.parameters.get("tag");
  const cseq = method === "ACK" ? 1 : 2;
  return requestText(method, { toTag, cseq, branch: `z9hG4bK${method}${parts.cseq ?? cseq}`, ...parts });
}

async function taken(onCall?: Parameters<UserAgentBench["takeCalls"]>[0]) {
  const bench = await UserAgentBench.start();
  bench.takeCalls(onCall);
  bench.send(INVITE);
  const [call] = bench.taken;
  if (!call) throw new Error("no call");
  return { bench, call };
}

async function confirmed() {
  const { bench, call } = await taken((inbound) => inbound.answer(OUR_SDP));
  bench.settle();
  bench.send(inDialog(bench, "ACK"));
  return { bench, call };
}

describe("an INVITE", () => {
  it("is handed over with what a callee needs to know", async () => {
    const { call } = await taken();
    expect(call).toMatchObject({
      callId: "call-1",
      source: { host: "192.0.2.1", port: 5060 },
      requestUri: "sip:bob@192.0.2.2",
      from: "<sip:alice@192.0.2.1>;tag=peer",
      to: "<sip:bob@192.0.2.2>",
      sdpOffer: PEER_SDP,
    });
    expect(call.header("max-forwards")).toBe("70");
    expect(call.header("X-None")).toBeUndefined();
  });

  it("gets 100 within 200 ms when the callee takes its time", async () => {
    const { bench } = await taken();
    bench.clock.advance(200);
    expect(bench.peer.statuses).toEqual(["100 INVITE"]);
  });

  it.each<[string, string, string, string?]>([
    [
      "a Request-URI of another scheme",
      INVITE.replace("INVITE sip:bob@192.0.2.2", "INVITE mailto:b@x"),
      "416",
    ],
    [
      "an extension that it requires",
      INVITE.replace("Max-Forwards", "Require: 100rel\r\nMax-Forwards"),
      "420",
      "Unsupported: 100rel",
    ],
    [
      "a body of another type",
      INVITE.replace("application/sdp", "text/plain"),
      "415",
      "Accept: application/sdp",
    ],
    ["no Contact", INVITE.replace(/Contact: .*\r\n/, ""), "400"],
    ["a To-tag that is none of ours", INVITE.replace(/(To: .*)\r\n/, "$1;tag=old\r\n"), "481"],
  ])("is refused for %s", async (_what, text, status, header) => {
    const bench = await UserAgentBench.start();
    bench.takeCalls();
    bench.send(text);
    bench.settle();
    expect(bench.peer.statuses).toEqual([`${status} INVITE`]);
    if (header) expect(bench.peer.heard[0]).toContain(`${header}\r\n`);
    expect(bench.taken).toEqual([]);
  });

  it("is refused with 480 without a handler", async () => {
    const bench = await UserAgentBench.start();
    bench.send(INVITE);
    bench.settle();
    expect(bench.peer.statuses).toEqual(["480 INVITE"]);
  });

  it("is refused with 500 when the handler throws", async () => {
    const bench = await UserAgentBench.start();
    bench.backend.onInvite(() => {
      throw new Error("mistake");
    });
    bench.send(INVITE);
    bench.settle();
    expect(bench.peer.statuses).toEqual(["500 INVITE"]);
  });

  it("is refused with 482 when it comes again by another way (§8.2.2.2)", async () => {
    const { bench } = await taken();
    bench.send(requestText("INVITE", { body: PEER_SDP, branch: "z9hG4bKfork" }));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["482 INVITE"]);
    expect(bench.taken).toHaveLength(1);
  });

  it("is refused with 503 at the limit of open calls", async () => {
    const bench = await UserAgentBench.start({ maxCalls: 1 });
    bench.takeCalls();
    bench.send(INVITE);
    bench.send(requestText("INVITE", { body: PEER_SDP, branch: "z9hG4bKtwo", callId: "call-2" }));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["503 INVITE"]);
    expect(bench.backend.stats.refusedAtLimit).toBe(1);
  });
});

describe("an unknown source", () => {
  it("gets no answer at all, and is counted", async () => {
    const bench = await UserAgentBench.start({ allowedSource: (peer) => peer.host === "192.0.2.50" });
    bench.takeCalls();
    for (const method of ["INVITE", "OPTIONS", "REGISTER", "BYE"])
      bench.send(requestText(method, { branch: `z9hG4bK${method}` }));
    bench.clock.advance(1000);
    expect(bench.peer.heard).toEqual([]);
    expect(bench.taken).toEqual([]);
    expect(bench.backend.stats.fromUnknownSources).toBe(4);
  });

  it("may still send requests within a call we placed", async () => {
    const bench = await UserAgentBench.start({ allowedSource: () => false });
    await bench.call();
    bench.peer.respond("INVITE", 200, "OK", { body: PEER_SDP });
    bench.settle();
    const invite = parsed(bench.peer.request("INVITE"));
    const tags = { fromTag: "callee", toTag: invite.from.parameters.get("tag"), callId: invite.callId };
    bench.send(requestText("BYE", tags));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["200 BYE"]);
    expect(bench.events.at(-1)).toMatchObject({ type: "ended", by: "remote" });
  });
});

describe("progress", () => {
  it("sends provisional responses with our tag, Contact and the request's Record-Route", async () => {
    const bench = await UserAgentBench.start();
    bench.takeCalls((call) => {
      call.progress(180);
      call.progress(183, OUR_SDP);
    });
    bench.send(INVITE.replace("Max-Forwards", "Record-Route: <sip:192.0.2.1;lr>\r\nMax-Forwards"));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["180 INVITE", "183 INVITE"]);
    const [ringing, early] = bench.peer.heard.map(parsed);
    expect(early?.body).toBe(OUR_SDP);
    expect(ringing?.to.parameters.get("tag")).toBe(early?.to.parameters.get("tag"));
    expect(ringing?.headers.get("Contact")).toBe("<sip:voxdial@192.0.2.2:5060>");
    expect(ringing?.headers.get("Record-Route")).toBe("<sip:192.0.2.1;lr>");
  });

  it("is repeated every minute (§13.3.1.1)", async () => {
    const { bench, call } = await taken((inbound) => inbound.progress(180));
    bench.clock.advance(130_000);
    expect(bench.peer.statuses).toEqual(["180 INVITE", "180 INVITE", "180 INVITE"]);
    call.reject(486);
    bench.clock.advance(130_000);
    expect(bench.peer.statuses.filter((status) => status.startsWith("180"))).toHaveLength(3);
  });
});

describe("answer", () => {
  it("is repeated up to every T2 until the ACK", async () => {
    const { bench } = await taken((call) => call.answer(OUR_SDP));
    bench.clock.advance(8000);
    expect(bench.peer.statuses).toHaveLength(5);
    bench.send(inDialog(bench, "ACK"));
    bench.clock.advance(60_000);
    expect(bench.peer.statuses).toHaveLength(5);
    expect(bench.takenTypes).toEqual(["confirmed"]);
  });

  it("without ACK for 64·T1 ends with BYE, as failure (§13.3.1.4)", async () => {
    const { bench } = await taken((call) => call.answer(OUR_SDP));
    bench.clock.advance(32_000);
    bench.settle();
    expect(bench.peer.requests("BYE")).toHaveLength(1);
    expect(bench.takenTypes).toEqual(["ended"]);
    expect(bench.takenEvents.at(-1)).toMatchObject({ by: "failure" });
  });

  it("offers when the INVITE did not; the ACK brings the answer", async () => {
    const bench = await UserAgentBench.start();
    bench.takeCalls((call) => call.answer(OUR_SDP));
    bench.send(requestText("INVITE"));
    expect(bench.taken[0]?.sdpOffer).toBeUndefined();
    bench.settle();
    bench.send(inDialog(bench, "ACK", { body: PEER_SDP }));
    expect(bench.takenEvents.at(-1)).toEqual({ type: "confirmed", sdpAnswer: PEER_SDP });
  });

  it("makes later refusals and CANCELs void", async () => {
    const { bench, call } = await taken((inbound) => inbound.answer(OUR_SDP));
    call.reject(486);
    call.progress(180);
    bench.send(requestText("CANCEL"));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["200 INVITE", "200 CANCEL"]);
    expect(bench.takenTypes).toEqual([]);
  });
});

describe("reject", () => {
  it("sends the final response, with its headers on their own lines, and ends the call", async () => {
    const { bench } = await taken((call) =>
      call.reject(486, "Busy\r\nHere", [["Reason", "Q.850;cause=17\r\nX: y"]]),
    );
    bench.settle();
    expect(bench.peer.response("INVITE")).toContain("SIP/2.0 486 Busy Here\r\n");
    expect(bench.peer.response("INVITE")).toContain("Reason: Q.850;cause=17 X: y\r\n");
    bench.send(requestText("ACK"));
    expect(bench.backend.openCalls).toBe(0);
    expect(bench.backend.stats.strayMessages).toBe(0);
  });

  it.each([
    [404, "Not Found"],
    [603, "Decline"],
    [699, "Failed"],
    [200, "Server Internal Error"],
  ])("%i has the phrase %s", async (status, phrase) => {
    const { bench } = await taken((call) => call.reject(status));
    bench.settle();
    expect(bench.peer.response("INVITE").split("\r\n")[0]).toContain(phrase);
  });
});

describe("CANCEL", () => {
  it("before the final response: 200 to it, 487 to the INVITE, canceled", async () => {
    const { bench } = await taken((call) => call.progress(180));
    bench.send(requestText("CANCEL"));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["180 INVITE", "200 CANCEL", "487 INVITE"]);
    expect(bench.takenTypes).toEqual(["canceled"]);
    expect(bench.backend.openCalls).toBe(0);
  });

  it("of nothing: 481", async () => {
    const { bench } = await taken();
    bench.send(requestText("CANCEL", { branch: "z9hG4bKother" }));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["481 CANCEL"]);
  });
});

describe("BYE", () => {
  it("of the caller ends the call", async () => {
    const { bench } = await confirmed();
    bench.send(inDialog(bench, "BYE"));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["200 INVITE", "200 BYE"]);
    expect(bench.takenTypes).toEqual(["confirmed", "ended"]);
    expect(bench.takenEvents.filter((event) => event.type === "ended")).toMatchObject([{ by: "remote" }]);
  });

  it("of the caller before the answer: 200 to it, 487 to the INVITE (§15.1.2)", async () => {
    const { bench } = await taken((call) => call.progress(180));
    bench.settle();
    bench.send(inDialog(bench, "BYE"));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["180 INVITE", "200 BYE", "487 INVITE"]);
    expect(bench.takenTypes).toEqual(["canceled"]);
  });

  it("of ours waits for the ACK (§15)", async () => {
    const { bench, call } = await taken((inbound) => inbound.answer(OUR_SDP));
    call.bye({ protocol: "Q.850", cause: 16 });
    bench.settle();
    expect(bench.peer.requests("BYE")).toEqual([]);
    bench.send(inDialog(bench, "ACK"));
    bench.settle();
    const bye = parsed(bench.peer.request("BYE"));
    expect(bye).toMatchObject({ requestUri: "sip:alice@192.0.2.1:5060" });
    expect(bye.to.parameters.get("tag")).toBe("peer");
    expect(bye.headers.get("Reason")).toBe("Q.850;cause=16");
    bench.peer.respond("BYE", 200, "OK");
    bench.settle();
    expect(bench.takenEvents.at(-1)).toMatchObject({ type: "ended", by: "local" });
  });

  it("of ours crossed by theirs ends once, by us", async () => {
    const { bench, call } = await confirmed();
    call.bye();
    bench.send(inDialog(bench, "BYE"));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["200 INVITE", "200 BYE"]);
    expect(bench.takenTypes).toEqual(["confirmed", "ended"]);
    expect(bench.takenEvents.findLast((event) => event.type === "ended")).toMatchObject({ by: "local" });
  });
});

describe("requests before the answer", () => {
  it.each<[string, RequestText, string]>([
    ["INVITE", { body: PEER_SDP }, "500 INVITE"],
    ["UPDATE", { body: PEER_SDP }, "500 UPDATE"],
    ["UPDATE", {}, "200 UPDATE"],
    ["INFO", {}, "200 INFO"],
  ])("%s %j is answered %s", async (method, parts, status) => {
    const { bench } = await taken((call) => call.progress(180));
    bench.settle();
    bench.send(inDialog(bench, method, parts));
    bench.settle();
    expect(bench.peer.statuses).toEqual(["180 INVITE", status]);
  });
});

describe("requests outside a call", () => {
  it.each([
    ["OPTIONS", "200 OPTIONS"],
    ["BYE", "481 BYE"],
    ["INFO", "481 INFO"],
    ["REGISTER", "405 REGISTER"],
    ["MESSAGE", "405 MESSAGE"],
    ["FROBNICATE", "405 FROBNICATE"],
  ])("%s is answered %s", async (method, status) => {
    const bench = await UserAgentBench.start();
    bench.send(requestText(method));
    bench.settle();
    expect(bench.peer.statuses).toEqual([status]);
    expect(bench.peer.heard[0]).toMatch(/To: .*;tag=/);
  });

  it("an ACK is only counted", async () => {
    const bench = await UserAgentBench.start();
    bench.send(requestText("ACK"));
    bench.settle();
    expect(bench.peer.heard).toEqual([]);
    expect(bench.backend.stats.strayMessages).toBe(1);
  });
});

describe("the trace", () => {
  it("begins with the INVITE", async () => {
    const { bench } = await confirmed();
    const shown = bench.takenEvents.flatMap((event) =>
      event.type === "message"
        ? [`${event.message.direction} ${event.message.text.split(" ", 2).join(" ")}`]
        : [],
    );
    expect(shown).toEqual([
      "received INVITE sip:bob@192.0.2.2",
      "sent SIP/2.0 200",
      "received ACK sip:bob@192.0.2.2",
    ]);
  });
});

describe("an observer that throws", () => {
  it("changes nothing about the call, even when a timer tells it", async () => {
    const bench = await UserAgentBench.start();
    bench.backend.onInvite((call) => {
      call.observe(() => {
        throw new Error("mistake");
      });
      call.answer(OUR_SDP);
    });
    bench.send(INVITE);
    bench.clock.advance(32_000);
    bench.settle();
    expect(bench.peer.requests("BYE")).toHaveLength(1);
    expect(bench.backend.openCalls).toBe(0);
  });
});
