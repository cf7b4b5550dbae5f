/**
 * Client transactions (RFC 3261 §17.1, RFC 6026 §7.2) on a manual clock: what is sent when, what the user hears, and
 * that each transaction ends.
 */
import { describe, expect, it } from "vitest";
import { parsed, responseText } from "../wire-text.ts";
import { outgoing, TransactionBench } from "./transaction-bench.ts";

describe("an INVITE client transaction", () => {
  const started = (options?: { isReliable: boolean }) => {
    const bench = new TransactionBench(options);
    bench.layer.sendInvite(outgoing("INVITE"), { host: "192.0.2.1", port: 5060 }, bench.user);
    const respond = (status: number) => bench.receive(responseText(bench.texts[0] ?? "", status, "Phrase"));
    return { bench, respond };
  };

  it("repeats at doubling intervals (timer A) and gives up after 64·T1 (timer B)", () => {
    const { bench } = started();
    bench.clock.advance(60_000);
    expect(bench.sent).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500].map((atMs) => `${atMs} INVITE`));
    expect(bench.heard).toEqual(["32000 timeout"]);
    expect(bench.layer.size).toBe(0);
  });

  it("does not repeat over a reliable transport", () => {
    const { bench } = started({ isReliable: true });
    bench.clock.advance(60_000);
    expect(bench.sent).toEqual(["0 INVITE"]);
    expect(bench.heard).toEqual(["32000 timeout"]);
  });

  it("stops repeating and waits as long as it takes after a provisional response", () => {
    const { bench, respond } = started();
    bench.clock.advance(600);
    respond(100);
    respond(180);
    bench.clock.advance(600_000);
    expect(bench.sent).toEqual(["0 INVITE", "500 INVITE"]);
    expect(bench.heard).toEqual(["600 100", "600 180"]);
    expect(bench.layer.size).toBe(1);
  });

  it("acknowledges 300–699 itself, each retransmission again, for 32 s (timer D)", () => {
    const { bench, respond } = started();
    bench.clock.advance(100);
    respond(486);
    bench.clock.advance(500);
    respond(486);
    expect(bench.sent).toEqual(["0 INVITE", "100 ACK", "600 ACK"]);
    expect(bench.heard).toEqual(["100 486"]);
    bench.clock.advance(31_499);
    expect(bench.layer.size).toBe(1);
    bench.clock.advance(1);
    expect(bench.layer.size).toBe(0);
    respond(486);
    expect(bench.sent).toHaveLength(3);
  });

  it("builds that ACK from the INVITE and the response's To (§17.1.1.3)", () => {
    const { bench, respond } = started();
    respond(404);
    const ack = parsed(bench.texts[1] ?? "");
    expect(ack).toMatchObject({
      method: "ACK",
      requestUri: "sip:alice@192.0.2.1",
      cseq: { number: 1, method: "ACK" },
    });
    expect(ack.via.branch).toBe("z9hG4bKours");
    expect(ack.to.parameters.get("tag")).toBe("callee");
    expect(ack.headers.get("Route")).toBe("<sip:proxy.example.com;lr>");
    expect(ack.headers.lines("Via")).toHaveLength(1);
  });

  it("passes every 2xx up for 64·T1 (timer M), acknowledging none", () => {
    const { bench, respond } = started();
    respond(200);
    bench.clock.advance(31_999);
    respond(200);
    bench.clock.advance(1);
    respond(200);
    expect(bench.heard).toEqual(["0 200", "31999 200"]);
    expect(bench.sent).toEqual(["0 INVITE"]);
    expect(bench.layer.size).toBe(0);
  });

  it("ignores provisional and error responses after a 2xx", () => {
    const { bench, respond } = started();
    respond(200);
    respond(180);
    respond(486);
    expect(bench.heard).toEqual(["0 200"]);
  });

  it("ends with the transport's error (§17.1.4)", () => {
    const bench = new TransactionBench();
    bench.sendError = new Error("unreachable");
    bench.layer.sendInvite(outgoing("INVITE"), { host: "192.0.2.1", port: 5060 }, bench.user);
    expect(bench.heard).toEqual(["0 unreachable"]);
    expect(bench.layer.size).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });
});

describe("a non-INVITE client transaction", () => {
  const started = () => {
    const bench = new TransactionBench();
    bench.layer.sendRequest(outgoing("BYE"), { host: "192.0.2.1", port: 5060 }, bench.user);
    const respond = (status: number) => bench.receive(responseText(bench.texts[0] ?? "", status, "Phrase"));
    return { bench, respond };
  };

  it("repeats at doubling intervals up to T2 (timer E) and gives up after 64·T1 (timer F)", () => {
    const { bench } = started();
    bench.clock.advance(60_000);
    expect(bench.sent).toEqual(
      [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map((ms) => `${ms} BYE`),
    );
    expect(bench.heard).toEqual(["32000 timeout"]);
    expect(bench.layer.size).toBe(0);
  });

  it("repeats every T2 once there was a provisional response", () => {
    const { bench, respond } = started();
    bench.clock.advance(100);
    respond(100);
    bench.clock.advance(10_000);
    expect(bench.sent).toEqual(["0 BYE", "500 BYE", "4500 BYE", "8500 BYE"]);
  });

  it("passes the final response up once and absorbs others for T4 (timer K)", () => {
    const { bench, respond } = started();
    respond(200);
    respond(200);
    expect(bench.heard).toEqual(["0 200"]);
    bench.clock.advance(4999);
    expect(bench.layer.size).toBe(1);
    bench.clock.advance(1);
    expect(bench.layer.size).toBe(0);
    expect(bench.sent).toEqual(["0 BYE"]);
  });

  it("is found by branch and CSeq method (§17.1.3)", () => {
    const { bench } = started();
    bench.layer.sendInvite(outgoing("INVITE"), { host: "192.0.2.1", port: 5060 }, bench.user);
    bench.receive(responseText(bench.texts[1] ?? "", 180, "Ringing"));
    bench.receive(responseText(bench.texts[0] ?? "", 481, "Gone"));
    expect(bench.heard).toEqual(["0 180", "0 481"]);
  });
});
