/**
 * The probe: before anything is queued, a GET of `start_url` and of `result_url` must each answer 200. It finds the
 * mistyped host while the person who typed it is still there.
 */
import { request } from "undici";
import type { AddressRule } from "../fetching/address-guard.ts";
import { createGuardedAgent } from "../fetching/guarded-agent.ts";

/** Why the URL cannot be used, or undefined when it answers 200. Never rejects. */
export type UrlProbe = (url: string) => Promise<string | undefined>;

// LIMIT: redirects followed; a longer chain is a loop.
const MAX_REDIRECTS = 5;

/** A probe over real HTTP. `close` ends its idle connections. */
export function createUrlProbe(options: {
  readonly timeoutMs: number;
  /** Which addresses may be probed; default: any. */
  readonly addressRule?: AddressRule;
}): {
  readonly probe: UrlProbe;
  close(): Promise<void>;
} {
  const { timeoutMs } = options;
  const dispatcher = createGuardedAgent({
    rule: options.addressRule,
    connectTimeoutMs: timeoutMs,
    agent: { pipelining: 0 },
  });

  const probe: UrlProbe = async (startUrl) => {
    const signal = AbortSignal.timeout(timeoutMs);
    let url = startUrl;
    try {
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
        const answer = await request(url, { method: "GET", dispatcher, signal });
        // Nobody reads the body; the connection goes with it.
        answer.body.on("error", () => undefined);
        answer.body.destroy();
        if (answer.statusCode === 200) return undefined;
        const location = header(answer.headers.location);
        const isRedirect = [301, 302, 303, 307, 308].includes(answer.statusCode) && location !== undefined;
        if (!isRedirect) return `answered ${answer.statusCode} to a GET; it must answer 200`;
        const next = URL.parse(location, url);
        if (!next || !/^https?:$/.test(next.protocol))
          return `redirects to ${JSON.stringify(location)}, which is no URL`;
        url = next.href;
      }
      return `redirects more than ${MAX_REDIRECTS} times`;
    } catch (error) {
      if (signal.aborted) return `did not answer within ${timeoutMs / 1000} seconds`;
      return `could not be reached: ${reasonOf(error)}`;
    }
  };
  return { probe, close: () => dispatcher.destroy() };
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "host name not found";
  return String(message ?? error) || String(code ?? "unknown failure");
}
