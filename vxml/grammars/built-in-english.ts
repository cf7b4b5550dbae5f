/** The built-in types in English words (VoiceXML 2.0 Appendix P, table 66); what is said of dates and money is American. */
import type { Expansion, Rule } from "../model/grammar.ts";
import type { BuiltInRules } from "./built-in-rules.ts";
import {
  DIGIT_RULE,
  HOUR_RULE,
  MINUTES_RULE,
  NUMBER_RULES,
  ORDINAL_RULE,
  SMALL_RULE,
  TWO_DIGITS_RULE,
  YEAR_RULE,
} from "./english-numbers.ts";
import { choose, optional, repeat, rule, sequence, tag } from "./expansions.ts";

const AFFIRMATIVE = [
  "yes",
  "yeah",
  "yep",
  "yup",
  "sure",
  "okay",
  "ok",
  "correct",
  "right",
  "true",
  "affirmative",
];
const NEGATIVE = ["no", "nope", "nah", "wrong", "incorrect", "false", "negative"];
const MONTHS = [
  ["january", "jan"],
  ["february", "feb"],
  ["march", "mar"],
  ["april", "apr"],
  ["may"],
  ["june", "jun"],
  ["july", "jul"],
  ["august", "aug"],
  ["september", "sept", "sep"],
  ["october", "oct"],
  ["november", "nov"],
  ["december", "dec"],
];
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** ISO 4217 codes by what is said; `dollars` and `pounds` alone are those of many countries. */
const CURRENCIES: readonly (readonly [code: string, names: readonly string[]])[] = [
  ["", ["dollar", "dollars", "buck", "bucks", "pound", "pounds", "peso", "pesos"]],
  ["USD", ["us dollar", "us dollars", "u s dollar", "u s dollars", "american dollars", "american dollar"]],
  ["CAD", ["canadian dollar", "canadian dollars"]],
  ["AUD", ["australian dollar", "australian dollars"]],
  ["EUR", ["euro", "euros"]],
  ["GBP", ["pound sterling", "pounds sterling", "british pound", "british pounds"]],
  ["JPY", ["yen", "japanese yen"]],
  ["CHF", ["swiss franc", "swiss francs"]],
  ["MXN", ["mexican peso", "mexican pesos"]],
];

function said(list: readonly string[], value: string): Expansion {
  return sequence(choose(...list), tag(`out=${value}`));
}

const DIGITS: Expansion = sequence(rule("digit"), tag("d+=rules.digit"));

const boolean: BuiltInRules = () => [
  {
    name: "boolean",
    expansion: sequence(
      choose(said(AFFIRMATIVE, "true"), said(NEGATIVE, "false")),
      optional(choose("please", "thanks", "thank you", "sir", "madam", "it is", "that is right")),
    ),
  },
];

const digits: BuiltInRules = ({ minLength, maxLength }) => [
  {
    name: "digits",
    expansion: sequence(tag('var d=""'), repeat(minLength, maxLength, DIGITS), tag("out=d")),
  },
  DIGIT_RULE,
];

/** A year, month or day that was not said is question marks. */
const date: BuiltInRules = () => {
  const month: Rule = {
    name: "month",
    expansion: choose(
      ...MONTHS.map((names, index) => said(names, `"${String(index + 1).padStart(2, "0")}"`)),
    ),
  };
  const ofYear = optional(optional("in"), rule("year"), tag("y=rules.year"));
  const theMonth = sequence(rule("month"), tag("m=rules.month"));
  const theDay = sequence(optional("the"), rule("ordinal"), tag("d=rules.ordinal"));
  return [
    {
      name: "date",
      expansion: sequence(
        tag('var y="????",m="??",d="??"'),
        optional(choose(...WEEKDAYS), optional("the")),
        choose(
          sequence(theMonth, optional(theDay), ofYear),
          sequence(theDay, optional(optional("of"), theMonth, ofYear)),
          sequence(rule("year"), tag("y=rules.year")),
        ),
        tag("out=y+m+d"),
      ),
    },
    month,
    ORDINAL_RULE,
    YEAR_RULE,
    TWO_DIGITS_RULE,
    SMALL_RULE,
    DIGIT_RULE,
  ];
};

