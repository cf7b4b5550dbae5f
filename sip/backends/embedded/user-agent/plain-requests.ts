/** Requests that change nothing about a call: OPTIONS, INFO, and methods we do not know. */
import type { LocalEndpoint } from "../dialog/local-endpoint.ts";
import { responseTo } from "../message/message-writer.ts";
import type { NonInviteServerTransaction } from "../transaction/non-invite-server-transaction.ts";
import { ALLOW, optionsHeaders } from "./capabilities.ts";

/** Answers a request inside a dialog whose method the call itself does not look at. */
export function answerPlainRequest(transaction: NonInviteServerTransaction, endpoint: LocalEndpoint): void {
  const { request } = transaction;
  switch (request.method) {
    case "OPTIONS":
      // §11.2: within a dialog as outside.
      transaction.respond(responseTo(request, 200, "OK", { headers: optionsHeaders(endpoint) }));
      return;
    case "INFO":
      // RFC 6086 §4.2.2: no Info Package is known to us; INFO without one is acknowledged and ignored.
      transaction.respond(
        request.headers.get("Info-Package") === undefined
          ? responseTo(request, 200, "OK")
          : responseTo(request, 469, "Bad Info Package", { headers: [["Recv-Info", ""]] }),
      );
      return;
    case "PRACK":
      // RFC 3262 §3: no reliable provisional response of ours waits for one.
      transaction.respond(responseTo(request, 481, "Call/Transaction Does Not Exist"));
      return;
    default:
      // §8.2.1.
      transaction.respond(responseTo(request, 405, "Method Not Allowed", { headers: [["Allow", ALLOW]] }));
  }
}
