/**
 * The HTTP server: one Fastify instance with its forms, its routes, and one place where failures become answers. It is
 * returned not yet listening, so that tests inject and the program chooses the address.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type Clock, CodedError, type Logger } from "../engine/index.ts";
import type { Config } from "./config/config-schema.ts";
import { FormReader } from "./http/form-body.ts";
import type { Health } from "./http/health.ts";
import { XML_TYPE, xmlDocument } from "./http/xml-answer.ts";
import { Authenticator } from "./intake/credentials.ts";
import { Intake } from "./intake/intake.ts";
import type { UrlProbe } from "./intake/url-probe.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { operationsRoutes } from "./routes/operations.ts";
import { webserviceRoutes } from "./routes/webservice.ts";
import type { Store } from "./store/store.ts";

export interface HttpServerOptions {
  readonly store: Store;
  readonly config: Pick<Config, "limits">;
  readonly clock: Clock;
  /** `createUrlProbe(...).probe`. */
  readonly probe: UrlProbe;
  /** `() => dialer.wake()`. */
  readonly dialerWake: () => void;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

// LIMIT: a client that sends its request slower than this is cut off.
const REQUEST_TIMEOUT_MS = 120_000;

/** Builds the server; `await server.listen({ host, port })` opens it, `server.close()` ends it. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { store, config, clock, probe, metrics, logger } = options;
  const server = Fastify({
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { caseSensitive: true },
    forceCloseConnections: "idle",
  });
  const forms = new FormReader(config.limits.maxUploadBytes);
  await forms.register(server);

  const startedAt = new WeakMap<FastifyRequest, number>();
  server.addHook("onRequest", async (request) => {
    startedAt.set(request, clock.now());
  });
  server.addHook("onResponse", async (request, reply) => {
    const ms = clock.now() - (startedAt.get(request) ?? clock.now());
    // The route's pattern, never what a stranger wrote into the path.
    const route = request.routeOptions.url ?? "unknown";
    metrics.noteRequest(route, reply.statusCode, ms / 1000);
    logger.debug({ route, status: reply.statusCode, ms }, "request");
  });
  server.setErrorHandler((error, request, reply) => answerFailure(error, request, reply, logger));

  const onQueued = (calls: number) => {
    metrics.noteQueued(calls);
    options.dialerWake();
  };
  const intake = new Intake({ store, clock, probe, limits: config.limits, onQueued });
  const authenticator = new Authenticator((login) => store.findAccount(login));
  webserviceRoutes(server, { intake, authenticator, forms });
  operationsRoutes(server, { health: options.health, metrics });
  return server;
}

/** What could not be read or done, in the words of the interface that was asked. */
function answerFailure(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const status = statusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (status >= 500) logger.error({ route: request.routeOptions.url, error: message }, "request failed");
  const shown = status >= 500 ? "The request could not be carried out; try again" : message;
  const service = /\/webservice\/(queuecalls?)\.php$/.exec(request.routeOptions.url ?? "")?.[1];
  reply.code(status);
  if (!service) return reply.send({ error: shown });
  return reply.type(XML_TYPE).send(xmlDocument(service, { "@status": "failed", error: { "#text": shown } }));
}

function statusOf(error: unknown): number {
  if (error instanceof CodedError) {
    if (error.code === "API_UPLOAD_TOO_LARGE") return 413;
    return error.retryable ? 503 : 500;
  }
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === "number" && statusCode >= 400 ? statusCode : 500;
}
