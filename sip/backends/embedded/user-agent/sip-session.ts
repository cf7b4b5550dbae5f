/**
 * An established call: a confirmed dialog, whichever side opened it. Answers the peer's requests in it, sends BYE.
 *
 * ```
 *  active ──bye()──► ending (BYE sent; or waiting for the ACK first, as UAS) ──response, time-out──► over
 *    └── BYE received, no ACK within 64·T1 ───────────────────────────────────────────────────────────▲
 * ```
 */
import { SipError } from "../../../errors.ts";
import type { NegotiatedMedia } from "../../../sdp/negotiated-media.ts";
import { answerReoffer, readAnswer } from "../../../sdp/offer-answer.ts";
import type { SipReason } from "../../backend.ts";
import type { Dialog } from "../dialog/dialog.ts";
import { responseTo } from "../message/message-writer.ts";
import { readReason, writeReason } from "../message/reason-header.ts";
import type { SipRequest, SipResponse } from "../message/sip-message.ts";
import type { InviteServerTransaction } from "../transaction/invite-server-transaction.ts";
import type { NonInviteServerTransaction } from "../transaction/non-invite-server-transaction.ts";
import { AcceptedResponse } from "./accepted-response.ts";
import type { CallServices } from "./call-services.ts";
import { dialogHeaders, SDP_TYPE, sdpOf } from "./capabilities.ts";
import type { DigestAuthorizer } from "./digest-authorizer.ts";
import { answerPlainRequest } from "./plain-requests.ts";

export interface SipSessionParts {
  readonly services: CallServices;
  readonly dialog: Dialog;
  /** What we last sent as offer or answer. */
  readonly localSdp: string;
  readonly authorizer?: DigestAuthorizer;
  readonly onEnded: (by: "remote" | "local" | "failure", reason?: SipReason) => void;
  /** The peer changed the session and we agreed. */
  readonly onRenegotiated: (media: NegotiatedMedia) => void;
  /** The ACK to the first 2xx, with the answer when we offered in it. */
  readonly onConfirmed?: (sdpAnswer: string | undefined) => void;
}

export class SipSession {
  readonly #parts: SipSessionParts;
  #state: "active" | "ending" | "over" = "active";
  #localSdp: string;
  /** 2xx of ours that wait for their ACK, by CSeq number. */
  readonly #unacknowledged = new Map<number, AcceptedResponse>();
  /** The 2xx that carries an offer of ours: its ACK brings the answer. */
  #offeringCseq: number | undefined;
  #pendingBye: { readonly reason: SipReason | undefined } | undefined;
  /** As UAC from the start; as UAS with the first ACK. */
  #isConfirmed: boolean;

  constructor(parts: SipSessionParts) {
    this.#parts = parts;
    this.#localSdp = parts.localSdp;
    this.#isConfirmed = parts.onConfirmed === undefined;
  }

  /** As UAS: the 2xx to the first INVITE has been sent. `isOffer`: it carries our offer. */
  awaitAck(transaction: InviteServerTransaction, isOffer: boolean): void {
    if (isOffer) this.#offeringCseq = transaction.request.cseq.number;
    this.#await(transaction);
  }

  onRequest(transaction: NonInviteServerTransaction): void {
    const { request } = transaction;
    const { dialog, services } = this.#parts;
    // §12.2.2: out of order.
    if (!dialog.acceptsCseq(request)) {
      transaction.respond(responseTo(request, 500, "Server Internal Error"));
      return;
    }
    switch (request.method) {
      case "BYE":
        // §15.1.2.
        transaction.respond(responseTo(request, 200, "OK"));
        this.#end(this.#state === "ending" ? "local" : "remote", readReason(request.headers));
        return;
      case "UPDATE":
        this.#onUpdate(transaction);
        return;
      default:
        answerPlainRequest(transaction, services.endpoint);
    }
  }

  /** A re-INVITE of the peer's. RFC 3261 §14.2. */
  onReinvite(transaction: InviteServerTransaction): void {
    const { request } = transaction;
    const { dialog, services } = this.#parts;
    if (!dialog.acceptsCseq(request)) {
      transaction.respond(responseTo(request, 500, "Server Internal Error"));
      return;
    }
    // §14.1: an offer of ours is open; both sides must not change the session at once.
    if (this.#offeringCseq !== undefined) {
      transaction.respond(responseTo(request, 491, "Request Pending"));
      return;
    }
    const offer = sdpOf(request);
    const body = offer === undefined ? this.#localSdp : this.#renegotiate(offer);
    if (body === undefined || (offer === undefined && request.body !== "")) {
      transaction.respond(responseTo(request, 488, "Not Acceptable Here"));
      return;
    }
    dialog.refreshTarget(request);
    const headers = [...dialogHeaders(services.endpoint), ["Content-Type", SDP_TYPE] as const];
    transaction.respond(responseTo(request, 200, "OK", { headers, body }));
    if (offer === undefined) this.#offeringCseq = request.cseq.number;
    this.#await(transaction);
  }

