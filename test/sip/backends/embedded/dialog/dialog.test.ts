/** Dialog state by itself: identity, route set, target and order of requests (RFC 3261 §12). */
import { describe, expect, it } from "vitest";
import { addressOf, Dialog } from "../../../../../sip/backends/embedded/dialog/dialog.ts";
import { LocalEndpoint } from "../../../../../sip/backends/embedded/dialog/local-endpoint.ts";
import { HeaderList } from "../../../../../sip/backends/embedded/message/header-list.ts";
import type { OutgoingRequest } from "../../../../../sip/backends/embedded/message/sip-message.ts";
import { parsedRequest, parsedResponse, requestText, responseText } from "../wire-text.ts";

const ENDPOINT = new LocalEndpoint("UDP", "192.0.2.2", 5060, "voxdial");
const PEER = { host: "192.0.2.1", port: 5090 };
const ROUTES = ["Record-Route: <sip:p2.example.com;lr>", "Record-Route: <sip:p1.example.com;lr>"];

/** The dialog of a call we placed, from a response with these headers. */
function uacDialog(status: number, headers: readonly string[] = [], contact = "<sip:bob@192.0.2.50>") {
  const invite = requestText("INVITE", { fromTag: "ours" });
  const fields = new HeaderList()
    .append("From", "<sip:alice@192.0.2.1>;tag=ours")
    .append("To", "<sip:bob@192.0.2.2>");
  const request: OutgoingRequest = {
    method: "INVITE",
    requestUri: "sip:bob@192.0.2.2",
    branch: "z9hG4bKours",
    callId: "call-1",
    headers: fields,
    body: "",
  };
  const respond = (code: number, more: readonly string[], target: string) =>
    parsedResponse(responseText(invite, code, "Phrase", { headers: more, contact: target }));
  return { dialog: Dialog.ofResponse(request, respond(status, headers, contact), ENDPOINT, PEER), respond };
}

describe("a caller's dialog", () => {
  it("is early with a 1xx and confirmed by the 2xx, whose route set and target replace the first", () => {
    const { dialog, respond } = uacDialog(180, ROUTES);
    expect(dialog.state).toBe("early");
    expect(dialog.request("UPDATE").headers.lines("Route")).toEqual([
      "<sip:p1.example.com;lr>",
      "<sip:p2.example.com;lr>",
    ]);
    dialog.confirm(respond(200, [], "<sip:bob@192.0.2.60:7000>"));
    const bye = dialog.request("BYE");
    expect(dialog.state).toBe("confirmed");
    expect(bye.requestUri).toBe("sip:bob@192.0.2.60:7000");
    expect(bye.headers.lines("Route")).toEqual([]);
  });

  it("counts its requests on from the INVITE; the ACK takes the INVITE's number", () => {
    const { dialog } = uacDialog(200);
    expect(dialog.request("INFO").headers.get("CSeq")).toBe("2 INFO");
    expect(dialog.request("BYE").headers.get("CSeq")).toBe("3 BYE");
    expect(dialog.ack(1).headers.get("CSeq")).toBe("1 ACK");
  });

  it("names both sides with their tags", () => {
    const bye = uacDialog(200).dialog.request("BYE");
    expect(bye.headers.get("From")).toBe("<sip:alice@192.0.2.1>;tag=ours");
    expect(bye.headers.get("To")).toBe("<sip:bob@192.0.2.2>;tag=callee");
    expect(bye.headers.get("Call-ID")).toBe("call-1");
  });

  it.each<[string, readonly string[], string, object]>([
    ["the target without routes", [], "<sip:bob@192.0.2.50:5070>", { host: "192.0.2.50", port: 5070 }],
    [
      "the first route",
      ["Record-Route: <sip:p1.example.com:5080;lr>"],
      "<sip:bob@192.0.2.50>",
      { host: "p1.example.com", port: 5080 },
    ],
    ["where the INVITE went when the Contact is no address", [], "<tel:+1>", PEER],
  ])("sends to %s", (_what, headers, contact, nextHop) => {
    expect(uacDialog(200, headers, contact).dialog.nextHop).toEqual(nextHop);
  });

  it("lets target refreshes move the target, not the route set (§12.2)", () => {
    const { dialog } = uacDialog(200, ROUTES);
    const reinvite = requestText("INVITE").replace("sip:alice@192.0.2.1:5060", "sip:alice@192.0.2.99");
    dialog.refreshTarget(parsedRequest(reinvite));
    const bye = dialog.request("BYE");
    expect(bye.requestUri).toBe("sip:alice@192.0.2.99");
    expect(bye.headers.lines("Route")).toHaveLength(2);
  });
});

describe("a callee's dialog", () => {
  it("has the Record-Route in order, and the caller's Contact as target (§12.1.1)", () => {
    const dialog = Dialog.ofRequest(
      parsedRequest(requestText("INVITE", { headers: ROUTES })),
      "mine",
      ENDPOINT,
      PEER,
    );
    const bye = dialog?.request("BYE");
    expect(bye?.requestUri).toBe("sip:alice@192.0.2.1:5060");
    expect(bye?.headers.lines("Route")).toEqual(["<sip:p2.example.com;lr>", "<sip:p1.example.com;lr>"]);
    expect(bye?.headers.get("From")).toBe("<sip:bob@192.0.2.2>;tag=mine");
    expect(bye?.headers.get("CSeq")).toBe("1 BYE");
  });

  it("accepts requests in order only (§12.2.2)", () => {
    const dialog = Dialog.ofRequest(
      parsedRequest(requestText("INVITE", { cseq: 10 })),
      "mine",
      ENDPOINT,
      PEER,
    );
    const accepts = (cseq: number) => dialog?.acceptsCseq(parsedRequest(requestText("INFO", { cseq })));
    expect([accepts(10), accepts(11), accepts(9), accepts(15), accepts(14)]).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  it("is none without a Contact to call back", () => {
    const without = requestText("INVITE").replace(/Contact: .*\r\n/, "");
    expect(Dialog.ofRequest(parsedRequest(without), "mine", ENDPOINT, PEER)).toBeUndefined();
  });
});

describe("the address of a URI", () => {
  it.each([
    ["sip:a@192.0.2.1", { host: "192.0.2.1", port: 5060 }],
    ["<sip:a@[2001:db8::1]:5070;lr>", { host: "2001:db8::1", port: 5070 }],
    ["tel:+12125551234", undefined],
    ["nonsense", undefined],
  ])("%s", (text, address) => {
    expect(addressOf(text)).toEqual(address);
  });
});
