/**
 * Who may call us: the trunks' own addresses and those the operator added. A trunk named by a host name is looked up,
 * and again from time to time, since carriers move.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Clock, Logger } from "../engine/index.ts";

const REFRESH_MS = 300_000;

export interface TrustedSourcesOptions {
  /** Host names and IP addresses. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Every address of a host name. Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

export class TrustedSources {
  readonly #options: TrustedSourcesOptions;
  readonly #literals: ReadonlySet<string>;
  readonly #names: readonly string[];
  /** What each name stood for when it was last looked up with success. */
  readonly #resolved = new Map<string, readonly string[]>();
  #cancelTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(options: TrustedSourcesOptions) {
    this.#options = options;
    this.#literals = new Set(options.hosts.filter((host) => isIP(host) !== 0));
    this.#names = [...new Set(options.hosts.filter((host) => isIP(host) === 0))];
  }

  /** Looks all names up, now and from then on. Never rejects: a name that has no address trusts nobody. */
  async start(): Promise<void> {
    await Promise.all(this.#names.map((name) => this.#lookUp(name)));
    if (this.#names.length > 0 && !this.#isStopped) {
      this.#cancelTimer = this.#options.clock.after(REFRESH_MS, () => void this.start());
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  has(address: string): boolean {
    if (this.#literals.has(address)) return true;
    for (const addresses of this.#resolved.values()) if (addresses.includes(address)) return true;
    return false;
  }

  async #lookUp(name: string): Promise<void> {
    try {
      this.#resolved.set(name, await (this.#options.resolve ?? systemResolve)(name));
    } catch (error) {
      this.#options.logger.warn({ host: name, error: String(error) }, "trunk host has no address");
    }
  }
}

async function systemResolve(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
