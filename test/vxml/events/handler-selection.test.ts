/** VoiceXML 2.0 §5.2.4, as a table of handlers in scope order. */
import { describe, expect, it } from "vitest";
import { EventCounters } from "../../../vxml/events/event-counters.ts";
import { type PlacedHandler, selectHandler } from "../../../vxml/events/handler-selection.ts";

function handler(events: string, count = 1, condition?: string): PlacedHandler {
  return {
    handler: { events: events.split(" ").filter(Boolean), count, condition, body: [], line: 1, column: 1 },
    base: "",
    documentUri: "",
  };
}

function counted(event: string, times: number): EventCounters {
  const counters = new EventCounters();
  for (let time = 0; time < times; time++) counters.count(event);
  return counters;
}

describe("handler selection", () => {
  it.each([
    ["the first that matches", ["a", "a"], "a", 1, 0],
    ["a prefix", ["a.b", "a"], "a.c", 1, 1],
    ["no partial word", ["err", "error"], "error.semantic", 1, 1],
    ["a name with a trailing dot", ["a."], "a.b", 1, 0],
    ["one name of several", ["x y a"], "a", 1, 0],
    ["everything", [""], "whatever", 1, 0],
    ["nothing", ["x"], "a", 1, undefined],
    ["the highest count reached", ["a", "a#2", "a#4"], "a", 3, 1],
    ["nothing when no count is reached", ["a#2"], "a", 1, undefined],
    ["a count over scope", ["a", "a", "a#2"], "a", 2, 2],
    ["a condition that holds", ["a?no", "a?yes"], "a", 1, 1],
    ["a prefix by its own counter", ["a#2"], "a.b", 2, 0],
  ])("takes %s", (_, events, event, times, expected) => {
    const handlers = events.map((text) => {
      const [rest = "", condition] = text.split("?");
      const [names = "", count] = rest.split("#");
      return handler(names, Number(count ?? 1), condition);
    });
    const chosen = selectHandler(handlers, event, counted(event, times), (condition) => condition === "yes");
    expect(chosen && handlers.indexOf(chosen)).toBe(expected);
  });

  it("counts every prefix of a name", () => {
    const counters = new EventCounters();
    counters.count("a.b");
    counters.count("a.c");
    expect([counters.of("a"), counters.of("a.b"), counters.of("b")]).toEqual([2, 1, 0]);
  });
});