  onAck(request: SipRequest): void {
    const accepted = this.#unacknowledged.get(request.cseq.number);
    if (!accepted) return;
    accepted.stop();
    this.#unacknowledged.delete(request.cseq.number);
    const answer = sdpOf(request);
    if (this.#offeringCseq === request.cseq.number) {
      this.#offeringCseq = undefined;
      if (this.#isConfirmed) this.#takeAnswer(answer);
    }
    if (!this.#isConfirmed) {
      this.#isConfirmed = true;
      this.#parts.onConfirmed?.(answer);
    }
    if (this.#pendingBye && this.#state === "ending") this.#sendBye(this.#pendingBye.reason);
  }

  /** Hangs up. As UAS not before the ACK (§15). */
  bye(reason?: SipReason): void {
    if (this.#state !== "active") return;
    this.#state = "ending";
    this.#parts.authorizer?.begin();
    if (!this.#isConfirmed) this.#pendingBye = { reason };
    else this.#sendBye(reason);
  }

  /** Ends without a message. */
  abandon(): void {
    this.#end("failure");
  }

  #onUpdate(transaction: NonInviteServerTransaction): void {
    const { request } = transaction;
    const { dialog, services } = this.#parts;
    const offer = sdpOf(request);
    // RFC 3311 §5.2: our own offer is unanswered.
    if (offer !== undefined && this.#offeringCseq !== undefined) {
      transaction.respond(responseTo(request, 491, "Request Pending"));
      return;
    }
    const answer = offer === undefined ? "" : this.#renegotiate(offer);
    if (answer === undefined) {
      transaction.respond(responseTo(request, 488, "Not Acceptable Here"));
      return;
    }
    dialog.refreshTarget(request);
    const headers = dialogHeaders(services.endpoint);
    if (answer !== "") headers.push(["Content-Type", SDP_TYPE]);
    transaction.respond(responseTo(request, 200, "OK", { headers, body: answer }));
  }

  /** Our answer to a new offer, `undefined` when it is unusable: the session stays as it was (§14.2). */
  #renegotiate(offer: string): string | undefined {
    try {
      const { sdp, media } = answerReoffer(offer, this.#localSdp);
      this.#localSdp = sdp;
      this.#parts.onRenegotiated(media);
      return sdp;
    } catch (error) {
      if (!(error instanceof SipError)) throw error;
      return undefined;
    }
  }

  #takeAnswer(answer: string | undefined): void {
    try {
      this.#parts.onRenegotiated(readAnswer(this.#localSdp, answer ?? ""));
    } catch (error) {
      if (!(error instanceof SipError)) throw error;
      // Our offer has no usable answer: nothing is left to talk over (§13.3.1.4).
      this.bye({ protocol: "SIP", cause: 488, text: "Not Acceptable Here" });
    }
  }

  #await(transaction: InviteServerTransaction): void {
    const { cseq } = transaction.request;
    const accepted = new AcceptedResponse(this.#parts.services.clock, transaction, () => {
      // §13.3.1.4: no ACK; the dialog is confirmed all the same and ended with BYE.
      this.#unacknowledged.delete(cseq.number);
      const isOurs = this.#pendingBye !== undefined;
      if (this.#state === "over") return;
      this.#sendBye(this.#pendingBye?.reason);
      this.#end(isOurs ? "local" : "failure");
    });
    this.#unacknowledged.set(cseq.number, accepted);
  }

  #sendBye(reason: SipReason | undefined): void {
    const { dialog, services, authorizer } = this.#parts;
    const headers: (readonly [string, string])[] = reason ? [["Reason", writeReason(reason)]] : [];
    const authorization = authorizer?.headers("BYE", dialog.requestUri, "") ?? [];
    const request = dialog.request("BYE", { headers: [...headers, ...authorization] });
    services.transactions.sendRequest(request, dialog.nextHop, {
      onResponse: (response) => this.#onByeResponse(response, reason),
      onTimeout: () => this.#end("local"),
      onTransportError: () => this.#end("local"),
    });
  }

  #onByeResponse(response: SipResponse, reason: SipReason | undefined): void {
    if (response.status < 200 || this.#state === "over") return;
    const isChallenge = response.status === 401 || response.status === 407;
    if (isChallenge && this.#parts.authorizer?.take(response)) this.#sendBye(reason);
    // §15.1.1: whatever the answer, the dialog is over.
    else this.#end("local");
  }

  #end(by: "remote" | "local" | "failure", reason?: SipReason): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#parts.dialog.state = "terminated";
    for (const accepted of this.#unacknowledged.values()) accepted.stop();
    this.#unacknowledged.clear();
    this.#parts.onEnded(by, reason);
  }
}
