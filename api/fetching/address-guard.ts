/**
 * Which addresses may be connected to on behalf of a document or an API request. Whoever names a URL would otherwise
 * reach, through us, what only we can reach: this machine, its network, the cloud's metadata service.
 */
import { BlockList, isIP } from "node:net";

/** Plain data, so that it can be handed to a worker. */
export interface AddressSettings {
  /** Whether this machine and private networks may be reached. */
  readonly allowsLocal: boolean;
  /** Networks that may be reached although they are local, such as `10.1.0.0/16`. */
  readonly allowNetworks?: readonly string[];
}

/** Why an address may not be connected to; undefined when it may. */
export type AddressRule = (address: string) => string | undefined;

/** No setting opens these: nobody serves documents there, and metadata services hand out credentials. */
const NEVER: Readonly<Record<string, readonly string[]>> = {
  // RFC 3927, RFC 4291 §2.5.6; 169.254.169.254 is the metadata service of most clouds.
  "a link-local address": ["169.254.0.0/16", "fe80::/10"],
  // Those that lie elsewhere: AWS and Google over IPv6, Alibaba, Azure, Oracle.
  "the metadata service of a cloud": [
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
  ],
  "an address of no single host": ["224.0.0.0/4", "240.0.0.0/4", "ff00::/8"],
};

const LOCAL: Readonly<Record<string, readonly string[]>> = {
  // The unspecified address leads to this machine too.
  "on this machine": ["127.0.0.0/8", "0.0.0.0/8", "::1", "::"],
  // RFC 1918, RFC 6598, RFC 2544, RFC 4193, and the site-local addresses before it.
  "in a private network": [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "198.18.0.0/15",
    "fc00::/7",
    "fec0::/10",
  ],
};

/** Prefixes whose addresses carry an IPv4 address, with the first of the two groups it lies in. */
const EMBEDDINGS: ReadonlyArray<readonly [network: string, group: number]> = [
  ["::ffff:0:0/96", 6],
  ["::/96", 6],
  ["64:ff9b::/96", 6],
  ["2002::/16", 1],
];

/**
 * The rule by settings. An IPv6 address that carries an IPv4 one is judged by both.
 *
 * Throws a `RangeError` for a network that is none.
 */
export function addressRule(settings: AddressSettings): AddressRule {
  const allowed = networkList(settings.allowNetworks ?? []);
  const never = Object.entries(NEVER).map(([what, networks]) => [what, networkList(networks)] as const);
  const local = Object.entries(LOCAL).map(([what, networks]) => [what, networkList(networks)] as const);
  const embeddings = EMBEDDINGS.map(([network, group]) => [networkList([network]), group] as const);

  const kindOf = (lists: typeof never, address: string) =>
    lists.find(([, list]) => includes(list, address))?.[0];

  return (spelled) => {
    const address = spelled.replace(/%.*$/, "");
    if (isIP(address) === 0) return "it is no IP address";
    const group = isIP(address) === 6 ? embeddings.find(([list]) => includes(list, address))?.[1] : undefined;
    const both = group === undefined ? [address] : [address, carriedAddress(address, group)];
    for (const one of both) {
      const kind = kindOf(never, one);
      if (kind) return `it is ${kind}, which no setting opens`;
    }
    if (settings.allowsLocal || both.some((one) => includes(allowed, one))) return undefined;
    const where = both.map((one) => kindOf(local, one)).find((kind) => kind !== undefined);
    return where && `it is ${where}; the setting fetch.allowNetworks can open it`;
  };
}

/** Whether what listens on this host is reached from this machine alone. */
export function isLoopbackHost(host: string): boolean {
  if (host === "localhost") return true;
  return isIP(host) !== 0 && includes(networkList(["127.0.0.0/8", "::1"]), host);
}

/** What is wrong with a network's spelling; undefined when it can be used. */
export function networkProblem(network: string): string | undefined {
  const [address = "", prefix, ...rest] = network.split("/");
  const version = isIP(address);
  const isPrefix =
    prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
  if (version !== 0 && rest.length === 0 && isPrefix) return undefined;
  return `${JSON.stringify(network)} is neither an IP address nor a network such as 10.0.0.0/8`;
}

function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const problem = networkProblem(network);
    if (problem) throw new RangeError(problem);
    const [address = "", prefix] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function includes(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** The IPv4 address in two groups of an IPv6 address. */
function carriedAddress(address: string, group: number): string {
  // `URL` writes every spelling in hexadecimal groups, with at most one `::`.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...front, ...Array(8 - front.length - back.length).fill("0"), ...back];
  const bits = (index: number) => Number.parseInt(groups[index] ?? "0", 16);
  return [bits(group) >> 8, bits(group) & 255, bits(group + 1) >> 8, bits(group + 1) & 255].join(".");
}
