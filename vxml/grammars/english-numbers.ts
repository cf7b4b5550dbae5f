/** Numbers in English words, and the numerals that typed text and recognizers write for them, as rules with script tags. */
import type { Expansion, Rule } from "../model/grammar.ts";
import { choose, optional, repeat, rule, sequence, tag } from "./expansions.ts";

const UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const TEENS = [
  "ten",
  "eleven",
  "twelve",
  "thirteen",
  "fourteen",
  "fifteen",
  "sixteen",
  "seventeen",
  "eighteen",
  "nineteen",
];
const TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINAL_UNITS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
const ORDINAL_TEENS = [
  "tenth",
  "eleventh",
  "twelfth",
  "thirteenth",
  "fourteenth",
  "fifteenth",
  "sixteenth",
  "seventeenth",
  "eighteenth",
  "nineteenth",
];

function means(value: string, ...said: string[]): Expansion {
  return sequence(choose(...said), tag(`out="${value}"`));
}

/** All numbers from 1 to 99 with their words. */
function* upToNinetyNine(): Generator<readonly [number: number, words: string[]]> {
  for (let number = 1; number < 100; number++) {
    const unit = number % 10;
    const tens = TENS[Math.floor(number / 10) - 2] ?? "";
    if (number < 10) yield [number, [UNITS[number] ?? ""]];
    else if (number < 20) yield [number, [TEENS[number - 10] ?? ""]];
    else if (unit === 0) yield [number, [tens]];
    else yield [number, [`${tens} ${UNITS[unit]}`, `${tens}-${UNITS[unit]}`]];
  }
}

const COUNTS = [...upToNinetyNine()];

/** One digit: `four`, `oh`, `4`. */
export const DIGIT_RULE: Rule = {
  name: "digit",
  expansion: choose(
    ...UNITS.map((word, digit) =>
      means(String(digit), word, String(digit), ...(digit === 0 ? ["oh", "o"] : [])),
    ),
  ),
};

/** A number between two limits, without leading zeros. */
function countRule(name: string, from: number, to: number, ...zeros: string[]): Rule {
  const within = COUNTS.filter(([number]) => number >= from && number <= to);
  const choices = within.map(([number, said]) =>
    means(
      String(number),
      ...said,
      String(number),
      ...(number < 10 ? zeros.flatMap((zero) => said.map((word) => `${zero} ${word}`)) : []),
    ),
  );
  return { name, expansion: choose(...(from === 0 ? [means("0", "zero", "0")] : []), ...choices) };
}

/** From 0 to 99. */
export const SMALL_RULE = countRule("small", 0, 99);
/** Hours, also as `oh nine`. */
export const HOUR_RULE = countRule("hour", 0, 23, "oh", "zero");

/** Two digits said as such: `thirty five`, `oh five`. */
function twoDigitsRule(name: string, below: number, ...zeros: string[]): Rule {
  const choices = COUNTS.filter(([number]) => number < below).map(([number, said]) => {
    const two = String(number).padStart(2, "0");
    const spoken = number < 10 ? said.flatMap((word) => [`oh ${word}`, `o ${word}`, `zero ${word}`]) : said;
    return means(two, ...spoken, two);
  });
  return { name, expansion: choose(...choices, means("00", "00", ...zeros)) };
}

/** The last part of a year. */
export const TWO_DIGITS_RULE = twoDigitsRule("twoDigits", 100, "hundred", "oh oh");
export const MINUTES_RULE = twoDigitsRule("minutes", 60);

/** Days of a month: `fourth`, `4th`, `four`, as two digits. */
export const ORDINAL_RULE: Rule = {
  name: "ordinal",
  expansion: choose(
    ...COUNTS.slice(0, 31).map(([number, said]) => {
      const unit = ORDINAL_UNITS[(number % 10) - 1] ?? "";
      const tens = TENS[Math.floor(number / 10) - 2] ?? "";
      const ordinals =
        number < 10
          ? [unit]
          : number < 20
            ? [ORDINAL_TEENS[number - 10] ?? ""]
            : number % 10 === 0
              ? [number === 20 ? "twentieth" : "thirtieth"]
              : [`${tens} ${unit}`, `${tens}-${unit}`];
      const ending = number > 3 && number < 21 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
      const two = String(number).padStart(2, "0");
      return means(
        two,
        ...ordinals,
        ...said,
        String(number),
        ...(number < 10 ? [two] : []),
        `${number}${ending}`,
      );
    }),
  ),
};

/** Four digits: `nineteen ninety nine`, `two thousand four`, `twenty twenty six`, `2 0 2 6`. */
export const YEAR_RULE: Rule = {
  name: "year",
  expansion: choose(
    sequence(
      tag('var c=""'),
      choose(
        ...COUNTS.filter(([number]) => number >= 15 && number <= 21).map(([number, said]) =>
          sequence(choose(...said), tag(`c="${number}"`)),
        ),
      ),
      rule("twoDigits"),
      tag("out=c+rules.twoDigits"),
    ),
    sequence(
      tag('var e="00"'),
      "two thousand",
      optional(optional("and"), rule("small"), tag('e=("0"+rules.small).slice(-2)')),
      tag('out="20"+e'),
    ),
    sequence(tag('var d=""'), repeat(4, 4, rule("digit"), tag("d+=rules.digit")), tag("out=d")),
  ),
};

const DECIMALS = sequence("point", repeat(1, null, rule("digit"), tag("f+=rules.digit")));

/**
 * `amount`: a number from 0 to 999,999,999 with decimals after `point`, as digits without leading zeros; also digit by
 * digit.
 */
export const NUMBER_RULES: readonly Rule[] = [
  {
    name: "amount",
    expansion: sequence(
      tag('var w="",f=""'),
      choose(
        sequence(
          choose(
            sequence(rule("whole"), tag("w=String(rules.whole)")),
            repeat(2, null, rule("digit"), tag("w+=rules.digit")),
          ),
          optional(DECIMALS),
        ),
        sequence(tag('w="0"'), DECIMALS),
      ),
      tag('out=w.replace(/^0+(?=\\d)/,"")+(f===""?"":"."+f)'),
    ),
  },
  {
    name: "whole",
    expansion: sequence(
      tag("var n=0"),
      choose(
        sequence(
          rule("hundreds"),
          "million",
          tag("n+=rules.hundreds*1000000"),
          optional(rule("hundreds"), "thousand", tag("n+=rules.hundreds*1000")),
          optional(optional("and"), rule("hundreds"), tag("n+=rules.hundreds")),
        ),
        sequence(
          rule("hundreds"),
          "thousand",
          tag("n+=rules.hundreds*1000"),
          optional(optional("and"), rule("hundreds"), tag("n+=rules.hundreds")),
        ),
        sequence(rule("hundreds"), tag("n+=rules.hundreds")),
      ),
      tag("out=n"),
    ),
  },
  {
    name: "hundreds",
    expansion: choose(
      sequence(rule("small"), tag("out=Number(rules.small)")),
      sequence(
        tag("var h=1"),
        choose("a", sequence(rule("small"), tag("h=Number(rules.small)"))),
        "hundred",
        optional(optional("and"), rule("small"), tag("h+=Number(rules.small)/100")),
        tag("out=Math.round(h*100)"),
      ),
    ),
  },
  SMALL_RULE,
  DIGIT_RULE,
];
