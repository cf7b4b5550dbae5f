/**
 * Login and pin. Pins are kept as scrypt hashes; who has shown the right one is remembered for this process by a keyed
 * digest, so that a client that queues thousands of calls pays for scrypt once.
 */
import { createHmac, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { Account } from "../store/store.ts";

const SCRYPT = { N: 16_384, r: 8, p: 1 };
const HASH_BYTES = 32;

// LIMIT: remembered logins; an account takes one entry.
const MAX_REMEMBERED = 10_000;

// LIMIT: scrypt at once; each takes 16 MB and some 50 ms of the thread pool that files and names share.
const MAX_CHECKS = 2;
// LIMIT: checks waiting; more is guessing, and is refused unchecked.
const MAX_WAITING = 100;

/** A salted hash in a form that `Authenticator` reads: `scrypt$N$r$p$salt$hash`. */
export async function hashPin(pin: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(pin, salt);
  return ["scrypt", SCRYPT.N, SCRYPT.r, SCRYPT.p, salt.toString("base64"), hash.toString("base64")].join("$");
}

/** Whether the pin is the one that was hashed. Takes as long for a wrong one. */
export async function isPin(pin: string, pinHash: string): Promise<boolean> {
  const [scheme, , , , salt = "", hash = ""] = pinHash.split("$");
  const expected = Buffer.from(hash, "base64");
  const actual = await derive(pin, Buffer.from(salt, "base64"));
  return scheme === "scrypt" && expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** Checks logins against the store. */
export class Authenticator {
  readonly #findAccount: (login: string) => Promise<Account | undefined>;
  readonly #key = randomBytes(32);
  readonly #remembered = new Map<string, { digest: Buffer; pinHash: string }>();
  readonly #dummyHash = hashPin(randomBytes(16).toString("hex"));
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(findAccount: (login: string) => Promise<Account | undefined>) {
    this.#findAccount = findAccount;
  }

  /** The account, when login and pin belong together. */
  async authenticate(login: string, pin: string): Promise<Account | undefined> {
    const account = await this.#findAccount(login);
    const digest = createHmac("sha256", this.#key).update(`${login}\0${pin}`).digest();
    const remembered = this.#remembered.get(login);
    if (account && remembered?.pinHash === account.pinHash && timingSafeEqual(remembered.digest, digest)) {
      return account;
    }
    // A login that does not exist takes as long as a wrong pin.
    const isRight = await this.#check(pin, account?.pinHash ?? (await this.#dummyHash));
    if (!account || !isRight) return undefined;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(login, { digest, pinHash: account.pinHash });
    return account;
  }

  async #check(pin: string, pinHash: string): Promise<boolean> {
    if (this.#waiting.length >= MAX_WAITING) return false;
    if (this.#running >= MAX_CHECKS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      return await isPin(pin, pinHash);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

function derive(pin: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, HASH_BYTES, SCRYPT, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
