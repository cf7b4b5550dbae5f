/** An attempt with its script in a real dialog worker and documents from a real server; only the leg is played. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../../api/system-clock.ts";
import { DialogClient } from "../../../api/workers/dialog-client.ts";
import { type AttemptReport, createAttemptRunner } from "../../../engine/index.ts";
import {
  claimedCall,
  RememberedLog,
  RememberedTrace,
  ScriptedTelephony,
} from "../../engine/call/scripted-world.ts";

const MENU = `<?xml version="1.0"?><vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <form>
    <field name="answer" type="digits?length=1">
      <prompt>Press one to confirm.</prompt>
      <filled>
        <if cond="answer == '1'"><prompt>Thank you.</prompt><exit/></if>
      </filled>
    </field>
    <catch event="connection.disconnect.hangup"><submit next="/gone" method="post" namelist=""/></catch>
  </form>
</vxml>`;

let server: Server;
let base: string;
let client: DialogClient;
const requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      requests.push(`${request.method} ${request.url} ${body}`);
      if (request.url === "/500") response.writeHead(500).end();
      else if (request.url === "/hang") return;
      else response.writeHead(200, { "content-type": "application/voicexml+xml" }).end(MENU);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new DialogClient({
    logger: new RememberedLog(),
    speech: { synthesize: async () => new Int16Array(800) },
  });
});

afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A leg that answers at once, plays everything in no time, and ends when it is hung up. */
class WillingLeg extends ScriptedTelephony {
  readonly onPlay: (play: number) => void;

  constructor(onPlay: (play: number) => void) {
    super(() => systemClock.now());
    this.onPlay = onPlay;
  }

  override placeLeg(...parameters: Parameters<ScriptedTelephony["placeLeg"]>) {
    const leg = super.placeLeg(...parameters);
    queueMicrotask(() => void this.answer());
    return {
      ...leg,
      hangUp: (cause?: Parameters<typeof leg.hangUp>[0]) => {
        leg.hangUp(cause);
        queueMicrotask(() => this.tell({ type: "ended", by: "us" }, { type: "closed" }));
      },
      play: (playback: Parameters<typeof leg.play>[0]) => {
        leg.play(playback);
        queueMicrotask(() => {
          this.tell({ type: "playbackEnded", playbackId: playback.playbackId, ending: "finished" });
          this.onPlay(this.playbacks.length);
        });
      },
    };
  }
}

async function call(path: string, onPlay: (leg: WillingLeg, play: number) => void) {
  requests.length = 0;
  const trace = new RememberedTrace();
  const leg: WillingLeg = new WillingLeg((play) => onPlay(leg, play));
  const runner = createAttemptRunner({
    telephony: leg,
    voiceSessions: client,
    queue: { recordInviteSent: async () => {} },
    clock: systemClock,
    trace,
    logger: new RememberedLog(),
    settings: { detection: { mode: "off", silenceTimeoutMs: 4000, totalTimeoutMs: 10_000 } },
  });
  const claimed = claimedCall({ startUrl: base + path, messageReference: "m-1" });
  const running = runner.run(claimed);
  return { report: running.ended as Promise<AttemptReport>, trace, leg };
}

it("a person presses 1, hears the thanks, and the script ends the call", async () => {
  const { report, trace } = await call("/menu", (leg, play) => {
    if (play !== 1) return;
    leg.decide("voice");
    leg.tell({ type: "key", key: "1", source: "rfc4733", during: "nothing" });
  });
  expect(await report).toMatchObject({
    keys: "1",
    outcome: { result: "completed", calleeType: "voice", reason: "answered" },
  });
  expect(requests).toEqual([
    "POST /menu phone_number=tel%3A%2B16175551234&call_id=12&message_reference=m-1" +
      "&campaign_parameters=&call_parameters=",
  ]);
  expect(trace.kinds()).toContain("http.fetch");
  expect(trace.kinds()).toContain("vxml.prompt");
});

it("a person hangs up, and the script still submits its last word", async () => {
  const { report } = await call("/menu", (leg) =>
    leg.tell({ type: "ended", by: "callee" }, { type: "closed" }),
  );
  const { outcome } = await report;
  expect(outcome).toMatchObject({ result: "completed", reason: "answered" });
  expect(outcome.explanation).toContain("the callee hung up");
  expect(requests.at(-1)).toBe("POST /gone ");
});

it("a start URL that answers 500 ends the call with that reason", async () => {
  const { report } = await call("/500", () => {});
  const { outcome } = await report;
  expect(outcome.reason).toBe("script-failed");
  expect(outcome.explanation).toContain("500");
});

it("a start URL that hangs ends with the callee's patience", async () => {
  const { report, leg } = await call("/hang", () => {});
  while (!requests.some((line) => line.startsWith("POST /hang"))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  leg.tell({ type: "ended", by: "callee" }, { type: "closed" });
  server.closeAllConnections();
  expect((await report).outcome).toMatchObject({ reason: "script-failed", calleeType: "unknown" });
});
