/**
 * What one dialog turn costs: a menu-like document of conditions, a script, two fields and a submit is driven
 * through many sessions, each answer given at once. A turn is one wait for the caller and everything up to the
 * next one. Memory is the growth of the process per session that is held open at its first wait.
 */
import { readScriptEngineBytes } from "../api/workers/script-engine-bytes.ts";
import {
  type InterpreterSession,
  prepareScripts,
  type RequestEffect,
  type ScriptEngines,
  startSession,
} from "../vxml/index.ts";

const SESSIONS = 200;
const HELD_SESSIONS = 300;
const ORIGIN = "http://bench.example";

/** A realistic turn: prompts with values, a condition or two, a script call, a field, a filled. */
const DOCUMENT = `<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <var name="total" expr="0"/>
  <var name="name" expr="'Ada'"/>
  <script><![CDATA[
    var prices = {small: 3, large: 5};
    function price(size, count) { var sum = 0; for (var i = 0; i < count; i++) sum += prices[size]; return sum; }
  ]]></script>
  <catch event="noinput nomatch"><reprompt/></catch>
  <form id="order">
    <block cond="total == 0">Hello <value expr="name"/>.</block>
    <field name="size">
      <prompt>Small, press one. Large, press two.</prompt>
      <prompt count="2">Press one or two, please.</prompt>
      <grammar mode="dtmf" version="1.0" root="r" tag-format="semantics/1.0">
        <rule id="r"><one-of><item>1<tag>out="small"</tag></item><item>2<tag>out="large"</tag></item></one-of></rule>
      </grammar>
    </field>
    <field name="count" type="digits?maxlength=2">
      <prompt>How many <value expr="size"/> ones?</prompt>
      <filled>
        <if cond="Number(count) &gt; 20">That is too many.<clear namelist="count"/>
        <else/><assign name="document.total" expr="total + price(size, Number(count))"/>
        <log label="order">total <value expr="total"/></log></if>
      </filled>
    </field>
    <field name="sure" type="boolean">
      <prompt>That makes <value expr="total"/> dollars. Right?</prompt>
      <filled><if cond="sure"><submit next="/order" namelist="size count total"/><else/><clear/></if></filled>
    </field>
  </form>
</vxml>`;

/** The utterance for each wait of a session, in order; the document starts over after the third. */
const KEYS = ["1", "12", "1"];

export async function run(): Promise<void> {
  const scripts = await prepareScripts(await readScriptEngineBytes());
  drive(scripts, 30, 6);
  const turns = SESSIONS * 6;
  const before = process.cpuUsage();
  drive(scripts, SESSIONS, 6);
  const used = process.cpuUsage(before);
  const cpuMs = (used.user + used.system) / 1000;

  // Memory first: afterwards sandboxes wait in the pool and are used again.
  const heldBytes = await memory(scripts);
  const pooled = await creation(scripts, Math.min(50, scripts.readyCount));
  const fresh = await creation(await prepareScripts(await readScriptEngineBytes()), 50);
  console.log(`interpreter session create: ${pooled.toFixed(2)} ms`);
  console.log(`interpreter session create without pool: ${fresh.toFixed(2)} ms`);
  console.log(`interpreter memory per session: ${Math.round(heldBytes / 1024)} KB`);
  console.log(`interpreter cpu per dialog turn: ${(cpuMs / turns).toFixed(3)} ms`);
}

/** Runs sessions one after another, each for a number of turns, then stops it. */
function drive(scripts: ScriptEngines, sessions: number, turnsEach: number): void {
  for (let index = 0; index < sessions; index++) {
    let turns = 0;
    const queue: RequestEffect[] = [];
    const session = open(scripts, (effect) => queue.push(effect));
    for (let effect = queue.shift(); effect; effect = queue.shift()) {
      if (effect.type === "collect" && turns === turnsEach) break;
      answer(session, effect, KEYS[turns % KEYS.length] ?? "1");
      if (effect.type === "collect") turns++;
    }
    if (turns < turnsEach) throw new Error(`a session ended after ${turns} turns`);
    session.stop();
  }
}

function open(scripts: ScriptEngines, request: (effect: RequestEffect) => void): InterpreterSession {
  return startSession(
    {
      scripts,
      profile: "w3c",
      start: { uri: `${ORIGIN}/order.vxml`, method: "GET", fields: [] },
      variables: { id: "bench", connection: { callee_type: "voice" } },
    },
    { request, notice: () => undefined, ended: () => undefined },
  );
}

function answer(session: InterpreterSession, effect: RequestEffect, keys: string): void {
  if (effect.type === "fetch")
    session.resume({
      ok: true,
      uri: effect.request.uri,
      status: 200,
      contentType: "application/voicexml+xml",
      text: DOCUMENT,
    });
  else if (effect.type === "play") session.resume({ type: "played" });
  else
    session.resume({
      type: "match",
      mode: "dtmf",
      utterance: keys,
      grammarIds: [effect.grammars[0]?.id ?? ""],
      confidence: 1,
    });
}

/** Opens sessions up to their first wait and holds them. */
async function hold(scripts: ScriptEngines, count: number): Promise<InterpreterSession[]> {
  const sessions: InterpreterSession[] = [];
  for (let index = 0; index < count; index++)
    await new Promise<void>((waiting) => {
      const session: InterpreterSession = open(scripts, (effect) => {
        // The first request may come before the session is returned.
        queueMicrotask(() => {
          if (effect.type === "collect") waiting();
          else answer(session, effect, "");
        });
      });
      sessions.push(session);
    });
  return sessions;
}

/** CPU from nothing to the first wait. */
async function creation(scripts: ScriptEngines, count: number): Promise<number> {
  const before = process.cpuUsage();
  const sessions = await hold(scripts, count);
  const used = process.cpuUsage(before);
  for (const session of sessions) session.stop();
  return (used.user + used.system) / 1000 / sessions.length;
}

async function memory(scripts: ScriptEngines): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const sessions = await hold(scripts, HELD_SESSIONS);
  globalThis.gc?.();
  const bytes = (process.memoryUsage.rss() - before) / sessions.length;
  for (const session of sessions) session.stop();
  return bytes;
}
