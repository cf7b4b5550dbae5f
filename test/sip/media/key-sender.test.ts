import { describe, expect, it } from "vitest";
import { KeySender } from "../../../sip/media/key-sender.ts";

/** The kinds of successive slots, runs of one kind written as `kind×count`. */
function slotsOf(sender: KeySender, count: number, canSendEvents: boolean): string[] {
  const runs: { kind: string; count: number }[] = [];
  for (let i = 0; i < count; i++) {
    const { kind } = sender.slot(1000 + 160 * i, canSendEvents);
    const last = runs.at(-1);
    if (last?.kind === kind) last.count++;
    else runs.push({ kind, count: 1 });
  }
  return runs.map((run) => `${run.kind}×${run.count}`);
}

function createSender() {
  let sent = 0;
  const sender = new KeySender(() => sent++);
  return { sender, sent: () => sent };
}

describe("a key sender", () => {
  it("leaves slots open when there is nothing to press", () => {
    expect(slotsOf(createSender().sender, 3, true)).toEqual(["open×3"]);
  });

  it("presses keys for 100 ms, with the end sent three times, and 100 ms between them", () => {
    const { sender, sent } = createSender();
    sender.send("12");
    expect(slotsOf(sender, 30, true)).toEqual(["event×7", "silence×5", "event×7", "silence×5", "open×6"]);
    expect(sent()).toBe(1);
  });

  it("plays tones of the same length where events are not negotiated", () => {
    const { sender } = createSender();
    sender.send("*D");
    expect(slotsOf(sender, 25, false)).toEqual(["tone×5", "silence×5", "tone×5", "silence×5", "open×5"]);
  });

  it("pauses a second for p, and leaves out what is no key", () => {
    const { sender, sent } = createSender();
    sender.send("Pp x-");
    expect(slotsOf(sender, 102, true)).toEqual(["silence×100", "open×2"]);
    expect(sent()).toBe(1);
  });

  it("tells of each batch when its keys are out, an empty one at once", () => {
    const { sender, sent } = createSender();
    sender.send("1");
    sender.send("");
    sender.send("2");
    slotsOf(sender, 12, true);
    expect(sent()).toBe(0);
    slotsOf(sender, 1, true);
    expect(sent()).toBe(2);
    slotsOf(sender, 12, true);
    expect(sent()).toBe(3);
  });

  it("holds 256 keys at most", () => {
    const { sender, sent } = createSender();
    sender.send("1".repeat(300));
    sender.send("2");
    const [first] = slotsOf(sender, 256 * 12, true);
    expect(first).toBe("event×7");
    expect(slotsOf(sender, 1, true)).toEqual(["open×1"]);
    expect(sent()).toBe(2);
  });
});
