/**
 * The likeliest derivations out of everything the matcher remembers, for n-best lists (VoiceXML 2.0 §5.1.5,
 * `maxnbest`): SRGS 1.0 Appendix H leaves it to the processor how many readings of an ambiguity it keeps.
 */
import type { CompiledRule } from "./compiled-grammar.ts";
import type { Item, Origin, ParsedPart, ParsedRule } from "./parse-forest.ts";

/** Parts in reverse: the last one first. */
interface Chain {
  readonly part: ParsedPart;
  readonly rest: Chain | undefined;
}

interface Way {
  readonly cost: number;
  readonly parts: Chain | undefined;
}

/** Up to `count` derivations that end in `final`, cheapest first. Derivations that go in circles are left out. */
export function cheapestDerivations(
  final: Item,
  count: number,
  ruleOf: (item: Item) => CompiledRule,
): ParsedRule[] {
  const known = new Map<Item, readonly Way[]>();

  const waysTo = (item: Item): readonly Way[] => {
    const ways = known.get(item);
    if (ways) return ways;
    // While an item is being worked out it has no ways: that is what ends circles.
    known.set(item, []);
    const origins = [item.from, ...(item.others ?? [])].filter((origin) => origin !== undefined);
    const found = origins.length === 0 ? [{ cost: 0, parts: undefined }] : origins.flatMap(waysBy);
    const cheapest = found.sort((a, b) => a.cost - b.cost).slice(0, count * 2);
    known.set(item, cheapest);
    return cheapest;
  };

  const waysBy = (origin: Origin): Way[] => {
    const before = waysTo(origin.before);
    if (origin.kind !== "rule") {
      const { kind, text, cost } = origin;
      return before.map((way) => ({
        cost: way.cost + cost,
        parts: text === undefined ? way.parts : { part: { kind, text }, rest: way.parts },
      }));
    }
    const { finished, reference } = origin;
    return waysTo(finished).flatMap((inner) => {
      const part: ParsedPart = { kind: "rule", parsed: parsedRule(finished, inner), reference };
      return before.map((way) => ({
        cost: way.cost + origin.cost + inner.cost,
        parts: { part, rest: way.parts },
      }));
    });
  };

  const parsedRule = (item: Item, way: Way): ParsedRule => {
    const parts: ParsedPart[] = [];
    for (let at = way.parts; at; at = at.rest) parts.push(at.part);
    const { name, localName, importedFrom } = ruleOf(item);
    return { rule: name, localName, importedFrom, parts: parts.reverse() };
  };

  const seen = new Set<string>();
  return waysTo(final)
    .map((way) => parsedRule(final, way))
    .filter((parsed) => {
      const key = JSON.stringify(parsed);
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    })
    .slice(0, count);
}
