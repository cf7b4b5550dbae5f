/** The contract with the host: answers at any moment, hang-ups, stops, and sessions that do not touch each other. */
import { beforeEach, describe, expect, it } from "vitest";
import { readScriptEngineBytes } from "../../../api/workers/script-engine-bytes.ts";
import {
  type HostResult,
  type InterpreterSession,
  prepareScripts,
  type RequestEffect,
  type SessionEnding,
  startSession,
} from "../../../vxml/index.ts";

const scripts = await prepareScripts(await readScriptEngineBytes());

/** Sessions start at once while sandboxes are ready. */
beforeEach(() => scripts.warm(3));

/** A host that keeps what it is asked and answers when told, or at once. */
class RecordingHost {
  readonly requests: RequestEffect[] = [];
  readonly logs: string[] = [];
  readonly endings: SessionEnding[] = [];
  session: InterpreterSession | undefined;
  /** Answers from inside the request. */
  reflex: ((effect: RequestEffect) => HostResult | undefined) | undefined;

  start(body: string, options: { profile?: "w3c" | "plum"; variables?: Record<string, unknown> } = {}): this {
    const text = `<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">${body}</vxml>`;
    this.session = startSession(
      {
        scripts,
        profile: options.profile ?? "w3c",
        start: { uri: "http://h/start.vxml", method: "POST", fields: [["a", "b c"]] },
        variables: options.variables ?? {},
      },
      {
        request: (effect) => {
          this.requests.push(effect);
          const answer = this.reflex?.(effect);
          if (answer) this.session?.resume(answer);
        },
        notice: (effect) => {
          if (effect.type === "log") this.logs.push(effect.text);
        },
        ended: (ending) => this.endings.push(ending),
      },
    );
    this.session.resume({ ok: true, uri: "http://h/start.vxml", status: 200, contentType: "", text });
    return this;
  }

  get last(): RequestEffect | undefined {
    return this.requests[this.requests.length - 1];
  }
}

const FIELD = `<form><field name="f" type="digits"><prompt>Well?</prompt><filled><exit expr="f"/></filled></field></form>`;

