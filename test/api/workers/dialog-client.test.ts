/** Voice sessions in their real worker, with documents from a real web server and a played leg. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DialogClient } from "../../../api/workers/dialog-client.ts";
import type { Playback, SessionCommand, VoiceSession } from "../../../engine/index.ts";
import { RememberedLog } from "../../engine/call/scripted-world.ts";

const vxml = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">${body}</vxml>`;

const documents: Record<string, string> = {
  "/menu": vxml(`
    <form>
      <field name="choice" type="digits?length=1">
        <prompt>Press one.</prompt>
        <filled><submit next="/done" method="post" namelist="choice"/></filled>
      </field>
    </form>`),
  "/done": vxml(`<form><block><prompt bargein="false">Thank you.</prompt></block></form>`),
  "/machine": vxml(`
    <form>
      <property name="voxdial.events" value="voxdial.beep"/>
      <property name="timeout" value="20s"/>
      <field name="wait" type="digits"><prompt>Hello.</prompt></field>
      <catch event="voxdial.beep">
        <prompt bargein="false">This is <value expr="session.connection.callee_type"/></prompt>
        <exit/>
      </catch>
    </form>`),
  "/last-word": vxml(`
    <form>
      <field name="choice" type="digits"><prompt>Press one.</prompt></field>
      <catch event="connection.disconnect.hangup"><submit next="/goodbye" namelist=""/></catch>
    </form>`),
  "/goodbye": vxml("<form><block><exit/></block></form>"),
  "/endless": vxml("<form><block><script>while (true) {}</script></block></form>"),
  "/broken": "<vxml version='2.1'><form></vxml>",
};

let server: Server;
let base: string;
let requests: string[];
let client: DialogClient;
let log: RememberedLog;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      requests.push(`${request.method} ${request.url} ${body}`.trim());
      const document = documents[(request.url ?? "").replace(/\?.*/, "")];
      if (!document) response.writeHead(500).end();
      else response.writeHead(200, { "content-type": "application/voicexml+xml" }).end(document);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  requests = [];
});

function open(workers = 1, hungAfterMs?: number): DialogClient {
  log = new RememberedLog();
  client = new DialogClient({
    workers,
    hungAfterMs,
    logger: log,
    // 100 samples per character: the text can be told from the audio's length.
    speech: { synthesize: async ({ text }) => new Int16Array(text.length * 100) },
  });
  return client;
}

/** One session whose commands are awaited in order. */
class PlayedLeg {
  readonly session: VoiceSession;
  readonly #commands: SessionCommand[] = [];
  #wake: () => void = () => {};

  constructor(path: string) {
    this.session = client.start(
      {
        sessionId: path,
        startUrl: base + path,
        method: "POST",
        fields: [["call_id", "5"]],
        profile: "plum",
        variables: { connection: { callee_type: "processing" } },
      },
      (command) => {
        this.#commands.push(command);
        this.#wake();
      },
    );
  }

