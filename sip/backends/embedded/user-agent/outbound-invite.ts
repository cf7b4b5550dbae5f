/**
 * A call we place (RFC 3261 §13.2, §9.1, §22.2).
 *
 * ```
 *  preparing ──INVITE sent──► calling ──1xx──► proceeding ──2xx, ACK──► answered ─► over (ended)
 *      │                        │ ▲ 401, 407      │ ▲ cancel(): CANCEL
 *      │ beforeSend rejects     │ └─ INVITE again ┘ │ 2xx now: ACK, BYE
 *      └────────────────────────┴── 3xx–6xx, time-out, transport error ─► over (failed)
 * ```
 *
 * preparing: the address is being resolved, `beforeSend` has not settled; nothing has left.
 * cancel() in calling is held until a 1xx, since a CANCEL may not overtake its INVITE (§9.1).
 */
import { assert } from "../../../../engine/index.ts";
import type {
  CallFailure,
  InviteRequest,
  OutboundCall,
  OutboundCallEvent,
  PeerAddress,
  SipReason,
} from "../../backend.ts";
import { addressOf, Dialog } from "../dialog/dialog.ts";
import { HeaderList } from "../message/header-list.ts";
import { newBranch, newCallId, newTag } from "../message/identifiers.ts";
import { headerSafe, responseTo } from "../message/message-writer.ts";
import { readReason, writeReason } from "../message/reason-header.ts";
import type { OutgoingRequest, SipRequest, SipResponse } from "../message/sip-message.ts";
import type { InviteClientTransaction } from "../transaction/invite-client-transaction.ts";
import type { InviteServerTransaction } from "../transaction/invite-server-transaction.ts";
import type { NonInviteServerTransaction } from "../transaction/non-invite-server-transaction.ts";
import { TRANSACTION_TIMEOUT_MS } from "../transaction/timers.ts";
import type { PreparedMessage } from "../transport/message-exchange.ts";
import type { CallOwner, CallServices } from "./call-services.ts";
import { dialogHeaders, SDP_TYPE, sdpOf } from "./capabilities.ts";
import { DigestAuthorizer } from "./digest-authorizer.ts";
import { answerPlainRequest } from "./plain-requests.ts";
import { SipSession } from "./sip-session.ts";

/** LIMIT: early dialogs of one forked INVITE that are kept apart. */
const MAX_EARLY_DIALOGS = 16;

export class OutboundInvite implements OutboundCall, CallOwner {
  readonly callId = newCallId();
  readonly #localTag = newTag();
  readonly #request: InviteRequest;
  readonly #observer: (event: OutboundCallEvent) => void;
  readonly #services: CallServices;
  readonly #authorizer: DigestAuthorizer | undefined;
  #state: "preparing" | "calling" | "proceeding" | "answered" | "over" = "preparing";
  #peer: PeerAddress | undefined;
  #cseqNumber = 1;
  #transaction: InviteClientTransaction | undefined;
  #cancelReason: SipReason | undefined;
  #isCancelRequested = false;
  #isCancelSent = false;
  #stopCancelTimer = () => {};
  readonly #dialogs = new Map<string, Dialog>();
  /** The session description heard last before the answer, which a 2xx without one repeats. */
  #earlySdp: string | undefined;
  /** ACKs to 2xx by To-tag: each retransmitted 2xx gets its own again. */
  readonly #acks = new Map<string, { readonly message: PreparedMessage; readonly peer: PeerAddress }>();
  #session: SipSession | undefined;
  readonly #forget: () => void;
  readonly #unfollow: () => void;

  constructor(request: InviteRequest, observer: (event: OutboundCallEvent) => void, services: CallServices) {
    this.#request = request;
    this.#observer = observer;
    this.#services = services;
    this.#authorizer = request.credentials && new DigestAuthorizer(request.credentials);
    this.#forget = services.register(this.callId, this.#localTag, this);
    this.#unfollow = request.onMessage ? services.exchange.follow(this.callId, request.onMessage) : () => {};
  }