describe("a session", () => {
  it("fetches its start document with the fields given", () => {
    const host = new RecordingHost().start(FIELD);
    expect(host.requests[0]).toMatchObject({
      type: "fetch",
      request: { purpose: "document", uri: "http://h/start.vxml", method: "POST", fields: [["a", "b c"]] },
    });
    host.session?.stop();
  });

  it("asks for input with prompts, grammars and timing as plain data", () => {
    const host = new RecordingHost().start(FIELD);
    expect(structuredClone(host.last)).toMatchObject({
      type: "collect",
      prompts: [{ segments: [{ kind: "text", text: "Well?" }], bargeIn: "speech" }],
      grammars: [{ mode: "dtmf" }, { mode: "voice" }],
      timing: { timeoutMs: 5000, interDigitTimeoutMs: 3000, termTimeoutMs: 0, termChar: "#" },
      events: [],
    });
    host.session?.stop();
  });

  it("may be answered from inside the request, a hundred rounds deep", () => {
    const host = new RecordingHost();
    let rounds = 0;
    host.reflex = (effect) =>
      effect.type !== "collect" ? undefined : rounds++ < 100 ? { type: "noinput" } : { type: "hangup" };
    host.start(FIELD);
    expect([rounds, host.endings]).toEqual([101, [{ kind: "hangup" }]]);
  });

  it("ends once, and ignores what comes afterwards", () => {
    const host = new RecordingHost().start(FIELD);
    host.session?.hangUp();
    host.session?.hangUp();
    host.session?.resume({ type: "noinput" });
    host.session?.setVariable(["a"], 1);
    host.session?.stop();
    expect(host.endings).toEqual([{ kind: "hangup" }]);
  });

  it("says nothing more once it is stopped", () => {
    const host = new RecordingHost().start(FIELD);
    const asked = host.requests.length;
    host.session?.stop();
    host.session?.resume({ type: "noinput" });
    expect([host.requests.length, host.endings]).toEqual([asked, []]);
  });

  it("may be stopped from inside a notice", () => {
    const ended: SessionEnding[] = [];
    const session = startSession(
      {
        scripts,
        profile: "w3c",
        start: { uri: "http://h/", method: "GET", fields: [] },
        variables: {},
      },
      {
        request: () => undefined,
        notice: (effect) => {
          if (effect.type === "log") session.stop();
        },
        ended: (ending) => ended.push(ending),
      },
    );
    session.resume({
      ok: true,
      uri: "http://h/",
      status: 200,
      contentType: "",
      text: `<vxml version="2.1"><form><block><log>now</log><exit/></block></form></vxml>`,
    });
    expect(ended).toEqual([]);
    // The sandbox was in use: nobody gets it again.
    expect(scripts.readyCount).toBe(2);
  });

  it("throws the hang-up that came during a fetch as soon as the fetch is over", () => {
    const host = new RecordingHost().start(
      `<form><catch event="connection.disconnect.hangup"><log>gone</log><exit/></catch>
       <block><goto next="next.vxml"/></block></form>`,
    );
    expect(host.last).toMatchObject({ type: "fetch", request: { uri: "http://h/next.vxml" } });
    host.session?.hangUp();
    expect(host.endings).toEqual([]);
    host.session?.resume({ ok: false, status: 404, reason: "not found" });
    host.session?.resume({ type: "played" });
    expect(host.endings).toHaveLength(1);
  });

  it("ends as hung up when the caller leaves before the first document arrives", () => {
    const host = new RecordingHost();
    const text = `<vxml version="2.1">${FIELD}</vxml>`;
    const session = startSession(
      {
        scripts,
        profile: "w3c",
        start: { uri: "http://h/", method: "GET", fields: [] },
        variables: {},
      },
      {
        request: (effect) => host.requests.push(effect),
        notice: () => undefined,
        ended: (ending) => host.endings.push(ending),
      },
    );
    session.hangUp();
    session.resume({ ok: true, uri: "http://h/", status: 200, contentType: "", text });
    expect([host.requests.length, host.endings]).toEqual([1, [{ kind: "hangup" }]]);
  });

  it("starts when its sandbox is ready, if it has to wait for one", async () => {
    const taken = await Promise.all([scripts.take(), scripts.take(), scripts.take()]);
    const host = new RecordingHost();
    host.reflex = (effect) =>
      effect.type === "fetch"
        ? {
            ok: true,
            uri: "http://h/",
            status: 200,
            contentType: "",
            text: `<vxml version="2.1">${FIELD}</vxml>`,
          }
        : undefined;
    host.start(FIELD);
    expect(host.requests).toEqual([]);
    await expect.poll(() => host.last?.type).toBe("collect");
    host.session?.stop();
    for (const sandbox of taken) scripts.giveBack(sandbox);
  });

  it("reads variables live", () => {
    const host = new RecordingHost().start(
      `<form><block><prompt bargein="false">a</prompt><goto next="#b"/></block></form>
       <form id="b"><block><exit expr="session.connection.callee_type"/></block></form>`,
      { profile: "plum", variables: { connection: { callee_type: "processing" } } },
    );
    expect(host.last?.type).toBe("play");
    host.session?.setVariable(["connection", "callee_type"], "fax");
    host.session?.resume({ type: "played" });
    expect(host.endings).toEqual([{ kind: "exit", value: '"fax"' }]);
  });

  it("dies alone when its script destroys the sandbox", () => {
    const neighbour = new RecordingHost().start(FIELD);
    const host = new RecordingHost().start(
      `<form><catch><exit expr="'caught'"/></catch><block><script>new Array(1e9) + ""</script></block></form>`,
    );
    expect(host.endings).toMatchObject([{ kind: "error", event: "error.com.resource" }]);
    neighbour.session?.resume({
      type: "match",
      mode: "dtmf",
      utterance: "42",
      grammarIds: ["g0"],
      confidence: 1,
    });
    expect(neighbour.endings).toEqual([{ kind: "exit", value: '"42"' }]);
  });

  it("ends with error.com.resource when it queues prompts without end", () => {
    const host = new RecordingHost();
    host.reflex = (effect) => (effect.type === "play" ? { type: "played" } : undefined);
    host.start(
      `<form><block><foreach item="i" array="new Array(2000)"><prompt>x</prompt></foreach></block></form>`,
    );
    expect(host.last).toMatchObject({ type: "play", prompts: { length: 1000 } });
    expect(host.endings).toMatchObject([{ kind: "error", event: "error.com.resource" }]);
  });

  it("is contained when its host fails", () => {
    const endings: SessionEnding[] = [];
    const session = startSession(
      {
        scripts,
        profile: "w3c",
        start: { uri: "http://h/", method: "GET", fields: [] },
        variables: {},
      },
      {
        request: () => {
          throw new Error("the host broke");
        },
        notice: () => undefined,
        ended: (ending) => endings.push(ending),
      },
    );
    session.resume({ type: "noinput" });
    expect(endings).toMatchObject([{ kind: "error", event: "error.voxdial.internal" }]);
  });

  it("shows its machines' transitions to an inspector", () => {
    const seen: unknown[] = [];
    const session = startSession(
      {
        scripts,
        profile: "w3c",
        start: { uri: "http://h/", method: "GET", fields: [] },
        variables: {},
        inspect: (event) => seen.push(event),
      },
      { request: () => undefined, notice: () => undefined, ended: () => undefined },
    );
    session.stop();
    expect(seen.length).toBeGreaterThan(0);
  });
});