  /** The next command that is not a trace entry. */
  async next(): Promise<SessionCommand> {
    for (;;) {
      const command = this.#commands.shift();
      if (command && command.type !== "trace") return command;
      if (!command) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  async nextPlayback(): Promise<Playback> {
    const command = await this.next();
    if (command.type !== "play") throw new Error(`a ${command.type} came instead of a playback`);
    return command.playback;
  }

  finish(playback: Playback): void {
    this.session.notify({ type: "playbackEnded", playbackId: playback.playbackId, ending: "finished" });
  }
}

describe("a session in its worker", () => {
  beforeAll(() => {
    open();
  });
  afterAll(() => client.close());

  it("fetches, prompts, collects a key, submits it and ends", async () => {
    const leg = new PlayedLeg("/menu");
    const question = await leg.nextPlayback();
    expect(question.items).toMatchObject([{ bargeIn: "speech" }]);
    expect(question.items[0]?.audio.length).toBe("Press one.".length * 100);
    expect(question.items[0]?.audio.buffer).toBeInstanceOf(SharedArrayBuffer);
    leg.finish(question);
    leg.session.notify({ type: "key", key: "1", during: "nothing" });
    const thanks = await leg.nextPlayback();
    expect(thanks.items).toMatchObject([{ bargeIn: "none" }]);
    leg.finish(thanks);
    expect(await leg.next()).toMatchObject({ type: "ended", ending: { kind: "exit" } });
    expect(requests).toEqual(["POST /menu call_id=5", "POST /done choice=1"]);
  });

  it("waits for the beep and reads the callee type live", async () => {
    const leg = new PlayedLeg("/machine");
    leg.finish(await leg.nextPlayback());
    leg.session.notify({ type: "variable", path: ["connection", "callee_type"], value: "answeringmachine" });
    leg.session.notify({ type: "event", name: "voxdial.beep" });
    const message = await leg.nextPlayback();
    const samples = message.items.reduce((sum, item) => sum + item.audio.length, 0);
    expect(samples).toBeGreaterThanOrEqual("This is answeringmachine".length * 100 - 100);
    leg.finish(message);
    expect(await leg.next()).toMatchObject({ type: "ended", ending: { kind: "exit" } });
  });

  it("gives a hang-up to the script, which submits its last word", async () => {
    const leg = new PlayedLeg("/last-word");
    await leg.nextPlayback();
    leg.session.notify({ type: "hungUp" });
    expect((await leg.next()).type).toBe("ended");
    expect(requests.at(-1)).toBe("GET /goodbye");
  });

  it.each([
    ["/nowhere", /error\.badfetch/],
    ["/broken", /error\.badfetch/],
  ])("%s ends as an error that names the event", async (path, event) => {
    const ended = await new PlayedLeg(path).next();
    expect(ended).toMatchObject({ type: "ended", ending: { kind: "error" } });
    expect(ended.type === "ended" && ended.ending.event).toMatch(event);
  });

  it("a script in an endless loop does not stop its neighbour", async () => {
    const neighbour = new PlayedLeg("/menu");
    const endless = new PlayedLeg("/endless");
    neighbour.finish(await neighbour.nextPlayback());
    neighbour.session.notify({ type: "key", key: "1", during: "nothing" });
    neighbour.finish(await neighbour.nextPlayback());
    expect((await neighbour.next()).type).toBe("ended");
    // The platform's default handler says so before it exits.
    endless.finish(await endless.nextPlayback());
    expect(await endless.next()).toMatchObject({ type: "ended", ending: { kind: "error" } });
  });

  it("terminated, it ends without another word", async () => {
    const leg = new PlayedLeg("/menu");
    await leg.nextPlayback();
    leg.session.terminate();
    expect((await leg.next()).type).toBe("ended");
  });
});

describe("workers", () => {
  afterEach(() => client.close());

  it("share the sessions", async () => {
    open(2);
    const legs = [new PlayedLeg("/menu"), new PlayedLeg("/menu"), new PlayedLeg("/menu")];
    expect(client.load).toEqual([2, 1]);
    for (const leg of legs) expect((await leg.nextPlayback()).items).toHaveLength(1);
  });

  it("one that dies ends its own sessions, and the next session starts another", async () => {
    open(2);
    const doomed = new PlayedLeg("/menu");
    const spared = new PlayedLeg("/menu");
    const [, spoken] = await Promise.all([doomed.nextPlayback(), spared.nextPlayback()]);
    await client.threads[0]?.terminate();
    expect(await doomed.next()).toMatchObject({
      type: "ended",
      ending: { kind: "error", event: "error.voxdial.internal", message: expect.stringContaining("lost") },
    });
    expect(client.load).toEqual([0, 1]);
    expect(log.lines.filter((line) => line.level === "error")).toHaveLength(1);
    const next = new PlayedLeg("/menu");
    expect((await next.nextPlayback()).items).toHaveLength(1);
    spared.finish(spoken);
    spared.session.notify({ type: "key", key: "1", during: "nothing" });
    expect((await spared.nextPlayback()).items).toHaveLength(1);
  });

  it("one that does not answer in time is given up, and its sessions end", async () => {
    // No thread starts within two milliseconds.
    open(1, 1);
    expect(await new PlayedLeg("/menu").next()).toMatchObject({
      type: "ended",
      ending: { event: "error.voxdial.internal", message: expect.stringContaining("not answered") },
    });
    expect(client.threads).toEqual([]);
  });

  it("closed, they end what runs and start nothing more", async () => {
    open();
    const leg = new PlayedLeg("/menu");
    await leg.nextPlayback();
    await client.close();
    expect((await leg.next()).type).toBe("ended");
    expect(await new PlayedLeg("/menu").next()).toMatchObject({
      ending: { message: expect.stringContaining("closed") },
    });
  });
});
