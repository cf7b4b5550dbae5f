/** Which addresses documents and audio may be fetched from, as plain settings. */
import { BlockList, isIP } from "node:net";

/**
 * A predicate for `HttpTransportOptions.allowAddress` that refuses the named networks (`10.0.0.0/8`, `::1`), also
 * when an IPv4 address is spelled as an IPv6 one. Throws a `RangeError` for what is neither address nor network.
 */
export function refuseNetworks(networks: readonly string[]): (address: string) => boolean {
  const refused = new BlockList();
  for (const network of networks) {
    const [address = "", prefix, ...rest] = network.split("/");
    const version = isIP(address);
    const bits = prefix === undefined ? undefined : Number(prefix);
    if (version === 0 || rest.length > 0 || (bits !== undefined && !(bits <= (version === 4 ? 32 : 128)))) {
      throw new RangeError(
        `${JSON.stringify(network)} is neither an IP address nor a network such as 10.0.0.0/8`,
      );
    }
    const family = version === 4 ? "ipv4" : "ipv6";
    if (bits === undefined) refused.addAddress(address, family);
    else refused.addSubnet(address, bits, family);
  }
  // BlockList looks IPv4-mapped IPv6 addresses up among the IPv4 rules by itself.
  return (address) => !refused.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
