/** A deployment whose speech program cannot be run: its calls still take place, and their traces say what is missing. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CallBench, startCallBench } from "../support/call-bench.ts";

const PAGE = `<?xml version="1.0"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"><form><block><prompt>Hello.</prompt></block></form></vxml>`;

let bench: CallBench;

beforeAll(async () => {
  bench = await startCallBench({
    page: () => PAGE,
    callee: [{ do: "answer" }],
    config: { speech: { provider: "espeak-ng", program: "/no/such/espeak-ng" } },
  });
});

afterAll(() => bench.stop());

it("a call is completed without the words, and its trace names the program", async () => {
  const report = await bench.settled(await bench.call());
  expect(report.outcome).toMatchObject({ result: "completed" });
  const prompt = await bench.traced(({ kind }) => kind === "prompt");
  expect(prompt.data?.problems).toEqual([
    expect.stringMatching(/"Hello\." could not be spoken: .*\/no\/such\/espeak-ng/),
  ]);
}, 30_000);
