/** Plum DEV's queueing interface through injection: answers, checks, what is and what is not queued. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type HttpHarness, httpHarness, START } from "../../support/http-harness.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

const newFolder = temporaryFolders();
let harness: HttpHarness;
let probed: string[];
let probeAnswers: Record<string, string>;
let lastCallId = 0;

// One server for all tests: opening a store takes longer than a test does.
beforeAll(async () => {
  harness = await httpHarness(newFolder(), {
    probe: async (url) => {
      probed.push(url);
      return probeAnswers[url];
    },
  });
});
afterAll(() => harness.close());
beforeEach(async () => {
  probed = [];
  probeAnswers = {};
  lastCallId = (await harness.store.calls({ limit: 1_000 })).at(-1)?.callId ?? 0;
  harness.resetWakes();
});

const GOOD = { login: "acme", pin: "1234", phone_number: "16175551234", start_url: START };

function post(fields: Record<string, string>, path = "/webservice/queuecall.php", to = harness) {
  return to.server.inject({
    method: "POST",
    url: path,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams(fields).toString(),
  });
}

function upload(
  list: string | Uint8Array | undefined,
  fields: Record<string, string> = {},
  fileField = "phone_number_list",
  to = harness,
) {
  const boundary = "----voxdial-test";
  const parts: (string | Uint8Array)[] = [];
  for (const [name, value] of Object.entries({ login: "acme", pin: "1234", start_url: START, ...fields })) {
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  }
  if (list !== undefined) {
    parts.push(
      `--${boundary}\r\nContent-Disposition: form-data; name="${fileField}"; filename="list.csv"\r\n` +
        "Content-Type: text/csv\r\n\r\n",
      list,
      "\r\n",
    );
  }
  parts.push(`--${boundary}--\r\n`);
  return to.server.inject({
    method: "POST",
    url: "/webservice/queuecalls.php",
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    payload: Buffer.concat(parts.map((part) => Buffer.from(part as string))),
  });
}

/** Calls queued by the test at hand. */
const queued = () => harness.store.calls({ limit: 1_000, afterCallId: lastCallId });
const errors = (body: string) =>
  [...body.matchAll(/<error((?: [^>]*)?)>([^<]*)<\/error>/g)].map(([, attributes, text]) =>
    `${attributes} ${text}`.trim(),
  );

