/** Header field names: one key per name, whatever its case or form (RFC 3261 §7.3.1, §7.3.3). */

/** Compact forms: RFC 3261 §20 and the registrations that followed. */
const COMPACT_FORMS: Readonly<Record<string, string>> = {
  a: "accept-contact",
  b: "referred-by",
  c: "content-type",
  d: "request-disposition",
  e: "content-encoding",
  f: "from",
  i: "call-id",
  j: "reject-contact",
  k: "supported",
  l: "content-length",
  m: "contact",
  n: "identity-info",
  o: "event",
  r: "refer-to",
  s: "subject",
  t: "to",
  u: "allow-events",
  v: "via",
  x: "session-expires",
  y: "identity",
};

/** Spelling → key for the usual names, so that the usual message costs no lower-casing. */
const KNOWN_KEYS = new Map<string, string>(
  [
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Max-Forwards",
    "Content-Type",
    "Content-Length",
    "Allow",
    "Supported",
    "User-Agent",
    "Server",
    "Route",
    "Record-Route",
    "Accept",
    "Require",
    "Reason",
    "WWW-Authenticate",
    "Proxy-Authenticate",
    "Authorization",
    "Proxy-Authorization",
  ].flatMap((name) => [
    [name, name.toLowerCase()],
    [name.toLowerCase(), name.toLowerCase()],
  ]),
);

/** The key a header field is found by: lower case, long form. */
export function headerKey(name: string): string {
  const known = KNOWN_KEYS.get(name);
  if (known) return known;
  const lower = name.toLowerCase();
  return lower.length === 1 ? (COMPACT_FORMS[lower] ?? lower) : lower;
}