  /** Resolves the address, awaits `beforeSend`, sends. Never rejects. */
  async start(): Promise<void> {
    try {
      const target = this.#request.proxy ?? addressOf(this.#request.requestUri);
      if (!target) throw new Error(`no address to send to in ${this.#request.requestUri}`);
      this.#peer = await this.#services.exchange.transport.resolve(target);
      if (this.#isOver()) return;
      await this.#request.beforeSend?.();
    } catch (error) {
      const explanation = error instanceof Error ? error.message : String(error);
      this.#fail({ kind: "not-sent", explanation });
      return;
    }
    if (this.#isOver()) return;
    this.#state = "calling";
    this.#sendInvite();
    if (!this.#isOver()) this.#observer({ type: "sent" });
  }

  cancel(reason?: SipReason): void {
    if (this.#state === "preparing") {
      this.#fail({ kind: "not-sent", explanation: "canceled before the INVITE was sent" });
      return;
    }
    if (this.#state === "answered" || this.#state === "over" || this.#isCancelRequested) return;
    this.#isCancelRequested = true;
    this.#cancelReason = reason;
    if (this.#state === "proceeding") this.#sendCancel();
  }

  bye(reason?: SipReason): void {
    this.#session?.bye(reason);
  }

  abandon(): void {
    if (this.#session) this.#session.abandon();
    else this.#fail({ kind: "transport", explanation: "the SIP backend was stopped" });
  }

  onRequest(transaction: NonInviteServerTransaction): void {
    const { request } = transaction;
    const dialog = this.#dialogs.get(request.from.parameters.get("tag") ?? "");
    if (!dialog) transaction.respond(responseTo(request, 481, "Call/Transaction Does Not Exist"));
    else if (this.#session && dialog.state === "confirmed") this.#session.onRequest(transaction);
    else this.#onEarlyRequest(transaction, dialog);
  }

  onReinvite(transaction: InviteServerTransaction): void {
    const { request } = transaction;
    const dialog = this.#dialogs.get(request.from.parameters.get("tag") ?? "");
    if (!dialog) transaction.respond(responseTo(request, 481, "Call/Transaction Does Not Exist"));
    else if (this.#session && dialog.state === "confirmed") this.#session.onReinvite(transaction);
    // §14.2: our own INVITE is in progress.
    else transaction.respond(responseTo(request, 491, "Request Pending"));
  }

  onAck(request: SipRequest): void {
    this.#session?.onAck(request);
  }

  #sendInvite(): void {
    const peer = this.#peer;
    if (!peer) return;
    this.#transaction = this.#services.transactions.sendInvite(this.#buildInvite(), peer, {
      onResponse: (response) => this.#onResponse(response),
      onTimeout: () => this.#fail({ kind: "timeout" }),
      onTransportError: (error) => this.#fail({ kind: "transport", explanation: error.message }),
    });
  }

  /** §8.1.1, §13.2.1. After a challenge: the same call, the next CSeq, a new branch (§8.1.3.5). */
  #buildInvite(): OutgoingRequest {
    const { requestUri, from, to, sdpOffer, headers: extra } = this.#request;
    const { endpoint } = this.#services;
    const branch = newBranch();
    const headers = new HeaderList()
      .append("Via", endpoint.via(branch))
      .append("Max-Forwards", "70")
      .append("From", `${headerSafe(from)};tag=${this.#localTag}`)
      .append("To", headerSafe(to))
      .append("Call-ID", this.callId)
      .append("CSeq", `${this.#cseqNumber} INVITE`);
    for (const [name, value] of dialogHeaders(endpoint)) headers.append(name, value);
    for (const [name, value] of this.#authorizer?.headers("INVITE", requestUri, sdpOffer) ?? []) {
      headers.append(name, value);
    }
    headers.append("User-Agent", endpoint.userAgentName);
    for (const [name, value] of extra ?? []) headers.append(name, headerSafe(value));
    headers.append("Content-Type", SDP_TYPE);
    return { method: "INVITE", requestUri, branch, callId: this.callId, headers, body: sdpOffer };
  }

  #onResponse(response: SipResponse): void {
    if (response.status < 200) this.#onProvisional(response);
    else if (response.status < 300) this.#onAccepted(response);
    else this.#onRefused(response);
  }

  /** §13.2.2.1. */
  #onProvisional(response: SipResponse): void {
    if (this.#state !== "calling" && this.#state !== "proceeding") return;
    this.#state = "proceeding";
    if (this.#isCancelRequested && !this.#isCancelSent) this.#sendCancel();
    // 100 is hop by hop: the next element has the request, nobody has been reached.
    if (response.status === 100) return;
    const tag = response.to.parameters.get("tag");
    if (tag !== undefined && !this.#dialogs.has(tag) && this.#dialogs.size < MAX_EARLY_DIALOGS) {
      this.#dialogs.set(tag, this.#dialogOf(response));
    }
    const sdp = sdpOf(response);
    this.#earlySdp = sdp ?? this.#earlySdp;
    this.#observer({ type: "provisional", status: response.status, phrase: response.phrase, sdp });
  }

  /** §13.2.2.4: every 2xx is acknowledged; the first makes the call, others (forks) are hung up. */
  #onAccepted(response: SipResponse): void {
    const tag = response.to.parameters.get("tag") ?? "";
    const before = this.#acks.get(tag);
    if (before) {
      this.#services.exchange.send(before.message, before.peer);
      return;
    }
    let dialog = this.#dialogs.get(tag);
    if (dialog) dialog.confirm(response);
    else {
      if (this.#acks.size >= MAX_EARLY_DIALOGS) return;
      dialog = this.#dialogOf(response);
      this.#dialogs.set(tag, dialog);
    }
    this.#acknowledge(dialog, tag, response);
    const sdp = sdpOf(response) ?? this.#earlySdp ?? "";
    const isOurs = this.#state === "calling" || this.#state === "proceeding";
    if (!isOurs || this.#isCancelRequested) {
      this.#hangUpUnwanted(dialog);
      // §9.1: the 200 crossed the CANCEL, or came before it could be sent.
      this.#fail({ kind: "canceled" });
      return;
    }
    this.#state = "answered";
    this.#stopCancelTimer();
    this.#session = new SipSession({
      services: this.#services,
      dialog,
      localSdp: this.#request.sdpOffer,
      authorizer: this.#authorizer,
      onEnded: (by, reason) => this.#end({ type: "ended", by, reason }),
      onRenegotiated: (media) => this.#observer({ type: "renegotiated", media }),
    });
    this.#observer({ type: "answered", sdp });
  }

  #dialogOf(response: SipResponse): Dialog {
    const peer = this.#peer;
    assert(peer, "a response needs an INVITE that was sent");
    return Dialog.ofResponse(this.#invite(), response, this.#services.endpoint, peer);
  }

  #acknowledge(dialog: Dialog, tag: string, response: SipResponse): void {
    // §13.2.2.4: the ACK carries the INVITE's credentials.
    const credentials = this.#invite()
      .headers.fields.filter(({ key }) => key === "authorization" || key === "proxy-authorization")
      .map(({ name, value }) => [name, value] as const);
    const message = this.#services.exchange.prepare(
      dialog.ack(response.cseq.number, { headers: credentials }),
    );
    const peer = dialog.nextHop;
    this.#acks.set(tag, { message, peer });
    this.#services.exchange.send(message, peer);
  }