describe("queuecall.php", () => {
  it("queues one call in the default campaign, answers its id, and wakes the dialer", async () => {
    const answer = await post({ ...GOOD, message_reference: "m 1", call_parameters: "a=b&c" });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/xml; charset=utf-8");
    const [call] = await queued();
    expect(answer.body).toContain(`<queuecall status="queued" call_id="${call?.callId}">`);
    expect(answer.body).toContain("<phone_number>16175551234</phone_number>");
    expect(answer.body).toContain("<call_parameters>a=b&amp;c</call_parameters>");
    expect(call).toMatchObject({
      campaignId: harness.account.defaultCampaignId,
      messageReference: "m 1",
      callParameters: "a=b&c",
      maxAttempts: 1,
      retryIntervalMs: 60_000,
      queuedAtMs: harness.clock.now(),
    });
    expect(harness.wakes()).toBe(1);
  });

  it("is the same below /outbound", async () => {
    const answer = await post(GOOD, "/outbound/webservice/queuecall.php");
    expect(answer.body).toContain('status="queued"');
  });

  it("reads every setting", async () => {
    const nowSeconds = harness.clock.now() / 1000;
    await post({
      ...GOOD,
      result_url: "http://app.example/result",
      max_retries: "10",
      retry_interval: "172800",
      scheduled_timestamp: String(nowSeconds + 60),
      expiration_time: "+2 hours",
    });
    expect((await queued())[0]).toMatchObject({
      resultUrl: "http://app.example/result",
      maxAttempts: 11,
      retryIntervalMs: 172_800_000,
      scheduledAtMs: harness.clock.now() + 60_000,
      expiresAtMs: harness.clock.now() + 7_200_000,
    });
    expect(probed.sort()).toEqual(["http://app.example/result", START]);
  });

  it("takes empty fields as absent and 0 as no time", async () => {
    const answer = await post({
      ...GOOD,
      result_url: "",
      max_retries: "",
      scheduled_timestamp: "0",
      expiration_timestamp: "0",
      scheduled_time: "",
    });
    expect(answer.body).toContain('status="queued"');
    const [call] = await queued();
    expect(call).not.toHaveProperty("scheduledAtMs");
    expect(call).not.toHaveProperty("expiresAtMs");
  });

  it("takes the spelling max_retry too", async () => {
    await post({ ...GOOD, max_retry: "2" });
    expect((await queued())[0]?.maxAttempts).toBe(3);
  });

  it("tells every problem at once and queues nothing", async () => {
    probeAnswers["http://app.example/gone"] = "answered 404 to a GET; it must answer 200";
    const answer = await post({
      ...GOOD,
      phone_number: "tel:617-CALL",
      start_url: "ftp://app.example/x",
      result_url: "http://app.example/gone",
      max_retries: "11",
      retry_interval: "59",
      scheduled_time: "someday",
      expiration_timestamp: "1000",
      message_reference: "x".repeat(256),
      call_parameters: "x".repeat(256),
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('<queuecall status="failed">');
    const told = errors(answer.body);
    for (const [field, words] of [
      ["phone_number", "tel:617-CALL"],
      ["start_url", "http://… or https://…"],
      ["result_url", "answered 404"],
      ["max_retries", "from 0 to 10"],
      ["retry_interval", "from 60 to 172800 seconds"],
      ["scheduled_time", "someday"],
      ["expiration_timestamp", "in the past"],
      ["message_reference", "at most 255"],
      ["call_parameters", "at most 255"],
    ] as const) {
      expect(
        told.some((text) => text.includes(`field="${field}"`) && text.includes(words)),
        field,
      ).toBe(true);
    }
    expect(told).toHaveLength(9);
    expect(await queued()).toEqual([]);
    expect(harness.wakes()).toBe(0);
  });

  it("names what is missing", async () => {
    const answer = await post({ login: "acme", pin: "1234" });
    expect(errors(answer.body)).toEqual([
      expect.stringContaining("phone_number is missing"),
      expect.stringContaining("start_url is missing"),
    ]);
  });
});

describe("login and pin", () => {
  it.each([[{ pin: "9999" }], [{ login: "nobody" }], [{ login: "acme'--" }]])(
    "%j is refused before anything is looked at or probed",
    async (change) => {
      const answer = await post({ ...GOOD, ...change, phone_number: "bad" });
      expect(errors(answer.body)).toEqual([expect.stringContaining("login and pin do not belong together")]);
      expect(probed).toEqual([]);
      expect(await queued()).toEqual([]);
    },
  );

  it("missing ones are named", async () => {
    const { pin: _, ...rest } = GOOD;
    expect(errors((await post(rest)).body)).toEqual([expect.stringContaining("pin is missing")]);
  });

  it("the pin is never in an answer or in the log", async () => {
    const bodies = [await post(GOOD), await post({ ...GOOD, pin: "1234567" }), await upload("16175551234\n")];
    for (const { body } of bodies) expect(body).not.toMatch(/1234567|<pin|pin="/);
    expect(JSON.stringify(harness.logger.lines)).not.toContain('"1234');
  });

  it("numbers are not in the log either", async () => {
    await post(GOOD);
    await upload("16175551234\n");
    expect(harness.logger.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(harness.logger.lines)).not.toContain("6175551234");
  });

  it("the right pin is right again and the wrong one still wrong after the first check", async () => {
    expect((await post(GOOD)).body).toContain('status="queued"');
    expect((await post({ ...GOOD, pin: "4321" })).body).toContain('status="failed"');
    expect((await post(GOOD)).body).toContain('status="queued"');
  });
});

describe("queuecalls.php", () => {
  it("queues headerless lines as a campaign of its own and lists the call ids in order", async () => {
    const list = "16175551234,ref-1,a=1\r\n16175551235\r\n\r\ntel:+16175551236;ani=2125551234,ref-3\r\n";
    const answer = await upload(list, {
      campaign_name: "Spring & Co",
      campaign_parameters: "p=q",
      max_retries: "1",
    });
    const calls = await queued();
    expect(
      calls.map((call) => [call.destination.number, call.messageReference, call.callParameters]),
    ).toEqual([
      ["16175551234", "ref-1", "a=1"],
      ["16175551235", undefined, undefined],
      ["+16175551236", "ref-3", undefined],
    ]);
    expect(calls.every((call) => call.campaignParameters === "p=q" && call.maxAttempts === 2)).toBe(true);
    expect(calls[0]?.campaignId).not.toBe(harness.account.defaultCampaignId);
    expect(answer.body).toContain(
      `<queuecalls status="queued" campaign_id="${calls[0]?.campaignId}" calls="3">`,
    );
    expect(answer.body).toContain("<campaign_name>Spring &amp; Co</campaign_name>");
    expect([...answer.body.matchAll(/<call call_id="(\d+)"/g)].map((match) => Number(match[1]))).toEqual(
      calls.map((call) => call.callId),
    );
    expect(answer.body.trimEnd().endsWith("</queuecalls>")).toBe(true);
    expect(harness.wakes()).toBe(1);
  });

  it("takes further columns of a list with a header as variables", async () => {
    const list =
      '\ufeff"destination","first_name","message_reference","__proto__"\n' +
      '"1234567890","Steve, Jr.","m1","p"\n"tel:12223456547","Zoë"\n';
    await upload(list, {}, "file");
    expect((await queued()).map((call) => [call.variables, call.messageReference])).toEqual([
      [
        Object.fromEntries([
          ["first_name", "Steve, Jr."],
          ["__proto__", "p"],
        ]),
        "m1",
      ],
      [
        Object.fromEntries([
          ["first_name", "Zoë"],
          ["__proto__", ""],
        ]),
        undefined,
      ],
    ]);
  });

  it("names row and field of every problem and queues nothing of the list", async () => {
    const list = ["16175551234", "12", "16175551235,a,b,c", `16175551236,${"r".repeat(129)}`, "abc,ok"].join(
      "\n",
    );
    const answer = await upload(list, { max_retries: "x" });
    expect(answer.body).toContain('<queuecalls status="failed">');
    const told = errors(answer.body);
    expect(told).toEqual([
      expect.stringMatching(/field="max_retries"/),
      expect.stringMatching(/row="2" field="phone_number".*row 2: .*2 digits/),
      expect.stringMatching(/row="3" field="phone_number_list".*4 columns/),
      expect.stringMatching(/row="4" field="message_reference".*129 characters/),
      expect.stringMatching(/row="5" field="phone_number".*abc/),
    ]);
    expect(await queued()).toEqual([]);
  });

  it.each([
    ["a list without rows", "\n\n", "has no rows"],
    ["a header without rows", "destination,name\n", "has no rows"],
    ["a quote that is not closed", '16175551234\n"16175551235,x\n16175551236\n', "is no CSV"],
    ["bytes that are no text", Uint8Array.of(0x31, 0xff, 0xfe, 0x0a), "not UTF-8"],
    ["a header that names a column twice", "destination,a,a\n16175551234,1,2\n", "names two columns"],
    ["a header with a nameless column", "destination,,a\n16175551234,1,2\n", "no name for column 2"],
    [
      "a header that takes a reserved name",
      "destination,call_id\n16175551234,1\n",
      "choose another column name",
    ],
    [
      "a row with more columns than the header",
      "destination,a\n16175551234,1,2\n",
      "3 columns; the header has 2",
    ],
    ["a list of another delimiter", "16175551234;ref\n", "only ani= and postd= are"],
    ["no file at all", undefined, "upload a file"],
  ])("refuses %s", async (_, list, words) => {
    const answer = await upload(list);
    expect(answer.body).toContain('status="failed"');
    expect(answer.body).toContain(words);
    expect(await queued()).toEqual([]);
  });

  it("counts the problems beyond the thousand that it tells", async () => {
    const told = errors((await upload("bad\n".repeat(1_500))).body);
    expect(told).toHaveLength(1_001);
    expect(told.at(-1)).toContain("500 more problems");
  });
});

it("control characters in a field do not break the answer", async () => {
  const answer = await post({ ...GOOD, message_reference: "a\u0000b\u001bc", phone_number: "1\u0001" });
  expect(answer.body).toContain("<message_reference>a\ufffdb\ufffdc</message_reference>");
});

describe("operations", () => {
  it("/healthz answers, /readyz says what is wrong, /metrics counts", async () => {
    await post(GOOD);
    expect((await harness.server.inject("/healthz")).body).toBe("ok\n");
    expect((await harness.server.inject("/readyz")).json()).toEqual({ ready: true, checks: { store: "ok" } });
    harness.checks.sip = "not bound";
    const notReady = await harness.server.inject("/readyz");
    expect([notReady.statusCode, notReady.json().checks.sip]).toEqual([503, "not bound"]);
    const metrics = (await harness.server.inject("/metrics")).body;
    expect(metrics).toMatch(/voxdial_calls\{state="queued"\} [1-9]/);
    expect(metrics).toMatch(/voxdial_calls_queued_total [1-9]/);
    expect(metrics).not.toContain("16175551234");
  });
});

describe("an operator's limits", () => {
  let strict: HttpHarness;
  beforeAll(async () => {
    strict = await httpHarness(newFolder(), {
      flags: {
        "limits.maxUploadBytes": 2_048,
        "limits.maxUploadRows": 50,
        "limits.minRetryIntervalSeconds": 1,
      },
    });
  });
  afterAll(() => strict.close());

  it("refuse an upload that is larger with 413, in the interface's own shape", async () => {
    const answer = await upload("16175551234\n".repeat(300), {}, "list", strict);
    expect(answer.statusCode).toBe(413);
    expect(answer.body).toContain('<queuecalls status="failed">');
    expect(errors((await upload("16175551234\n".repeat(51), {}, "list", strict)).body)).toEqual([
      expect.stringContaining("more than 50 rows"),
    ]);
    expect(await strict.store.calls({ limit: 1 })).toEqual([]);
  });

  it("replace the documented smallest retry interval", async () => {
    const answer = await post({ ...GOOD, retry_interval: "1" }, "/webservice/queuecall.php", strict);
    expect(answer.body).toContain('status="queued"');
  });
});
