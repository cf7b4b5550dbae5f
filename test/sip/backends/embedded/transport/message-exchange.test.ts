/** What comes from the network: keep-alives and garbage are counted, logged once per source, and have no effect. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, it } from "vitest";
import { systemClock } from "../../../../../api/system-clock.ts";
import type { Logger } from "../../../../../engine/index.ts";
import { createEmbeddedBackend } from "../../../../../sip/backends/embedded/embedded-backend.ts";
import { MessageExchange } from "../../../../../sip/backends/embedded/transport/message-exchange.ts";
import type {
  SipTransport,
  TransportReceiver,
} from "../../../../../sip/backends/embedded/transport/transport.ts";
import { requestText } from "../wire-text.ts";

async function startExchange() {
  const lines: string[] = [];
  const write = (_fields: object, message: string) => {
    lines.push(message);
  };
  const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
  let receiver: TransportReceiver | undefined;
  const transport: SipTransport = {
    protocol: "UDP",
    isReliable: false,
    local: { host: "192.0.2.2", port: 5060 },
    start: async (given) => {
      receiver = given;
    },
    send: () => {},
    resolve: async (peer) => peer,
    close: async () => {},
  };
  const exchange = new MessageExchange(transport, logger);
  const requests: string[] = [];
  await exchange.start({
    onRequest: (request) => {
      requests.push(request.method);
      if (request.method === "EXPLODE") throw new Error("mistake");
    },
    onResponse: () => {},
  });
  const receive = (data: string | Buffer, host = "192.0.2.1") =>
    receiver?.onData(Buffer.from(data), { host, port: 5060 });
  return { exchange, lines, requests, receive };
}

it("counts keep-alives and does not answer them", async () => {
  const { exchange, receive, lines } = await startExchange();
  receive("\r\n");
  receive("\r\n\r\n");
  receive("\0");
  expect(exchange.stats).toMatchObject({ keepAlives: 3, garbage: 0, datagramsReceived: 3 });
  expect(lines).toEqual([]);
});

it("logs garbage once per source and counts all of it", async () => {
  const { exchange, receive, lines } = await startExchange();
  for (let round = 0; round < 5; round++) {
    receive("hello there");
    receive("hello there", "192.0.2.9");
  }
  expect(exchange.stats.garbage).toBe(10);
  expect(lines).toEqual(["not a sip message", "not a sip message"]);
});

it("remembers a bounded number of sources", async () => {
  const { exchange, receive, lines } = await startExchange();
  for (let host = 0; host < 5000; host++) receive("garbage", `10.0.${host >> 8}.${host & 255}`);
  expect(exchange.stats.garbage).toBe(5000);
  expect(lines).toHaveLength(1000);
});

it("keeps a mistake in handling one message from the next", async () => {
  const { receive, lines, requests } = await startExchange();
  receive(requestText("EXPLODE"));
  receive(requestText("OPTIONS"));
  expect(requests).toEqual(["EXPLODE", "OPTIONS"]);
  expect(lines).toEqual(["sip message handling failed"]);
});

it("random bytes on the real socket change nothing: the next request is answered", async () => {
  const backend = createEmbeddedBackend({ bindAddress: "127.0.0.1", port: 0, clock: systemClock });
  await backend.start();
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = backend.local;
  for (let round = 0; round < 50; round++) {
    socket.send(
      Buffer.from(Array.from({ length: 40 }, (_, at) => (round * 31 + at * 17) & 255)),
      port,
      "127.0.0.1",
    );
  }
  socket.send(
    requestText("OPTIONS", { via: "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx;rport" }),
    port,
    "127.0.0.1",
  );
  const [answer] = (await once(socket, "message")) as [Buffer];
  expect(answer.toString()).toMatch(/^SIP\/2\.0 200 OK\r\n/);
  expect(backend.stats).toMatchObject({ garbage: 50, messagesReceived: 1, messagesSent: 1 });
  socket.close();
  await backend.stop();
});
