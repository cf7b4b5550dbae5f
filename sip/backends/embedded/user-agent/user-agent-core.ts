/**
 * The user agent core: places calls, takes calls, gives each request to the call it belongs to, and answers those that
 * belong to none (RFC 3261 §8.2, §12.2.2).
 */
import type { Clock, Logger } from "../../../../engine/index.ts";
import type {
  InboundCall,
  InviteRequest,
  OutboundCall,
  OutboundCallEvent,
  PeerAddress,
} from "../../backend.ts";
import { Dialog } from "../dialog/dialog.ts";
import type { LocalEndpoint } from "../dialog/local-endpoint.ts";
import { newTag } from "../message/identifiers.ts";
import { responseTo } from "../message/message-writer.ts";
import type { SipRequest } from "../message/sip-message.ts";
import type { InviteServerTransaction } from "../transaction/invite-server-transaction.ts";
import type { NonInviteServerTransaction } from "../transaction/non-invite-server-transaction.ts";
import { type RequestReceiver, TransactionLayer } from "../transaction/transaction-layer.ts";
import type { MessageExchange } from "../transport/message-exchange.ts";
import type { CallOwner, CallServices } from "./call-services.ts";
import { ALLOW, optionsHeaders, SDP_TYPE, sdpOf } from "./capabilities.ts";
import { InboundInvite } from "./inbound-invite.ts";
import { OutboundInvite } from "./outbound-invite.ts";

export interface UserAgentCoreParts {
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly exchange: MessageExchange;
  readonly endpoint: LocalEndpoint;
  readonly allowedSource: (peer: PeerAddress) => boolean;
  readonly maxCalls: number;
}

/** Methods that only make sense inside a dialog. */
const DIALOG_METHODS = new Set(["BYE", "INFO", "UPDATE", "PRACK", "NOTIFY"]);

export class UserAgentCore implements RequestReceiver {
  readonly transactions: TransactionLayer;
  readonly #parts: UserAgentCoreParts;
  readonly #services: CallServices;
  /** Open calls by Call-ID and our tag. */
  readonly #owners = new Map<string, CallOwner>();
  /** Inbound calls by Call-ID, From-tag and CSeq, to recognize the same request come by another way. */
  readonly #inbound = new Map<string, InboundInvite>();
  #handler: ((call: InboundCall) => void) | undefined;

