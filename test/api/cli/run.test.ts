/** `voxdial run` in a process of its own: what it prints, and its exit status. */
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const FIXTURES = join(ROOT, "fixtures/vxml");

function run(args: readonly string[], input = ""): Promise<{ status: number | null; lines: string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["api/cli/voxdial.mjs", "run", ...args], { cwd: ROOT });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, lines: output.trimEnd().split("\n") }));
    child.stdin.end(input);
  });
}

describe("voxdial run", () => {
  it("talks through standard input and ends with status 0", async () => {
    const { status, lines } = await run([join(FIXTURES, "menu/numbered.vxml")], "\n2\n");
    expect(lines).toEqual([
      "profile w3c",
      "> Welcome. For Sports, press 1. For Weather, press 2. For Somebody, press 0.",
      "> Welcome. For Sports, press 1. For Weather, press 2. For Somebody, press 0.",
      "> Weather.",
      "ended: exit",
    ]);
    expect(status).toBe(0);
  });

  it("takes a transcript as input and says which profile it used", async () => {
    const { status, lines } = await run([
      join(FIXTURES, "field/jsgf.vxml"),
      "--profile",
      "plum",
      "--input",
      join(FIXTURES, "field/jsgf.transcript"),
    ]);
    expect(lines).toEqual(["profile plum", "> Which?", "< dtmf 23", 'ended: exit "second"']);
    expect(status).toBe(0);
  });

  it("records and transfers by lines, and sends the recording as a part of its own", async () => {
    const posts: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("latin1").on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        posts.push(body);
        response.setHeader("content-type", "application/voicexml+xml");
        response.end(
          request.url === "/start"
            ? `<vxml version="2.1"><form><record name="msg"><prompt>Speak.</prompt></record>
                <block><submit next="/sent" method="post" enctype="multipart/form-data" namelist="msg"/></block></form></vxml>`
            : `<vxml version="2.1"><form><transfer name="call" dest="tel:+15550100" bridge="true"/>
                <block><exit expr="call + ' ' + call$.duration"/></block></form></vxml>`,
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { lines } = await run(
      [`http://127.0.0.1:${port}/start`],
      "(recording 2 seconds)\n(transfer far_end_disconnect 9 seconds)\n",
    );
    server.close();
    expect(lines).toEqual([
      "profile w3c",
      "> Speak.",
      "(bridge transfer to tel:+15550100)",
      'ended: exit "far_end_disconnect 9"',
    ]);
    const sent = posts[1] ?? "";
    expect(sent).toContain('name="msg"; filename="r1.ul"');
    expect(sent).toContain("audio/basic");
    expect(sent.length).toBeGreaterThan(16_000);
  });

  it("shows every problem of a document and ends with status 1", async () => {
    const { status, lines } = await run([join(FIXTURES, "documents/not-well-formed.vxml")]);
    expect(lines.join("\n")).toMatch(/ended: error\.badfetch\n.*3:28 the document is not well-formed/);
    expect(status).toBe(1);
  });

  it("says how to mend a wrong file name", async () => {
    const { status, lines } = await run(["missing.vxml"]);
    expect(lines.join("\n")).toContain("there is no file missing.vxml. Name a VoiceXML document");
    expect(status).toBe(1);
  });

  it("fetches over HTTP, and gives such a document no file of this machine", async () => {
    const server = createServer((request, response) => {
      response.setHeader("content-type", "application/voicexml+xml");
      response.end(`<vxml version="2.1"><catch event="error.badfetch"><exit expr="'refused'"/></catch>
        <form><block>From ${request.url}.<goto next="file:///etc/hostname"/></block></form></vxml>`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { status, lines } = await run([`http://127.0.0.1:${port}/start`]);
    server.close();
    expect(lines).toEqual(["profile w3c", "> From /start.", 'ended: exit "refused"']);
    expect(status).toBe(0);
  });
});
