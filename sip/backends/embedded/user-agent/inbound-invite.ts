/**
 * A call somebody places to us (RFC 3261 §13.3, §9.2).
 *
 * ```
 *  proceeding ──answer()──► answered ──ACK──► confirmed ─► over (ended)
 *      │  progress(): 1xx       └── 200 again until the ACK; none within 64·T1: BYE
 *      ├── reject() ─────────────────────────────────────► over
 *      └── CANCEL, BYE on the early dialog: 487 ─────────► over (canceled)
 * ```
 */
import type { ExtraHeader, InboundCall, InboundCallEvent, PeerAddress, SipReason } from "../../backend.ts";
import type { Dialog } from "../dialog/dialog.ts";
import { headerSafe, responseTo } from "../message/message-writer.ts";
import type { SipRequest } from "../message/sip-message.ts";
import type { InviteServerTransaction } from "../transaction/invite-server-transaction.ts";
import type { NonInviteServerTransaction } from "../transaction/non-invite-server-transaction.ts";
import type { CallOwner, CallServices } from "./call-services.ts";
import { dialogHeaders, SDP_TYPE, sdpOf } from "./capabilities.ts";
import { answerPlainRequest } from "./plain-requests.ts";
import { defaultPhrase } from "./reason-phrases.ts";
import { SipSession } from "./sip-session.ts";

/** §13.3.1.1: provisional responses are repeated every minute so that proxies do not give up (timer C). */
const PROGRESS_REPEAT_MS = 60_000;

export class InboundInvite implements InboundCall, CallOwner {
  readonly callId: string;
  readonly source: PeerAddress;
  readonly requestUri: string;
  readonly from: string;
  readonly to: string;
  readonly sdpOffer?: string;
  readonly #transaction: InviteServerTransaction;
  readonly #dialog: Dialog;
  readonly #services: CallServices;
  readonly #onOver: () => void;
  #state: "proceeding" | "answered" | "over" = "proceeding";
  #session: SipSession | undefined;
  #observer: ((event: InboundCallEvent) => void) | undefined;
  /** The INVITE as it came, until an observer wants it. */
  #received: Buffer | undefined;
  #stopProgress = () => {};
  readonly #forget: () => void;
  #unfollow = () => {};

  constructor(
    transaction: InviteServerTransaction,
    dialog: Dialog,
    received: Buffer,
    services: CallServices,
    onOver: () => void,
  ) {
    const { request } = transaction;
    this.callId = request.callId;
    this.source = transaction.source;
    this.requestUri = request.requestUri;
    this.from = request.headers.get("From") ?? "";
    this.to = request.headers.get("To") ?? "";
    this.sdpOffer = sdpOf(request);
    this.#transaction = transaction;
    this.#dialog = dialog;
    this.#received = received;
    this.#services = services;
    this.#onOver = onOver;
    this.#forget = services.register(request.callId, dialog.localTag, this);
  }

  header(name: string): string | undefined {
    return this.#transaction.request.headers.get(name);
  }

