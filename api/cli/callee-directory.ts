/**
 * Which simulated callee answers which number. Without a file the last two digits decide; a YAML file names callees of
 * the library, or scripts of its own, by number:
 *
 * ```yaml
 * numbers:
 *   "+12025550101": person-presses-1     # a callee of the library
 *   "+12025550102": slow-person          # one of the scripts below
 *   "*": busy                            # everybody else
 * scripts:
 *   slow-person:
 *     title: a person who takes a while
 *     attempts:                          # one list of steps per attempt, the last one repeats
 *       - - { do: ring, forMs: 8000 }
 *         - { do: answer }
 *         - { do: play, sound: { kind: speech, text: "Hello?" } }
 * ```
 */
import { readFileSync } from "node:fs";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { parse as parseYaml } from "yaml";
import { CALLEES, type CalleeDefinition, type CalleeName } from "../../sip/index.ts";
import { CliError } from "./cli-error.ts";

export type CalleeDirectory = (number: string) => CalleeDefinition | undefined;

const Duration = Type.Number({ minimum: 0, maximum: 3_600_000 });

const SoundSchema = Type.Union([
  Type.Object({ kind: Type.Literal("speech"), text: Type.String(), voice: Type.Optional(Type.String()) }),
  Type.Object({ kind: Type.Literal("beep"), hz: Type.Number(), forMs: Duration }),
  Type.Object({ kind: Type.Literal("fax-answer"), cedMs: Duration, preambleMs: Duration }),
  Type.Object({ kind: Type.Literal("information-tone"), category: Type.String() }),
  Type.Object({
    kind: Type.Union([Type.Literal("busy-tone"), Type.Literal("ringback-tone")]),
    country: Type.String(),
    forMs: Duration,
  }),
]);

const StepSchema = Type.Union([
  Type.Object({ do: Type.Literal("ring"), forMs: Duration }),
  Type.Object({ do: Type.Literal("early-media") }),
  Type.Object({ do: Type.Literal("answer") }),
  Type.Object({ do: Type.Literal("wait"), forMs: Duration }),
  Type.Object({ do: Type.Literal("play"), sound: SoundSchema }),
  Type.Object({ do: Type.Literal("press"), keys: Type.String({ pattern: "^[0-9*#A-Dp]+$" }) }),
  Type.Object({ do: Type.Literal("await-sound"), timeoutMs: Duration }),
  Type.Object({ do: Type.Literal("await-quiet"), timeoutMs: Duration }),
  Type.Object({
    do: Type.Literal("reject"),
    status: Type.Integer({ minimum: 300, maximum: 699 }),
    phrase: Type.Optional(Type.String()),
    q850Cause: Type.Optional(Type.Integer({ minimum: 1, maximum: 127 })),
  }),
  Type.Object({ do: Type.Literal("hang-up") }),
]);

const DirectorySchema = Type.Object(
  {
    numbers: Type.Record(Type.String(), Type.String()),
    scripts: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object({ title: Type.String(), attempts: Type.Array(Type.Array(StepSchema), { minItems: 1 }) }),
      ),
    ),
  },
  { additionalProperties: false },
);
const directoryCheck = Compile(DirectorySchema);

/** Library callees by the last two digits of the number: 01 is the first of `CALLEES`; others are a person. */
export function directoryByLastDigits(): CalleeDirectory {
  const names = Object.keys(CALLEES) as CalleeName[];
  return (number) => CALLEES[names[Number(number.slice(-2)) - 1] ?? "person-presses-1"];
}

/** Reads a directory file; throws a `CliError` that lists every problem with its path. */
export function readCalleeDirectory(file: string): CalleeDirectory {
  const directory = checked(file);
  const scripts = (directory.scripts ?? {}) as Record<string, CalleeDefinition>;
  const find = (name: string | undefined): CalleeDefinition | undefined =>
    name === undefined ? undefined : (scripts[name] ?? CALLEES[name as CalleeName]);
  const unknown = Object.entries(directory.numbers).filter(([, name]) => !find(name));
  if (unknown.length > 0) {
    const list = unknown
      .map(([number, name]) => `  numbers.${number}: there is no callee "${name}"`)
      .join("\n");
    throw new CliError(`${file}:\n${list}\nThe library has: ${Object.keys(CALLEES).join(", ")}.`);
  }
  return (number) => find(directory.numbers[number] ?? directory.numbers["*"]);
}

function checked(file: string): Static<typeof DirectorySchema> {
  let value: unknown;
  try {
    value = parseYaml(readFileSync(file, "utf8"));
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  if (directoryCheck.Check(value)) return value;
  const problems = [...directoryCheck.Errors(value)].map(
    (problem) => `  ${problem.instancePath.slice(1).replaceAll("/", ".") || "the file"}: ${problem.message}`,
  );
  throw new CliError(`${file} is not a callee directory:\n${[...new Set(problems)].join("\n")}`);
}
