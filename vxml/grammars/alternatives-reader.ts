/**
 * Alternatives and sequences as the text forms write them: ABNF (SRGS 1.0 §2.4) and JSGF (§4.3) share this part of their
 * syntax, weights between slashes and `|` between alternatives; what a sequence is made of differs.
 */
import type { Expansion } from "../model/grammar.ts";
import { asAlternatives, type GrammarAssembly, inSequence } from "./grammar-assembly.ts";
import { MAX_GROUP_DEPTH, type TextScanner } from "./text-scanner.ts";

export class AlternativesReader {
  #depth = 0;

  /** Alternatives with optional weights, up to what ends their group; `part` reads one part of a sequence. */
  read(scanner: TextScanner, assembly: GrammarAssembly, part: () => Expansion): Expansion {
    if (++this.#depth > MAX_GROUP_DEPTH) scanner.fail(`groups are nested deeper than ${MAX_GROUP_DEPTH}`);
    const choices: Expansion[] = [];
    const weights: (number | undefined)[] = [];
    do {
      scanner.skip();
      const { position } = scanner;
      const weight = scanner.match(/\/\s*([^/\s]*)\s*\//y)?.[1];
      weights.push(weight === undefined ? undefined : assembly.weight(weight, position));
      choices.push(readSequence(scanner, part));
    } while (scanner.take("|"));
    this.#depth--;
    const [only] = choices;
    return choices.length === 1 && only ? only : asAlternatives(choices, weights);
  }
}

function readSequence(scanner: TextScanner, part: () => Expansion): Expansion {
  const parts: Expansion[] = [];
  for (;;) {
    scanner.skip();
    if (scanner.isAtEnd || /[|)\];]/.test(scanner.next)) break;
    parts.push(part());
  }
  if (parts.length === 0) scanner.failExpecting("something to match");
  return inSequence(parts);
}
