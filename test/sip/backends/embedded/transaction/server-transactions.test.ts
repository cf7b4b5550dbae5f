/** Server transactions (RFC 3261 §17.2, RFC 6026 §7.1) on a manual clock. */
import { describe, expect, it } from "vitest";
import { responseTo } from "../../../../../sip/backends/embedded/message/message-writer.ts";
import { requestText } from "../wire-text.ts";
import { TransactionBench } from "./transaction-bench.ts";

describe("an INVITE server transaction", () => {
  const started = (options?: { isReliable: boolean }) => {
    const bench = new TransactionBench(options);
    const receive = (method = "INVITE") => bench.receive(requestText(method, { headers: ["Timestamp: 54"] }));
    receive();
    const [transaction] = bench.invites;
    if (!transaction) throw new Error("no transaction");
    const respond = (status: number) =>
      transaction.respond(responseTo(transaction.request, status, "Phrase", { toTag: "ours" }));
    return { bench, receive, respond, transaction };
  };

  it("sends 100 after 200 ms when nothing else was sent, with the request's Timestamp", () => {
    const { bench } = started();
    bench.clock.advance(199);
    expect(bench.sent).toEqual([]);
    bench.clock.advance(1);
    expect(bench.sent).toEqual(["200 100"]);
    expect(bench.texts[0]).toContain("Timestamp: 54\r\n");
  });

  it("sends no 100 when another response went out", () => {
    const { bench, respond } = started();
    bench.clock.advance(100);
    respond(180);
    bench.clock.advance(1000);
    expect(bench.sent).toEqual(["100 180"]);
  });

  it("answers a retransmitted INVITE with the last provisional response, or with 100", () => {
    const { bench, receive, respond } = started();
    bench.clock.advance(50);
    receive();
    respond(180);
    receive();
    expect(bench.sent).toEqual(["50 100", "50 180", "50 180"]);
    expect(bench.invites).toHaveLength(1);
  });

  it("repeats 300–699 up to T2 (timer G) and gives up after 64·T1 (timer H)", () => {
    const { bench, respond } = started();
    respond(486);
    bench.clock.advance(60_000);
    expect(bench.sent).toEqual(
      [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map((ms) => `${ms} 486`),
    );
    expect(bench.layer.size).toBe(0);
  });

  it("sends the final response again for each retransmitted INVITE", () => {
    const { bench, receive, respond } = started();
    respond(486);
    receive();
    expect(bench.sent).toEqual(["0 486", "0 486"]);
  });

  it("stops at the ACK and absorbs what follows for T4 (timer I)", () => {
    const { bench, receive, respond, transaction } = started();
    respond(486);
    bench.clock.advance(600);
    receive("ACK");
    receive("ACK");
    receive();
    bench.clock.advance(4999);
    expect(bench.sent).toEqual(["0 486", "500 486"]);
    expect(transaction.state).toBe("confirmed");
    bench.clock.advance(1);
    expect(bench.layer.size).toBe(0);
    expect(bench.acks).toEqual([]);
  });

  it("absorbs INVITEs for 64·T1 after a 2xx (timer L), which only its user repeats", () => {
    const { bench, receive, respond, transaction } = started();
    respond(200);
    receive();
    bench.clock.advance(31_000);
    receive();
    expect(bench.sent).toEqual(["0 200"]);
    transaction.repeatAccepted();
    expect(bench.sent).toEqual(["0 200", "31000 200"]);
    bench.clock.advance(1000);
    expect(bench.layer.size).toBe(0);
    expect(bench.invites).toHaveLength(1);
  });

  it("hands an ACK after a 2xx to its user, even with the INVITE's branch", () => {
    const { bench, receive, respond } = started();
    respond(200);
    receive("ACK");
    expect(bench.acks).toHaveLength(1);
  });

  it("ignores responses after the final one", () => {
    const { bench, respond } = started();
    respond(200);
    respond(180);
    respond(486);
    expect(bench.sent).toEqual(["0 200"]);
  });
});

describe("a non-INVITE server transaction", () => {
  it("absorbs the request until it is answered, then repeats the answer for 64·T1 (timer J)", () => {
    const bench = new TransactionBench();
    bench.receive(requestText("OPTIONS"));
    bench.receive(requestText("OPTIONS"));
    expect(bench.others).toHaveLength(1);
    const [transaction] = bench.others;
    if (!transaction) throw new Error("no transaction");
    transaction.respond(responseTo(transaction.request, 200, "OK"));
    bench.clock.advance(31_999);
    bench.receive(requestText("OPTIONS"));
    expect(bench.sent).toEqual(["0 200", "31999 200"]);
    bench.clock.advance(1);
    expect(bench.layer.size).toBe(0);
  });
});

describe("matching (§17.2.3, §9.2)", () => {
  it("takes a CANCEL to the INVITE with its branch and sent-by", () => {
    const bench = new TransactionBench();
    bench.receive(requestText("INVITE", { branch: "z9hG4bKone" }));
    bench.receive(requestText("CANCEL", { branch: "z9hG4bKone" }));
    bench.receive(requestText("CANCEL", { branch: "z9hG4bKother" }));
    expect(bench.canceled).toEqual([bench.invites[0], undefined]);
  });

  it("keeps requests of one branch but different senders apart", () => {
    const bench = new TransactionBench();
    for (const host of ["192.0.2.1", "192.0.2.9"]) {
      bench.receive(requestText("INVITE", { via: `SIP/2.0/UDP ${host};branch=z9hG4bKsame` }));
    }
    expect(bench.invites).toHaveLength(2);
  });

  it("compares Call-ID, tag and CSeq when the branch is of RFC 2543", () => {
    const bench = new TransactionBench();
    const via = "SIP/2.0/UDP 192.0.2.1;branch=1";
    bench.receive(requestText("INVITE", { via, callId: "a" }));
    bench.receive(requestText("INVITE", { via, callId: "a" }));
    bench.receive(requestText("INVITE", { via, callId: "b" }));
    expect(bench.invites).toHaveLength(2);
  });

  it("answers where the request came from: rport's port, or the sent-by port (§18.2.2, RFC 3581)", () => {
    const bench = new TransactionBench();
    bench.receive(requestText("OPTIONS", { via: "SIP/2.0/UDP 10.0.0.1:7000;branch=z9hG4bKa;rport" }));
    const [transaction] = bench.others;
    if (!transaction) throw new Error("no transaction");
    transaction.respond(responseTo(transaction.request, 200, "OK"));
    expect(bench.texts[0]).toContain(
      "Via: SIP/2.0/UDP 10.0.0.1:7000;branch=z9hG4bKa;received=192.0.2.1;rport=5060\r\n",
    );
  });
});
