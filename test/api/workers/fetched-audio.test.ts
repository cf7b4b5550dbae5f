/** Audio from a real web server through a real dialog worker: formats, fetchaudio, and addresses that are closed. */
import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { DialogClient } from "../../../api/workers/dialog-client.ts";
import type { DialogWorkerSettings } from "../../../api/workers/dialog-messages.ts";
import type { Playback, SessionCommand, VoiceSession } from "../../../engine/index.ts";
import { RememberedLog } from "../../engine/call/scripted-world.ts";

const vxml = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">${body}</vxml>`;
const MP3 = readFileSync(join(import.meta.dirname, "../../../fixtures/audio/tone-16khz-32kbps.mp3"));

let server: Server;
let base: string;
let client: DialogClient | undefined;
/** The request for /slow, to be answered when the test wants. */
let askedSlowly: (response: ServerResponse) => void;
const slow = new Promise<ServerResponse>((resolve) => {
  askedSlowly = resolve;
});

beforeAll(async () => {
  server = createServer((request, response) => {
    const page = (text: string) =>
      response.writeHead(200, { "content-type": "application/voicexml+xml" }).end(vxml(text));
    if (request.url === "/tone.mp3") response.writeHead(200, { "content-type": "audio/mpeg" }).end(MP3);
    else if (request.url === "/html.mp3")
      response.writeHead(200, { "content-type": "audio/mpeg" }).end("<html/>");
    else if (request.url === "/audio")
      page(
        `<form><block><audio src="tone.mp3">no</audio><audio src="html.mp3">instead</audio></block></form>`,
      );
    else if (request.url === "/waiting")
      page(
        `<property name="fetchaudiodelay" value="0s"/><property name="fetchaudiominimum" value="0s"/>
         <form><block>Please hold. <goto next="/slow" fetchaudio="tone.mp3"/></block></form>`,
      );
    else if (request.url === "/slow") askedSlowly(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => client?.close());

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Runs a session until it ends; each playback is told, and by default ends at once. */
function run(
  path: string,
  settings: DialogWorkerSettings = {},
  onPlay: (playback: Playback, session: VoiceSession) => void = finish,
): Promise<{ ending: SessionCommand & { type: "ended" }; heard: number[] }> {
  const opened = new DialogClient({
    logger: new RememberedLog(),
    settings,
    speech: { synthesize: async ({ text }) => new Int16Array(text.length * 100) },
  });
  client = opened;
  const heard: number[] = [];
  return new Promise((resolve) => {
    const session: VoiceSession = opened.start(
      { sessionId: "s", startUrl: base + path, method: "GET", fields: [], profile: "w3c", variables: {} },
      (command) => {
        if (command.type === "play") {
          heard.push(...command.playback.items.map(({ audio }) => audio.length));
          queueMicrotask(() => onPlay(command.playback, session));
        } else if (command.type === "ended") resolve({ ending: command, heard });
      },
    );
  });
}

function finish({ playbackId }: Playback, session: VoiceSession): void {
  session.notify({ type: "playbackEnded", playbackId, ending: "finished" });
}

it("MP3 is heard, and what is called so but is not gives way to its fallback", async () => {
  const { ending, heard } = await run("/audio");
  expect(ending.ending.kind).toBe("exit");
  expect(heard).toEqual([expect.any(Number), "instead".length * 100]);
  // Half a second, and the encoder's padding.
  expect(heard[0]).toBeGreaterThan(4000);
  expect(heard[0]).toBeLessThan(5400);
});

it("what was queued is heard, then the fetchaudio until the document comes", async () => {
  let plays = 0;
  const { heard } = await run("/waiting", {}, (playback, session) => {
    plays += 1;
    if (plays !== 2) finish(playback, session);
    else void slow.then((response) => response.end(vxml("<form><block>There.</block></form>")));
  });
  expect(heard).toEqual(["Please hold.".length * 100, expect.any(Number), "There.".length * 100]);
});

it("an address that is closed ends the session with the reason", async () => {
  const { ending } = await run("/audio", { addresses: { allowsLocal: false } });
  expect(ending.ending).toMatchObject({
    kind: "error",
    event: "error.badfetch",
    message: expect.stringContaining("the setting fetch.allowNetworks can open it"),
  });
});
