/**
 * A dialog: the peer relation between two user agents that gives requests their order and their way
 * (RFC 3261 §12).
 *
 * ```
 *  1xx with To-tag ──► early ──2xx──► confirmed ──BYE──► terminated
 *  2xx ─────────────────────────────────▲
 * ```
 */
import type { PeerAddress } from "../../backend.ts";
import { HeaderList } from "../message/header-list.ts";
import { newBranch } from "../message/identifiers.ts";
import { parseNameAddr } from "../message/name-addr.ts";
import type { OutgoingRequest, SipRequest, SipResponse } from "../message/sip-message.ts";
import { parseSip } from "../message/sip-uri.ts";
import type { LocalEndpoint } from "./local-endpoint.ts";

/** Default port of `sip:` URIs (RFC 3261 §19.1.2). */
const SIP_PORT = 5060;
/** LIMIT: longest route set taken over. */
const MAX_ROUTES = 32;

interface DialogParts {
  readonly state: "early" | "confirmed";
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From and To header values of our requests. */
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly routeSet: readonly string[];
  readonly remoteTarget: string;
  readonly localCseq: number;
  readonly remoteCseq?: number;
  readonly endpoint: LocalEndpoint;
  readonly fallback: PeerAddress;
}

export interface DialogRequestParts {
  readonly headers?: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body?: string;
}

export class Dialog {
  state: "early" | "confirmed" | "terminated";
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly #localAddress: string;
  readonly #remoteAddress: string;
  #routeSet: readonly string[];
  #remoteTarget: string;
  #localCseq: number;
  #remoteCseq: number | undefined;
  readonly #endpoint: LocalEndpoint;
  readonly #fallback: PeerAddress;

  private constructor(parts: DialogParts) {
    this.state = parts.state;
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.remoteTag = parts.remoteTag;
    this.#localAddress = parts.localAddress;
    this.#remoteAddress = parts.remoteAddress;
    this.#routeSet = parts.routeSet;
    this.#remoteTarget = parts.remoteTarget;
    this.#localCseq = parts.localCseq;
    this.#remoteCseq = parts.remoteCseq;
    this.#endpoint = parts.endpoint;
    this.#fallback = parts.fallback;
  }

  /** The UAC's dialog, from a response with a To-tag; `peer` got the INVITE. RFC 3261 §12.1.2. */
  static ofResponse(
    invite: OutgoingRequest,
    response: SipResponse,
    endpoint: LocalEndpoint,
    peer: PeerAddress,
  ): Dialog {
    return new Dialog({
      state: response.status >= 200 ? "confirmed" : "early",
      callId: response.callId,
      localTag: response.from.parameters.get("tag") ?? "",
      remoteTag: response.to.parameters.get("tag") ?? "",
      localAddress: invite.headers.get("From") ?? "",
      remoteAddress: response.headers.get("To") ?? "",
      // The route set is the Record-Route list in reverse order.
      routeSet: response.headers.elements("Record-Route").slice(0, MAX_ROUTES).reverse(),
      remoteTarget: contactUri(response.headers) ?? invite.requestUri,
      localCseq: response.cseq.number,
      endpoint,
      fallback: peer,
    });
  }

  /**
   * The UAS's dialog, from an INVITE that came from `peer`. Undefined when it lacks a Contact we could call.
   * RFC 3261 §12.1.1.
   */
  static ofRequest(
    request: SipRequest,
    localTag: string,
    endpoint: LocalEndpoint,
    peer: PeerAddress,
  ): Dialog | undefined {
    const remoteTarget = contactUri(request.headers);
    if (remoteTarget === undefined || !parseSip(remoteTarget)) return undefined;
    return new Dialog({
      state: "early",
      callId: request.callId,
      localTag,
      remoteTag: request.from.parameters.get("tag") ?? "",
      localAddress: `${request.headers.get("To") ?? ""};tag=${localTag}`,
      remoteAddress: request.headers.get("From") ?? "",
      routeSet: request.headers.elements("Record-Route").slice(0, MAX_ROUTES),
      remoteTarget,
      localCseq: 0,
      remoteCseq: request.cseq.number,
      endpoint,
      fallback: peer,
    });
  }

