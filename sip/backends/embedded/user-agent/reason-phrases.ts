/** Reason phrases of the responses we send ourselves (RFC 3261 §21). */
const PHRASES: Readonly<Record<number, string>> = {
  180: "Ringing",
  181: "Call Is Being Forwarded",
  182: "Queued",
  183: "Session Progress",
  301: "Moved Permanently",
  302: "Moved Temporarily",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  410: "Gone",
  415: "Unsupported Media Type",
  480: "Temporarily Unavailable",
  484: "Address Incomplete",
  486: "Busy Here",
  487: "Request Terminated",
  488: "Not Acceptable Here",
  500: "Server Internal Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Server Time-out",
  600: "Busy Everywhere",
  603: "Decline",
  604: "Does Not Exist Anywhere",
  606: "Not Acceptable",
  607: "Unwanted",
  608: "Rejected",
};

/** The usual phrase of a status; the words mean nothing to a machine. */
export function defaultPhrase(status: number): string {
  return PHRASES[status] ?? (status < 200 ? "Progress" : status < 400 ? "Redirected" : "Failed");
}