  #hangUpUnwanted(dialog: Dialog): void {
    new SipSession({
      services: this.#services,
      dialog,
      localSdp: this.#request.sdpOffer,
      authorizer: this.#authorizer,
      onEnded: () => {},
      onRenegotiated: () => {},
    }).bye(this.#cancelReason);
  }

  /** §13.2.2.2, §13.2.2.3: redirections are not followed; the caller decides what a 3xx means. */
  #onRefused(response: SipResponse): void {
    if (this.#state !== "calling" && this.#state !== "proceeding") return;
    const isChallenge = response.status === 401 || response.status === 407;
    if (isChallenge && !this.#isCancelRequested && this.#authorizer?.take(response)) {
      // §22.2: the next CSeq, everything else as before; early dialogs of the refused INVITE are gone.
      this.#cseqNumber++;
      this.#state = "calling";
      this.#dialogs.clear();
      this.#sendInvite();
      return;
    }
    if (this.#isCancelRequested && (response.status === 487 || isChallenge)) {
      this.#fail({ kind: "canceled" });
      return;
    }
    const retryAfter = /^\s*(\d{1,9})/.exec(response.headers.get("Retry-After") ?? "")?.[1];
    this.#fail({
      kind: "response",
      status: response.status,
      phrase: response.phrase,
      reason: readReason(response.headers),
      retryAfterSeconds: retryAfter === undefined ? undefined : Number(retryAfter),
    });
  }

  /** §9.1: Request-URI, Via, From, To, Call-ID, Route and CSeq number of the INVITE. */
  #sendCancel(): void {
    const invite = this.#invite();
    this.#isCancelSent = true;
    const headers = new HeaderList();
    for (const { name, key, value } of invite.headers.fields) {
      if (["via", "max-forwards", "from", "to", "call-id", "route"].includes(key))
        headers.append(name, value);
      else if (key === "cseq") headers.append(name, `${this.#cseqNumber} CANCEL`);
    }
    if (this.#cancelReason) headers.append("Reason", writeReason(this.#cancelReason));
    headers.append("User-Agent", this.#services.endpoint.userAgentName);
    const ignored = () => {};
    if (this.#peer) {
      this.#services.transactions.sendRequest(
        { ...invite, method: "CANCEL", headers, body: "" },
        this.#peer,
        {
          onResponse: ignored,
          onTimeout: ignored,
          onTransportError: ignored,
        },
      );
    }
    // §9.1: without a final response within 64·T1 the INVITE counts as canceled.
    this.#stopCancelTimer = this.#services.clock.after(TRANSACTION_TIMEOUT_MS, () => {
      this.#fail({ kind: "canceled" });
    });
  }

  #onEarlyRequest(transaction: NonInviteServerTransaction, dialog: Dialog): void {
    const { request } = transaction;
    if (!dialog.acceptsCseq(request)) {
      transaction.respond(responseTo(request, 500, "Server Internal Error"));
    } else if (request.method === "UPDATE" && sdpOf(request) !== undefined) {
      // RFC 3311 §5.2: our offer has no answer yet.
      transaction.respond(responseTo(request, 491, "Request Pending"));
    } else if (request.method === "UPDATE") {
      dialog.refreshTarget(request);
      transaction.respond(
        responseTo(request, 200, "OK", { headers: dialogHeaders(this.#services.endpoint) }),
      );
    } else if (request.method === "BYE") {
      // §15: a callee must not send BYE on an early dialog; its final response ends the call.
      transaction.respond(responseTo(request, 481, "Call/Transaction Does Not Exist"));
    } else answerPlainRequest(transaction, this.#services.endpoint);
  }

  /** The INVITE of the running transaction. */
  #invite(): OutgoingRequest {
    assert(this.#transaction, "no INVITE has been sent");
    return this.#transaction.request;
  }

  #isOver(): boolean {
    return this.#state === "over";
  }

  #fail(failure: CallFailure): void {
    if (this.#state === "answered") return;
    this.#end({ type: "failed", failure });
  }

  #end(event: OutboundCallEvent): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#stopCancelTimer();
    this.#forget();
    this.#unfollow();
    this.#observer(event);
  }
}
