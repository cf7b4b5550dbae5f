/** Digest challenges of 401 and 407 responses (RFC 3261 §22, RFC 7616 §3.3, RFC 8760). */
import type { HeaderList } from "../message/header-list.ts";
import { splitList } from "../message/list-values.ts";

/** Hash functions of RFC 8760 §2.1, as node:crypto names them. */
const HASHES = { MD5: "md5", "SHA-256": "sha256", "SHA-512-256": "sha512-256" } as const;

export interface DigestChallenge {
  /** The request header that answers it. */
  readonly answerHeader: "Authorization" | "Proxy-Authorization";
  /** Quoted values are kept as between their quotes: that is what is hashed and sent back. */
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  /** As written by the server; absent: MD5. */
  readonly algorithm?: string;
  readonly hash: (typeof HASHES)[keyof typeof HASHES];
  /** The `-sess` variants (RFC 7616 §3.4.2). */
  readonly isSession: boolean;
  /** Absent: the server knows no qop (RFC 2069). */
  readonly qop?: "auth" | "auth-int";
  /** The credentials were right, the nonce was old. */
  readonly isStale: boolean;
}

/** The challenges that we can answer, in the server's order, which is its preference (RFC 8760 §2.4). */
export function readChallenges(headers: HeaderList): DigestChallenge[] {
  return [
    ...headers.lines("WWW-Authenticate").flatMap((line) => readLine(line, "Authorization")),
    ...headers.lines("Proxy-Authenticate").flatMap((line) => readLine(line, "Proxy-Authorization")),
  ];
}

/** One line holds one challenge; some servers put several into it. */
function readLine(line: string, answerHeader: DigestChallenge["answerHeader"]): DigestChallenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const part of splitList(line)) {
    const opening = /^([A-Za-z][A-Za-z0-9-]*)\s+([^=\s]+\s*=.*)$/s.exec(part);
    if (opening) challenges.push({ scheme: opening[1] ?? "", parameters: new Map() });
    const pair = opening ? (opening[2] ?? "") : part;
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const value = pair.slice(equals + 1).trim();
    const inner =
      value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value;
    challenges.at(-1)?.parameters.set(pair.slice(0, equals).trim().toLowerCase(), inner);
  }
  return challenges.flatMap(({ scheme, parameters }) =>
    scheme.toLowerCase() === "digest" ? (toChallenge(parameters, answerHeader) ?? []) : [],
  );
}

function toChallenge(
  parameters: ReadonlyMap<string, string>,
  answerHeader: DigestChallenge["answerHeader"],
): DigestChallenge | undefined {
  const realm = parameters.get("realm");
  const nonce = parameters.get("nonce");
  if (realm === undefined || nonce === undefined) return undefined;
  const algorithm = parameters.get("algorithm");
  const upper = (algorithm ?? "MD5").toUpperCase();
  const isSession = upper.endsWith("-SESS");
  const hash = Object.entries(HASHES).find(([name]) => name === upper.replace(/-SESS$/, ""))?.[1];
  if (!hash) return undefined;
  const offered = parameters
    .get("qop")
    ?.split(",")
    .map((value) => value.trim().toLowerCase());
  const qop = offered?.includes("auth") ? "auth" : offered?.includes("auth-int") ? "auth-int" : undefined;
  // A qop list without one that we know cannot be answered.
  if (offered?.some((value) => value !== "") && !qop) return undefined;
  return {
    answerHeader,
    realm,
    nonce,
    opaque: parameters.get("opaque"),
    algorithm,
    hash,
    isSession,
    qop,
    isStale: parameters.get("stale")?.toLowerCase() === "true",
  };
}