  constructor(parts: UserAgentCoreParts) {
    this.#parts = parts;
    const { clock, logger, exchange, endpoint } = parts;
    this.transactions = new TransactionLayer(clock, exchange, this);
    this.#services = {
      clock,
      logger,
      exchange,
      endpoint,
      transactions: this.transactions,
      register: (callId, localTag, owner) => {
        const key = ownerKey(callId, localTag);
        this.#owners.set(key, owner);
        return () => this.#owners.delete(key);
      },
    };
  }

  /** Calls that are not over. */
  get openCalls(): number {
    return this.#owners.size;
  }

  onInboundCall(handler: (call: InboundCall) => void): void {
    this.#handler = handler;
  }

  invite(request: InviteRequest, observer: (event: OutboundCallEvent) => void): OutboundCall {
    const { logger } = this.#parts;
    const call = new OutboundInvite(
      request,
      (event) => {
        try {
          observer(event);
        } catch (error) {
          logger?.error({ error, event: event.type }, "sip call observer failed");
        }
      },
      this.#services,
    );
    call.start().catch((error: unknown) => logger?.error({ error }, "sip call failed"));
    return call;
  }

  /** Ends every call without another message. */
  stop(): void {
    for (const owner of [...this.#owners.values()]) owner.abandon();
    this.transactions.stop();
  }

  admits(request: SipRequest, source: PeerAddress): boolean {
    const toTag = request.to.parameters.get("tag");
    // Requests of a running call may come from any of the carrier's hosts.
    if (toTag !== undefined && this.#owners.has(ownerKey(request.callId, toTag))) return true;
    return this.#parts.allowedSource(source);
  }

  onInvite(transaction: InviteServerTransaction, data: Buffer): void {
    const { request } = transaction;
    const toTag = request.to.parameters.get("tag");
    if (toTag !== undefined) {
      const owner = this.#owners.get(ownerKey(request.callId, toTag));
      if (owner) owner.onReinvite(transaction);
      // §12.2.2: a dialog that we do not know, perhaps from before a restart.
      else transaction.respond(responseTo(request, 481, "Call/Transaction Does Not Exist"));
      return;
    }
    const refusal = this.#refusalOf(request);
    const localTag = newTag();
    if (refusal) {
      const [status, phrase, headers] = refusal;
      transaction.respond(responseTo(request, status, phrase, { toTag: localTag, headers }));
      return;
    }
    const dialog = Dialog.ofRequest(request, localTag, this.#parts.endpoint, transaction.source);
    if (!dialog) {
      // §8.1.1.8: an INVITE must have one usable Contact.
      transaction.respond(responseTo(request, 400, "Missing Contact", { toTag: localTag }));
      return;
    }
    const key = mergeKey(request);
    const call = new InboundInvite(transaction, dialog, data, this.#services, () => {
      this.#inbound.delete(key);
    });
    this.#inbound.set(key, call);
    this.#hand(call);
  }

  onCancel(transaction: NonInviteServerTransaction, invite: InviteServerTransaction | undefined): void {
    const { request } = transaction;
    // §9.2: the CANCEL itself is answered at once, whatever becomes of the INVITE.
    if (!invite) {
      transaction.respond(responseTo(request, 481, "Call/Transaction Does Not Exist"));
      return;
    }
    transaction.respond(responseTo(request, 200, "OK"));
    const call = this.#inbound.get(mergeKey(invite.request));
    if (call) call.onCancel();
  }

  onAck(request: SipRequest): void {
    const owner = this.#owners.get(ownerKey(request.callId, request.to.parameters.get("tag") ?? ""));
    if (owner) owner.onAck(request);
    else this.#parts.exchange.stats.strayMessages++;
  }

  onOtherRequest(transaction: NonInviteServerTransaction): void {
    const { request } = transaction;
    const toTag = request.to.parameters.get("tag");
    const owner = toTag === undefined ? undefined : this.#owners.get(ownerKey(request.callId, toTag));
    if (owner) {
      owner.onRequest(transaction);
      return;
    }
    if (toTag !== undefined || DIALOG_METHODS.has(request.method)) {
      transaction.respond(responseTo(request, 481, "Call/Transaction Does Not Exist", { toTag: newTag() }));
    } else if (request.method === "OPTIONS") {
      // §11.2: a keep-alive of a trunk, most often.
      const headers = optionsHeaders(this.#parts.endpoint);
      transaction.respond(responseTo(request, 200, "OK", { toTag: newTag(), headers }));
    } else {
      const headers = [["Allow", ALLOW]] as const;
      transaction.respond(responseTo(request, 405, "Method Not Allowed", { toTag: newTag(), headers }));
    }
  }

  /** Why a first INVITE is refused before anybody is asked. §8.2. */
  #refusalOf(
    request: SipRequest,
  ):
    | readonly [status: number, phrase: string, headers?: ReadonlyArray<readonly [string, string]>]
    | undefined {
    if (!/^(?:sips?|tel):/i.test(request.requestUri)) return [416, "Unsupported URI Scheme"];
    // §8.2.2.2.
    if (this.#inbound.has(mergeKey(request))) return [482, "Loop Detected"];
    const required = request.headers.elements("Require");
    if (required.length > 0) return [420, "Bad Extension", [["Unsupported", required.join(", ")]]];
    if (request.body !== "" && sdpOf(request) === undefined) {
      return [415, "Unsupported Media Type", [["Accept", SDP_TYPE]]];
    }
    if (!this.#handler) return [480, "Temporarily Unavailable"];
    if (this.#inbound.size >= this.#parts.maxCalls) {
      this.#parts.exchange.stats.refusedAtLimit++;
      return [503, "Service Unavailable", [["Retry-After", "10"]]];
    }
    return undefined;
  }

  #hand(call: InboundInvite): void {
    try {
      this.#handler?.(call);
    } catch (error) {
      this.#parts.logger?.error({ error, callId: call.callId }, "inbound call handler failed");
      call.reject(500);
    }
  }
}

function ownerKey(callId: string, localTag: string): string {
  return `${callId} ${localTag}`;
}

function mergeKey(request: SipRequest): string {
  return `${request.callId} ${request.from.parameters.get("tag") ?? ""} ${request.cseq.number}`;
}
