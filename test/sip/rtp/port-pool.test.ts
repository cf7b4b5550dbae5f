/** Real sockets on loopback; the ranges used lie above those the system picks from by default. */
import { createSocket } from "node:dgram";
import { afterEach, describe, expect, it } from "vitest";
import { type PortPair, PortPool, type PortPoolOptions } from "../../../sip/rtp/port-pool.ts";

const open: { close(): void }[] = [];

function createPool(options: Partial<PortPoolOptions> = {}): PortPool {
  const pool = new PortPool({ bindAddress: "127.0.0.1", warmPairs: 2, ...options });
  open.push(pool);
  return pool;
}

async function acquire(pool: PortPool): Promise<PortPair> {
  const pair = await pool.acquire();
  open.push(pair);
  return pair;
}

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

describe("a port pool", () => {
  it("hands out an even port with the odd one after it", async () => {
    const pool = createPool();
    const pairs = await Promise.all([acquire(pool), acquire(pool), acquire(pool), acquire(pool)]);
    for (const pair of pairs) {
      expect(pair.rtpPort % 2).toBe(0);
      expect(pair.rtcpPort).toBe(pair.rtpPort + 1);
    }
    expect(new Set(pairs.map(({ rtpPort }) => rtpPort)).size).toBe(4);
  });

  it("keeps pairs bound ahead of need and refills after each one taken", async () => {
    const pool = createPool({ warmPairs: 3 });
    await pool.warmUp();
    expect(pool.warmPairs).toBe(3);
    await acquire(pool);
    await pool.warmUp();
    expect(pool.warmPairs).toBe(3);
  });

  it("stays within its range, passes over ports that are taken, and says when all are", async () => {
    const taken = createSocket("udp4");
    open.push(taken);
    await new Promise<void>((resolve) =>
      taken.bind({ address: "127.0.0.1", port: 61_005, exclusive: true }, resolve),
    );
    const pool = createPool({ range: { min: 61_001, max: 61_007 }, warmPairs: 0 });
    const pairs = [await acquire(pool), await acquire(pool)];
    expect(pairs.map(({ rtpPort }) => rtpPort)).toEqual([61_002, 61_006]);
    await expect(pool.acquire()).rejects.toMatchObject({ code: "SIP_MEDIA_FULL" });
    pairs[0]?.close();
    expect((await acquire(pool)).rtpPort).toBe(61_002);
  });

  it("lets a port rest as long as the range allows", async () => {
    const pool = createPool({ range: { min: 61_100, max: 61_105 }, warmPairs: 0 });
    const first = await acquire(pool);
    first.close();
    expect((await acquire(pool)).rtpPort).toBe(first.rtpPort + 2);
  });

  it("carries datagrams both ways, and survives a closed far port and impossible addresses", async () => {
    const pool = createPool();
    const [a, b] = await Promise.all([acquire(pool), acquire(pool)]);
    const heard = new Promise<string>((resolve) => {
      b.listen({
        rtp: (datagram, source) => resolve(`${datagram} from ${source.port}`),
        rtcp: () => {},
      });
    });
    a.sendRtp(Buffer.from("nobody"), 1, "127.0.0.1");
    a.sendRtp(Buffer.from("wrong family"), 5000, "::1");
    a.sendRtp(Buffer.from("no port"), 0, "127.0.0.1");
    a.sendRtp(Buffer.from("hello"), b.rtpPort, "127.0.0.1");
    expect(await heard).toBe(`hello from ${a.rtpPort}`);
    expect(a.errors).toBeGreaterThan(0);
    a.close();
    a.close();
    a.sendRtp(Buffer.from("after close"), b.rtpPort, "127.0.0.1");
  });
});
