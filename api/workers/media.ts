/** Entry point of a media worker: one media engine, driven over the thread's message port. */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../../engine/index.ts";
import { type MediaWorkerSettings, serveMediaEngine } from "../../sip/index.ts";

assert(parentPort, "the media worker runs as a worker thread");
await serveMediaEngine(parentPort, workerData as MediaWorkerSettings);
