/** The built-in types as keys (VoiceXML 2.0 Appendix P, table 66): the same in every language. */
import type { Expansion } from "../model/grammar.ts";
import type { BuiltInRules } from "./built-in-rules.ts";
import { choose, optional, repeat, sequence, tag, token } from "./expansions.ts";

const DIGIT = choose(..."0123456789");
const keys = (text: string): Expansion => choose(...text);
/** All keys so far: rules of keys alone need no tags of their own. */
const TEXT = "meta.current().text";

/** Numbers as digits with `*` for the point; `mend` makes the value of `t`, the digits with a point. */
function decimal(name: string, mend: string, maxDecimals: number | null): BuiltInRules {
  const decimals = (min: number): Expansion => sequence("*", repeat(min, maxDecimals, DIGIT));
  return () => [
    {
      name,
      expansion: sequence(
        choose(sequence(repeat(1, null, DIGIT), optional(decimals(0))), decimals(1)),
        tag(
          `var t=${TEXT}.replace("*",".").replace(/^0+(?=\\d)/,"").replace(/^\\./,"0.").replace(/\\.$/,"");${mend}`,
        ),
      ),
    },
  ];
}

/** Two keys from 01 to a limit. */
const MONTH = choose(sequence("0", keys("123456789")), sequence("1", keys("012")));
const DAY = choose(sequence("0", keys("123456789")), sequence(keys("12"), DIGIT), sequence("3", keys("01")));
const HOUR = choose(sequence(keys("01"), DIGIT), sequence("2", keys("0123")));
const MINUTE = sequence(keys("012345"), DIGIT);

export const KEY_BUILT_INS: Readonly<Record<string, BuiltInRules>> = {
  boolean: ({ yesKey, noKey }) => [
    {
      name: "boolean",
      expansion: choose(sequence(yesKey, tag("out=true")), sequence(noKey, tag("out=false"))),
    },
  ],
  digits: ({ minLength, maxLength }) => [{ name: "digits", expansion: repeat(minLength, maxLength, DIGIT) }],
  date: () => [{ name: "date", expansion: sequence(DIGIT, DIGIT, DIGIT, DIGIT, MONTH, DAY) }],
  number: decimal("number", "out=t", null),
  /** `mm.nn`: keys name no currency. */
  currency: decimal("currency", 'var p=t.split(".");out=p[0]+"."+((p[1]||"")+"00").slice(0,2)', 2),
  phone: () => [
    {
      name: "phone",
      expansion: sequence(
        repeat(1, null, DIGIT),
        optional(token("*"), repeat(1, null, DIGIT)),
        tag(`out=${TEXT}.replace("*","x")`),
      ),
    },
  ],
  /** Keys do not tell morning from evening: hours after twelve, and zero, can only be of the 24-hour clock. */
  time: () => [
    {
      name: "time",
      expansion: sequence(
        HOUR,
        MINUTE,
        tag(`var h=Number(${TEXT}.slice(0,2));out=${TEXT}+(h===0||h>12?"h":"?")`),
      ),
    },
  ],
};