  observe(observer: (event: InboundCallEvent) => void): void {
    this.#observer = observer;
    this.#unfollow = this.#services.exchange.follow(this.callId, (message) => {
      this.#tell({ type: "message", message });
    });
    if (!this.#received) return;
    const text = this.#received.toString();
    this.#received = undefined;
    this.#tell({ type: "message", message: { direction: "received", peer: this.source, text } });
  }

  /** §13.3.1.1. */
  progress(status: number, sdp?: string): void {
    if (this.#state !== "proceeding" || status <= 100 || status > 199) return;
    const send = () => {
      this.#respond(status, defaultPhrase(status), [], sdp ?? "");
      this.#stopProgress = this.#services.clock.after(PROGRESS_REPEAT_MS, send);
    };
    this.#stopProgress();
    send();
  }

  /** §13.3.1.4. */
  answer(sdp: string): void {
    if (this.#state !== "proceeding") return;
    this.#state = "answered";
    this.#stopProgress();
    this.#dialog.state = "confirmed";
    this.#session = new SipSession({
      services: this.#services,
      dialog: this.#dialog,
      localSdp: sdp,
      onEnded: (by, reason) => this.#end({ type: "ended", by, reason }),
      onRenegotiated: (media) => this.#tell({ type: "renegotiated", media }),
      onConfirmed: (answer) => this.#tell({ type: "confirmed", sdpAnswer: answer }),
    });
    this.#respond(200, "OK", [], sdp);
    this.#session.awaitAck(this.#transaction, this.sdpOffer === undefined);
  }

  /** §13.3.1.2, §13.3.1.3. */
  reject(status: number, phrase?: string, headers: readonly ExtraHeader[] = []): void {
    if (this.#state !== "proceeding") return;
    const final = status >= 300 && status <= 699 ? status : 500;
    this.#respond(final, phrase === undefined ? defaultPhrase(final) : headerSafe(phrase), headers);
    this.#end(undefined);
  }

  bye(reason?: SipReason): void {
    this.#session?.bye(reason);
  }

  abandon(): void {
    if (this.#session) this.#session.abandon();
    else this.#end({ type: "ended", by: "failure" });
  }

  /** CANCEL of our transaction. §9.2: only before the final response has it any effect. */
  onCancel(): void {
    if (this.#state !== "proceeding") return;
    this.#respond(487, "Request Terminated");
    this.#end({ type: "canceled" });
  }

  onRequest(transaction: NonInviteServerTransaction): void {
    const { request } = transaction;
    if ((request.from.parameters.get("tag") ?? "") !== this.#dialog.remoteTag) {
      transaction.respond(responseTo(request, 481, "Call/Transaction Does Not Exist"));
    } else if (this.#session) this.#session.onRequest(transaction);
    else this.#onEarlyRequest(transaction);
  }

  onReinvite(transaction: InviteServerTransaction): void {
    if (this.#session) this.#session.onReinvite(transaction);
    else {
      // §14.2: a second INVITE before the first has its final response.
      const headers = [["Retry-After", "5"]] as const;
      transaction.respond(responseTo(transaction.request, 500, "Server Internal Error", { headers }));
    }
  }

  onAck(request: SipRequest): void {
    this.#session?.onAck(request);
  }

  #onEarlyRequest(transaction: NonInviteServerTransaction): void {
    const { request } = transaction;
    if (!this.#dialog.acceptsCseq(request)) {
      transaction.respond(responseTo(request, 500, "Server Internal Error"));
    } else if (request.method === "BYE") {
      // §15.1.2: the INVITE that is still pending gets 487.
      transaction.respond(responseTo(request, 200, "OK"));
      this.onCancel();
    } else if (request.method === "UPDATE" && sdpOf(request) !== undefined) {
      // RFC 3311 §5.2: the first offer has no answer yet.
      const headers = [["Retry-After", "5"]] as const;
      transaction.respond(responseTo(request, 500, "Server Internal Error", { headers }));
    } else if (request.method === "UPDATE") {
      this.#dialog.refreshTarget(request);
      transaction.respond(
        responseTo(request, 200, "OK", { headers: dialogHeaders(this.#services.endpoint) }),
      );
    } else answerPlainRequest(transaction, this.#services.endpoint);
  }

  /** §12.1.1: responses that make a dialog carry our tag and Contact and the request's Record-Route. */
  #respond(status: number, phrase: string, extra: readonly ExtraHeader[] = [], body = ""): void {
    const { request } = this.#transaction;
    const headers: ExtraHeader[] = [];
    if (status < 300) {
      for (const route of request.headers.lines("Record-Route")) headers.push(["Record-Route", route]);
      headers.push(...dialogHeaders(this.#services.endpoint));
    }
    headers.push(["Server", this.#services.endpoint.userAgentName]);
    for (const [name, value] of extra) headers.push([name, headerSafe(value)]);
    if (body !== "") headers.push(["Content-Type", SDP_TYPE]);
    this.#transaction.respond(
      responseTo(request, status, phrase, { toTag: this.#dialog.localTag, headers, body }),
    );
  }

  #end(event: InboundCallEvent | undefined): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#stopProgress();
    this.#forget();
    this.#unfollow();
    this.#onOver();
    if (event) this.#tell(event);
  }

  /** A listener's mistake is logged and changes nothing about the call. */
  #tell(event: InboundCallEvent): void {
    try {
      this.#observer?.(event);
    } catch (error) {
      this.#services.logger?.error({ error, event: event.type }, "sip call observer failed");
    }
  }
}
