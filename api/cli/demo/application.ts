/**
 * The demo's web application, as a customer would write one: serves VoiceXML to the engine and receives results.
 * It knows nothing of the engine but HTTP.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One result callback, field by field. */
export type ResultCallback = Readonly<Record<string, string>>;

export interface DemoApplication {
  readonly startUrl: string;
  readonly resultUrl: string;
  /** Result callbacks as they came, by call id; a repeated delivery replaces the first. */
  readonly results: ReadonlyMap<string, ResultCallback>;
  /** Keys submitted by callees, by call id. */
  readonly answers: ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

/** Starts on a free loopback port. `onResult` hears each callback. */
export async function startDemoApplication(onResult: (callId: string) => void): Promise<DemoApplication> {
  const results = new Map<string, ResultCallback>();
  const answers = new Map<string, string>();
  const server = createServer((request, response) => {
    readForm(request).then(
      (form) => {
        const url = new URL(request.url ?? "/", "http://localhost");
        const callId = form.get("call_id") ?? url.searchParams.get("call_id") ?? "";
        const vxml = (text: string) =>
          response.writeHead(200, { "content-type": "application/voicexml+xml" }).end(text);
        if (url.pathname === "/start") vxml(startDocument(callId));
        else if (url.pathname === "/answer") {
          answers.set(callId, form.get("choice") ?? "");
          vxml(GOODBYE_DOCUMENT);
        } else if (url.pathname === "/result") {
          if (request.method === "POST") {
            results.set(callId, Object.fromEntries(form));
            onResult(callId);
          }
          response.writeHead(200, { "content-type": "text/plain" }).end("completed");
        } else response.writeHead(404).end();
      },
      () => response.writeHead(400).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    startUrl: `${base}/start`,
    resultUrl: `${base}/result`,
    results,
    answers,
    stop: () => stopServer(server),
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return new URLSearchParams(body);
}

function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/**
 * Waits until it is known who answered, then speaks: a menu to a person, a message after the beep to a machine.
 * `voxdial.events` asks for the beep as an event while waiting.
 */
function startDocument(callId: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <property name="voxdial.events" value="voxdial.beep"/>
  <property name="inputmodes" value="dtmf"/>
  <catch event="connection.disconnect"><exit/></catch>
  <form id="detect">
    <field name="early">
      <property name="timeout" value="200ms"/>
      ${CHOICE_GRAMMAR}
      <catch event="voxdial.beep"><goto next="#message"/></catch>
      <nomatch><goto next="#menu"/></nomatch>
      <noinput>
        <if cond="session.connection.callee_type == 'answeringmachine'">
          <goto next="#machine"/>
        <elseif cond="session.connection.callee_type == 'fax'"/>
          <log>a fax machine: nothing to say</log>
          <exit/>
        <elseif cond="session.connection.callee_type != 'processing'"/>
          <goto next="#menu"/>
        </if>
      </noinput>
      <filled><goto next="#menu"/></filled>
    </field>
  </form>
  <form id="menu">
    <var name="call_id" expr="'${callId}'"/>
    <field name="choice">
      <property name="timeout" value="6s"/>
      ${CHOICE_GRAMMAR}
      <prompt bargein="true">This is a test call by vox dial. Press one to confirm your appointment, or press two to change it.</prompt>
      <catch event="voxdial.beep"><goto next="#message"/></catch>
      <noinput count="1">
        <if cond="session.connection.callee_type == 'answeringmachine'"><goto next="#machine"/></if>
        <reprompt/>
      </noinput>
      <noinput count="2"><exit/></noinput>
      <nomatch count="1"><reprompt/></nomatch>
      <nomatch count="3"><exit/></nomatch>
      <filled><submit next="/answer" method="post" namelist="choice call_id"/></filled>
    </field>
  </form>
  <form id="machine">
    <field name="beep">
      <property name="timeout" value="30s"/>
      ${CHOICE_GRAMMAR}
      <catch event="voxdial.beep"><goto next="#message"/></catch>
      <noinput><goto next="#message"/></noinput>
      <filled><goto next="#menu"/></filled>
    </field>
  </form>
  <form id="message">
    <block>
      <prompt bargein="false">This is a message from vox dial. Your appointment is tomorrow at ten. Goodbye.</prompt>
      <exit/>
    </block>
  </form>
</vxml>
`;
}

const CHOICE_GRAMMAR = `<grammar mode="dtmf" version="1.0" root="choice" xmlns="http://www.w3.org/2001/06/grammar">
        <rule id="choice"><one-of><item>1</item><item>2</item></one-of></rule>
      </grammar>`;

const GOODBYE_DOCUMENT = `<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <form><block><prompt>Thank you. Goodbye.</prompt><exit/></block></form>
</vxml>
`;
