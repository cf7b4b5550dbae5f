/**
 * The whole product in this process, with a web application of some pages and one scripted callee behind a real
 * carrier on loopback.
 */
import { rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type App, startApp } from "../../api/app.ts";
import { startCarrier } from "../../api/carrier.ts";
import { queueCall } from "../../api/cli/demo/campaign-client.ts";
import { loadConfig } from "../../api/config/load-config.ts";
import type { AttemptReport, TraceEntry } from "../../engine/index.ts";
import type { CalleeStep } from "../../sip/index.ts";
import { ACCOUNT, serveFolder } from "./serve-process.ts";
import { type RecordingLogger, recordingLogger } from "./silent-logger.ts";
import { Watch } from "./watch.ts";

export interface CallBenchOptions {
  /** The application: the document of a path, from what was sent there. Calls start at `/start`. */
  readonly page: (path: string, sent: { contentType: string; body: Buffer }) => string | Promise<string>;
  readonly callee: readonly CalleeStep[];
  /** Changes to the configuration, section by section. */
  readonly config?: Record<string, unknown>;
}

export interface CallBench {
  readonly app: App;
  readonly logger: RecordingLogger;
  readonly folder: string;
  /** The trace of all calls so far. */
  readonly trace: readonly TraceEntry[];
  /** Queues one call; resolves with its id. */
  call(): Promise<number>;
  /** Resolves with the first entry that matches, past or future. */
  traced(matches: (entry: TraceEntry) => boolean): Promise<TraceEntry>;
  /** Resolves when the call's first attempt is settled. */
  settled(callId: number): Promise<AttemptReport>;
  stop(): Promise<void>;
}

export async function startCallBench(options: CallBenchOptions): Promise<CallBench> {
  const watch = new Watch();
  const logger = recordingLogger();
  const trace: TraceEntry[] = [];
  const reports = new Map<number, AttemptReport>();
  const carrier = await startCarrier({
    bindAddress: "127.0.0.1",
    port: 0,
    seed: 1,
    findCallee: () => ({ title: "callee", attempts: [options.callee] }),
    onEvent: () => {},
    // Callees of this bench beep and press; they do not speak.
    speech: { synthesize: async () => new Int16Array(160) },
    logger: recordingLogger(),
  });
  const pages = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const contentType = request.headers["content-type"] ?? "";
    response.end(await options.page(request.url ?? "", { contentType, body }));
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const folder = serveFolder(carrier.local, options.config);
  const app = await startApp(loadConfig({ file: join(folder, "voxdial.yaml") }), {
    logger,
    onTrace: (_callId, _attemptId, entry) => {
      trace.push(entry);
      watch.check();
    },
    onSettled: ({ call }, report) => {
      reports.set(call.callId, report);
      watch.check();
    },
  });
  return {
    app,
    logger,
    folder,
    trace,
    call: () =>
      queueCall(`http://${app.http.host}:${app.http.port}`, {
        ...ACCOUNT,
        phone_number: "+12025550101",
        start_url: `http://127.0.0.1:${(pages.address() as AddressInfo).port}/start`,
      }),
    async traced(matches) {
      await watch.until(() => trace.some(matches));
      return trace.find(matches) as TraceEntry;
    },
    async settled(callId) {
      await watch.until(() => reports.has(callId));
      return reports.get(callId) as AttemptReport;
    },
    async stop() {
      await app.stop(0);
      pages.closeAllConnections();
      pages.close();
      await carrier.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
