/** How we name ourselves in Via, Contact and User-Agent: the advertised address, not the bound one. */
import { writtenHost } from "../message/sip-uri.ts";
import { writeVia } from "../message/via.ts";

export class LocalEndpoint {
  /** Contact header value of every request and response that opens or refreshes a dialog. */
  readonly contact: string;
  readonly userAgentName: string;
  readonly #protocol: string;
  readonly #host: string;
  readonly #port: number;

  constructor(protocol: string, host: string, port: number, userAgentName: string) {
    this.#protocol = protocol;
    this.#host = host;
    this.#port = port;
    this.userAgentName = userAgentName;
    this.contact = `<sip:voxdial@${writtenHost(host)}:${port}>`;
  }

  via(branch: string): string {
    return writeVia(this.#protocol, this.#host, this.#port, branch);
  }
}
