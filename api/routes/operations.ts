/** `/healthz` (the process answers), `/readyz` (calls can be taken), `/metrics` (Prometheus text). */
import type { FastifyInstance } from "fastify";
import type { Health } from "../http/health.ts";
import type { Metrics } from "../metrics/metrics.ts";

export function operationsRoutes(
  server: FastifyInstance,
  parts: { readonly health: Health; readonly metrics: Metrics },
): void {
  server.get("/healthz", async (_request, reply) => reply.type("text/plain").send("ok\n"));

  server.get("/readyz", async (_request, reply) => {
    const checks = await parts.health.check();
    const isReady = Object.values(checks).every((state) => state === "ok");
    return reply.code(isReady ? 200 : 503).send({ ready: isReady, checks });
  });

  server.get("/metrics", async (_request, reply) =>
    reply.type(parts.metrics.contentType).send(await parts.metrics.text()),
  );
}
