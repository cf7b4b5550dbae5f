/**
 * HTTP connections that keep to an address rule. The rule is asked where the connection is made: for a literal
 * address before connecting, for a name with what it resolved to, and the address that was judged is the one that is
 * connected to; a name that resolves differently a moment later gains nothing.
 */
import { lookup as lookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";
import type { AddressRule } from "./address-guard.ts";

/** A refusal of our own, with the reason as it is to be read. */
export class HttpRefusal extends Error {}

export interface GuardedAgentOptions {
  /** Absent: any address. */
  readonly rule?: AddressRule;
  /** Milliseconds to connect. Default: undici's. */
  readonly connectTimeoutMs?: number;
  /** Whether a server must prove its name by a certificate. Default true. */
  readonly verifiesPeer?: boolean;
  /** Every other option of undici's agent. */
  readonly agent?: Omit<Agent.Options, "connect">;
  /** Name resolution. Default: the system's. */
  readonly resolve?: typeof lookupAddress;
}

export function createGuardedAgent(options: GuardedAgentOptions): Agent {
  const { rule, connectTimeoutMs, verifiesPeer = true } = options;
  const connect = buildConnector({
    ...(connectTimeoutMs === undefined ? {} : { timeout: connectTimeoutMs }),
    ...(verifiesPeer ? {} : { rejectUnauthorized: false }),
    ...(rule ? { lookup: guardedLookup(rule, options.resolve ?? lookupAddress) } : {}),
  });
  return new Agent({
    ...options.agent,
    connect: (target, callback) => {
      const host = target.hostname.replace(/^\[|\]$/g, "");
      // A literal never reaches name resolution. `URL` has brought every spelling of IPv4 into dotted form.
      const refusal = rule && isIP(host) !== 0 ? rule(host) : undefined;
      if (refusal) callback(new HttpRefusal(`connections to ${host} are not allowed: ${refusal}`), null);
      else connect(target, callback);
    },
  });
}

/** Resolves a name to those of its addresses that the rule allows. */
function guardedLookup(rule: AddressRule, resolve: typeof lookupAddress): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        callback(error, []);
        return;
      }
      const allowed = addresses.filter(({ address }) => rule(address) === undefined);
      const [first] = allowed;
      if (!first) {
        const { address = "nothing" } = addresses[0] ?? {};
        const reason = `connections to ${hostname} (${address}) are not allowed: ${rule(address)}`;
        callback(new HttpRefusal(reason), []);
      } else if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