  /** The 2xx that confirms an early dialog also sets its route and target anew. RFC 3261 §13.2.2.4. */
  confirm(response: SipResponse): void {
    this.state = "confirmed";
    this.#routeSet = response.headers.elements("Record-Route").slice(0, MAX_ROUTES).reverse();
    this.refreshTarget(response);
  }

  /** Re-INVITE, UPDATE and their 2xx move the remote target, never the route set. RFC 3261 §12.2. */
  refreshTarget(message: SipRequest | SipResponse): void {
    const target = contactUri(message.headers);
    if (target !== undefined && parseSip(target)) this.#remoteTarget = target;
  }

  /** Whether a request of theirs is in order; notes its number. RFC 3261 §12.2.2. */
  acceptsCseq(request: SipRequest): boolean {
    if (this.#remoteCseq !== undefined && request.cseq.number <= this.#remoteCseq) return false;
    this.#remoteCseq = request.cseq.number;
    return true;
  }

  /** A request in this dialog, with the next CSeq. RFC 3261 §12.2.1.1. */
  request(method: string, parts: DialogRequestParts = {}): OutgoingRequest {
    this.#localCseq++;
    return this.#build(method, this.#localCseq, parts);
  }

  /** The ACK to a 2xx: the INVITE's CSeq number, a branch of its own. RFC 3261 §13.2.2.4. */
  ack(cseqNumber: number, parts: DialogRequestParts = {}): OutgoingRequest {
    return this.#build("ACK", cseqNumber, parts);
  }

  /** The Request-URI of requests in this dialog, which digest credentials name. */
  get requestUri(): string {
    return this.#way().requestUri;
  }

  /**
   * Where requests in this dialog are sent: the first route, or the remote target (RFC 3261 §8.1.2). When that is no
   * address, as a Contact of `tel:`, where the dialog began.
   */
  get nextHop(): PeerAddress {
    return addressOf(this.#routeSet[0] ?? this.#remoteTarget) ?? this.#fallback;
  }

  #build(method: string, cseqNumber: number, parts: DialogRequestParts): OutgoingRequest {
    const branch = newBranch();
    const { requestUri, routes } = this.#way();
    const headers = new HeaderList().append("Via", this.#endpoint.via(branch)).append("Max-Forwards", "70");
    for (const route of routes) headers.append("Route", route);
    headers
      .append("From", this.#localAddress)
      .append("To", this.#remoteAddress)
      .append("Call-ID", this.callId)
      .append("CSeq", `${cseqNumber} ${method}`)
      .append("User-Agent", this.#endpoint.userAgentName);
    for (const [name, value] of parts.headers ?? []) headers.append(name, value);
    return { method, requestUri, branch, callId: this.callId, headers, body: parts.body ?? "" };
  }

  /** §12.2.1.1: a loose router takes the target as Request-URI, a strict router its own URI, the target last. */
  #way(): { requestUri: string; routes: readonly string[] } {
    const [first, ...others] = this.#routeSet;
    if (first === undefined) return { requestUri: this.#remoteTarget, routes: [] };
    const firstUri = parseNameAddr(first)?.uri ?? "";
    if (parseSip(firstUri)?.parameters.has("lr")) {
      return { requestUri: this.#remoteTarget, routes: this.#routeSet };
    }
    return { requestUri: firstUri, routes: [...others, `<${this.#remoteTarget}>`] };
  }
}

/**
 * The address a URI or name-addr is sent to: its host and port. `undefined` when there is none, as in `tel:`.
 *
 * LIMIT: address records only, no NAPTR and SRV lookup (RFC 3263 §4).
 */
export function addressOf(text: string): PeerAddress | undefined {
  const uri = parseSip(parseNameAddr(text)?.uri ?? text);
  return uri && { host: uri.host, port: uri.port ?? SIP_PORT };
}

function contactUri(headers: HeaderList): string | undefined {
  const [first] = headers.elements("Contact");
  return first === undefined ? undefined : parseNameAddr(first)?.uri;
}