const number: BuiltInRules = () => [
  {
    name: "number",
    expansion: sequence(
      tag('var s=""'),
      optional(choose(sequence(choose("minus", "negative"), tag('s="-"')), sequence("plus", tag('s="+"')))),
      rule("amount"),
      tag("out=s+rules.amount"),
    ),
  },
  ...NUMBER_RULES,
];

const currency: BuiltInRules = () => {
  const names = CURRENCIES.map(([code, spoken]) => said(spoken, `"${code}"`));
  const cents = sequence(rule("small"), choose("cent", "cents", "penny", "pence"), tag("c=rules.small"));
  return [
    {
      name: "currency",
      expansion: sequence(
        tag('var u="",a="0",c=""'),
        choose(
          sequence(
            rule("amount"),
            tag("a=rules.amount"),
            optional(
              rule("unit"),
              tag("u=rules.unit"),
              optional(optional("and"), choose(cents, sequence(rule("small"), tag("c=rules.small")))),
            ),
          ),
          cents,
        ),
        tag('var p=a.split("."),n=c===""?((p[1]||"")+"00").slice(0,2):("0"+c).slice(-2);out=u+p[0]+"."+n'),
      ),
    },
    { name: "unit", expansion: choose(...names) },
    ...NUMBER_RULES,
  ];
};

const phone: BuiltInRules = () => [
  {
    name: "phone",
    expansion: sequence(
      tag('var d=""'),
      repeat(1, null, DIGITS, optional("hundred", tag('d+="00"'))),
      optional(choose("extension", "x"), tag('d+="x"'), repeat(1, null, DIGITS)),
      tag("out=d"),
    ),
  },
  DIGIT_RULE,
];

/** `hhmmx`: x is a, p, h for the 24-hour clock, or ? where that was not said. */
const time: BuiltInRules = () => {
  const halfOfDay = sequence(
    choose(
      sequence(choose("a m", "am", "in the morning"), tag('x="a"')),
      sequence(choose("p m", "pm", "in the afternoon", "in the evening", "at night"), tag('x="p"')),
    ),
  );
  const hour = sequence(rule("hour"), tag("h=Number(rules.hour)"));
  return [
    {
      name: "time",
      expansion: sequence(
        tag('var h=0,m=0,x="?"'),
        optional("at"),
        choose(
          sequence(choose("noon", "twelve noon", "midday"), tag('h=12;x="p"')),
          sequence(choose("midnight", "twelve midnight"), tag('h=12;x="a"')),
          sequence(hour, choose("hundred hours", "hundred"), tag('x="h"')),
          sequence(
            choose(
              sequence(hour, optional(choose("o'clock", "oclock", "o clock"))),
              sequence(hour, rule("minutes"), tag("m=Number(rules.minutes)")),
              sequence("half past", hour, tag("m=30")),
              sequence("quarter past", hour, tag("m=15")),
              sequence(choose("quarter to", "quarter of"), hour, tag("h=h===1?12:h-1;m=45")),
              sequence(
                rule("small"),
                tag("m=Number(rules.small)"),
                optional("minutes"),
                choose(sequence("past", hour), sequence("to", hour, tag("h=h===1?12:h-1;m=60-m"))),
              ),
            ),
            optional(halfOfDay),
          ),
        ),
        tag(
          'if(x==="?"&&(h===0||h>12))x="h";var two=function(n){return("0"+n).slice(-2)};out=two(h)+two(m)+x',
        ),
      ),
    },
    HOUR_RULE,
    MINUTES_RULE,
    SMALL_RULE,
  ];
};

export const ENGLISH_BUILT_INS: Readonly<Record<string, BuiltInRules>> = {
  boolean,
  digits,
  date,
  number,
  currency,
  phone,
  time,
};
