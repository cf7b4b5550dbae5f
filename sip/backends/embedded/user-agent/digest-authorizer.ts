/** Answers digest challenges and reuses their nonces within a call (RFC 3261 §22, RFC 7616 §3.4, RFC 8760). */
import { createHash, randomBytes } from "node:crypto";
import type { DigestCredentials } from "../../backend.ts";
import type { SipResponse } from "../message/sip-message.ts";
import { type DigestChallenge, readChallenges } from "./digest-challenge.ts";

/** LIMIT: realms answered in one call: the far end's and those of proxies on the way. */
const MAX_REALMS = 4;
/** LIMIT: challenges answered in one call; a server that calls every nonce stale is not followed for ever. */
const MAX_CHALLENGES = 8;

interface AnsweredChallenge {
  readonly challenge: DigestChallenge;
  readonly cnonce: string;
  /** Requests sent with this nonce. */
  count: number;
  /** The challenge was for an earlier request: a server may want a nonce of its own for each. */
  isReused: boolean;
}

export class DigestAuthorizer {
  readonly #credentials: DigestCredentials;
  readonly #newCnonce: () => string;
  /** By answer header and realm. */
  readonly #answered = new Map<string, AnsweredChallenge>();
  #challenges = 0;

  /** `newCnonce` stands in for chance in tests of published examples. */
  constructor(
    credentials: DigestCredentials,
    newCnonce: () => string = () => randomBytes(8).toString("hex"),
  ) {
    this.#credentials = credentials;
    this.#newCnonce = newCnonce;
  }

  /**
   * Takes the challenges of a 401 or 407. True: the request is worth sending again. False: nothing in them can be
   * answered, or our credentials have been refused.
   */
  take(response: SipResponse): boolean {
    if (++this.#challenges > MAX_CHALLENGES) return false;
    const realms = new Set<string>();
    let isNew = false;
    for (const challenge of readChallenges(response.headers)) {
      const key = `${challenge.answerHeader} ${challenge.realm}`;
      // RFC 8760 §2.4: of several for one realm, the topmost that we support.
      if (realms.has(key)) continue;
      realms.add(key);
      const before = this.#answered.get(key);
      // RFC 7616 §3.3: challenged again without `stale`, the credentials themselves are wrong.
      const isRefused = before && before.count > 0 && !before.isReused && !challenge.isStale;
      if (isRefused || before?.challenge.nonce === challenge.nonce) return false;
      if (!before && this.#answered.size >= MAX_REALMS) return false;
      this.#answered.set(key, { challenge, cnonce: this.#newCnonce(), count: 0, isReused: false });
      isNew = true;
    }
    return isNew;
  }

  /** A new request begins: credentials go with it at once, and a challenge to it is no refusal of them yet. */
  begin(): void {
    for (const answered of this.#answered.values()) answered.isReused = true;
  }

  /** Authorization headers for a request; none before the first challenge. `uri` must be its Request-URI. */
  headers(method: string, uri: string, body: string): (readonly [name: string, value: string])[] {
    return [...this.#answered.values()].map((answered) => {
      answered.count++;
      const value = authorize(answered, this.#credentials, method, uri, body);
      return [answered.challenge.answerHeader, value] as const;
    });
  }
}

function authorize(
  { challenge, cnonce, count }: AnsweredChallenge,
  { username, password }: DigestCredentials,
  method: string,
  uri: string,
  body: string,
): string {
  const { realm, nonce, qop, opaque, algorithm } = challenge;
  const hash = (text: string) => createHash(challenge.hash).update(text, "utf8").digest("hex");
  // RFC 7616 §3.4.2, §3.4.3: A1 and A2.
  const secret = hash(`${username}:${realm}:${password}`);
  const a1 = challenge.isSession ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = hash(qop === "auth-int" ? `${method}:${uri}:${hash(body)}` : `${method}:${uri}`);
  const nc = count.toString(16).padStart(8, "0");
  const response = hash(qop ? `${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}` : `${a1}:${nonce}:${a2}`);
  const parts = [
    `username="${username.replace(/[\\"]/g, "\\$&")}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
  ];
  if (algorithm !== undefined) parts.push(`algorithm=${algorithm}`);
  if (qop) parts.push(`cnonce="${cnonce}"`, `qop=${qop}`, `nc=${nc}`);
  else if (challenge.isSession) parts.push(`cnonce="${cnonce}"`);
  if (opaque !== undefined) parts.push(`opaque="${opaque}"`);
  return `Digest ${parts.join(", ")}`;
}
