/** The queueing interface on a real socket, used by the clients people use: fetch, a bare HTTP client, and curl. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUrlProbe } from "../../../api/intake/url-probe.ts";
import { type HttpHarness, httpHarness } from "../../support/http-harness.ts";
import { temporaryFolders } from "../../support/temp-folder.ts";

const run = promisify(execFile);
const newFolder = temporaryFolders();
let harness: HttpHarness;
let application: Server;
let applicationUrl: string;
let base: string;
const urlProbe = createUrlProbe({ timeoutMs: 20_000 });

beforeAll(async () => {
  application = createServer((request, response) => {
    response.writeHead(request.url === "/broken" ? 500 : 200).end("<vxml version='2.1'/>");
  });
  await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
  applicationUrl = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
  harness = await httpHarness(newFolder(), { probe: urlProbe.probe });
  base = await harness.server.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await harness.close();
  await urlProbe.close();
  application.closeAllConnections();
  application.close();
});

const fields = () => ({
  login: "acme",
  pin: "1234",
  phone_number: "16175551234",
  start_url: `${applicationUrl}/start`,
});

async function callOf(answer: string) {
  const callId = Number(/call_id="(\d+)"/.exec(answer)?.[1]);
  return harness.store.call(callId);
}

describe("fetch", () => {
  it("queues a call with a url-encoded form, and with a multipart one", async () => {
    const urlEncoded = await fetch(`${base}/webservice/queuecall.php`, {
      method: "POST",
      body: new URLSearchParams({ ...fields(), message_reference: "ü €" }),
    });
    expect((await callOf(await urlEncoded.text()))?.messageReference).toBe("ü €");
    const form = new FormData();
    for (const [name, value] of Object.entries(fields())) form.set(name, value);
    const multipart = await fetch(`${base}/outbound/webservice/queuecall.php`, {
      method: "POST",
      body: form,
    });
    expect((await callOf(await multipart.text()))?.destination.number).toBe("16175551234");
  });

  it("uploads a list whose file comes before its other fields", async () => {
    const form = new FormData();
    form.set("list", new Blob(["destination,name\n16175551234,Ann\n16175551235,Bob\n"]), "list.csv");
    for (const [name, value] of Object.entries(fields())) form.set(name, value);
    const answer = await (
      await fetch(`${base}/webservice/queuecalls.php`, { method: "POST", body: form })
    ).text();
    expect((await callOf(answer))?.variables).toEqual({ name: "Ann" });
    expect(answer).toContain('calls="2"');
  });

  it("is told when a URL does not answer 200", async () => {
    const body = new URLSearchParams({ ...fields(), result_url: `${applicationUrl}/broken` });
    const answer = await (await fetch(`${base}/webservice/queuecall.php`, { method: "POST", body })).text();
    expect(answer).toContain("answered 500 to a GET; it must answer 200");
  });

  it("gets the whole long answer of a big list, in order", async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => `1617555${String(index).padStart(4, "0")}`);
    const form = new FormData();
    for (const [name, value] of Object.entries(fields())) form.set(name, value);
    form.set("phone_number_list", new Blob([rows.join("\n")]), "list.csv");
    const answer = await (
      await fetch(`${base}/webservice/queuecalls.php`, { method: "POST", body: form })
    ).text();
    const numbers = [...answer.matchAll(/<call call_id="(\d+)" phone_number="(\d+)"/g)];
    expect(numbers.map((match) => match[2])).toEqual(rows);
    const ids = numbers.map((match) => Number(match[1]));
    expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0))).toBe(true);
    expect((await harness.store.call(ids[4_321] ?? 0))?.destination.original).toBe(rows[4_321]);
  });
});

describe("a bare HTTP client", () => {
  it("queues a call with a body in pieces", async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const request = httpRequest(
        `${base}/webservice/queuecall.php`,
        { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } },
        (response) => {
          let body = "";
          response.on("data", (piece: Buffer) => {
            body += piece;
          });
          response.on("end", () => resolve(body));
        },
      );
      request.on("error", reject);
      for (const piece of new URLSearchParams(fields()).toString().match(/.{1,7}/g) ?? [])
        request.write(piece);
      request.end();
    });
    expect((await callOf(answer))?.state).toBe("queued");
  });

  it("that speaks no HTTP, or breaks off an upload, disturbs nobody", async () => {
    const port = Number(new URL(base).port);
    const before = (await harness.store.counts()).calls.queued;
    for (const bytes of [
      "\u0000\u0001\u0002 nonsense\r\n\r\n",
      "POST /webservice/queuecalls.php HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n" +
        'Content-Length: 1000\r\n\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n1617',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => {
          socket.end(bytes);
          socket.resume();
        });
        socket.on("close", () => resolve());
        socket.on("error", () => resolve());
      });
    }
    expect((await harness.store.counts()).calls.queued).toBe(before);
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });

  it.each([
    ["an unknown content type", "text/plain", "x=1"],
    ["multipart without a boundary", "multipart/form-data", "x"],
  ])("with %s is answered in the interface's own shape", async (_, contentType, body) => {
    const answer = await fetch(`${base}/webservice/queuecall.php`, {
      method: "POST",
      headers: { "content-type": contentType },
      body,
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).toContain('<queuecall status="failed">');
  });
});

describe("curl", () => {
  it("queues a call and a list as the documents show", async (context) => {
    const curl = await run("curl", ["--version"]).catch(() => undefined);
    if (!curl) context.skip("curl is not installed");
    const form = Object.entries(fields()).flatMap(([name, value]) => [
      "--data-urlencode",
      `${name}=${value}`,
    ]);
    const one = await run("curl", ["-sS", ...form, `${base}/webservice/queuecall.php`]);
    expect((await callOf(one.stdout))?.state).toBe("queued");
    const list = join(newFolder(), "list.csv");
    writeFileSync(list, "16175551234\r\n16175551235\r\n");
    const { phone_number: _, ...shared } = fields();
    const parts = Object.entries(shared).flatMap(([name, value]) => ["-F", `${name}=${value}`]);
    const upload = [...parts, "-F", `phone_number_list=@${list}`, "-F", "campaign_name=spring"];
    const many = await run("curl", ["-sS", ...upload, `${base}/webservice/queuecalls.php`]);
    expect(many.stdout).toContain('calls="2"');
  });
});
